// Filters of EC2's Describe operations: values are alternatives, filters must all hold, `*` and `?`
// are wildcards.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/shape.h"
#include "base/result.h"

namespace larder::ec2 {

struct Filter {
  std::optional<std::string> name;
  std::vector<std::string> values;
  static constexpr auto shape =
      aws::fields(aws::optional<&Filter::name>("Name"),
                  aws::optional<&Filter::values>("Values").as("Value").at_most(200));
};

/// The values that something has under a filter's name; nullopt: there is no such filter.
using FilterValues = std::function<std::optional<std::vector<std::string>>(std::string_view name)>;

/// InvalidParameterValue for a filter that there is not.
Result<bool> matches(const std::vector<Filter>& filters, const FilterValues& values);

/// `*` any run, `?` any one; case-sensitive.
bool matches_wildcards(std::string_view pattern, std::string_view text);

/// MaxResults and NextToken: the slice [begin, end) of `count` to show.
struct Slice {
  std::size_t begin, end;
  std::optional<std::string> next_token;
};
/// `keys` are in order; a token names the last one shown. InvalidParameterValue for 4 or 1001,
/// InvalidNextToken for a token not ours.
Result<Slice> slice(const std::vector<std::string>& keys,
                    const std::optional<std::int64_t>& max_results,
                    const std::optional<std::string>& next_token);

}  // namespace larder::ec2
