#include "aws/pipeline.h"

#include <algorithm>

#include "aws/exchange.h"
#include "base/log.h"
#include "codec/xml.h"

namespace larder::aws {

const FormService::Bound* FormService::find(std::string_view operation) const {
  const auto found =
      std::ranges::find(operations, operation, [](const Bound& b) { return b.operation.name; });
  return found == operations.end() ? nullptr : &*found;
}

const FormService* Pipeline::choose(const http::Request& request, const Target& target) const {
  const bool local = request.peer.unix_peer.has_value();
  const auto scope = scope_service(request, target);
  if (scope == "s3") return nullptr;
  for (const auto& service : form_services_)
    if (service.name == scope && (local || !service.local_only)) return &service;
  if (!scope.empty()) return nullptr;

  // Unsigned: a form posted to the root is for a Query service, by its version; the body is not
  // read yet, so it has to say so in a header where it is ours.
  const auto version = request.headers.find("x-larder-api-version");
  for (const auto& service : form_services_)
    if (local && version && service.version == *version) return &service;
  const auto type = request.headers.find("content-type");
  const bool form = type && type->starts_with("application/x-www-form-urlencoded");
  if (request.method == "POST" && target.path == "/" && form && !form_services_.empty())
    return &form_services_.front();
  if (request.method == "GET" && target.path == "/" && target.has("Action") &&
      target.has("Version"))
    for (const auto& service : form_services_)
      if (target.find("Version") == service.version && !service.local_only) return &service;
  return nullptr;
}

Task<void> Pipeline::serve(http::Request& request, http::ResponseWriter& response) {
  auto target = parse_target(request);
  if (!target) {
    XmlWriter xml("Error", "");
    xml.element("Code", target.error().code.name);
    xml.element("Message", target.error().message);
    std::string body = xml.finish();
    http::Headers headers{{"Content-Type", "application/xml"}};
    [[maybe_unused]] auto sent = co_await response.send(400, std::move(headers), std::move(body));
    co_return;
  }
  if (const FormService* service = choose(request, *target)) {
    FormExchange exchange(*this, request, response, *target, *service);
    co_await exchange.run();
  } else {
    S3Exchange exchange(*this, request, response, *target);
    co_await exchange.run();
  }
}

}  // namespace larder::aws
