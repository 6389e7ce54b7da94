// What the operations that list share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "s3/listing.h"
#include "s3/operations/types.h"

namespace larder::s3 {

struct Owner {
  std::string id;
  static constexpr auto shape = aws::fields(aws::optional<&Owner::id>("ID"));
};

struct CommonPrefix {
  std::string prefix;
  static constexpr auto shape = aws::fields(aws::optional<&CommonPrefix::prefix>("Prefix"));
};

/// As a form encodes, '/' and '*' left: what encoding-type=url asks for.
std::string url_encode(std::string_view text);

/// Encodes names when the client asked for it.
class NameEncoding {
 public:
  /// InvalidArgument for another than `url`.
  static Result<NameEncoding> parse(const std::optional<std::string>& type);
  std::string operator()(std::string_view name) const {
    return url_ ? url_encode(name) : std::string(name);
  }

 private:
  bool url_ = false;
};

/// max-keys and its like: 1000 when absent or more. InvalidArgument when negative.
Result<std::size_t> page_size(const std::optional<std::int64_t>& wanted, std::string_view argument);

/// An opaque token for `after` of the next page, and back. A token that was changed is refused.
std::string make_token(std::string_view after);
std::optional<std::string> parse_token(std::string_view token);

}  // namespace larder::s3
