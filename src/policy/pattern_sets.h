// Patterns as the sets of texts that they match: whether two have a text in common, whether one
// holds all of the other. A policy variable stands for any text. Answers lean to one side where the
// question is too large or unclear: "may overlap" to yes, "covers" to no.
#pragma once

#include <cstdint>
#include <string_view>

namespace larder::policy {

enum class Letters : std::uint8_t { exact, any_case };

/// Some text matches both.
bool may_overlap(std::string_view a, std::string_view b, Letters letters);
/// Every text that `inner` matches, `outer` matches.
bool covers(std::string_view outer, std::string_view inner, Letters letters);

/// The same for patterns of resources, which are compared component by component.
bool arns_may_overlap(std::string_view a, std::string_view b);
bool arn_covers(std::string_view outer, std::string_view inner);

/// Some resource of the type matches the pattern. `type` is ResourceType::pattern: where all of the
/// last component is one `*`, it is a name without a slash.
bool may_be_of_type(std::string_view arn, std::string_view type);

}  // namespace larder::policy
