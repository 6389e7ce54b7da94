#include "aws/pipeline.h"

#include <algorithm>

#include "aws/exchange.h"
#include "aws/ids.h"
#include "codec/base64.h"
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

void Pipeline::register_metrics(metrics::Registry& registry) {
  std::vector<RequestMetrics::Service> services;
  for (const auto& form : form_services_) {
    auto& service = services.emplace_back(form.name);
    for (const auto& bound : form.operations) service.operations.push_back(bound.operation.name);
  }
  auto& s3 = services.emplace_back("s3");
  for (const auto& operation : s3_.operations) s3.operations.push_back(operation.operation.name);
  metrics_ = std::make_unique<RequestMetrics>(services, registry);
}

void Pipeline::record(const FormService* form, std::optional<std::size_t> operation,
                      const Served& served) {
  if (!metrics_) return;
  const auto service = form == nullptr ? form_services_.size()
                                       : static_cast<std::size_t>(form - form_services_.data());
  metrics_->record(service, operation, served);
}

/// Whose target cannot be read: it is for no operation, and S3 is who says so.
Task<void> Pipeline::refuse(const Error& error, http::ResponseWriter& response) {
  const auto request_id = make_s3_request_id(random_);
  const auto host_id = base64_encode(request_id);
  XmlWriter xml("Error", "");
  xml.element("Code", error.code.name);
  xml.element("Message", error.message);
  xml.element("RequestId", request_id);
  xml.element("HostId", host_id);
  std::string body = xml.finish();
  http::Headers headers{{"Content-Type", "application/xml"},
                        {"x-amz-request-id", request_id},
                        {"x-amz-id-2", host_id}};
  const Served served{.status = 400, .error_code = error.code.name, .bytes_out = body.size()};
  [[maybe_unused]] auto sent = co_await response.send(400, std::move(headers), std::move(body));
  record(nullptr, std::nullopt, served);
}

Task<void> Pipeline::serve(http::Request& request, http::ResponseWriter& response) {
  auto target = parse_target(request);
  if (!target) {
    co_await refuse(target.error(), response);
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
