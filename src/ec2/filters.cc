#include "ec2/filters.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/form.h"
#include "codec/base64.h"

namespace larder::ec2 {
namespace {

constexpr ErrorCode invalid_next_token{"InvalidNextToken", 400};
constexpr std::int64_t page_least = 5;
constexpr std::int64_t page_most = 1000;
constexpr std::string_view token_prefix = "n:";

}  // namespace

bool matches_wildcards(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = pattern.npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || (pattern[p] != '*' && pattern[p] == text[t]))) {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

Result<bool> matches(const std::vector<Filter>& filters, const FilterValues& values) {
  bool all = true;
  for (const auto& filter : filters) {
    const auto name = aws::or_default(filter.name);
    const auto has = values(name);
    if (!has)
      return fail(aws::codes::invalid_parameter_value,
                  fmt::format("The filter '{}' is invalid", name));
    all = all && std::ranges::any_of(filter.values, [&](const std::string& pattern) {
            return std::ranges::any_of(
                *has, [&](const std::string& text) { return matches_wildcards(pattern, text); });
          });
  }
  return all;
}

Result<Slice> slice(const std::vector<std::string>& keys,
                    const std::optional<std::int64_t>& max_results,
                    const std::optional<std::string>& next_token) {
  if (max_results && (*max_results < page_least || *max_results > page_most))
    return fail(aws::codes::invalid_parameter_value,
                fmt::format("Value ( {} ) for parameter maxResults is invalid. Expecting a value "
                            "between {} and {}.",
                            *max_results, page_least, page_most));
  std::size_t begin = 0;
  if (next_token) {
    const auto last = base64_decode(*next_token);
    if (!last || !last->starts_with(token_prefix))
      return fail(invalid_next_token, "The token is invalid; it must come from an earlier answer.");
    begin = static_cast<std::size_t>(
        std::ranges::upper_bound(keys, last->substr(token_prefix.size())) - keys.begin());
  }
  const auto count = static_cast<std::size_t>(max_results.value_or(page_most));
  Slice out{begin, std::min(keys.size(), begin + count), std::nullopt};
  if (out.end < keys.size())
    out.next_token = base64_encode(std::string(token_prefix) + keys[out.end - 1]);
  return out;
}

}  // namespace larder::ec2
