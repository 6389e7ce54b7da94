#include "bench/s3/request.h"

#include <fmt/format.h>

#include <iterator>

#include "codec/digest.h"

namespace larder::bench {
namespace {

std::string host_of(const http::Url& url) {
  const bool is_ipv6 = url.host.find(':') != url.host.npos;
  const std::string host = is_ipv6 ? "[" + url.host + "]" : url.host;
  const std::uint16_t usual = url.scheme == "https" ? 443 : 80;
  return url.port == usual ? host : fmt::format("{}:{}", host, url.port);
}

}  // namespace

RequestMaker::RequestMaker(const http::Url& endpoint, std::optional<sigv4::Credentials> credentials,
                           std::string region)
    : host_(host_of(endpoint)), credentials_(std::move(credentials)), region_(std::move(region)) {}

Request RequestMaker::put(std::string_view path, std::string_view body,
                          std::string_view payload_hash) const {
  return {.head = head("PUT", path, "", payload_hash, body.size()), .body = body};
}

Request RequestMaker::get(std::string_view path, std::uint64_t size) const {
  return {.head = head("GET", path, "", empty_sha256_hex, std::nullopt), .answer_size = size};
}

Request RequestMaker::remove(std::string_view path) const { return simple("DELETE", path); }

Request RequestMaker::simple(std::string_view method, std::string_view path,
                             std::string_view query) const {
  return {.head = head(method, path, query, empty_sha256_hex, std::nullopt)};
}

std::string RequestMaker::head(std::string_view method, std::string_view path,
                               std::string_view query, std::string_view payload_hash,
                               std::optional<std::size_t> length) const {
  sigv4::Unsigned request{.method = std::string(method),
                          .path = std::string(path),
                          .query = std::string(query),
                          .headers = {{"host", host_}},
                          .payload_hash = std::string(payload_hash)};
  std::string out = fmt::format("{} {}{}{} HTTP/1.1\r\nhost: {}\r\nuser-agent: bench_s3\r\n",
                                method, path, query.empty() ? "" : "?", query, host_);
  if (length) fmt::format_to(std::back_inserter(out), "content-length: {}\r\n", *length);
  if (credentials_)
    for (const auto& [name, value] :
         sigv4::sign_request(request, *credentials_, region_, "s3", now_))
      fmt::format_to(std::back_inserter(out), "{}: {}\r\n", name, value);
  return out + "\r\n";
}

}  // namespace larder::bench
