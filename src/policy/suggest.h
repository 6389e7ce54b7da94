// The smallest readable policy that would have allowed what was done. Pure: from uses, not files.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policy/widen.h"

namespace larder::policy {

/// Something that a principal did, as the audit log shows it.
struct Use {
  std::string action;    // "s3:GetObject"
  std::string resource;  // an ARN, or "*"
  std::string time;      // ISO 8601
};

/// What one statement of the suggestion rests on.
struct Evidence {
  std::string sid{};
  std::size_t uses = 0;
  std::string first{}, last{};          // times
  std::vector<std::string> examples{};  // up to three resources
  /// Set when the statement allows more than was seen ("the 214 keys seen under photos/2026/ as
  /// arn:aws:s3:::photos/2026/*"), empty when it allows exactly that.
  std::string widened{};
};

struct Suggestion {
  std::string document;            // JSON, indented, an identity policy that parse() accepts
  std::vector<Evidence> evidence;  // a statement each, in their order
};

class Suggester {
 public:
  /// False, and nothing is added, for what no policy can name: an action that is not of the form
  /// "service:Name", a resource that is neither "*" nor an ARN.
  bool add(const Use& use);
  bool empty() const { return seen_.empty(); }
  /// At least one use was added. The document allows every use added (evaluate() says so), and is
  /// the same whenever the same uses are added in the same order. It has at most the 6,144
  /// characters of a managed policy: resources are widened further until it does. So they are when
  /// there are too many of them to keep.
  Suggestion suggest() const;

 private:
  friend class Draft;

  /// What there is to tell of a resource, or of a folder that stands for many.
  struct Seen {
    std::size_t uses = 0;
    std::size_t resources = 1;  // at least
    std::string first{}, last{};
    std::vector<std::string> examples{};
  };
  using Resources = std::map<Scope, Seen>;

  static void merge(Seen& into, const Seen& other);
  static void shrink(Resources& resources);

  std::map<std::string, Resources> seen_{};  // by action
};

}  // namespace larder::policy
