// JSON with limits. Boost.JSON's value type is used as it is.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "base/result.h"

namespace larder {

/// Strict JSON, nesting at most limits::nesting_depth. The error's message says where.
Result<boost::json::value> parse_json(std::string_view text);

}  // namespace larder
