#include "aws/text.h"

#include <fmt/format.h>

namespace larder::aws {

std::string length_at_least(std::size_t minimum) {
  return fmt::format("Member must have length greater than or equal to {}", minimum);
}

std::string length_at_most(std::size_t maximum) {
  return fmt::format("Member must have length less than or equal to {}", maximum);
}

std::string must_match(std::string_view pattern) {
  return fmt::format("Member must satisfy regular expression pattern: {}", pattern);
}

std::string must_be_one_of(std::string_view listed) {
  return fmt::format("Member must satisfy enum value set: [{}]", listed);
}

}  // namespace larder::aws
