#include "bench/s3/lane.h"

#include <sys/epoll.h>

#include <algorithm>
#include <ctime>

#include "base/check.h"

namespace larder::bench {
namespace {

constexpr std::size_t buffer_size = 256 << 10;
// From here on the kernel's ways around copying cost less than copies.
constexpr std::uint64_t splice_min = 64 << 10;
constexpr std::size_t events_at_once = 64;

std::chrono::nanoseconds thread_cpu() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

Lane::Lane(const Server& server, const Body& body, std::size_t connections,
           std::chrono::milliseconds patience)
    : server_(server),
      body_(body),
      patience_(patience),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(buffer_size) {
  CHECK(epoll_);
  while (connections_.size() < connections) connections_.push_back(std::make_unique<Connection>());
}

Result<void> Lane::connect() {
  for (const auto& connection : connections_) TRY_VOID(open(*connection));
  return {};
}

Result<void> Lane::open(Connection& connection) {
  TRY(connection.transport, Transport::connect(server_));
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                    .data = {.ptr = &connection}};
  CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.transport->descriptor(), &event) == 0);
  return {};
}

void Lane::close(Connection& connection) {
  connection.transport.reset();
  connection.used = false;
}

Tally Lane::run(Workload& workload, std::chrono::nanoseconds duration) {
  tally_ = Tally();
  workload_ = &workload;
  const auto cpu = thread_cpu();
  const Instant began = std::chrono::steady_clock::now();
  deadline_ = began + duration;
  last_answer_ = began;
  for (const auto& connection : connections_) {
    begin(*connection, began);
    if (connection->gave_up) drive(*connection, EPOLLIN);
  }
  while (busy_ > 0) wait();
  tally_.elapsed = last_answer_ - began;
  tally_.cpu = thread_cpu() - cpu;
  return std::move(tally_);
}

Result<Answer> Lane::ask(const Request& request) {
  Answer answer;
  keep_ = &answer.body;
  last_status_ = 0;
  Once once({&request, 1});
  const Tally tally = run(once, std::chrono::hours(1));
  keep_ = nullptr;
  answer.status = last_status_;
  if (answer.status == 0)
    return fail(codes::service_unavailable,
                tally.errors.empty() ? "no answer" : tally.errors.begin()->first);
  return answer;
}

void Lane::begin(Connection& connection, Instant now) {
  connection.gave_up = false;
  connection.request = now < deadline_ ? workload_->next() : nullptr;
  if (connection.request == nullptr) return;
  ++busy_;
  connection.began = now;
  if (!connection.transport) {
    ++tally_.reconnects;
    if (!open(connection)) return failed(connection, "no connection");
  }
  send(connection);
}

void Lane::send(Connection& connection) {
  connection.reader.start(keep_);
  connection.sent = 0;
  connection.gave_up = false;
  push(connection);
}

void Lane::push(Connection& connection) {
  const std::size_t size = connection.request->head.size() + connection.request->body.size();
  while (connection.sent < size && !connection.gave_up) {
    const auto io = write_some(connection);
    if (io.outcome == Transport::Outcome::later) return;
    connection.sent += io.count;
    connection.gave_up = io.outcome == Transport::Outcome::lost;
  }
}

Transport::Io Lane::write_some(Connection& connection) {
  const Request& request = *connection.request;
  const std::size_t head = request.head.size();
  const bool splice = connection.transport->can_splice() && request.body.size() >= splice_min &&
                      request.body.data() == body_.bytes(0).data();
  if (connection.sent < head)
    return connection.transport->write(std::string_view(request.head).substr(connection.sent),
                                       splice ? std::string_view() : request.body);
  const std::size_t from = connection.sent - head;
  if (splice)
    return connection.transport->send_file(body_.file(), static_cast<off_t>(from),
                                           static_cast<off_t>(request.body.size()));
  return connection.transport->write({}, request.body.substr(from));
}

void Lane::wait() {
  std::array<epoll_event, events_at_once> events;
  const int count =
      epoll_wait(epoll_.get(), events.data(), events.size(), static_cast<int>(patience_.count()));
  if (count == 0) give_up();
  for (int i = 0; i < count; ++i) {
    auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
    const std::uint32_t what = events[static_cast<std::size_t>(i)].events;
    if (connection.request != nullptr) {
      drive(connection, what);
    } else if ((what & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
      close(connection);
    }
  }
}

void Lane::drive(Connection& connection, std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) push(connection);
  if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) == 0 && !connection.gave_up) return;
  while (connection.request != nullptr && pull(connection)) {
    begin(connection, last_answer_);
    if (!connection.gave_up) return;  // nothing can have come yet
  }
}

bool Lane::pull(Connection& connection) {
  Transport& transport = *connection.transport;
  ResponseReader& reader = connection.reader;
  for (;;) {
    const std::uint64_t unwanted = reader.unwanted_next();
    const bool drops = unwanted >= splice_min && transport.can_splice();
    const auto io = drops ? transport.drop(unwanted) : transport.read(buffer_);
    if (io.outcome == Transport::Outcome::later) return false;
    if (io.outcome == Transport::Outcome::lost) return lost(connection);
    std::size_t taken = io.count;
    if (drops) {
      reader.dropped(io.count);
    } else {
      const auto count = reader.take({buffer_.data(), io.count});
      if (!count) {
        close(connection);
        failed(connection, count.error().message);
        return true;
      }
      taken = *count;
    }
    if (reader.done()) {
      answered(connection, taken < io.count);
      return true;
    }
    // What was there has been read, and what comes makes a new event; in TLS more may be held back.
    const std::size_t asked = drops ? unwanted : buffer_.size();
    if (io.count < asked && transport.can_splice() && !reader.until_close()) return false;
  }
}

bool Lane::lost(Connection& connection) {
  if (connection.reader.ended()) {
    answered(connection, false);
    return true;
  }
  // A server may close an idle connection just as a request is sent: clients send it again.
  const bool is_stale = connection.used && !connection.reader.began();
  close(connection);
  if (is_stale && open(connection)) {
    ++tally_.reconnects;
    send(connection);
    if (!connection.gave_up) return false;
    close(connection);
  }
  failed(connection, "connection lost");
  return true;
}

void Lane::answered(Connection& connection, bool more_came) {
  last_answer_ = std::chrono::steady_clock::now();
  const ResponseReader& reader = connection.reader;
  const Request& request = *connection.request;
  last_status_ = reader.status();
  const bool is_right_size = request.answer_size.value_or(reader.body_size()) == reader.body_size();
  const bool succeeded = last_status_ / 100 == 2 && is_right_size && !more_came;
  if (!reader.keep_alive() || connection.gave_up || more_came) {
    close(connection);
  } else {
    connection.used = true;
  }
  if (!succeeded) {
    if (tally_.complaint.empty()) tally_.complaint = reader.complaint();
    return failed(connection, last_status_ / 100 != 2 ? std::to_string(last_status_)
                              : is_right_size         ? "more than an answer"
                                                      : "wrong size");
  }
  ++tally_.operations;
  tally_.bytes += request.body.size() + reader.body_size();
  tally_.latency.record(static_cast<std::uint64_t>((last_answer_ - connection.began).count()));
  end(connection, true);
}

void Lane::failed(Connection& connection, const std::string& why) {
  last_answer_ = std::chrono::steady_clock::now();  // or a round of nothing but failures never ends
  ++tally_.errors[why];
  end(connection, false);
}

void Lane::end(Connection& connection, bool succeeded) {
  workload_->done(*connection.request, succeeded);
  connection.request = nullptr;
  --busy_;
}

void Lane::give_up() {
  for (const auto& connection : connections_) {
    if (connection->request == nullptr) continue;
    close(*connection);
    failed(*connection, "no answer in time");
  }
}

}  // namespace larder::bench
