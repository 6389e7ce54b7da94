// The policy of a bucket.
#include "base/limits.h"
#include "policy/document.h"
#include "s3/operations/operations.h"
#include "s3/operations/types.h"

namespace larder::s3 {
namespace {

struct PutBucketPolicy {
  static constexpr std::string_view name = "PutBucketPolicy";
  static constexpr auto effect = aws::Effect::changes;
  static constexpr aws::S3Route route = {.method = "PUT", .target = 'b', .query = {"policy"}};
  using Service = S3;
  struct Input : BucketInput {
    std::string policy;
    static constexpr auto shape = join(
        BucketInput::shape, aws::fields(aws::required<&Input::policy>("Policy").in_payload("")));
  };
  using Output = NoContent;
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_on_bucket("s3:PutBucketPolicy", in.bucket);
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_of(call, in));
    if (in.policy.size() > limits::s3_bucket_policy)
      co_return fail(larder::codes::malformed_policy,
                     "Policy exceeds the maximum allowed document size.");
    CO_TRY_VOID(policy::parse(in.policy, policy::Kind::bucket, {.bucket = in.bucket}));
    CO_TRY_VOID(co_await s3.buckets().set_policy(*bucket, std::move(in.policy)));
    co_return Output();
  }
};

struct GetBucketPolicy {
  static constexpr std::string_view name = "GetBucketPolicy";
  static constexpr auto effect = aws::Effect::reads;
  static constexpr aws::S3Route route = {.method = "GET", .target = 'b', .query = {"policy"}};
  using Service = S3;
  using Input = BucketInput;
  struct Output {
    std::string policy;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::policy>("Policy").in_payload(""));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_on_bucket("s3:GetBucketPolicy", in.bucket);
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_of(call, in));
    CO_TRY(auto text, co_await s3.buckets().policy(*bucket));
    if (!text) co_return errors::no_such_bucket_policy(in.bucket);
    co_return Output{*std::move(text)};
  }
};

struct DeleteBucketPolicy {
  static constexpr std::string_view name = "DeleteBucketPolicy";
  static constexpr auto effect = aws::Effect::changes;
  static constexpr aws::S3Route route = {.method = "DELETE", .target = 'b', .query = {"policy"}};
  using Service = S3;
  using Input = BucketInput;
  using Output = NoContent;
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_on_bucket("s3:DeleteBucketPolicy", in.bucket);
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_of(call, in));
    CO_TRY_VOID(co_await s3.buckets().set_policy(*bucket, std::nullopt));
    co_return Output();
  }
};

}  // namespace

std::span<const aws::S3Operation> bucket_policy_operations() {
  static constexpr auto all =
      aws::s3_operations<PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy>();
  return all;
}

}  // namespace larder::s3
