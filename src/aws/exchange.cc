#include "aws/exchange.h"

#include <unistd.h>

#include "base/log.h"

namespace larder::aws {

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
  event.caller = call.caller;
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

Task<void> Exchange::send(Answer answer) {
  Result<void> sent;
  if (answer.stream) {
    sent = co_await response_.send(answer.status, std::move(answer.headers), *answer.stream,
                                   answer.stream_length);
    if (!sent && !response_.started()) {
      // The data itself is damaged or out of reach: that is an answer, not a truncated body.
      log::error("reading an object failed: {}", sent.error().message);
      http::Headers headers{{"Content-Type", "application/xml"}};
      std::string body =
          "<?xml version=\"1.0\" "
          "encoding=\"UTF-8\"?>\n<Error><Code>InternalError</Code><Message>We encountered an "
          "internal "
          "error. Please try again.</Message></Error>";
      sent = co_await response_.send(500, std::move(headers), std::move(body));
    }
  } else {
    sent =
        co_await response_.send(answer.status, std::move(answer.headers), std::move(answer.body));
  }
}

}  // namespace larder::aws
