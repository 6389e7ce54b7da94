#include "server/admin.h"

#include <string>

namespace larder::server {

Task<void> AdminService::serve(http::Request& request, http::ResponseWriter& response) {
  const std::string path = request.target.substr(0, request.target.find('?'));
  http::Headers headers{{"Content-Type", "text/plain; charset=utf-8"}};
  int status = 404;
  std::string body = "There is /health/live and /health/ready.\n";
  if (path == "/health/live" || path == "/health/ready") {
    status = 200;
    body = "ok\n";
    if (path == "/health/ready" && (stopping_ || !audit_.ready())) {
      status = 503;
      body = stopping_
                 ? "stopping\n"
                 : "The audit log cannot be written, so changes are refused. The server's log "
                   "says why.\n";
    }
    if (request.method != "GET" && request.method != "HEAD") {
      status = 405;
      body = "Only GET and HEAD.\n";
      headers.add("Allow", "GET, HEAD");
    }
  }
  [[maybe_unused]] const auto sent =
      co_await response.send(status, std::move(headers), std::move(body));
}

}  // namespace larder::server
