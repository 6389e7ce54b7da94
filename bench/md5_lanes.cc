// How many bytes a second does one core hash with MD5, by the number of streams that are hashed
// together? Beside OpenSSL's MD5 of one stream in the same run.
#include "codec/md5_lanes.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "codec/digest.h"

namespace larder {
namespace {

// What src/s3/hashing.cc gives to a call, so that the data are in the cache as they are there.
constexpr std::size_t piece_bytes = 32 * 1024;

void OpenSsl(benchmark::State& state) {
  const std::string bytes(piece_bytes, 'x');
  Digest digest(Hash::md5);
  for (auto _ : state) digest.update(bytes);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * piece_bytes));
}
BENCHMARK(OpenSsl);

void Alone(benchmark::State& state) {
  const std::string bytes(piece_bytes, 'x');
  Md5 digest;
  for (auto _ : state) digest.update(bytes);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * piece_bytes));
}
BENCHMARK(Alone);

void Together(benchmark::State& state, Md5Path path) {
  const auto count = static_cast<std::size_t>(state.range(0));
  std::vector<std::string> bytes(count, std::string(piece_bytes, 'x'));
  std::vector<Md5> streams(count);
  std::vector<Md5Update> updates;
  for (std::size_t i = 0; i < count; ++i) updates.push_back({&streams[i], bytes[i]});
  for (auto _ : state) md5_update(updates, path);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * piece_bytes * count));
}

[[maybe_unused]] const bool registered = [] {
  constexpr const char* names[] = {"portable", "avx2", "avx512"};
  for (const auto path : md5_paths()) {
    const auto name = std::string("Together/") + names[static_cast<std::size_t>(path)];
    auto* benchmark = benchmark::RegisterBenchmark(
        name.c_str(), [path](benchmark::State& state) { Together(state, path); });
    for (const int count : {1, 2, 3, 4, 6, 8, 12, 16, 32}) benchmark->Arg(count);
  }
  return true;
}();

}  // namespace
}  // namespace larder
