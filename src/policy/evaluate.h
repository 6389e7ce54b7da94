// The decision (§G.1): pure, total, without allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "policy/context.h"
#include "policy/document.h"
#include "policy/principal.h"

namespace larder::policy {

/// A policy as it stands in a snapshot: parsing has compiled it. `name` is the ARN of a managed
/// policy or the name of an inline one. A null document is one that was stored and cannot be read:
/// it denies, whatever is asked.
struct NamedPolicy {
  std::string name;
  std::shared_ptr<const Document> document;
};

/// What applies to one request. Views only: the snapshot that owns the policies outlives the
/// evaluation and its Verdict.
struct PolicySet {
  /// Of the caller: a user's own and its groups', or the role's.
  std::span<const NamedPolicy> identity{};

  /// `has_boundary` with a null `boundary`: it is set, but not to be found; nothing is allowed.
  const NamedPolicy* boundary = nullptr;
  bool has_boundary = false;

  /// What was passed when the session was made. Set but empty: nothing is allowed.
  std::span<const NamedPolicy> session{};
  bool has_session_policies = false;

  /// Of the bucket; with `resource_is_trust`, the trust policy of the role to be assumed (then it
  /// must allow, and its absence denies).
  const NamedPolicy* resource = nullptr;
  bool resource_is_trust = false;

  /// Further mandatory allows: of the caller's account, and of the resource's.
  std::span<const NamedPolicy> service_control{};
  bool has_service_control = false;
  std::span<const NamedPolicy> resource_control{};
  bool has_resource_control = false;
};

enum class Decision : std::uint8_t { allowed, explicit_deny, implicit_deny };

/// The kind of policy that decided: granted, denied, or was the first that should have allowed and
/// did not. none: nothing had to (root in its own account).
enum class DecidedBy : std::uint8_t {
  none,
  identity,
  boundary,
  session,
  resource,
  trust,
  service_control,
  resource_control
};

/// Points into the PolicySet.
struct StatementRef {
  DecidedBy kind = DecidedBy::none;
  const NamedPolicy* policy = nullptr;
  std::size_t index = 0;  // in the document
  /// Empty when the statement has none, or the document could not be read.
  std::string_view sid() const;
};

struct Verdict {
  Decision decision = Decision::implicit_deny;
  DecidedBy decided_by = DecidedBy::none;

  /// The statements that decided: the Deny; or the first Allow of each kind that had to allow. None
  /// for an implicit deny.
  std::span<const StatementRef> statements() const { return {refs.data(), refs_count}; }

  bool allowed() const { return decision == Decision::allowed; }

  std::array<StatementRef, 6> refs{};
  std::size_t refs_count = 0;
};

Verdict evaluate(const Query& query, const PolicySet& policies);

/// The caller belongs to another account than the resource.
bool is_cross_account(const Query& query);

/// "allowed", "explicitDeny", "implicitDeny"; "identity", "boundary", …, "none".
std::string_view name_of(Decision decision);
std::string_view name_of(DecidedBy kind);

}  // namespace larder::policy
