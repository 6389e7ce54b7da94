// One thread's part of a load.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/s3/load.h"
#include "bench/s3/response_reader.h"

namespace larder::bench {

using Instant = std::chrono::steady_clock::time_point;

/// Events are edge-triggered for reading and writing both, so that a request costs a write, a read
/// and its share of a wait, and no call to say what is waited for.
class Lane {
 public:
  Lane(const Server& server, const Body& body, std::size_t connections,
       std::chrono::milliseconds patience);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  Result<void> connect();
  Tally run(Workload& workload, std::chrono::nanoseconds duration);
  Result<Answer> ask(const Request& request);

 private:
  struct Connection {
    std::optional<Transport> transport;
    bool used = false;     // it has had an answer before, so the server may have closed it since
    bool gave_up = false;  // sending failed; an answer may have come all the same
    ResponseReader reader;
    const Request* request = nullptr;  // null: idle
    std::size_t sent = 0;              // of head and body
    Instant began;
  };

  Result<void> open(Connection& connection);
  void close(Connection& connection);
  /// The workload's next request, if it is not too late for one.
  void begin(Connection& connection, Instant now);
  void send(Connection& connection);
  void push(Connection& connection);
  Transport::Io write_some(Connection& connection);
  void wait();
  void drive(Connection& connection, std::uint32_t events);
  /// True when the request is over, well or badly.
  bool pull(Connection& connection);
  bool lost(Connection& connection);
  void answered(Connection& connection, bool more_came);
  void failed(Connection& connection, const std::string& why);
  void end(Connection& connection, bool succeeded);
  void give_up();

  const Server& server_;
  const Body& body_;
  const std::chrono::milliseconds patience_;
  http::FileDescriptor epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<char> buffer_;

  // Of the run.
  Workload* workload_ = nullptr;
  std::string* keep_ = nullptr;  // bodies of answers
  int last_status_ = 0;
  Tally tally_;
  Instant deadline_;
  Instant last_answer_;
  std::size_t busy_ = 0;
};

}  // namespace larder::bench
