#include "bench/s3/workload.h"

#include <functional>

namespace larder::bench {
namespace {

// A turn of 20: 14 GETs, 4 PUTs, a LIST, a DELETE.
constexpr std::size_t turn_size = 20;

bool is_one_of(const Request& request, std::span<const Request> requests) {
  return std::greater_equal<>()(&request, requests.data()) &&
         std::less<>()(&request, requests.data() + requests.size());
}

}  // namespace

void Workload::done(const Request&, bool) {}

const Request* Ring::next() {
  const Request* request = &requests_[at_];
  at_ = at_ + 1 == requests_.size() ? 0 : at_ + 1;
  return request;
}

const Request* Once::next() { return at_ < requests_.size() ? &requests_[at_++] : nullptr; }

const Request* Fill::next() {
  if (requests_.size() == at_most_) return nullptr;
  return &requests_.emplace_back(make_(requests_.size()));
}

Mixed::Mixed(Requests requests, std::size_t start)
    : requests_(requests), gets_(requests.gets, start), keys_(requests.puts.size(), Key::absent) {}

const Request* Mixed::next() {
  const std::size_t turn = turn_++ % turn_size;
  if (turn == 9) return requests_.list;
  const Request* change_to = nullptr;
  if (turn == 19) change_to = change(requests_.removals, Key::present, remove_at_);
  // A key that was removed first; else one is written again.
  if (turn % 5 == 2) change_to = change(requests_.puts, Key::absent, put_at_);
  if (turn % 5 == 2 && change_to == nullptr)
    change_to = change(requests_.puts, Key::present, put_at_);
  return change_to != nullptr ? change_to : gets_.next();
}

const Request* Mixed::change(std::span<const Request> requests, Key from, std::size_t& at) {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const std::size_t number = at;
    at = at + 1 == keys_.size() ? 0 : at + 1;
    if (keys_[number] != from) continue;
    keys_[number] = Key::busy;
    return &requests[number];
  }
  return nullptr;
}

void Mixed::done(const Request& request, bool succeeded) {
  const bool is_put = is_one_of(request, requests_.puts);
  if (!is_put && !is_one_of(request, requests_.removals)) return;
  const auto first = is_put ? requests_.puts.data() : requests_.removals.data();
  keys_[static_cast<std::size_t>(&request - first)] =
      is_put && succeeded ? Key::present : Key::absent;
}

}  // namespace larder::bench
