// MD5 of bodies, and what else is computed over their bytes, off the cores that serve connections.
// Bodies that come in at the same time share the lanes of one MD5 (codec/md5_lanes.h).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/async/task.h"

namespace larder::s3 {

/// The threads. A body goes to one that is idle; when none is, to one that has others, and then
/// they are hashed together. From any core. Outlives the calls of its BodyHashes, not the objects.
/// Goes before the executors that they were called on.
class HashingThreads {
 public:
  /// At least one thread.
  explicit HashingThreads(unsigned threads);
  /// Hashes what has been submitted, then joins.
  ~HashingThreads();
  HashingThreads(const HashingThreads&) = delete;
  HashingThreads& operator=(const HashingThreads&) = delete;

 private:
  friend class BodyHash;
  struct State;
  const std::shared_ptr<State> state_;
};

/// One body: space(), fill it, submit(), and again; then finish(). There are two buffers, so that
/// one fills while the other one is hashed; more than that of a body is never held. One core, one
/// call at a time. May be destroyed at any time: bytes that are just being hashed are kept until
/// then.
class BodyHash {
 public:
  /// Called with all the bytes, in order, a piece at a time, while the piece is in the CPU's cache.
  /// By one thread at a time; perhaps once more after ~BodyHash, so it must own what it refers to.
  using Also = std::function<void(std::string_view)>;

  /// `buffer_bytes` is at least 1: one more than the body has, if it is short, saves the second
  /// one.
  BodyHash(HashingThreads& threads, std::size_t buffer_bytes, Also also);
  ~BodyHash();
  BodyHash(const BodyHash&) = delete;
  BodyHash& operator=(const BodyHash&) = delete;

  /// A buffer of buffer_bytes to fill. Waits while both are being hashed.
  Task<std::span<char>> space();
  /// The first `count` bytes of the last space() come next. Does not wait; a few are hashed at
  /// once. They stay as they are until the next space().
  void submit(std::size_t count);
  /// Waits until all is hashed: `also` has seen every byte. The MD5, raw. Nothing may follow.
  Task<std::string> finish();

 private:
  friend class HashingThreads;
  struct Stream;
  Task<void> at_most_pending(std::size_t buffers);

  const std::shared_ptr<HashingThreads::State> threads_;
  const std::shared_ptr<Stream> stream_;
};

}  // namespace larder::s3
