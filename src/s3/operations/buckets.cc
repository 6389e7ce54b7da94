// Buckets: made, looked for, listed, deleted.
#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "codec/base64.h"
#include "s3/names.h"
#include "s3/operations/operations.h"
#include "s3/operations/types.h"

namespace larder::s3 {
namespace {

constexpr std::string_view classic_region = "us-east-1";

struct LocationConfiguration {
  std::optional<std::string> location_constraint;
  static constexpr auto shape =
      aws::fields(aws::optional<&LocationConfiguration::location_constraint>("LocationConstraint"));
};

/// IllegalLocationConstraintException unless the bucket is to be in this server's region.
Result<void> check_location(const std::string& region,
                            const std::optional<LocationConfiguration>& configuration) {
  constexpr ErrorCode illegal{"IllegalLocationConstraintException", 400};
  const auto wanted =
      configuration ? aws::or_default(configuration->location_constraint) : std::string();
  if (wanted.empty() && region != classic_region)
    return fail(illegal,
                "The unspecified location constraint is incompatible for the region specific "
                "endpoint this request was sent to.");
  if (!wanted.empty() && wanted != region)
    return fail(illegal,
                fmt::format("The {} location constraint is incompatible for the region specific "
                            "endpoint this request was sent to.",
                            wanted));
  return {};
}

struct CreateBucket {
  static constexpr std::string_view name = "CreateBucket";
  static constexpr auto effect = aws::Effect::changes;
  static constexpr aws::S3Route route = {.method = "PUT", .target = 'b'};
  using Service = S3;
  struct Input {
    std::string bucket;
    std::optional<LocationConfiguration> configuration;
    std::optional<std::string> acl, full_control, read, read_acp, write, write_acp, ownership, lock,
        bucket_namespace;
    static constexpr auto shape = aws::fields(
        aws::required<&Input::bucket>("Bucket").in_bucket(),
        aws::optional<&Input::configuration>("CreateBucketConfiguration")
            .in_payload("CreateBucketConfiguration"),
        aws::optional<&Input::acl>("ACL").in_header("x-amz-acl"),
        aws::optional<&Input::full_control>("GrantFullControl")
            .in_header("x-amz-grant-full-control"),
        aws::optional<&Input::read>("GrantRead").in_header("x-amz-grant-read"),
        aws::optional<&Input::read_acp>("GrantReadACP").in_header("x-amz-grant-read-acp"),
        aws::optional<&Input::write>("GrantWrite").in_header("x-amz-grant-write"),
        aws::optional<&Input::write_acp>("GrantWriteACP").in_header("x-amz-grant-write-acp"),
        aws::optional<&Input::ownership>("ObjectOwnership").in_header("x-amz-object-ownership"),
        aws::optional<&Input::lock>("ObjectLockEnabledForBucket")
            .in_header("x-amz-bucket-object-lock-enabled"),
        aws::optional<&Input::bucket_namespace>("BucketNamespace")
            .in_header("x-amz-bucket-namespace"));
  };
  struct Output {
    std::string location, arn;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::location>("Location").in_header("Location"),
                    aws::optional<&Output::arn>("BucketArn").in_header("x-amz-bucket-arn"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    policy::Context context;
    if (in.acl) context.set("s3:x-amz-acl", *in.acl);
    if (in.ownership) context.set("s3:x-amz-object-ownership", *in.ownership);
    if (in.configuration && in.configuration->location_constraint)
      context.set("s3:LocationConstraint", *in.configuration->location_constraint);
    aws::Needs needs;
    needs.push_back({.action = "s3:CreateBucket",
                     .resource = aws::bucket_arn(in.bucket),
                     .context = std::move(context)});
    return needs;
  }
  static Result<void> check(const S3& s3, const Input& in) {
    if (!is_bucket_name(in.bucket)) return errors::invalid_bucket_name(in.bucket);
    if (in.acl && *in.acl != "private") return errors::not_implemented("x-amz-acl", *in.acl);
    if (in.ownership && *in.ownership != "BucketOwnerEnforced")
      return errors::not_implemented("x-amz-object-ownership", *in.ownership);
    if (in.lock && *in.lock != "false")
      return errors::not_implemented("x-amz-bucket-object-lock-enabled", *in.lock);
    if (in.bucket_namespace && *in.bucket_namespace != "global")
      return errors::not_implemented("x-amz-bucket-namespace", *in.bucket_namespace);
    TRY_VOID(refuse({{"x-amz-grant-full-control", in.full_control},
                     {"x-amz-grant-read", in.read},
                     {"x-amz-grant-read-acp", in.read_acp},
                     {"x-amz-grant-write", in.write},
                     {"x-amz-grant-write-acp", in.write_acp}}));
    return check_location(s3.region(), in.configuration);
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY_VOID(check(s3, in));
    const std::string account = call.caller.account();
    CO_TRY(const auto made,
           co_await s3.buckets().create(in.bucket, account, s3.region(), call.now));
    if (!made.created && made.record.account != account)
      co_return errors::bucket_already_exists(in.bucket);
    // As AWS: in its oldest region, creating what is there already succeeds.
    if (!made.created && s3.region() != classic_region)
      co_return errors::bucket_already_owned_by_you(in.bucket);
    co_return Output{"/" + in.bucket, aws::bucket_arn(in.bucket)};
  }
};

struct HeadBucket {
  static constexpr std::string_view name = "HeadBucket";
  static constexpr auto effect = aws::Effect::reads;
  static constexpr aws::S3Route route = {.method = "HEAD", .target = 'b'};
  using Service = S3;
  using Input = BucketInput;
  struct Output {
    std::string region, arn;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::region>("BucketRegion").in_header("x-amz-bucket-region"),
                    aws::optional<&Output::arn>("BucketArn").in_header("x-amz-bucket-arn"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_on_bucket("s3:ListBucket", in.bucket);
  }
  static Task<Result<Output>> run(S3&, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_of(call, in));
    co_return Output{bucket->region, aws::bucket_arn(bucket->name)};
  }
};

struct OwnerShape {
  std::string id;
  static constexpr auto shape = aws::fields(aws::optional<&OwnerShape::id>("ID"));
};

struct BucketShape {
  std::string name;
  Timestamp created;
  std::optional<std::string> region;
  static constexpr auto shape = aws::fields(aws::optional<&BucketShape::name>("Name"),
                                            aws::optional<&BucketShape::created>("CreationDate"),
                                            aws::optional<&BucketShape::region>("BucketRegion"));
};

struct BucketList {
  OwnerShape owner;
  std::vector<BucketShape> buckets;
  std::optional<std::string> token, prefix;
  static constexpr auto shape =
      aws::fields(aws::optional<&BucketList::owner>("Owner"),
                  aws::optional<&BucketList::buckets>("Buckets").items("Bucket"),
                  aws::optional<&BucketList::token>("ContinuationToken"),
                  aws::optional<&BucketList::prefix>("Prefix"));
};

struct ListBuckets {
  static constexpr std::string_view name = "ListBuckets";
  static constexpr auto effect = aws::Effect::reads;
  static constexpr aws::S3Route route = {.method = "GET", .target = 's'};
  using Service = S3;
  struct Input {
    std::optional<std::int64_t> max;
    std::optional<std::string> token, prefix, region;
    static constexpr auto shape = aws::fields(
        aws::optional<&Input::max>("MaxBuckets").in_query("max-buckets"),
        aws::optional<&Input::token>("ContinuationToken").in_query("continuation-token"),
        aws::optional<&Input::prefix>("Prefix").in_query("prefix"),
        aws::optional<&Input::region>("BucketRegion").in_query("bucket-region"));
  };
  struct Output {
    BucketList list;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::list>("").in_payload("ListAllMyBucketsResult"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input&) {
    return {{.action = "s3:ListAllMyBuckets", .resource = aws::bucket_arn("*")}};
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    constexpr std::int64_t most = 10'000;
    const auto limit = in.max.value_or(most);
    if (limit < 1 || limit > most)
      co_return errors::invalid_argument("max-buckets must be between 1 and 10000.", "max-buckets",
                                         fmt::format("{}", limit));
    const auto after = base64_decode(aws::or_default(in.token));
    if (!after)
      co_return errors::invalid_argument("The continuation token provided is incorrect",
                                         "continuation-token", *in.token);
    CO_TRY(const auto all, co_await s3.buckets().list(call.caller.account()));
    Output out;
    out.list.owner.id = s3.canonical_id(call.caller.account());
    out.list.prefix = in.prefix;
    for (const auto& bucket : all) {
      if (bucket.name <= *after || !bucket.name.starts_with(aws::or_default(in.prefix)) ||
          (in.region && *in.region != bucket.region))
        continue;
      if (std::ssize(out.list.buckets) == limit) {
        out.list.token = base64_encode(out.list.buckets.back().name);
        break;
      }
      BucketShape shape{bucket.name, {bucket.created}, std::nullopt};
      if (in.max) shape.region = bucket.region;
      out.list.buckets.push_back(std::move(shape));
    }
    co_return out;
  }
};

struct DeleteBucket {
  static constexpr std::string_view name = "DeleteBucket";
  static constexpr auto effect = aws::Effect::changes;
  static constexpr aws::S3Route route = {.method = "DELETE", .target = 'b'};
  using Service = S3;
  using Input = BucketInput;
  using Output = NoContent;
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_on_bucket("s3:DeleteBucket", in.bucket);
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_of(call, in));
    CO_TRY_VOID(co_await s3.buckets().remove(*bucket));
    co_await s3.garbage().drop_uploads_soon(bucket->id);
    co_return Output();
  }
};

struct GetBucketLocation {
  static constexpr std::string_view name = "GetBucketLocation";
  static constexpr auto effect = aws::Effect::reads;
  static constexpr aws::S3Route route = {.method = "GET", .target = 'b', .query = {"location"}};
  using Service = S3;
  using Input = BucketInput;
  struct Output {
    std::string constraint;
    static constexpr auto shape = aws::fields(
        aws::optional<&Output::constraint>("LocationConstraint").in_payload("LocationConstraint"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_on_bucket("s3:GetBucketLocation", in.bucket);
  }
  static Task<Result<Output>> run(S3&, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_of(call, in));
    co_return Output{bucket->region == classic_region ? "" : bucket->region};
  }
};

}  // namespace

std::span<const aws::S3Operation> bucket_operations() {
  static constexpr auto all =
      aws::s3_operations<CreateBucket, HeadBucket, ListBuckets, DeleteBucket, GetBucketLocation>();
  return all;
}

}  // namespace larder::s3
