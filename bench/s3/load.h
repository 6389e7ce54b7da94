// The load: connections that each have one request in flight, and what came of them. As cheap as it
// can be, since it shares its machine with the server: raw sockets, epoll, requests made
// beforehand.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/s3/body.h"
#include "bench/s3/tally.h"
#include "bench/s3/transport.h"
#include "bench/s3/workload.h"

namespace larder::bench {

struct Answer {
  int status = 0;
  std::string body;
};

/// One thread's connections. One thread at a time.
class Lane;

class Load {
 public:
  struct Settings {
    std::size_t connections = 1;
    std::size_t threads = 1;                     // no more than connections are used
    std::chrono::milliseconds patience{60'000};  // without any answer
  };

  /// Connects. `server` and `body` outlive it.
  static Result<Load> open(const Server& server, const Body& body, const Settings& settings);
  Load(Load&&) noexcept;
  Load& operator=(Load&&) noexcept;
  ~Load();

  /// How many workloads it takes at once.
  std::size_t lanes() const { return lanes_.size(); }

  /// Sends for `duration`, or until the workloads have no more, and waits for the last answers. A
  /// workload for each lane.
  Tally run(std::span<const std::unique_ptr<Workload>> workloads,
            std::chrono::nanoseconds duration);

  /// One request and its whole answer, whatever its status.
  Result<Answer> ask(const Request& request);

 private:
  Load() = default;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace larder::bench
