#include "s3/hashing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "codec/digest.h"
#include "storage/testing/run.h"

namespace larder::s3 {
namespace {

using storage::test::run;

constexpr std::size_t buffer_bytes = 100'000;

std::string some_bytes(std::mt19937& random, std::size_t count) {
  std::string bytes(count, '\0');
  for (auto& c : bytes) c = static_cast<char>(random());
  return bytes;
}

/// Hashes all of `bytes`, in buffers that are filled to random sizes.
Task<std::string> md5_in_pieces(BodyHash& hash, std::string_view bytes, std::mt19937& random) {
  while (!bytes.empty()) {
    const auto space = co_await hash.space();
    const std::size_t bound = random() % 2 == 0 ? 1'000 : space.size();
    const std::size_t count = std::min(bytes.size(), random() % bound + 1);
    std::memcpy(space.data(), bytes.data(), count);
    hash.submit(count);
    bytes.remove_prefix(count);
  }
  co_return co_await hash.finish();
}

TEST(BodyHash, IsTheMd5HoweverTheBodyIsCut) {
  HashingThreads threads(2);
  std::mt19937 random(1);
  for (const std::size_t size : {0, 1, 63, 64, 5'000, 99'999, 100'000, 100'001, 1'000'000}) {
    const auto bytes = some_bytes(random, size);
    BodyHash hash(threads, buffer_bytes, nullptr);
    EXPECT_EQ(run(md5_in_pieces(hash, bytes, random)), md5(bytes)) << size;
  }
}

TEST(BodyHash, WhatIsComputedBesideSeesEveryByteInOrder) {
  HashingThreads threads(2);
  std::mt19937 random(2);
  const auto bytes = some_bytes(random, 1'000'000);
  std::string seen;
  BodyHash hash(threads, buffer_bytes, [&](std::string_view piece) { seen += piece; });
  EXPECT_EQ(run(md5_in_pieces(hash, bytes, random)), md5(bytes));
  EXPECT_TRUE(seen == bytes);
}

Task<void> hash_a_random_body(HashingThreads& threads, unsigned seed) {
  std::mt19937 random(seed);
  const auto bytes = some_bytes(random, random() % 1'000'000);
  BodyHash hash(threads, buffer_bytes, nullptr);
  EXPECT_EQ(co_await md5_in_pieces(hash, bytes, random), md5(bytes)) << "seed " << seed;
}

Task<void> hash_random_bodies_at_once(HashingThreads& threads, unsigned first_seed) {
  const auto executor = co_await boost::asio::this_coro::executor;
  for (unsigned seed = first_seed; seed < first_seed + 12; ++seed)
    boost::asio::co_spawn(executor, hash_a_random_body(threads, seed), boost::asio::detached);
}

TEST(BodyHash, BodiesOfSeveralCoresShareTheThreads) {
  for (const unsigned thread_count : {1u, 3u}) {
    HashingThreads threads(thread_count);
    std::vector<std::jthread> cores;
    for (unsigned core = 0; core < 3; ++core)
      cores.emplace_back([&, core] { run(hash_random_bodies_at_once(threads, core * 100)); });
  }
}

/// Holds the hashing thread where it is until opened.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    reached_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void wait_until_reached() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return reached_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool reached_ = false;
  bool open_ = false;
};

Task<void> submit_a_buffer(BodyHash& hash, char fill) {
  const auto space = co_await hash.space();
  std::ranges::fill(space, fill);
  hash.submit(space.size());
}

TEST(BodyHash, ABodyThatIsGivenUpKeepsItsBytesWhileTheyAreHashed) {
  const auto gate = std::make_shared<Gate>();
  const auto seen = std::make_shared<std::string>();
  {
    HashingThreads threads(1);
    auto hash = std::make_unique<BodyHash>(threads, 20'000, [gate, seen](std::string_view piece) {
      gate->pass();
      *seen += piece;
    });
    run(submit_a_buffer(*hash, 'a'));
    gate->wait_until_reached();  // the first buffer is being hashed
    run(submit_a_buffer(*hash, 'b'));
    hash.reset();
    gate->open();
    BodyHash other(threads, 20'000, nullptr);
    run(submit_a_buffer(other, 'c'));
    EXPECT_EQ(run(other.finish()), md5(std::string(20'000, 'c')));
  }
  EXPECT_EQ(*seen, std::string(20'000, 'a'));  // and the second buffer was not
}

TEST(BodyHash, IsGivenUpAtAnyMoment) {
  HashingThreads threads(2);
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const auto bytes = some_bytes(random, random() % 300'000);
    auto seen = std::make_shared<std::size_t>(0);
    BodyHash hash(threads, 20'000, [seen](std::string_view piece) { *seen += piece.size(); });
    auto some = [&]() -> Task<void> {
      auto left = std::string_view(bytes);
      for (auto rounds = random() % 10; rounds != 0 && !left.empty(); --rounds) {
        const auto space = co_await hash.space();
        const auto count = std::min(left.size(), space.size());
        std::memcpy(space.data(), left.data(), count);
        hash.submit(count);
        left.remove_prefix(count);
      }
    };
    run(some());
  }
}

TEST(BodyHash, OutlivesTheThreadsAsAFrameThatIsAbandonedDoes) {
  auto threads = std::make_unique<HashingThreads>(1);
  BodyHash hash(*threads, 20'000, nullptr);
  run(submit_a_buffer(hash, 'a'));
  run(submit_a_buffer(hash, 'b'));
  threads.reset();
}

}  // namespace
}  // namespace larder::s3
