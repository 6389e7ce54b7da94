#include "imds/tree.h"

#include <algorithm>
#include <array>
#include <set>

#include "codec/uri.h"
#include "imds/documents.h"

namespace larder::imds {
namespace {

// AWS's, oldest first, as it lists them.
constexpr std::array<std::string_view, 26> versions = {
    "1.0",        "2007-01-19", "2007-03-01", "2007-08-29", "2007-10-10", "2007-12-15",
    "2008-02-01", "2008-09-01", "2009-04-04", "2011-01-01", "2011-05-01", "2012-01-12",
    "2014-02-25", "2014-11-05", "2015-10-20", "2016-04-19", "2016-06-30", "2016-09-02",
    "2018-03-28", "2018-08-17", "2018-09-24", "2019-10-01", "2020-10-27", "2021-01-03",
    "2021-03-23", "latest"};

// Below a version. Its path has no slash at either end.
struct Leaf {
  std::string path;
  Resource resource;
};
using Leaves = std::vector<Leaf>;

void add(Leaves& leaves, std::string path, std::string body) {
  leaves.push_back({std::move(path), Document{std::move(body)}});
}
void add_unless_empty(Leaves& leaves, std::string path, const std::string& body) {
  if (!body.empty()) add(leaves, std::move(path), body);
}

void add_instance(Leaves& leaves, const InstanceView& view) {
  add(leaves, "meta-data/instance-id", view.instance_id);
  add(leaves, "meta-data/instance-action", "none");
  add(leaves, "meta-data/instance-life-cycle", "on-demand");
  add_unless_empty(leaves, "meta-data/instance-type", view.instance_type);
  add_unless_empty(leaves, "meta-data/ami-id", view.image_id);
  add(leaves, "meta-data/ami-launch-index", "0");
  add(leaves, "meta-data/ami-manifest-path", "(unknown)");
  add(leaves, "meta-data/profile", "default-hvm");
  add(leaves, "meta-data/placement/availability-zone", view.zone);
  add(leaves, "meta-data/placement/region", view.region);
  add(leaves, "meta-data/services/domain", "amazonaws.com");
  add(leaves, "meta-data/services/partition", "aws");
  add(leaves, "meta-data/events/maintenance/history", "[]");
  add(leaves, "meta-data/events/maintenance/scheduled", "[]");
  add(leaves, "dynamic/fws/instance-monitoring", "disabled");
  add(leaves, "dynamic/instance-identity/document", identity_document(view));
}

void add_network(Leaves& leaves, const InstanceView& view) {
  add_unless_empty(leaves, "meta-data/hostname", view.hostname);
  add_unless_empty(leaves, "meta-data/local-hostname", view.hostname);
  add_unless_empty(leaves, "meta-data/local-ipv4", view.local_ipv4);
  if (view.mac.empty()) return;
  add(leaves, "meta-data/mac", view.mac);
  const std::string interface = "meta-data/network/interfaces/macs/" + view.mac + "/";
  add(leaves, interface + "device-number", "0");
  add(leaves, interface + "mac", view.mac);
  add(leaves, interface + "owner-id", view.account);
  add_unless_empty(leaves, interface + "local-hostname", view.hostname);
  add_unless_empty(leaves, interface + "local-ipv4s", view.local_ipv4);
}

void add_role(Leaves& leaves, const InstanceView& view) {
  if (!view.profile) return;
  const Profile& profile = *view.profile;
  add(leaves, "meta-data/iam/info", iam_info(profile));
  if (profile.state != Profile::State::ok || !profile.role) return;
  const std::string& name = profile.role->name;
  leaves.push_back({"meta-data/iam/security-credentials/" + name, RoleDocument{}});
  leaves.push_back({"meta-data/iam/security-credentials-extended/" + name, RoleDocument{true}});
}

// EC2 refuses to show tags whose keys would not do in a path; so what is not shown is left out.
bool fits_in_a_path(std::string_view key) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-=.,_:@";
  return !key.empty() && key.find_first_not_of(alphabet) == key.npos && key != "." && key != ".." &&
         key != "_index";
}

void add_tags(Leaves& leaves, const InstanceView& view) {
  if (!view.options.tags_enabled) return;
  for (const auto& [key, value] : view.tags) {
    if (fits_in_a_path(key)) add(leaves, "meta-data/tags/instance/" + key, value);
  }
}

Leaves leaves_of(const InstanceView& view) {
  Leaves leaves;
  add_instance(leaves, view);
  add_network(leaves, view);
  add_role(leaves, view);
  add_tags(leaves, view);
  if (!view.user_data.empty()) {
    leaves.push_back({"user-data", Document{view.user_data, "application/octet-stream"}});
  }
  return leaves;
}

template <class Range>
Document listing(const Range& names) {
  Document document;
  for (const auto& name : names) {
    if (!document.body.empty()) document.body += '\n';
    document.body += name;
  }
  return document;
}

// "a/b/": what the paths below a directory begin with; the empty text for the root.
std::string prefix_of(const std::vector<std::string>& path) {
  std::string prefix;
  for (std::size_t i = 1; i < path.size(); ++i) prefix += path[i] + '/';
  return prefix;
}

}  // namespace

std::optional<std::vector<std::string>> split_path(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    if (part.empty()) continue;
    auto decoded = percent_decode(part);
    if (!decoded) return std::nullopt;
    parts.push_back(*std::move(decoded));
  }
  return parts;
}

bool is_version(std::string_view text) {
  return std::ranges::find(versions, text) != versions.end();
}

std::optional<Resource> look_up(const InstanceView& view, const std::vector<std::string>& path) {
  if (path.empty()) return listing(versions);
  if (!is_version(path.front())) return std::nullopt;
  // A part with an encoded slash is the name of nothing.
  const bool has_slash =
      std::ranges::any_of(path, [](const std::string& part) { return part.contains('/'); });
  if (has_slash) return std::nullopt;
  const std::string prefix = prefix_of(path);
  const std::string_view exact =
      std::string_view(prefix).substr(0, prefix.size() - !prefix.empty());
  const bool marks_directories = path.size() > 1;
  std::set<std::string> names;
  for (Leaf& leaf : leaves_of(view)) {
    if (leaf.path == exact) return std::move(leaf.resource);
    if (!leaf.path.starts_with(prefix)) continue;
    const std::string_view below = std::string_view(leaf.path).substr(prefix.size());
    const std::size_t slash = below.find('/');
    std::string name(below.substr(0, slash));
    if (slash != below.npos && marks_directories) name += '/';
    names.insert(std::move(name));
  }
  if (names.empty()) return std::nullopt;
  return listing(names);
}

}  // namespace larder::imds
