// How long can one match take? Patterns made to be slow, at the largest sizes: a pattern as long as
// a bucket policy, a text as long as all the headers of a request.
#include <benchmark/benchmark.h>

#include <string>

#include "policy/match.h"

namespace larder::policy {
namespace {

std::string repeated(std::string_view text, std::size_t length) {
  std::string out;
  while (out.size() < length) out += text;
  out.resize(length);
  return out;
}

void match(benchmark::State& state, const std::string& pattern_text, const std::string& text) {
  const Context context;
  PatternTable table;
  const Pattern pattern = table.compile(pattern_text, {});
  for (auto _ : state) benchmark::DoNotOptimize(table.matches(pattern, text, context));
}

constexpr std::size_t text_size = 8 * 1024;

void runs(benchmark::State& state) {  // *a*a*a*…b
  match(state, repeated("*a", 20 * 1024) + "b", repeated("a", text_size));
}
void long_literal(benchmark::State& state) {  // *aaaa…b
  match(state, "*" + repeated("a", text_size / 2) + "b", repeated("a", text_size));
}
void single_characters(benchmark::State& state) {  // *a?a?a?…b
  match(state, "*" + repeated("a?", text_size / 2) + "b", repeated("a", text_size));
}
void single_characters_of_utf8(benchmark::State& state) {
  match(state, "*" + repeated("ä?", text_size / 2) + "b", repeated("ä", text_size));
}
void a_key(benchmark::State& state) {  // what is usual
  match(state, "home/*/photos/*.jpg", "home/alice/photos/2026/11/23/picture-0001.jpg");
}
BENCHMARK(runs)->Unit(benchmark::kMicrosecond);
BENCHMARK(long_literal)->Unit(benchmark::kMicrosecond);
BENCHMARK(single_characters)->Unit(benchmark::kMicrosecond);
BENCHMARK(single_characters_of_utf8)->Unit(benchmark::kMicrosecond);
BENCHMARK(a_key)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace larder::policy
