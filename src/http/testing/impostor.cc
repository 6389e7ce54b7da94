#include "http/testing/impostor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <mutex>

#include "base/check.h"
#include "http/server.h"
#include "http/url.h"

namespace larder::http::testing {
namespace {

enum class Manner { whole, cut_short, hang };

struct Reply {
  Manner manner;
  int status;
  Headers headers;
  std::string body;
};

// Yields its text, then fails.
class BreakingSource final : public ByteSource {
 public:
  explicit BreakingSource(std::string text) : text_(std::move(text)) {}
  Task<Result<std::size_t>> read(std::span<char> into) override {
    if (text_.empty()) co_return fail(connection_lost, "cut short, as scripted");
    const std::size_t count = std::min(into.size(), text_.size());
    std::copy_n(text_.data(), count, into.data());
    text_.erase(0, count);
    co_return count;
  }
  std::optional<std::uint64_t> length() const override { return std::nullopt; }

 private:
  std::string text_;
};

Task<std::string> read_all(ByteSource& source) {
  std::string text;
  std::array<char, 16 * 1024> buffer;
  for (;;) {
    const std::span<char> into(buffer);
    const auto count = co_await source.read(into);
    if (!count || *count == 0) co_return text;
    text.append(buffer.data(), *count);
  }
}

Task<void> hang_until_cancelled() {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer never(executor, std::chrono::hours(24));
  co_await never.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

// Longer than what a response may hold back, so that its front is on the wire before it breaks.
constexpr std::uint64_t promised = 1024 * 1024;

ServerOptions one_core() {
  ServerOptions options;
  options.cores = 1;
  return options;
}

}  // namespace

struct Impostor::Script::Rule {
  std::string method;
  std::string target;
  std::deque<Reply> replies;
};

struct Impostor::State final : Service {
  State() : server(clock, one_core()) {}

  Task<void> serve(Request& request, ResponseWriter& response) override {
    Recorded recorded{request.method, request.target, request.headers, {}};
    recorded.body = co_await read_all(request.body);
    const Reply reply = record(std::move(recorded));
    if (reply.manner == Manner::hang) {
      co_await hang_until_cancelled();
    } else if (reply.manner == Manner::cut_short) {
      BreakingSource source(reply.body);
      co_await response.send(reply.status, reply.headers, source, promised + reply.body.size());
    } else {
      co_await response.send(reply.status, reply.headers, reply.body);
    }
  }

  Reply record(Recorded recorded) {
    const std::lock_guard lock(mutex);
    const auto found = std::find_if(rules.rbegin(), rules.rend(),
                                    [&](const auto& rule) { return matches(*rule, recorded); });
    const std::string what = recorded.method + " " + recorded.target;
    log.push_back(std::move(recorded));
    if (found == rules.rend() || (*found)->replies.empty()) {
      return {Manner::whole, 404, {}, "nothing is scripted for " + what + "\n"};
    }
    auto& replies = (*found)->replies;
    Reply reply = replies.front();
    if (replies.size() > 1) replies.pop_front();
    return reply;
  }

  static bool matches(const Script::Rule& rule, const Recorded& asked) {
    const bool whole = rule.target.contains('?');
    const std::string_view target = whole ? asked.target : split_target(asked.target).path;
    return rule.method == asked.method && rule.target == target;
  }

  ManualClock clock{Time(std::chrono::years(50))};
  mutable std::mutex mutex;  // of the two below
  std::vector<std::shared_ptr<Script::Rule>> rules;
  std::vector<Recorded> log;
  TcpEndpoint endpoint;
  Server server;
};

Impostor::Impostor() : state_(std::make_unique<State>()) {
  const auto listening = state_->server.add_listener(TcpEndpoint{"127.0.0.1", 0}, *state_);
  CHECK(listening.has_value());
  state_->endpoint = std::get<TcpEndpoint>(*listening);
  state_->server.start();
}

Impostor::~Impostor() { state_->server.stop(std::chrono::milliseconds(0)); }

Impostor::Script Impostor::when(std::string method, std::string target) {
  auto rule = std::make_shared<Script::Rule>();
  rule->method = std::move(method);
  rule->target = std::move(target);
  const std::lock_guard lock(state_->mutex);
  state_->rules.push_back(rule);
  return {*this, std::move(rule)};
}

Impostor::Script& Impostor::Script::reply(int status, std::string body, Headers headers) {
  const std::lock_guard lock(owner_.state_->mutex);
  rule_->replies.push_back({Manner::whole, status, std::move(headers), std::move(body)});
  return *this;
}

Impostor::Script& Impostor::Script::reply_cut_short(int status, std::string body) {
  const std::lock_guard lock(owner_.state_->mutex);
  rule_->replies.push_back({Manner::cut_short, status, {}, std::move(body)});
  return *this;
}

Impostor::Script& Impostor::Script::hang() {
  const std::lock_guard lock(owner_.state_->mutex);
  rule_->replies.push_back({Manner::hang, 0, {}, {}});
  return *this;
}

std::vector<Impostor::Recorded> Impostor::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->log;
}

std::uint16_t Impostor::port() const { return state_->endpoint.port; }

TcpEndpoint Impostor::endpoint() const { return state_->endpoint; }

std::string Impostor::url() const { return fmt::format("http://127.0.0.1:{}", port()); }

}  // namespace larder::http::testing
