#include "imds/service.h"

#include <fmt/format.h>

#include "base/log.h"
#include "http/url.h"
#include "imds/documents.h"
#include "imds/tree.h"

namespace larder::imds {
namespace {

constexpr std::string_view token_header = "X-aws-ec2-metadata-token";
constexpr std::string_view ttl_header = "X-aws-ec2-metadata-token-ttl-seconds";
constexpr std::string_view forwarded_header = "X-Forwarded-For";

std::string_view phrase(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

bool is_token_path(const std::vector<std::string>& path) {
  return path.size() == 3 && is_version(path[0]) && path[1] == "api" && path[2] == "token";
}

}  // namespace

struct MetadataService::Answer {
  int status;
  http::Headers headers{};
  std::string body{};  // of a 200
};

Task<void> send_error_page(http::ResponseWriter& response, int status, http::Headers headers) {
  headers.set("Content-Type", "text/html");
  headers.set("Server", std::string(server_name));
  const std::string title = fmt::format("{} - {}", status, phrase(status));
  std::string page = fmt::format(
      "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n"
      "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n"
      "\t\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n"
      "<html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n"
      " <head>\n  <title>{0}</title>\n </head>\n <body>\n  <h1>{0}</h1>\n </body>\n</html>\n",
      title);
  co_await response.send(status, std::move(headers), std::move(page));
}

Task<void> MetadataService::serve(http::Request& request, http::ResponseWriter& response) {
  Answer made = co_await answer(request);
  if (made.status != 200) {
    co_await send_error_page(response, made.status, std::move(made.headers));
    co_return;
  }
  made.headers.set("Server", std::string(server_name));
  co_await response.send(200, std::move(made.headers), std::move(made.body));
}

Task<MetadataService::Answer> MetadataService::answer(const http::Request& request) {
  const auto path = split_path(http::split_target(request.target).path);
  if (!path) co_return Answer{400};
  const auto view = co_await source_.view();
  if (!view) {
    log::warning("the instance cannot be looked up: {}: {}", view.error().code.name,
                 view.error().message);
    co_return Answer{503};
  }
  if (!(*view)->options.endpoint_enabled) co_return Answer{403};
  if (is_token_path(*path)) {
    const bool latest = path->front() == "latest";
    if (request.method == "PUT") co_return latest ? issue_token(request) : Answer{403};
    if (latest) co_return Answer{405, {{"Allow", "PUT"}}};
  }
  if (request.method != "GET" && request.method != "HEAD") {
    co_return Answer{405, {{"Allow", "GET, HEAD"}}};
  }
  co_return co_await read(request, **view, *path);
}

MetadataService::Answer MetadataService::issue_token(const http::Request& request) {
  if (request.headers.contains(forwarded_header)) return {403};
  const auto wanted = request.headers.find(ttl_header);
  const auto ttl = wanted ? SessionTokens::parse_ttl(*wanted) : std::nullopt;
  if (!ttl) return {400};
  http::Headers headers = {{"Content-Type", "text/plain"},
                           {std::string(ttl_header), std::to_string(ttl->count())}};
  return {200, std::move(headers), tokens_.issue(*ttl)};
}

// A token makes it version 2, also a wrong one and where none is needed.
Task<MetadataService::Answer> MetadataService::read(const http::Request& request,
                                                    const InstanceView& view,
                                                    const std::vector<std::string>& path) {
  const auto token = request.headers.find(token_header);
  http::Headers headers;
  if (token) {
    if (request.headers.contains(forwarded_header)) co_return Answer{403};
    const auto remaining = tokens_.remaining(*token);
    if (!remaining) co_return Answer{401};
    headers.add(std::string(ttl_header), std::to_string(remaining->count()));
  } else if (view.options.tokens_required) {
    co_return Answer{401};
  }
  auto resource = look_up(view, path);
  if (!resource) co_return Answer{404};
  if (auto* document = std::get_if<Document>(&*resource)) {
    headers.add("Content-Type", std::string(document->content_type));
    co_return Answer{200, std::move(headers), std::move(document->body)};
  }
  const Delivery delivery = token ? Delivery::v2 : Delivery::v1;
  const auto credentials = co_await credentials_.get(*view.profile, delivery);
  if (!credentials) co_return Answer{503};
  headers.add("Content-Type", "text/plain");
  const bool extended = std::get<RoleDocument>(*resource).extended;
  co_return Answer{200, std::move(headers), role_document(**credentials, extended)};
}

}  // namespace larder::imds
