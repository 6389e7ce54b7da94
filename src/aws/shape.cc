#include "aws/shape.h"

#include "codec/iso8601.h"

namespace larder::aws {

Result<bool> Scalar<bool>::parse(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE" || text == "1") return true;
  if (text == "false" || text == "False" || text == "FALSE" || text == "0") return false;
  return fail(codes::validation_error, "Member must be a boolean");
}

Result<std::int64_t> Scalar<std::int64_t>::parse(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return fail(codes::validation_error, "Member must be an integer");
  return value;
}

Result<Time> Scalar<Time>::parse(std::string_view text) {
  const auto time = parse_iso8601(text);
  if (!time) return fail(codes::validation_error, "Member must be a timestamp in ISO 8601 format");
  return *time;
}

std::string Scalar<Time>::print(Time value) { return format_iso8601(value); }

}  // namespace larder::aws
