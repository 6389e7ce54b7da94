#include "aws/request_line.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "aws/modelled_operations.h"
#include "base/check.h"

namespace larder::aws {
namespace {

constexpr ErrorCode invalid_bucket_name{"InvalidBucketName", 400};
constexpr ErrorCode invalid_uri{"InvalidURI", 400};

/// The name or address alone. A dot at the end only says that the name is whole (RFC 1034 §3.1).
std::string_view host_name(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  host = host.substr(0, host.rfind(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool ends_with_ignoring_case(std::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
         http::equal_ignoring_case(text.substr(text.size() - end.size()), end);
}

bool has_condition(const Target& target, std::string_view condition) {
  const auto equals = condition.find('=');
  const auto value = target.find(condition.substr(0, equals));
  return value && (equals == condition.npos || *value == condition.substr(equals + 1));
}

/// By what AWS's operations on a bucket ('b') or an object ('k') are told apart: `policy`. What
/// comes with one, or with the resource itself, are parameters.
bool is_subresource(char kind, std::string_view name) {
  static const auto all = [] {
    std::set<std::pair<char, std::string_view>> names;
    for (const auto& route : modelled_s3_routes())
      for (const auto condition : route.query)
        if (!condition.empty() && !condition.contains('=') && condition != "id" &&
            condition != "partNumber")
          names.emplace(route.target, condition);
    return names;
  }();
  return all.contains({kind, name});
}

}  // namespace

bool Target::has(std::string_view name) const { return find(name).has_value(); }

std::optional<std::string_view> Target::find(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name) return value;
  return std::nullopt;
}

Result<Target> parse_target(const http::Request& request) {
  const std::string_view whole = request.target;
  const auto question = whole.find('?');
  Target target{
      whole.substr(0, question), question == whole.npos ? "" : whole.substr(question + 1), {}};
  auto parameters = parse_query(target.query);
  if (!parameters) return fail(invalid_uri, "Couldn't parse the specified URI.");
  target.parameters = *std::move(parameters);
  return target;
}

std::string_view scope_service(const http::Request& request, const Target& target) {
  std::string_view credential;
  if (const auto header = request.headers.find("authorization")) {
    const auto start = header->find("Credential=");
    if (start != header->npos) credential = header->substr(start + 11);
    credential = credential.substr(0, credential.find(','));
  } else if (const auto query = target.find("X-Amz-Credential")) {
    credential = *query;
  }
  // The last part but one: SigV4A's scope has no region.
  const auto end = credential.find("/aws4_request");
  if (end == credential.npos) return {};
  credential = credential.substr(0, end);
  return credential.substr(credential.rfind('/') + 1);
}

Result<S3Resource> parse_s3_resource(std::string_view host, std::string_view path,
                                     std::span<const std::string> domains) {
  S3Resource resource;
  host = host_name(host);
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  std::size_t longest = 0;
  for (const auto& domain : domains) {
    const std::string suffix = "." + domain;
    if (http::equal_ignoring_case(host, domain)) {
      // The bare domain is not a bucket of a shorter one: s3.us-east-1.amazonaws.com.
      resource.bucket.clear();
      break;
    }
    if (suffix.size() <= longest || host.size() <= suffix.size() ||
        !ends_with_ignoring_case(host, suffix))
      continue;
    longest = suffix.size();
    resource.bucket = host.substr(0, host.size() - suffix.size());
  }
  auto decoded = percent_decode(path);
  if (!decoded) return fail(invalid_uri, "Couldn't parse the specified URI.");
  if (!resource.bucket.empty()) {
    std::ranges::transform(resource.bucket, resource.bucket.begin(),
                           [](unsigned char c) { return std::tolower(c); });
    resource.key = *std::move(decoded);
    return resource;
  }
  const auto slash = path.find('/');
  // `//key`: an empty name is none that a bucket can have. Only `/` is the service's own.
  if (slash == 0)
    return fail(
        Error{invalid_bucket_name, "The specified bucket is not valid.", {{"BucketName", ""}}});
  auto bucket = percent_decode(path.substr(0, slash));
  auto key = percent_decode(slash == path.npos ? "" : path.substr(slash + 1));
  return S3Resource{*std::move(bucket), *std::move(key)};
}

Result<void> check_subresources(const Target& target, const S3Resource& resource) {
  std::set<std::string_view> named;
  for (const auto& [name, value] : target.parameters)
    if (is_subresource(resource.kind(), name)) named.insert(name);
  if (named.size() < 2) return {};
  return fail(
      Error{larder::codes::invalid_argument,
            fmt::format("Conflicting query string parameters: {}", fmt::join(named, ", ")),
            {{"ArgumentName", "ResourceType"}, {"ArgumentValue", std::string(*named.begin())}}});
}

bool S3Route::matches(const http::Request& request, const Target& parsed,
                      const S3Resource& resource) const {
  if (request.method != method || resource.kind() != target) return false;
  for (const auto condition : query)
    if (!condition.empty() && !has_condition(parsed, condition)) return false;
  for (const auto name : headers)
    if (!name.empty() && !request.headers.contains(name)) return false;
  return true;
}

std::vector<S3Operation> make_s3_routes(std::vector<S3Operation> operations) {
  std::ranges::sort(operations, [](const auto& a, const auto& b) {
    return a.route.specificity() > b.route.specificity();
  });
  for (std::size_t i = 0; i < operations.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) CHECK(!(operations[i].route == operations[j].route));
  return operations;
}

const S3Operation* find_s3_operation(std::span<const S3Operation> sorted,
                                     const http::Request& request, const Target& target,
                                     const S3Resource& resource) {
  const auto found = std::ranges::find_if(
      sorted, [&](const auto& op) { return op.route.matches(request, target, resource); });
  return found == sorted.end() ? nullptr : &*found;
}

std::string_view find_modelled_s3(const http::Request& request, const Target& target,
                                  const S3Resource& resource) {
  std::string_view name;
  int best = -1;
  const char kind = resource.kind();
  for (const auto& modelled : modelled_s3_routes()) {
    if (modelled.target != kind || modelled.method != request.method) continue;  // most of them
    const S3Route route{modelled.method, modelled.target, modelled.query, modelled.headers};
    if (route.specificity() <= best || !route.matches(request, target, resource)) continue;
    best = route.specificity();
    name = modelled.name;
  }
  return name;
}

}  // namespace larder::aws
