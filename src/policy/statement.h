// Whether one statement applies to a request, and if not, at which element it fails.
#pragma once

#include <cstdint>
#include <optional>

#include "policy/document.h"
#include "policy/evaluate.h"

namespace larder::policy {

/// The elements in the order in which they are tried.
enum class Element : std::uint8_t { none, action, principal, resource, condition };

struct Application {
  Element failed = Element::none;        // none: the statement applies
  Grant grant = Grant::direct;           // how closely Principal names the caller
  const Condition* condition = nullptr;  // the one that does not hold, when `failed` is condition

  bool applies() const { return failed == Element::none; }
};

/// `resource_parts` is split_arn(query.resource): split once a request. A statement without
/// Principal is for whoever holds the policy. Total; does not allocate.
Application apply(const Statement& statement, const Query& query,
                  const std::optional<ArnParts>& resource_parts);

}  // namespace larder::policy
