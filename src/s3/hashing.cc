#include "s3/hashing.h"

#include <algorithm>
#include <array>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "codec/md5_lanes.h"

namespace larder::s3 {
namespace {

// Waking a thread and being woken by it costs more than MD5 of this much does (bench_body_hash).
constexpr std::size_t hashed_at_once_max = 16 * 1024;
// What a thread hashes of each of its bodies before it looks for others. As many of them as there
// are lanes fit into a core's cache, for what is computed beside the MD5.
constexpr std::size_t piece_bytes = 32 * 1024;
constexpr std::size_t buffer_count = 2;

}  // namespace

struct BodyHash::Stream {
  std::size_t free_buffer() const { return (first + pending) % buffer_count; }
  void hash_beside(std::string_view piece) const {
    if (also) also(piece);
  }

  const std::size_t buffer_bytes;
  const Also also;

  // The hashing thread's while a buffer is pending, else the core's.
  Md5 md5;

  // A pending one is the hashing thread's, to read; the core may read it too. A free one is the
  // core's.
  std::array<std::unique_ptr<char[]>, buffer_count> buffers;

  // Guarded by the mutex of the threads.
  std::array<std::size_t, buffer_count> sizes{};  // of the pending ones
  std::size_t first = 0;                          // the one that is hashed next
  std::size_t pending = 0;                        // how many are submitted and not yet hashed
  bool abandoned = false;
  std::size_t awaited = 0;       // when no more than these are pending, `resume` is called
  std::function<void()> resume;  // empty: nobody waits
};

struct HashingThreads::State {
  using StreamPtr = std::shared_ptr<BodyHash::Stream>;
  /// What one thread has of one body.
  struct Active {
    StreamPtr stream;
    std::string_view left;  // of the pending buffer
  };
  using Resumes = std::vector<std::function<void()>>;

  void work();
  void hash_a_piece_of_each(std::vector<Active>& active) const;
  /// Takes out what has been hashed to its end. Under the lock.
  Resumes leave(std::vector<Active>& active);
  /// Takes in what waits. Under the lock.
  void join(std::vector<Active>& active);

  const Md5Path path = md5_paths().back();
  const std::size_t lanes = md5_lanes(path);

  std::mutex mutex;
  std::condition_variable wake;
  // Guarded by mutex. A stream stands here, or a thread has it, while any of its buffers is
  // pending.
  std::deque<StreamPtr> waiting;
  std::size_t idle = 0;  // threads without work
  bool stopping = false;

  std::vector<std::jthread> threads;
};

void HashingThreads::State::work() {
  std::vector<Active> active;
  std::unique_lock lock(mutex);
  for (;;) {
    if (active.empty()) {
      ++idle;
      wake.wait(lock, [this] { return stopping || !waiting.empty(); });
      --idle;
      if (waiting.empty()) return;
    }
    join(active);
    lock.unlock();
    hash_a_piece_of_each(active);
    lock.lock();
    auto resumes = leave(active);
    if (resumes.empty()) continue;
    lock.unlock();
    for (const auto& resume : resumes) resume();
    resumes.clear();  // not under the lock: who knows what a handler holds
    lock.lock();
  }
}

void HashingThreads::State::join(std::vector<Active>& active) {
  // A thread that has something leaves the rest to those that have nothing.
  while (!waiting.empty() && active.size() < lanes && (active.empty() || idle == 0)) {
    auto stream = std::move(waiting.front());
    waiting.pop_front();
    if (stream->abandoned) continue;
    const std::string_view left(stream->buffers[stream->first].get(), stream->sizes[stream->first]);
    active.push_back({std::move(stream), left});
  }
}

void HashingThreads::State::hash_a_piece_of_each(std::vector<Active>& active) const {
  std::vector<Md5Update> updates;
  updates.reserve(active.size());
  for (auto& [stream, left] : active)
    updates.push_back({&stream->md5, left.substr(0, piece_bytes)});
  md5_update(updates, path);
  for (std::size_t i = 0; i < active.size(); ++i) {
    active[i].stream->hash_beside(updates[i].bytes);
    active[i].left.remove_prefix(updates[i].bytes.size());
  }
}

HashingThreads::State::Resumes HashingThreads::State::leave(std::vector<Active>& active) {
  Resumes resumes;
  std::erase_if(active, [&](const Active& done) {
    if (!done.left.empty()) return false;
    auto& stream = *done.stream;
    stream.first = (stream.first + 1) % buffer_count;
    --stream.pending;
    if (stream.resume && stream.pending <= stream.awaited)
      resumes.push_back(std::exchange(stream.resume, nullptr));
    if (stream.pending != 0) {
      waiting.push_back(done.stream);
      if (idle != 0) wake.notify_one();
    }
    return true;
  });
  return resumes;
}

HashingThreads::HashingThreads(unsigned threads) : state_(std::make_shared<State>()) {
  CHECK(threads > 0);
  // The threads refer to the state without owning it: this object joins them first.
  for (unsigned i = 0; i < threads; ++i)
    state_->threads.emplace_back([state = state_.get()] { state->work(); });
}

HashingThreads::~HashingThreads() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  state_->threads.clear();
}

BodyHash::BodyHash(HashingThreads& threads, std::size_t buffer_bytes, Also also)
    : threads_(threads.state_),
      stream_(new Stream{.buffer_bytes = buffer_bytes, .also = std::move(also)}) {
  CHECK(buffer_bytes > 0);
}

BodyHash::~BodyHash() {
  const std::lock_guard lock(threads_->mutex);
  stream_->abandoned = true;
}

Task<std::span<char>> BodyHash::space() {
  co_await at_most_pending(buffer_count - 1);
  std::size_t free = 0;
  {
    const std::lock_guard lock(threads_->mutex);
    free = stream_->free_buffer();
  }
  auto& buffer = stream_->buffers[free];
  if (!buffer) buffer = std::make_unique_for_overwrite<char[]>(stream_->buffer_bytes);
  co_return std::span<char>(buffer.get(), stream_->buffer_bytes);
}

void BodyHash::submit(std::size_t count) {
  CHECK(count <= stream_->buffer_bytes);
  std::unique_lock lock(threads_->mutex);
  CHECK(stream_->pending < buffer_count);
  const auto buffer = stream_->free_buffer();
  if (stream_->pending == 0 && count <= hashed_at_once_max) {
    lock.unlock();
    const std::string_view bytes(stream_->buffers[buffer].get(), count);
    stream_->md5.update(bytes);
    stream_->hash_beside(bytes);
    return;
  }
  if (count == 0) return;
  stream_->sizes[buffer] = count;
  if (++stream_->pending > 1) return;  // whoever hashes the first goes on to this one
  threads_->waiting.push_back(stream_);
  lock.unlock();
  threads_->wake.notify_one();
}

Task<std::string> BodyHash::finish() {
  co_await at_most_pending(0);
  co_return stream_->md5.finish();
}

Task<void> BodyHash::at_most_pending(std::size_t buffers) {
  {
    const std::lock_guard lock(threads_->mutex);
    if (stream_->pending <= buffers) co_return;
  }
  const auto executor = co_await boost::asio::this_coro::executor;
  auto initiate = [this, buffers, executor](auto handler) {
    // The handler is move-only; std::function copies.
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    auto resume = [shared, executor] {
      boost::asio::post(executor, [shared] { std::move (*shared)(); });
    };
    {
      const std::lock_guard lock(threads_->mutex);
      if (stream_->pending > buffers) {
        stream_->awaited = buffers;
        stream_->resume = resume;
        return;
      }
    }
    resume();
  };
  co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void()>(
      initiate, boost::asio::use_awaitable);
}

}  // namespace larder::s3
