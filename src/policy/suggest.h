// The smallest readable policy that would have allowed what was done. Pure: from uses, not files.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/refusals.h"
#include "policy/widen.h"

namespace larder::policy {

/// AWS's quota of a managed policy, in characters without white space.
inline constexpr std::size_t managed_policy_max = 6144;

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
  /// Set when the statement allows what was refused at another time, because the very same was
  /// allowed too ("s3:GetObject on arn:aws:s3:::photos/a"). Never because of what is widened.
  std::string refused{};
};

struct Suggestion {
  std::string document;            // JSON, indented, an identity policy that parse() accepts
  std::size_t characters = 0;      // of it, without white space
  std::vector<Evidence> evidence;  // a statement each, in their order

  /// How many managed policies its statements fill, at least.
  std::size_t managed_policies() const {
    return (characters + managed_policy_max - 1) / managed_policy_max;
  }
};

class Suggester {
 public:
  /// `refusals`: of the same principal, all of them.
  explicit Suggester(Refusals refusals = {}) : refusals_(std::move(refusals)) {}

  /// False, and nothing is added, for what no policy can name: an action that is not of the form
  /// "service:Name", a resource that is neither "*" nor an ARN.
  bool add(const Use& use);
  bool empty() const { return seen_.empty(); }
  /// At least one use was added. The document allows every use added, and no refusal but one that
  /// was a use as well (evaluate() says so); its actions are those of the uses. It is the same
  /// whenever the same uses are added in the same order. Where it would have more than
  /// managed_policy_max characters, resources are widened, each action's only as far as that makes
  /// for fewer managed policies; it may be larger still. Resources are widened as well when there
  /// are too many of them to keep.
  Suggestion suggest() const;

 private:
  friend class Draft;

  /// What there is to tell of a resource, or of a folder that stands for many.
  struct Seen {
    std::size_t uses = 0;
    std::size_t resources = 1;  // at least
    bool as_it_is = false;      // of a folder: it was allowed as a whole
    std::string first{}, last{};
    std::vector<std::string> examples{};
  };
  /// No scope covers another.
  using Resources = std::map<Scope, Seen>;
  struct Action {
    Resources resources{};
    std::size_t room = 0;  // for so many of them
  };

  static void merge(Seen& into, const Seen& other);
  static void insert(Resources& resources, const Scope& scope, const Seen& seen);
  static void shrink(Resources& resources, const ResourceSet& refused);

  Refusals refusals_;
  std::map<std::string, Action, ActionOrder> seen_{};
};

}  // namespace larder::policy
