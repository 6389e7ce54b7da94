#include "aws/exchange.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <exception>
#include <vector>

#include "base/log.h"
#include "codec/xml.h"

namespace larder::aws {
namespace {

Error internal_error() {
  return {larder::codes::internal_error, "We encountered an internal error. Please try again."};
}

/// What the service threw, for the log. Cancellations are thrown on.
std::string what_was_thrown(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) throw;
    return error.what();
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace

Result<Caller> Exchange::local_caller(Time now) const {
  const uid_t uid = request_.peer.unix_peer->uid;
  if (uid != 0 && uid != geteuid())
    return fail(larder::codes::access_denied,
                "Only root and the user that the server runs as are its operator on this socket.");
  const auto account = request_.headers.find("x-larder-account");
  auto caller =
      pipeline_.credentials_.local_operator(account ? std::string(*account) : "", uid, now);
  if (!caller)
    return fail(ErrorCode{"NoSuchAccount", 404},
                "There is no account " + std::string(account.value_or("")) +
                    "; `larder account list` shows those there are.");
  return *std::move(caller);
}

void Exchange::describe(PipelineCall& call, Time now, std::string source,
                        std::string_view operation, Effect effect) const {
  call.now = now;
  call.host = request_.headers.find("host").value_or("");
  call.effect = effect;
  call.request_facts = {.now = now,
                        .source_ip = request_.peer.address,
                        .user_agent = std::string(request_.headers.find("user-agent").value_or("")),
                        .region = pipeline_.options_.region,
                        .referer = std::string(request_.headers.find("referer").value_or("")),
                        .secure = request_.peer.secure};
  auto& event = call.event;
  event.time = now;
  event.request_id = call.request_id;
  event.source = std::move(source);
  event.name = operation;
  event.region = pipeline_.options_.region;
  event.source_ip = request_.peer.unix_peer ? "localhost" : request_.peer.address;
  event.user_agent = call.request_facts.user_agent;
  event.read_only = effect == Effect::reads;
}

Result<void> Exchange::write_audit(PipelineCall& call, const Error* error) {
  auto& event = call.event;
  if (event.name.empty()) return {};
  event.caller = std::move(call.caller);  // nobody asks for it any more
  if (error != nullptr) {
    event.error_code = error->code.name;
    event.error_message = error->message;
  }
  auto written = pipeline_.audit_.append(event);
  // A request that failed anyway keeps its own error.
  if (written || event.read_only || error != nullptr) return {};
  return fail(larder::codes::internal_error,
              "The change was made, but the audit log could not be written; further changes are "
              "refused until it can.");
}

Task<Result<Answer>> Exchange::guard(Task<Result<Answer>> answer, const PipelineCall& call) {
  std::exception_ptr thrown;
  try {
    co_return co_await std::move(answer);
  } catch (...) {
    thrown = std::current_exception();
  }
  const auto what = what_was_thrown(std::move(thrown));
  log::error(log::Request{call.request_id}, "{} failed by an exception: {}",
             call.event.name.empty() ? "a request" : call.event.name, what);
  co_return fail(internal_error());
}

Task<Served> Exchange::send(Answer answer, const Error* error, const PipelineCall& call) {
  const bool bodiless = request_.method == "HEAD";
  Served served{.status = answer.status, .bytes_in = call.event.bytes_in};
  if (error != nullptr) served.error_code = error->code.name;
  if (!answer.stream) {
    served.bytes_out = bodiless ? 0 : answer.body.size();
    [[maybe_unused]] const auto sent =
        co_await response_.send(answer.status, std::move(answer.headers), std::move(answer.body));
    co_return served;
  }
  served.bytes_out = bodiless ? 0 : answer.stream_length;
  const auto sent = co_await response_.send(answer.status, std::move(answer.headers),
                                            *answer.stream, answer.stream_length);
  if (sent || response_.started()) co_return served;
  // The data itself is damaged or out of reach: that is an answer, not a truncated body.
  log::error(log::Request{call.request_id}, "reading an object failed: {}", sent.error().message);
  const Error failure = internal_error();
  XmlWriter xml("Error", "");
  xml.element("Code", failure.code.name);
  xml.element("Message", failure.message);
  xml.element("RequestId", call.request_id);
  std::string body = xml.finish();
  http::Headers headers{{"Content-Type", "application/xml"}};
  add_request_id(headers, call.request_id);
  served.status = failure.code.http_status;
  served.error_code = failure.code.name;
  served.bytes_out = body.size();
  [[maybe_unused]] const auto told =
      co_await response_.send(served.status, std::move(headers), std::move(body));
  co_return served;
}

void Exchange::finish(const FormService* form, std::optional<std::size_t> operation, Served served,
                      const PipelineCall& call) const {
  // The clock may be set back meanwhile.
  const auto took = std::max(pipeline_.clock_.now() - call.now, std::chrono::microseconds(0));
  served.microseconds = static_cast<std::uint64_t>(took.count());
  pipeline_.record(form, operation, served);
  // An InternalError is the operator's to find out about.
  const bool internal = served.status == 500;
  const auto level = internal ? log::Level::error : log::Level::debug;
  if (!log::enabled(level)) return;
  std::vector<log::Field> fields{
      {"request_id", call.request_id},
      {"service", form == nullptr ? std::string_view("s3") : std::string_view(form->name)},
      {"status", static_cast<std::uint64_t>(served.status)},
      {"seconds", static_cast<double>(served.microseconds) / 1e6},
      {"bytes_in", served.bytes_in},
      {"bytes_out", served.bytes_out},
  };
  if (!call.event.source_ip.empty()) fields.push_back({"source", call.event.source_ip});
  if (!call.event.name.empty()) fields.push_back({"operation", call.event.name});
  if (!served.error_code.empty()) fields.push_back({"error", served.error_code});
  if (internal) fields.push_back({"error_message", call.event.error_message});
  log::write(level, internal ? "a request failed" : "a request was answered", fields);
}

}  // namespace larder::aws
