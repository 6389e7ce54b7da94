// Callers that want the same thing while it is being fetched share one fetch.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>

#include "base/async/task.h"

namespace larder::imds {

/// One core only. Must outlive its calls.
template <class T>
class SingleFlight {
 public:
  /// The outcome of the fetch under way, or of `fetch` (which yields a Task<T>), begun now. When
  /// the caller that fetches is cancelled, one of those that wait takes over with its own `fetch`.
  template <class Fetch>
  Task<T> run(Fetch fetch) {
    while (flight_) {
      const std::shared_ptr<Flight> flight = flight_;
      co_await flight->landed.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
      if (flight->outcome) co_return *flight->outcome;
    }
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto flight = std::make_shared<Flight>(executor);
    const Landing landing(*this, flight);
    flight->outcome.emplace(co_await fetch());
    co_return *flight->outcome;
  }

 private:
  struct Flight {
    explicit Flight(const boost::asio::any_io_executor& executor)
        : landed(executor, boost::asio::steady_timer::time_point::max()) {}
    boost::asio::steady_timer landed;  // never expires: cancelled, which wakes those that wait
    std::optional<T> outcome;
  };

  // Also when the fetch is cancelled or throws.
  class Landing {
   public:
    Landing(SingleFlight& owner, std::shared_ptr<Flight> flight)
        : owner_(owner), flight_(std::move(flight)) {
      owner_.flight_ = flight_;
    }
    Landing(const Landing&) = delete;
    Landing& operator=(const Landing&) = delete;
    ~Landing() {
      owner_.flight_.reset();
      flight_->landed.cancel();
    }

   private:
    SingleFlight& owner_;
    std::shared_ptr<Flight> flight_;
  };

  std::shared_ptr<Flight> flight_;
};

}  // namespace larder::imds
