// How many decisions a second does one core make? A principal with N policies of 5 statements, half
// of which match the action, each of those with one condition, the last one deciding, under a
// permissions boundary and beside a bucket policy.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "policy/evaluate.h"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace larder::policy {
namespace {

NamedPolicy compiled(std::string name, const std::string& text, Kind kind) {
  auto document = parse(text, kind);
  if (!document) std::abort();
  return {std::move(name), std::make_shared<const Document>(*std::move(document))};
}

std::string statement(const std::string& action, const std::string& team) {
  return R"({"Effect":"Allow","Action":["s3:ListBucket",")" + action +
         R"("],"Resource":"arn:aws:s3:::photos/*","Condition":{"StringEquals":)"
         R"({"aws:PrincipalTag/team":")" +
         team + R"("}}})";
}

/// Statements at odd places name another action. Only the last statement's condition holds.
std::vector<NamedPolicy> identity_policies(std::size_t count) {
  std::vector<NamedPolicy> policies;
  std::size_t number = 0;
  for (std::size_t p = 0; p < count; ++p) {
    std::string statements;
    for (std::size_t s = 0; s < 5; ++s, ++number) {
      const bool last = number + 1 == count * 5;
      const bool matches = number % 2 == 1 || last;
      if (!statements.empty()) statements += ",";
      statements += statement(matches ? "s3:GetObject" : "s3:PutObject",
                              last ? "blue" : "red-" + std::to_string(number));
    }
    policies.push_back(compiled("policy-" + std::to_string(p),
                                R"({"Version":"2012-10-17","Statement":[)" + statements + "]}",
                                Kind::identity));
  }
  return policies;
}

Context request_context() {
  Context context;
  context.set("aws:CurrentTime", "2026-11-23T12:00:00Z");
  context.set("aws:EpochTime", "1795435200");
  context.set("aws:SecureTransport", "true");
  context.set("aws:SourceIp", "192.0.2.7");
  context.set("aws:UserAgent", "aws-cli/1.44.5 md/Botocore#1.42");
  context.set("aws:RequestedRegion", "us-east-1");
  context.set("aws:ResourceAccount", "111122223333");
  context.set("aws:ViaAWSService", "false");
  context.set("aws:TokenIssueTime", "2026-11-23T11:00:00Z");
  context.set("aws:MultiFactorAuthPresent", "false");
  context.set("ec2:SourceInstanceARN", "arn:aws:ec2:us-east-1:111122223333:instance/i-0abc");
  context.set("ec2:RoleDelivery", "2.0");
  context.set("aws:PrincipalTag/team", "blue");
  context.set("s3:authType", "REST-HEADER");
  context.set("s3:signatureversion", "AWS4-HMAC-SHA256");
  return context;
}

void decide(benchmark::State& state) {
  const auto identity = identity_policies(static_cast<std::size_t>(state.range(0)));
  const NamedPolicy boundary = compiled(
      "boundary",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})",
      Kind::boundary);
  const NamedPolicy bucket = compiled(
      "bucket",
      R"({"Version":"2012-10-17","Statement":[{"Sid":"tls","Effect":"Deny","Principal":"*",)"
      R"("Action":"s3:*","Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"],)"
      R"("Condition":{"Bool":{"aws:SecureTransport":"false"}}}]})",
      Kind::bucket);
  auto who = parse_principal("arn:aws:sts::111122223333:assumed-role/photo-uploader/i-0abc");
  who->unique_id = "AROA4KQ2ZC7WXB3H5M6NP";
  Context context = request_context();
  add_principal_keys(*who, context);
  const Query query{*who, "s3:GetObject", "arn:aws:s3:::photos/2026/11/picture.jpg", "111122223333",
                    context};
  const PolicySet policies{
      .identity = identity, .boundary = &boundary, .has_boundary = true, .resource = &bucket};
  if (!evaluate(query, policies).allowed()) return state.SkipWithError("not allowed");

  const std::size_t before = allocations;
  for (auto _ : state) benchmark::DoNotOptimize(evaluate(query, policies));
  state.counters["allocations"] = static_cast<double>(allocations - before);
  state.counters["decisions"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.SetComplexityN(state.range(0) * 5);
}
BENCHMARK(decide)->ArgName("policies")->Arg(10)->Arg(20)->Arg(50)->Arg(100)->Arg(200)->Complexity();

}  // namespace
}  // namespace larder::policy
