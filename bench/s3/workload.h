// In which order a connection's requests come.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "bench/s3/request.h"

namespace larder::bench {

/// One thread's: its connections take turns. Requests stay where they are while the workload lives.
class Workload {
 public:
  virtual ~Workload() = default;
  /// The next to send; null when there is no more.
  virtual const Request* next() = 0;
  /// What next() gave has been answered, or failed.
  virtual void done(const Request& request, bool succeeded);
};

/// The same requests for ever, beginning with number `start`.
class Ring final : public Workload {
 public:
  /// At least one request.
  Ring(std::span<const Request> requests, std::size_t start)
      : requests_(requests), at_(start % requests.size()) {}
  const Request* next() override;

 private:
  std::span<const Request> requests_;
  std::size_t at_;
};

/// Each once.
class Once final : public Workload {
 public:
  explicit Once(std::span<const Request> requests) : requests_(requests) {}
  const Request* next() override;

 private:
  std::span<const Request> requests_;
  std::size_t at_ = 0;
};

/// Made when they are asked for, at most so many; remembers how many succeeded.
class Fill final : public Workload {
 public:
  using Make = std::function<Request(std::size_t number)>;
  Fill(Make make, std::size_t at_most) : make_(std::move(make)), at_most_(at_most) {}
  const Request* next() override;
  /// Of numbers 0 to made().
  std::size_t made() const { return requests_.size(); }

 private:
  Make make_;
  std::size_t at_most_;
  std::deque<Request> requests_;
};

/// Of 100 requests 70 are GETs, 20 PUTs, 5 LISTs and 5 DELETEs, evenly spread. PUTs and DELETEs
/// have keys of their own, so that every GET finds its object, every DELETE removes one, and no key
/// has two requests at once.
class Mixed final : public Workload {
 public:
  /// `puts` and `removals` are of the same keys in the same order, of which nothing is there yet.
  struct Requests {
    std::span<const Request> gets;
    std::span<const Request> puts;
    std::span<const Request> removals;
    const Request* list;
  };
  Mixed(Requests requests, std::size_t start);
  const Request* next() override;
  void done(const Request& request, bool succeeded) override;

 private:
  enum class Key { absent, busy, present };
  const Request* change(std::span<const Request> requests, Key from, std::size_t& at);

  Requests requests_;
  Ring gets_;
  std::size_t turn_ = 0;
  std::vector<Key> keys_;
  std::size_t put_at_ = 0;
  std::size_t remove_at_ = 0;
};

}  // namespace larder::bench
