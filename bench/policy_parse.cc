// What does it cost to parse and compile a managed policy of the largest size, 6 KiB?
#include <benchmark/benchmark.h>

#include <string>

#include "policy/document.h"

namespace larder::policy {
namespace {

std::string largest_policy() {
  std::string text = R"({"Version":"2012-10-17","Statement":[)";
  for (int i = 0;; ++i) {
    const std::string number = std::to_string(i);
    std::string one =
        R"({"Sid":"Statement)" + number +
        R"(","Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:ListBucket*"],)"
        R"("Resource":["arn:aws:s3:::bucket-)" +
        number + R"(","arn:aws:s3:::bucket-)" + number +
        R"(/home/${aws:username}/*"],"Condition":{"StringLike":{"s3:prefix":["a/*","b/*"]},)"
        R"("DateLessThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"}}},)";
    if (text.size() + one.size() > 6 * 1024) break;
    text += one;
  }
  text.back() = ']';
  return text + "}";
}

void parse_and_compile(benchmark::State& state) {
  const std::string text = largest_policy();
  if (!parse(text, Kind::identity)) return state.SkipWithError("refused");
  for (auto _ : state) benchmark::DoNotOptimize(parse(text, Kind::identity));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(parse_and_compile)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace larder::policy
