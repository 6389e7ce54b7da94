// What somebody was refused: a policy suggested for them must not come to allow it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "policy/widen.h"

namespace larder::policy {

/// The order of names of actions, which policies compare without regard to case.
struct ActionOrder {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const;
};

/// A value. Actions and resources as the audit log has them.
class Refusals {
 public:
  /// False, and nothing is added: there are 262,144 already.
  bool add(std::string_view action, std::string_view resource);
  /// May be empty. Good until the next add().
  const ResourceSet& of(std::string_view action) const;

 private:
  std::map<std::string, ResourceSet, ActionOrder> by_action_{};
  std::size_t count_ = 0;
};

}  // namespace larder::policy
