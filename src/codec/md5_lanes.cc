#include "codec/md5_lanes.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "codec/md5_blocks.h"

namespace larder {
namespace {

constexpr std::size_t lanes_max = 16;

struct Kind {
  Md5Path path;
  md5_blocks::Advance advance;
  std::size_t lanes;
  std::size_t pays_from;  // with fewer lanes in use, one stream after the other is faster: measured
};
constexpr Kind kinds[] = {
    {Md5Path::portable, md5_blocks::advance_portable, md5_blocks::lanes_portable, 2},
#if defined(__x86_64__)
    {Md5Path::avx2, md5_blocks::advance_avx2, md5_blocks::lanes_avx2, 2},
    {Md5Path::avx512, md5_blocks::advance_avx512, md5_blocks::lanes_avx512, 2},
#endif
};

const Kind& kind_of(Md5Path path) {
  const auto* kind = std::ranges::find(kinds, path, &Kind::path);
  CHECK(kind != std::end(kinds));
  return *kind;
}

std::size_t count_paths() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return 3;
  if (__builtin_cpu_supports("avx2")) return 2;
#endif
  return 1;
}

}  // namespace

std::span<const Md5Path> md5_paths() {
  static constexpr Md5Path all[] = {Md5Path::portable, Md5Path::avx2, Md5Path::avx512};
  static const std::size_t count = count_paths();
  return std::span(all).first(count);
}

std::size_t md5_lanes(Md5Path path) { return kind_of(path).lanes; }

/// Whole blocks of one stream, still to be hashed.
class Md5Lanes {
 public:
  struct Run {
    Md5* stream;
    const char* at;
    std::size_t blocks;
  };

  /// Completes and hashes the block that had begun, keeps what comes after the last whole block,
  /// and gives what is between.
  static Run begin(Md5& stream, std::string_view bytes) {
    const std::size_t held = stream.length_ % Md5::block_size;
    stream.length_ += bytes.size();
    if (held != 0) {
      const std::size_t count = std::min(Md5::block_size - held, bytes.size());
      std::memcpy(stream.begun_.data() + held, bytes.data(), count);
      bytes.remove_prefix(count);
      if (held + count < Md5::block_size) return {&stream, nullptr, 0};
      Run full{&stream, stream.begun_.data(), 1};
      alone(full);
    }
    const std::size_t rest = bytes.size() % Md5::block_size;
    if (rest != 0) std::memcpy(stream.begun_.data(), bytes.data() + bytes.size() - rest, rest);
    return {&stream, bytes.data(), bytes.size() / Md5::block_size};
  }

  static void alone(Run& run) {
    md5_blocks::advance_one(run.stream->words_.data(), &run.at, run.blocks);
    run.blocks = 0;
  }

  /// Advances all by the blocks of the shortest. The lanes beyond them repeat the first, for
  /// nothing.
  static void together(const Kind& kind, std::span<Run> runs) {
    std::array<std::uint32_t, 4 * lanes_max> words;
    std::array<const char*, lanes_max> data;
    const std::size_t blocks = std::ranges::min(runs, {}, &Run::blocks).blocks;
    for (std::size_t lane = 0; lane < kind.lanes; ++lane) {
      const Run& run = runs[lane < runs.size() ? lane : 0];
      data[lane] = run.at;
      for (std::size_t w = 0; w < 4; ++w) words[w * kind.lanes + lane] = run.stream->words_[w];
    }
    kind.advance(words.data(), data.data(), blocks);
    for (std::size_t lane = 0; lane < runs.size(); ++lane) {
      Run& run = runs[lane];
      for (std::size_t w = 0; w < 4; ++w) run.stream->words_[w] = words[w * kind.lanes + lane];
      run.at += blocks * Md5::block_size;
      run.blocks -= blocks;
    }
  }

  static std::string finish(Md5& stream) {
    const std::uint64_t bits = stream.length_ * 8;
    static constexpr std::array<char, Md5::block_size> padding = {'\x80'};
    const std::size_t held = stream.length_ % Md5::block_size;
    const std::size_t before_length = Md5::block_size - sizeof bits;
    const std::size_t zeros =
        (held < before_length ? before_length : before_length + Md5::block_size) - held;
    stream.update(std::string_view(padding.data(), zeros));
    std::array<char, sizeof bits> last;
    std::memcpy(last.data(), &bits, sizeof bits);
    stream.update(std::string_view(last.data(), last.size()));
    std::string digest(sizeof stream.words_, '\0');
    std::memcpy(digest.data(), stream.words_.data(), digest.size());
    return digest;
  }
};

void Md5::update(std::string_view bytes) {
  auto run = Md5Lanes::begin(*this, bytes);
  if (run.blocks != 0) Md5Lanes::alone(run);
}

std::string Md5::finish() { return Md5Lanes::finish(*this); }

void md5_update(std::span<const Md5Update> updates, Md5Path path) {
  const Kind& kind = kind_of(path);
  std::array<Md5Lanes::Run, lanes_max> runs;
  std::size_t count = 0;
  for (;;) {
    while (count < kind.lanes && !updates.empty()) {
      runs[count] = Md5Lanes::begin(*updates.front().stream, updates.front().bytes);
      updates = updates.subspan(1);
      if (runs[count].blocks != 0) ++count;
    }
    const std::span<Md5Lanes::Run> running(runs.data(), count);
    if (count < kind.pays_from) {
      for (auto& run : running) Md5Lanes::alone(run);
      return;
    }
    Md5Lanes::together(kind, running);
    const auto finished = std::ranges::remove(running, 0u, &Md5Lanes::Run::blocks);
    count -= finished.size();
  }
}

}  // namespace larder
