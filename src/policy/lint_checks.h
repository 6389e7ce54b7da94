// The pieces of lint(): what each looks at, and where it says what it finds.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/action_table.h"
#include "policy/document.h"
#include "policy/lint.h"
#include "policy/pattern_sets.h"
#include "policy/places.h"

namespace larder::policy {

/// A finding that has no line yet.
struct Remark {
  std::size_t offset;
  Severity severity;
  std::string code;
  std::string message;
};

class Remarks {
 public:
  /// Nobody reads more of them: they have few causes by then.
  static constexpr std::size_t count_max = 500;

  /// `root` is the JSON of the document; it must outlive this.
  explicit Remarks(const Json& root) : root_(root) {}

  void add(Severity severity, const Place& place, std::string_view code, std::string message) {
    if (full()) return;
    list_.push_back({offset_of(root_, place), severity, std::string(code), std::move(message)});
  }
  void warn(const Place& place, std::string_view code, std::string message) {
    add(Severity::warning, place, code, std::move(message));
  }
  void refuse(const Refusal& refusal);

  /// Nothing is added any more, and nothing more need be looked for.
  bool full() const { return list_.size() >= count_max; }

  std::vector<Remark> take() { return std::move(list_); }

 private:
  const Json& root_;
  std::vector<Remark> list_{};
};

/// One statement of the document that is looked at.
struct Subject {
  const Document& document;
  const Statement& statement;
  std::size_t index;
  Kind kind;
  Effort& effort;  // of all comparisons in the document

  Place at(Place::Part part, std::size_t entry = 0, std::size_t value = 0) const {
    return {part, index, entry, value};
  }
  /// `${…}` is a variable.
  bool has_variables() const { return document.version == "2012-10-17"; }
};

/// What one entry of Action can stand for.
struct ActionMatch {
  const Service* service = nullptr;  // null: several, or none that the table has
  bool any = false;                  // there is such an action
  /// Which of Service::actions, in their order. Bits: a document may have thousands of entries.
  std::vector<bool> actions{};
};
/// One for each entry of the statement's Action or NotAction.
std::vector<ActionMatch> match_actions(const Statement& statement);
/// The part before the colon when it names one service; empty for "*" and "s*:Get".
std::string_view service_prefix(std::string_view action);

/// The document's size by AWS's quotas.
void check_size(std::string_view text, Kind kind, Remarks& remarks);
/// Names that the table does not have.
void check_actions(const Subject& subject, const std::vector<ActionMatch>& matches,
                   Remarks& remarks);
/// Actions and resources that do not go together.
void check_resources(const Subject& subject, const std::vector<ActionMatch>& matches,
                     Remarks& remarks);
void check_conditions(const Subject& subject, const std::vector<ActionMatch>& matches,
                      Remarks& remarks);
void check_variables(const Subject& subject, Remarks& remarks);
/// What the statement as a whole does or does not, by itself and beside its neighbours.
void check_effect(const Subject& subject, Remarks& remarks);
void check_boundary(const Subject& subject, const Document& boundary, Remarks& remarks);

/// Characters of UTF-8.
std::size_t character_count(std::string_view text);

/// The condition holds for a request that does not have its key.
bool holds_without_key(const Condition& condition);

/// The key of an identity provider ("token.actions.githubusercontent.com:sub", "saml:aud"): which
/// there are and what they hold is the provider's to say.
bool is_provider_key(std::string_view key);

/// What is wrong with the name of a condition key, and which was meant; empty for a key that AWS
/// has or may have.
std::string unknown_key_message(std::string_view key);

}  // namespace larder::policy
