// A second reading of §G, to hold the engine against: straight from JSON at every decision, nothing
// compiled, nothing shared with it but the names of the answers. Slow and plain on purpose.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "policy/evaluate.h"
#include "policy/principal.h"
#include "policy/testing/naive_patterns.h"

namespace larder::policy::test {

/// As PolicySet. A document that is JSON's null is one that cannot be read. Documents are such as
/// parse() accepts, without fractions that are not in quotes: JSON's reader does not keep how they
/// are written.
struct NaivePolicies {
  std::vector<boost::json::value> identity{};
  bool has_boundary = false;
  std::optional<boost::json::value> boundary{};
  bool has_session_policies = false;
  std::vector<boost::json::value> session{};
  std::optional<boost::json::value> resource{};
  bool resource_is_trust = false;
  bool has_service_control = false;
  std::vector<boost::json::value> service_control{};
  bool has_resource_control = false;
  std::vector<boost::json::value> resource_control{};
};

struct NaiveRequest {
  Principal principal{};
  std::string action{};
  std::string resource{};
  std::string resource_account{};
  NaiveContext context{};
};

struct NaiveVerdict {
  Decision decision = Decision::implicit_deny;
  DecidedBy decided_by = DecidedBy::none;
};

NaiveVerdict naive_evaluate(const NaivePolicies& policies, const NaiveRequest& request);

/// The statements of a document, which may hold one without a list.
std::size_t naive_statement_count(const boost::json::value& document);
bool naive_denies(const boost::json::value& document, std::size_t statement);
/// Every element of the statement covers the request. `has_boundary`: the caller has one.
bool naive_applies(const boost::json::value& document, std::size_t statement,
                   const NaiveRequest& request, bool has_boundary);

}  // namespace larder::policy::test
