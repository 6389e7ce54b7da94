// Session policies come with each request, in its token: those seen lately are kept compiled.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "policy/document.h"

namespace larder::iam {

/// Safe from any core.
class DocumentCache {
 public:
  /// Null for a text that cannot be read: it denies.
  std::shared_ptr<const policy::Document> find(std::string_view text);

 private:
  // Of at most 2,048 characters each; a full cache starts anew.
  static constexpr std::size_t documents_count = 4096;

  std::shared_mutex mutex_;
  std::map<std::string, std::shared_ptr<const policy::Document>, std::less<>> documents_;
};

}  // namespace larder::iam
