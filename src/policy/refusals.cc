#include "policy/refusals.h"

#include <algorithm>

namespace larder::policy {

namespace {

constexpr std::size_t refusals_max = 262'144;  // some 50 MB

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool ActionOrder::operator()(std::string_view a, std::string_view b) const {
  return std::ranges::lexicographical_compare(a, b, {}, lower, lower);
}

bool Refusals::add(std::string_view action, std::string_view resource) {
  if (of(action).contains(resource)) return true;
  if (count_ == refusals_max) return false;
  ++count_;
  by_action_[std::string(action)].emplace(resource);
  return true;
}

const ResourceSet& Refusals::of(std::string_view action) const {
  static const ResourceSet none;
  const auto found = by_action_.find(action);
  return found == by_action_.end() ? none : found->second;
}

}  // namespace larder::policy
