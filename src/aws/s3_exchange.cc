// S3's REST-XML protocol.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "aws/arn.h"
#include "aws/exchange.h"
#include "aws/ids.h"
#include "aws/s3_codec.h"
#include "base/limits.h"
#include "codec/base64.h"
#include "codec/xml.h"
#include "sigv4/payload.h"
#include "sigv4/verify.h"

namespace larder::aws {
namespace {

constexpr ErrorCode method_not_allowed{"MethodNotAllowed", 405};

bool has_place(std::span<const Field> fields, Place place) {
  for (const auto& field : fields)
    if (field.place == place) return true;
  return false;
}

/// How the request is signed, for policies that ask ("Amazon S3 Signature Version 4 authentication
/// specific policy keys", S3 API Reference). An anonymous request has none of them.
void add_signature_keys(RequestFacts& facts, const sigv4::Authorization& authorization) {
  using std::chrono::milliseconds;
  const bool presigned = authorization.carrier == sigv4::Carrier::query;
  const auto age = std::chrono::duration_cast<milliseconds>(facts.now - authorization.time);
  auto& keys = facts.service_keys;
  keys.emplace_back("s3:authType", presigned ? "REST-QUERY-STRING" : "REST-HEADER");
  keys.emplace_back("s3:signatureversion", sigv4::algorithm_name(authorization.algorithm));
  // A client's clock may be ahead of ours.
  keys.emplace_back("s3:signatureAge", std::to_string(std::max(age, milliseconds(0)).count()));
}

}  // namespace

class S3Exchange::S3Call final : public PipelineCall {
 public:
  S3Call(const S3Exchange& exchange, Pipeline& pipeline)
      : PipelineCall(pipeline.authorizer_, pipeline.audit_, pipeline.s3_.facts, sigv4::Dialect::s3),
        exchange_(exchange) {}

  Result<void> decode(std::span<const Field> fields, void* input) override {
    return decode_s3(
        {exchange_.request_.headers, exchange_.target_.parameters, bucket, key, payload}, fields,
        input);
  }
  Result<Answer> encode(std::span<const Field> fields, const void* output) override {
    return encode_s3(fields, output);
  }

  std::string payload;

 private:
  const S3Exchange& exchange_;
};

Result<void> S3Exchange::open_body(std::optional<sigv4::Payload> payload,
                                   std::optional<sigv4::ChunkSigning> signing, S3Call& call) {
  if (payload)
    call.request_facts.service_keys.emplace_back("s3:x-amz-content-sha256", payload->text);
  const bool completes_upload = request_.method == "POST" && target_.has("uploadId");
  TRY(body_,
      RequestBody::open(request_, std::move(payload), std::move(signing), !completes_upload));
  call.body = body_.get();
  return {};
}

Result<void> S3Exchange::authenticate(S3Call& call) {
  using sigv4::Dialect;
  const auto views = header_views(request_);
  const sigv4::RequestView view{request_.method, target_.path, target_.query, views};
  TRY(auto presented, present(view, Dialect::s3, "s3", pipeline_.options_.region,
                              pipeline_.credentials_, pipeline_.signing_keys_, call.now));
  const auto content_sha256 = request_.headers.find("x-amz-content-sha256");
  if (!presented) {
    if (request_.peer.unix_peer) {
      TRY(call.caller, local_caller(call.now));
    }
    std::optional<sigv4::Payload> payload;
    if (content_sha256) {
      TRY(payload, sigv4::parse_payload(*content_sha256));
      if (payload->form >= sigv4::Payload::Form::chunked_signed)
        return fail(larder::codes::access_denied, "Signed chunks need a signed request.");
    }
    return open_body(std::move(payload), std::nullopt, call);
  }
  auto& authorization = presented->authorization;
  const bool presigned = authorization.carrier == sigv4::Carrier::query;
  call.event.parameters.emplace_back("authType", presigned ? "REST-QUERY-STRING" : "REST-HEADER");
  if (!content_sha256 && !presigned)
    return fail(sigv4::codes::invalid_request,
                "Missing required header for this request: x-amz-content-sha256");
  const auto in_query = target_.find("X-Amz-Content-Sha256");
  TRY(auto payload, sigv4::parse_payload(content_sha256 ? *content_sha256
                                                        : in_query.value_or("UNSIGNED-PAYLOAD")));
  const bool chunks_signed = payload.form >= sigv4::Payload::Form::chunked_signed;
  if (chunks_signed && payload.algorithm != authorization.algorithm)
    return fail(sigv4::codes::invalid_request,
                "The algorithm in x-amz-content-sha256 is not the one that signs the request.");
  TRY_VOID(sigv4::check_signed_headers(view, authorization));
  TRY_VOID(sigv4::verify(view, authorization, presented->signing_key, payload.text, Dialect::s3));
  call.caller = std::move(presented->caller);
  add_signature_keys(call.request_facts, authorization);
  std::optional<sigv4::ChunkSigning> signing;
  if (payload.form == sigv4::Payload::Form::chunked_signed ||
      payload.form == sigv4::Payload::Form::chunked_signed_trailer)
    signing = sigv4::ChunkSigning{std::move(presented->signing_key), authorization.timestamp,
                                  authorization.scope, authorization.signature};
  return open_body(std::move(payload), std::move(signing), call);
}

Task<Result<Answer>> S3Exchange::answer(S3Call& call) {
  auto resource = parse_s3_resource(call.host, target_.path, pipeline_.options_.domains);
  if (!resource) co_return fail(std::move(resource).error());
  resource_ = *std::move(resource);
  CO_TRY_VOID(check_subresources(target_, resource_));
  call.bucket = resource_.bucket;
  call.key = resource_.key;
  operation_ = find_s3_operation(pipeline_.s3_.operations, request_, target_, resource_);
  const auto modelled = find_modelled_s3(request_, target_, resource_);
  // A more specific operation of AWS's stands there (GET /bucket?website): not ours without it.
  if (operation_ && !modelled.empty() && operation_->operation.name != modelled)
    operation_ = nullptr;
  const std::string_view name = operation_ ? operation_->operation.name : modelled;
  const Effect effect = operation_ ? operation_->operation.effect : Effect::reads;
  describe(call, call.now, "s3.amazonaws.com", name, effect);
  call.event.bucket = call.bucket;
  call.event.object_data = !call.key.empty();
  if (!call.bucket.empty()) call.event.parameters.emplace_back("bucketName", call.bucket);
  if (!call.key.empty()) call.event.parameters.emplace_back("key", call.key);
  call.event.parameters.emplace_back("Host", call.host);

  CO_TRY_VOID(authenticate(call));
  if (operation_ == nullptr) {
    if (call.caller.anonymous()) co_return fail(larder::codes::access_denied, "Access Denied");
    if (!modelled.empty())
      co_return fail(larder::codes::not_implemented,
                     fmt::format("{} of S3 is not implemented by Larder.", modelled));
    co_return fail(Error{
        method_not_allowed,
        "The specified method is not allowed against this resource.",
        {{"Method", request_.method}, {"ResourceType", call.key.empty() ? "BUCKET" : "OBJECT"}}});
  }
  if (has_place(operation_->operation.input, Place::payload)) {
    CO_TRY(call.payload, co_await body_->read_all(limits::s3_xml_body));
  } else if (!has_place(operation_->operation.input, Place::stream)) {
    // Nothing is taken from it, but what was said of it must hold.
    CO_TRY([[maybe_unused]] const auto ignored, co_await body_->read_all(limits::s3_xml_body));
  }
  auto answer = co_await operation_->operation.serve(pipeline_.s3_.service, call);
  co_return answer;
}

Task<void> S3Exchange::run() {
  S3Call call(*this, pipeline_);
  call.now = pipeline_.clock_.now();
  call.host = request_.headers.find("host").value_or("");
  call.request_id = make_s3_request_id(pipeline_.random_);
  auto result = co_await guard(answer(call), call);
  if (body_) call.event.bytes_in = body_->bytes_read();
  if (result) call.event.bytes_out = result->stream ? result->stream_length : result->body.size();
  const auto audited = write_audit(call, result ? nullptr : &result.error());
  if (!audited) result = fail(audited.error());
  const Error* error = result ? nullptr : &result.error();
  Answer out = result ? *std::move(result) : encode_error(*error, call);
  add_request_id(out.headers, call.request_id);
  const auto served = co_await send(std::move(out), error, call);
  std::optional<std::size_t> place;
  if (operation_ != nullptr)
    place = static_cast<std::size_t>(operation_ - pipeline_.s3_.operations.data());
  finish(nullptr, place, served, call);
}

void S3Exchange::add_request_id(http::Headers& headers, const std::string& request_id) const {
  headers.add("x-amz-request-id", request_id);
  headers.add("x-amz-id-2", base64_encode(request_id));
}

Answer S3Exchange::encode_error(const Error& error, const S3Call& call) const {
  Answer answer;
  answer.status = error.code.http_status;
  if (answer.status == 304) return answer;
  answer.headers.add("Content-Type", "application/xml");
  for (const auto& [name, value] : error.fields)
    if (name == "Region") answer.headers.add("x-amz-bucket-region", value);
  XmlWriter xml("Error", "");
  xml.element("Code", error.code.name);
  xml.element("Message", error.message);
  for (const auto& [name, value] : error.fields) xml.element(name, value);
  if (!call.bucket.empty()) xml.element("Resource", target_.path);
  xml.element("RequestId", call.request_id);
  xml.element("HostId", base64_encode(call.request_id));
  answer.body = xml.finish();
  return answer;
}

}  // namespace larder::aws
