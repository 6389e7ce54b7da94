// A scriptable HTTP server on a free loopback port, for tests of clients.
//
//   Impostor impostor;
//   impostor.when("GET", "/token").reply(200, "abc").reply(503, "busy");
//   ... impostor.url() ...
//   EXPECT_EQ(impostor.requests().at(0).target, "/token");
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "http/endpoint.h"
#include "http/message.h"

namespace larder::http::testing {

/// Safe from any thread: scripts may change while it serves. What nobody scripted is answered 404.
class Impostor {
 public:
  struct Recorded {
    std::string method;
    std::string target;
    Headers headers;
    std::string body;
  };

  /// Replies in the order given; the last one repeats.
  class Script {
   public:
    Script& reply(int status, std::string body, Headers headers = {});
    /// Promises more bytes than it sends and closes.
    Script& reply_cut_short(int status, std::string body);
    /// Takes the request and never answers.
    Script& hang();

   private:
    friend class Impostor;
    struct Rule;
    Script(Impostor& owner, std::shared_ptr<Rule> rule) : owner_(owner), rule_(std::move(rule)) {}
    Impostor& owner_;
    std::shared_ptr<Rule> rule_;
  };

  Impostor();
  ~Impostor();
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;

  /// `target` with a '?' is compared with the whole target, without one with its path. A later
  /// script for the same request replaces the earlier one.
  Script when(std::string method, std::string target);

  /// What was asked so far, in order of arrival, bodies complete.
  std::vector<Recorded> requests() const;

  std::uint16_t port() const;
  TcpEndpoint endpoint() const;
  /// "http://127.0.0.1:<port>", no slash at the end.
  std::string url() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace larder::http::testing
