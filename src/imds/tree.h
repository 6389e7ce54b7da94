// The paths of the metadata service and what they show (§A.3, §A.4, §A.5), as data: a tree is the
// list of its leaves; directories and their listings follow from it. What is not there is in no
// listing. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "imds/instance_view.h"

namespace larder::imds {

struct Document {
  std::string body;
  std::string_view content_type = "text/plain";
  friend bool operator==(const Document&, const Document&) = default;
};

/// The document of the instance's role: its credentials have to be fetched.
struct RoleDocument {
  bool extended = false;  // with the account's id
  friend bool operator==(const RoleDocument&, const RoleDocument&) = default;
};

using Resource = std::variant<Document, RoleDocument>;

/// A request's path as its parts, percent-decoded; repeated and trailing slashes do not count.
/// nullopt: an escape that is none.
std::optional<std::vector<std::string>> split_path(std::string_view path);

/// "latest", or one of AWS's dates.
bool is_version(std::string_view text);

/// What a GET of the path shows; nullopt: 404. A directory shows its listing: one name a line,
/// directories with a slash (but not at the two upper levels, as on EC2), no line end at the end.
std::optional<Resource> look_up(const InstanceView& view, const std::vector<std::string>& path);

}  // namespace larder::imds
