// What is counted of each request of the services: how many, with what outcome, how long they took,
// how much they carried.
//
// The number of series is bounded by the program: operations are those that it has, codes are those
// that it can answer. Whatever else a client sends is "other".
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"

namespace larder::metrics {
class Registry;
}

namespace larder::aws {

/// A request whose answer has gone out.
struct Served {
  int status = 0;
  std::string_view error_code{};  // empty: it succeeded
  std::uint64_t microseconds = 0;
  std::uint64_t bytes_in = 0;   // of the body, as far as it was read
  std::uint64_t bytes_out = 0;  // of the answer's body
};

/// record() is safe from any core, takes no lock and allocates nothing.
class RequestMetrics {
 public:
  struct Service {
    std::string name;
    std::vector<std::string_view> operations;  // static storage
  };

  /// Registers larder_request* and larder_errors_total; `registry` reads them while it is asked.
  RequestMetrics(const std::vector<Service>& services, metrics::Registry& registry);
  ~RequestMetrics();
  RequestMetrics(const RequestMetrics&) = delete;
  RequestMetrics& operator=(const RequestMetrics&) = delete;

  /// `service` and `operation` are places in the lists above; nullopt: none of the service's.
  void record(std::size_t service, std::optional<std::size_t> operation, const Served& served);

 private:
  struct OfOperation;
  struct OfService;
  std::deque<OfService> services_;  // a deque: the registry refers to what it holds
};

/// Every code that an answer can have, sorted.
std::vector<std::string_view> counted_error_codes();

}  // namespace larder::aws
