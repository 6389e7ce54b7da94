// How many bytes a second does the content store take in, of 1, 2, 4, 8 and 16 bodies of 64 MiB at
// the same time, when receiving costs a copy and writing costs another one? One core serves, one
// thread hashes. Against the same with OpenSSL's MD5 on the core that serves. And from which size
// on is a body worth the way to the thread?
#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <memory>
#include <span>
#include <string>

#include "codec/digest.h"
#include "s3/hashing.h"

namespace larder::s3 {
namespace {

constexpr std::size_t body_bytes = 64 * 1024 * 1024;
constexpr std::size_t buffer_bytes = 256 * 1024;

/// What all bodies are made of, too long for the caches of a core.
const std::string& wire() {
  static const std::string bytes(8 * 1024 * 1024, 'x');
  return bytes;
}

/// What receives and writes: a copy each, and other bodies get their turn.
class Copies {
 public:
  void receive(std::span<char> into) {
    if (at_ + into.size() > wire().size()) at_ = 0;
    std::memcpy(into.data(), wire().data() + at_, into.size());
    at_ += into.size();
  }
  void write(std::span<const char> bytes) {
    written_.assign(bytes.begin(), bytes.end());
    benchmark::DoNotOptimize(written_.data());
  }

 private:
  std::size_t at_ = 0;
  std::string written_;
};

Task<void> off_the_core(HashingThreads& threads, std::size_t size) {
  Copies copies;
  BodyHash hash(threads, std::min(size, buffer_bytes), nullptr);
  for (std::size_t left = size; left != 0;) {
    const auto space = co_await hash.space();
    const auto chunk = space.first(std::min(left, space.size()));
    copies.receive(chunk);
    hash.submit(chunk.size());
    copies.write(chunk);
    left -= chunk.size();
    co_await boost::asio::post(boost::asio::use_awaitable);
  }
  benchmark::DoNotOptimize(co_await hash.finish());
}

Task<void> on_the_core(std::size_t size) {
  Copies copies;
  Digest digest(Hash::md5);
  const auto buffer = std::make_unique_for_overwrite<char[]>(std::min(size, buffer_bytes));
  for (std::size_t left = size; left != 0;) {
    const std::span<char> chunk(buffer.get(), std::min(left, buffer_bytes));
    copies.receive(chunk);
    digest.update({chunk.data(), chunk.size()});
    copies.write(chunk);
    left -= chunk.size();
    co_await boost::asio::post(boost::asio::use_awaitable);
  }
  benchmark::DoNotOptimize(digest.finish());
}

/// Range 0: how many bodies at the same time; range 1: the size of each.
template <class Body>
void take_in(benchmark::State& state, boost::asio::io_context& io, Body body) {
  const auto size = static_cast<std::size_t>(state.range(1));
  for (auto _ : state) {
    for (std::int64_t i = 0; i < state.range(0); ++i)
      boost::asio::co_spawn(io, body(size), boost::asio::detached);
    io.run();
    io.restart();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0) * state.range(1));
}

void OffTheCore(benchmark::State& state) {
  boost::asio::io_context io(1);
  HashingThreads threads(1);
  take_in(state, io, [&](std::size_t size) { return off_the_core(threads, size); });
}

void OnTheCore(benchmark::State& state) {
  boost::asio::io_context io(1);
  take_in(state, io, on_the_core);
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const int bodies : {1, 2, 4, 8, 16}) benchmark->Args({bodies, body_bytes});
  for (const int kib : {4, 8, 16, 17, 32, 64, 128}) benchmark->Args({1, kib * 1024});
  benchmark->UseRealTime()->MeasureProcessCPUTime();
}
BENCHMARK(OffTheCore)->Apply(sizes);
BENCHMARK(OnTheCore)->Apply(sizes);

}  // namespace
}  // namespace larder::s3
