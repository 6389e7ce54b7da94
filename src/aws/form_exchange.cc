// The Query protocol of IAM and STS, EC2's variant of it, and Larder's own with JSON answers.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "aws/encode.h"
#include "aws/exchange.h"
#include "aws/ids.h"
#include "aws/modelled_operations.h"
#include "base/limits.h"
#include "codec/digest.h"
#include "codec/xml.h"
#include "sigv4/verify.h"

namespace larder::aws {
namespace {

constexpr ErrorCode invalid_action{"InvalidAction", 400};
constexpr ErrorCode missing_action{"MissingAction", 400};
constexpr ErrorCode malformed_query_string{"MalformedQueryString", 400};
constexpr ErrorCode request_entity_too_large{"RequestEntityTooLarge", 413};

/// Parameters that the audit may show: short, and no secret by its name.
bool may_be_shown(std::string_view name) {
  for (const auto hidden : {"Password", "Secret", "Token", "UserData", "PolicyDocument", "Policy",
                            "AuthenticationCode", "X-Amz-", "Credential", "Assertion"})
    if (name.find(hidden) != name.npos && name != "PolicyArn" && name != "PolicyName") return false;
  return true;
}

}  // namespace

class FormExchange::FormCall final : public PipelineCall {
 public:
  FormCall(const FormExchange& exchange, Pipeline& pipeline)
      : PipelineCall(pipeline.authorizer_, pipeline.audit_, exchange.service_.facts,
                     exchange.service_.dialect()),
        exchange_(exchange) {}

  const Operation* operation = nullptr;
  void* bound_service = nullptr;

  Result<void> decode(std::span<const Field> fields, void* input) override {
    const bool ec2 = exchange_.service_.wire == FormService::Wire::ec2;
    return decode_form(exchange_.form_, fields, input, {.member = !ec2, .ec2 = ec2});
  }

  Result<Answer> encode(std::span<const Field> fields, const void* output) override {
    const auto& service = exchange_.service_;
    const std::string name(operation->name);
    Answer answer;
    answer.headers.add("x-amzn-RequestId", request_id);
    if (service.wire == FormService::Wire::json) {
      boost::json::object json;
      encode_json(json, fields, output);
      answer.headers.add("Content-Type", "application/json");
      answer.body = boost::json::serialize(json);
      return answer;
    }
    answer.headers.add("Content-Type", "text/xml;charset=UTF-8");
    XmlWriter xml(name + "Response", service.xmlns);
    if (service.wire == FormService::Wire::ec2) {
      xml.element("requestId", request_id);
      encode_xml(xml, fields, output, {.item = "item"});
    } else {
      if (!fields.empty()) {
        xml.open(name + "Result");
        encode_xml(xml, fields, output, {.item = "member"});
        xml.close();
      }
      xml.open("ResponseMetadata");
      xml.element("RequestId", request_id);
    }
    answer.body = xml.finish();
    return answer;
  }

 private:
  const FormExchange& exchange_;
};

Task<Result<void>> FormExchange::read_form(std::size_t at_most) {
  std::string piece(16 * 1024, '\0');
  for (;;) {
    const std::span<char> space(piece);
    CO_TRY(const auto count, co_await request_.body.read(space));
    if (count == 0) break;
    if (body_.size() + count > at_most)
      co_return fail(request_entity_too_large,
                     fmt::format("The request is larger than {} bytes.", at_most));
    body_.append(piece, 0, count);
  }
  auto parameters = request_.method == "POST" ? parse_form(body_, limits::query_parameters_count)
                                              : std::optional(target_.parameters);
  if (!parameters)
    co_return fail(malformed_query_string, "The query string contains a syntax error.");
  form_ = make_form(*std::move(parameters));
  co_return Result<void>();
}

Result<std::optional<Presented>> FormExchange::present_credential(Time now) const {
  const auto views = header_views(request_);
  const sigv4::RequestView view{request_.method, target_.path, target_.query, views};
  return present(view, service_.dialect(), service_.name, "", pipeline_.credentials_,
                 pipeline_.signing_keys_, now);
}

Result<Caller> FormExchange::authenticate(Result<std::optional<Presented>> presented,
                                          Time now) const {
  if (!presented) return fail(std::move(presented).error());
  if (!*presented) {
    if (request_.peer.unix_peer) return local_caller(now);
    return Caller{};
  }
  const auto views = header_views(request_);
  const sigv4::RequestView view{request_.method, target_.path, target_.query, views};
  Presented& known = **presented;
  TRY_VOID(sigv4::verify(view, known.authorization, known.signing_key, sha256_hex(body_),
                         service_.dialect()));
  return std::move(known.caller);
}

Result<const FormService::Bound*> FormExchange::route() const {
  const auto action = form_.find("Action");
  if (action == form_.end())
    return fail(missing_action, "The request is missing its Action parameter.");
  const auto version = form_.find("Version");
  const std::string& name = action->second;
  if (version == form_.end() || version->second == service_.version) {
    if (const auto* operation = service_.find(name)) return operation;
    const auto modelled = modelled_operations(service_.name);
    if (std::ranges::binary_search(modelled, std::string_view(name)))
      return fail(larder::codes::not_implemented,
                  fmt::format("{} of {} is not implemented by Larder.", name, service_.name));
  }
  return fail(
      invalid_action,
      service_.wire == FormService::Wire::ec2
          ? fmt::format("The action {} is not valid for this web service.", name.substr(0, 128))
          : fmt::format("Could not find operation {} for version {}", name.substr(0, 128),
                        version == form_.end() ? "NO_VERSION_SPECIFIED" : version->second));
}

Task<Result<Answer>> FormExchange::answer(FormCall& call) {
  // A stranger gets no more room than the name of an operation takes.
  auto presented = present_credential(call.now);
  const bool stranger = !presented || (!*presented && !request_.peer.unix_peer);
  auto read = co_await read_form(stranger ? limits::query_form_of_stranger : limits::query_form);
  if (!read && !presented) co_return fail(std::move(presented).error());
  if (!read) co_return fail(std::move(read).error());
  auto operation = route();
  if (operation) {
    bound_ = *operation;
    call.operation = &(*operation)->operation;
    call.bound_service = (*operation)->service;
    describe(call, call.now, service_.name + ".amazonaws.com", call.operation->name,
             call.operation->effect);
    for (const auto& [name, value] : form_)
      if (may_be_shown(name)) call.event.parameters.emplace_back(name, value.substr(0, 512));
  }
  CO_TRY(call.caller, authenticate(std::move(presented), call.now));
  if (call.caller.anonymous())
    co_return fail(codes::missing_authentication_token, "Request is missing Authentication Token");
  if (!operation) co_return fail(std::move(operation).error());
  auto answer = co_await call.operation->serve(call.bound_service, call);
  co_return answer;
}

Task<void> FormExchange::run() {
  FormCall call(*this, pipeline_);
  call.now = pipeline_.clock_.now();
  call.request_id = make_uuid(pipeline_.random_);
  auto result = co_await guard(answer(call), call);
  call.event.bytes_in = body_.size();
  if (result) call.event.bytes_out = result->body.size();
  const auto audited = write_audit(call, result ? nullptr : &result.error());
  if (!audited) result = fail(audited.error());
  const Error* error = result ? nullptr : &result.error();
  Answer out = result ? *std::move(result) : encode_error(*error, call.request_id);
  const auto served = co_await send(std::move(out), error, call);
  std::optional<std::size_t> place;
  if (bound_ != nullptr) place = static_cast<std::size_t>(bound_ - service_.operations.data());
  finish(&service_, place, served, call);
}

void FormExchange::add_request_id(http::Headers& headers, const std::string& request_id) const {
  headers.add("x-amzn-RequestId", request_id);
}

Answer FormExchange::encode_error(const Error& error, const std::string& request_id) const {
  Answer answer;
  answer.status = error.code.http_status;
  answer.headers.add("x-amzn-RequestId", request_id);
  if (service_.wire == FormService::Wire::json) {
    answer.headers.add("Content-Type", "application/json");
    answer.body = boost::json::serialize(
        boost::json::object{{"Code", std::string(error.code.name)}, {"Message", error.message}});
    return answer;
  }
  answer.headers.add("Content-Type", "text/xml;charset=UTF-8");
  const bool ec2 = service_.wire == FormService::Wire::ec2;
  XmlWriter xml(ec2 ? "Response" : "ErrorResponse", ec2 ? "" : service_.xmlns);
  if (ec2) xml.open("Errors");
  xml.open("Error");
  if (!ec2) xml.element("Type", error.code.http_status >= 500 ? "Receiver" : "Sender");
  xml.element("Code", error.code.name);
  xml.element("Message", error.message);
  xml.close();
  if (ec2) xml.close();
  xml.element(ec2 ? "RequestID" : "RequestId", request_id);
  answer.body = xml.finish();
  return answer;
}

}  // namespace larder::aws
