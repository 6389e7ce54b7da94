#include "codec/json.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/limits.h"

namespace larder {

Result<boost::json::value> parse_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = limits::nesting_depth;
  boost::json::parser parser({}, options);
  boost::system::error_code error;
  const std::size_t read = parser.write(boost::json::string_view(text.data(), text.size()), error);
  if (error)
    return fail(codes::invalid_argument,
                fmt::format("not JSON at byte {}: {}", read, error.message()));
  return parser.release();
}

}  // namespace larder
