// A document as a decision walks it: flat arrays, so that what is looked at together lies together,
// and an index that leads past the statements which cannot apply to the action.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "policy/condition.h"
#include "policy/context.h"
#include "policy/match.h"
#include "policy/principal.h"

namespace larder::policy {

struct Statement;

/// What is asked. Views only.
struct Query {
  const Principal& principal;
  std::string_view action;            // "s3:GetObject"
  std::string_view resource;          // an ARN, or "*" for actions without resources
  std::string_view resource_account;  // 12 digits; empty: the caller's own
  const Context& context;
};

/// A query, prepared once for all the documents that it meets. What it views outlives it.
class PreparedQuery {
 public:
  /// `has_boundary`: the caller has a permissions boundary. A Deny with NotPrincipal denies whoever
  /// has one, whomever it lists (IAM User Guide, "NotPrincipal").
  PreparedQuery(const Query& query, bool has_boundary);
  PreparedQuery(const PreparedQuery&) = delete;
  PreparedQuery& operator=(const PreparedQuery&) = delete;

  const Query& query() const { return query_; }

 private:
  friend class CompiledDocument;
  const Query& query_;
  const bool has_boundary_;
  const std::optional<ArnParts> resource_parts_;
  std::array<char, 128> lower_;  // the action in lower case; a longer one stays as it is
  std::string_view action_;
  std::string_view service_;  // "s3:"
  std::uint32_t action_hash_;
  std::uint32_t service_hash_;
};

/// The elements of a statement, in the order in which they are tried.
enum class Element : std::uint8_t { none, action, principal, resource, condition };

/// Whether a statement applies to a request, and if not, the first element that fails.
struct Application {
  Element failed = Element::none;  // none: it applies
  Grant grant = Grant::direct;     // how closely Principal names the caller
  std::size_t condition = 0;       // which one does not hold, when `failed` is condition

  bool applies() const { return failed == Element::none; }
};

/// A value. Total, and nothing here allocates once it is compiled.
class CompiledDocument {
 public:
  CompiledDocument() = default;
  /// `variables`: the document's language has policy variables (Version 2012-10-17).
  CompiledDocument(const std::vector<Statement>& statements, bool variables);

  /// Calls visit(i) for each statement whose Action or NotAction covers the action, in their order,
  /// until visit returns false; some that cannot apply for another reason are left out.
  template <class Visit>
  void each_covering(const PreparedQuery& asked, Visit&& visit) const {
    const Cursor name = named(asked);
    const Cursor service = of_service(asked);
    const Cursor other = others();
    const auto counts = [&](const Entry& entry, bool sure) {
      return may_hold(entry, asked) && (sure || covers(entry, asked));
    };
    std::uint32_t visited = none_;
    if (service.at == service.end && other.at == other.end) {  // what is usual
      for (const Entry* entry = name.at; entry != name.end; ++entry) {
        if (entry->statement == visited || !counts(*entry, true)) continue;
        if (!visit(entry->statement)) return;
        visited = entry->statement;
      }
      return;
    }
    std::array<Cursor, 3> cursors{name, service, other};
    while (Cursor* first = first_of(cursors)) {
      const Entry& entry = *first->at++;
      if (entry.statement == visited || !counts(entry, first->sure)) continue;
      if (!visit(entry.statement)) return;
      visited = entry.statement;
    }
  }

  bool allows(std::size_t statement) const { return statements_[statement].allows; }

  /// The elements but the action. A statement without Principal is for whoever holds the policy.
  Application apply_covering(std::size_t number, const PreparedQuery& asked) const {
    const Compiled& statement = statements_[number];
    Application result;
    if (statement.has_principals) {
      result.grant = grant(statement, asked);
      if (result.grant == Grant::none) {
        result.failed = Element::principal;
        return result;
      }
    }
    if (!has_resource(statement, asked)) {
      result.failed = Element::resource;
      return result;
    }
    const CompiledCondition* condition = conditions_.data() + statement.conditions.begin;
    for (std::size_t i = 0; i < statement.conditions.count; ++i) {
      if (values_.holds(condition[i], patterns_, asked.query_.context)) continue;
      result.failed = Element::condition;
      result.condition = i;
      return result;
    }
    return result;
  }
  /// All elements.
  Application apply(std::size_t number, const PreparedQuery& asked) const;

 private:
  struct Range {
    std::uint32_t begin = 0;
    std::uint32_t count = 0;
  };
  /// A condition that wants a key to have one value: without it the statement cannot apply.
  struct Gate {
    std::uint32_t key_hash = 0;
    std::uint32_t value_hash = 0;  // 0: there is none
  };
  struct Entry {
    std::uint32_t statement;
    std::uint32_t action;  // not_action_: all of the statement's, negated
    Gate gate;
  };
  /// Entries that name one action, or the actions of one service.
  struct Group {
    std::uint32_t hash;
    Slice text;  // "s3:GetObject", "s3:"
    Range entries;
  };
  struct Cursor {
    const Entry* at;
    const Entry* end;
    bool sure;  // each entry covers the action
    std::uint32_t statement() const { return at == end ? none_ : at->statement; }
  };
  struct Compiled {
    bool allows;
    bool not_action;
    bool not_resource;
    bool has_principals;
    std::uint32_t principals;
    Range actions, resources, conditions;
  };
  static constexpr std::uint32_t not_action_ = 0xffff'ffff;
  static constexpr std::uint32_t none_ = 0xffff'ffff;

  Cursor cursor(Range entries, bool sure) const {
    const Entry* begin = entries_.data() + entries.begin;
    return {begin, begin + entries.count, sure};
  }
  Cursor find(const std::vector<Group>& groups, std::uint32_t hash, std::string_view text,
              bool sure) const {
    for (const Group& group : groups)
      if (group.hash == hash && is_text_of(group, text)) return cursor(group.entries, sure);
    return {nullptr, nullptr, sure};
  }
  bool is_text_of(const Group& group, std::string_view text) const {
    const std::string_view own = patterns_.text(group.text);
    if (own.size() != text.size()) return false;
    return same_bytes(own.data(), text.data(), own.size()) || equal_ignoring_case(own, text);
  }
  Cursor named(const PreparedQuery& asked) const {
    return find(names_, asked.action_hash_, asked.action_, true);
  }
  Cursor of_service(const PreparedQuery& asked) const {
    return find(services_, asked.service_hash_, asked.service_, false);
  }
  Cursor others() const { return cursor(others_, false); }

  void add(const Statement& statement, bool variables);
  void add_index(const std::vector<Statement>& statements, bool variables);
  /// At the earliest statement; null: all are at their ends.
  static Cursor* first_of(std::array<Cursor, 3>& cursors) {
    Cursor* first = &cursors[0];
    if (cursors[1].statement() < first->statement()) first = &cursors[1];
    if (cursors[2].statement() < first->statement()) first = &cursors[2];
    return first->statement() == none_ ? nullptr : first;
  }
  static bool may_hold(const Entry& entry, const PreparedQuery& asked) {
    const Gate gate = entry.gate;
    return gate.value_hash == 0 || asked.query_.context.may_be(gate.key_hash, gate.value_hash);
  }
  static Gate gate_of(const Statement& statement, bool variables);
  bool covers(const Entry& entry, const PreparedQuery& asked) const;
  bool covers(const Compiled& statement, std::string_view action) const;
  Grant grant(const Compiled& statement, const PreparedQuery& asked) const;
  bool has_resource(const Compiled& statement, const PreparedQuery& asked) const {
    if (statement.resources.count == 0) return true;  // of a trust policy
    const Query& query = asked.query_;
    bool named = false;
    const ArnPattern* pattern = resources_.data() + statement.resources.begin;
    for (std::uint32_t i = 0; i < statement.resources.count && !named; ++i)
      named = patterns_.matches(pattern[i], query.resource, asked.resource_parts_, query.context);
    return named != statement.not_resource;
  }

  PatternTable patterns_;
  // The patterns of Action, each group in the order of the statements.
  std::vector<Group> names_;     // without wildcards
  std::vector<Group> services_;  // of one service
  Range others_{};               // and NotAction
  std::vector<Entry> entries_;
  std::vector<Compiled> statements_;
  std::vector<Pattern> actions_;
  std::vector<Principals> principals_;
  std::vector<ArnPattern> resources_;
  std::vector<CompiledCondition> conditions_;
  ConditionTable values_;
};

}  // namespace larder::policy
