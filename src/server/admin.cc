#include "server/admin.h"

#include <utility>

namespace larder::server {
namespace {

constexpr std::string_view plain = "text/plain; charset=utf-8";

}  // namespace

AdminService::Reply AdminService::reply(const http::Request& request) const {
  const auto path = std::string_view(request.target).substr(0, request.target.find('?'));
  const bool known = path == "/health/live" || path == "/health/ready" || path == "/metrics";
  if (!known) return {404, plain, "There is /health/live, /health/ready and /metrics.\n"};
  if (request.method != "GET" && request.method != "HEAD")
    return {405, plain, "Only GET and HEAD.\n"};
  if (path == "/metrics") return {200, metrics::text_content_type, metrics_.text()};
  if (path == "/health/ready" && stopping_) return {503, plain, "stopping\n"};
  if (path == "/health/ready" && !audit_.ready())
    return {503, plain,
            "The audit log cannot be written, so changes are refused. The server's log says "
            "why.\n"};
  return {200, plain, "ok\n"};
}

Task<void> AdminService::serve(http::Request& request, http::ResponseWriter& response) {
  auto [status, type, body] = reply(request);
  http::Headers headers{{"Content-Type", std::string(type)}};
  if (status == 405) headers.add("Allow", "GET, HEAD");
  [[maybe_unused]] const auto sent =
      co_await response.send(status, std::move(headers), std::move(body));
}

}  // namespace larder::server
