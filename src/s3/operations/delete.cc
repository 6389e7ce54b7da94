// DeleteObject and DeleteObjects.
#include "base/limits.h"
#include "codec/xml.h"
#include "s3/conditions.h"
#include "s3/names.h"
#include "s3/operations/operations.h"
#include "s3/operations/types.h"

namespace larder::s3 {
namespace {

policy::Context version_context(const std::optional<std::string>& version_id) {
  policy::Context context;
  if (version_id) context.set("s3:VersionId", *version_id);
  return context;
}

std::string_view delete_action(const std::optional<std::string>& version_id) {
  return version_id ? "s3:DeleteObjectVersion" : "s3:DeleteObject";
}

struct DeleteObject {
  static constexpr std::string_view name = "DeleteObject";
  static constexpr auto effect = aws::Effect::changes;
  static constexpr aws::S3Route route = {.method = "DELETE", .target = 'k'};
  using Service = S3;
  struct Input : ObjectInput {
    std::optional<std::string> version_id, mfa, if_match, if_modified_time, if_size;
    static constexpr auto shape =
        join(ObjectInput::shape,
             aws::fields(
                 aws::optional<&Input::version_id>("VersionId").in_query("versionId"),
                 aws::optional<&Input::mfa>("MFA").in_header("x-amz-mfa"),
                 aws::optional<&Input::if_match>("IfMatch").in_header("If-Match"),
                 aws::optional<&Input::if_modified_time>("IfMatchLastModifiedTime")
                     .in_header("x-amz-if-match-last-modified-time"),
                 aws::optional<&Input::if_size>("IfMatchSize").in_header("x-amz-if-match-size")));
  };
  struct Output {
    int status = 204;
    std::optional<std::string> version_id;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::version_id>("VersionId").in_header("x-amz-version-id"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_on_object(delete_action(in.version_id), in.bucket, in.key,
                           version_context(in.version_id));
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_and_key(call, in));
    CO_TRY_VOID(check_version(in.version_id));
    CO_TRY_VOID(refuse({{"x-amz-mfa", in.mfa},
                        {"x-amz-if-match-last-modified-time", in.if_modified_time},
                        {"x-amz-if-match-size", in.if_size}}));
    const WriteCondition condition{in.if_match, false};
    CO_TRY_VOID(co_await s3.objects().remove(*bucket, in.key, condition));
    Output out;
    out.version_id = in.version_id;
    co_return out;
  }
};

struct ObjectIdentifier {
  std::string key;
  std::optional<std::string> version_id, etag, size, modified_time;
  using I = ObjectIdentifier;
  static constexpr auto shape =
      aws::fields(aws::required<&I::key>("Key"), aws::optional<&I::version_id>("VersionId"),
                  aws::optional<&I::etag>("ETag"), aws::optional<&I::size>("Size"),
                  aws::optional<&I::modified_time>("LastModifiedTime"));
};

struct DeleteList {
  std::vector<ObjectIdentifier> objects;
  std::optional<bool> quiet;
  static constexpr auto shape =
      aws::fields(aws::required<&DeleteList::objects>("Objects").as("Object").flattened().at_most(
                      limits::s3_delete_objects_count),
                  aws::optional<&DeleteList::quiet>("Quiet"));
};

struct Deleted {
  std::string key;
  std::optional<std::string> version_id;
  static constexpr auto shape = aws::fields(aws::optional<&Deleted::key>("Key"),
                                            aws::optional<&Deleted::version_id>("VersionId"));
};

struct KeyError {
  std::string key;
  std::optional<std::string> version_id;
  std::string code, message;
  static constexpr auto shape = aws::fields(
      aws::optional<&KeyError::key>("Key"), aws::optional<&KeyError::version_id>("VersionId"),
      aws::optional<&KeyError::code>("Code"), aws::optional<&KeyError::message>("Message"));
};

struct DeleteResult {
  std::vector<Deleted> deleted;
  std::vector<KeyError> errors;
  static constexpr auto shape =
      aws::fields(aws::optional<&DeleteResult::deleted>("Deleted").flattened(),
                  aws::optional<&DeleteResult::errors>("Errors").as("Error").flattened());
};

struct DeleteObjects {
  static constexpr std::string_view name = "DeleteObjects";
  static constexpr auto effect = aws::Effect::changes;
  static constexpr aws::S3Route route = {.method = "POST", .target = 'b', .query = {"delete"}};
  using Service = S3;
  struct Input : BucketInput {
    DeleteList list;
    std::optional<std::string> mfa, algorithm;
    static constexpr auto shape = join(
        BucketInput::shape, aws::fields(aws::required<&Input::list>("Delete").in_payload("Delete"),
                                        aws::optional<&Input::mfa>("MFA").in_header("x-amz-mfa"),
                                        aws::optional<&Input::algorithm>("ChecksumAlgorithm")
                                            .in_header("x-amz-sdk-checksum-algorithm")));
  };
  struct Output {
    DeleteResult result;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::result>("").in_payload("DeleteResult"));
  };
  /// Each key is a question of its own, which run() asks: some may be deleted and some not.
  static aws::Needs needs(const S3&, const aws::Call&, const Input&) { return {}; }

  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto fact, co_await s3.buckets().load(in.bucket));
    const auto& bucket = static_cast<const BucketFact&>(*fact).record;
    CO_TRY_VOID(check_request(call, in, bucket));
    Output out;
    bool any_allowed = false;
    std::optional<Error> denied;
    for (const auto& object : in.list.objects) {
      auto allowed = authorize(call, *fact, in.bucket, object);
      any_allowed = any_allowed || allowed;
      if (!allowed && !denied) denied = allowed.error();
      const auto done = allowed ? co_await remove(s3, bucket, object) : std::move(allowed);
      if (!done) {
        out.result.errors.push_back({object.key, object.version_id,
                                     std::string(done.error().code.name), done.error().message});
      } else if (!in.list.quiet.value_or(false)) {
        out.result.deleted.push_back({object.key, object.version_id});
      }
    }
    // A stranger who may delete nothing here learns no more than that.
    if (!any_allowed && call.caller.account() != bucket.account) co_return fail(*std::move(denied));
    co_return out;
  }

 private:
  static Result<void> check_request(const aws::Call& call, const Input& in,
                                    const BucketRecord& bucket) {
    if (in.expected_owner && *in.expected_owner != bucket.account)
      return fail(larder::codes::access_denied, "Access Denied");
    if (!call.body->checksum() && !call.body->has_content_md5())
      return errors::invalid_request("Missing required header for this request: Content-MD5");
    TRY_VOID(refuse({{"x-amz-mfa", in.mfa}}));
    for (const auto& object : in.list.objects)
      if (object.key.empty() || !is_utf8(object.key))
        return fail(larder::codes::malformed_xml,
                    "The XML you provided was not well-formed or did not validate against our "
                    "published schema");
    return {};
  }
  static Result<void> authorize(aws::Call& call, const aws::Fact& fact, const std::string& bucket,
                                const ObjectIdentifier& object) {
    return call.authorize({.action = std::string(delete_action(object.version_id)),
                           .resource = aws::object_arn(bucket, object.key),
                           .context = version_context(object.version_id),
                           .resource_account = fact.account,
                           .resource_policy = fact.policy});
  }
  static Task<Result<void>> remove(S3& s3, const BucketRecord& bucket,
                                   const ObjectIdentifier& object) {
    CO_TRY_VOID(check_key(object.key));
    CO_TRY_VOID(check_version(object.version_id));
    CO_TRY_VOID(refuse({{"Size", object.size}, {"LastModifiedTime", object.modified_time}}));
    const WriteCondition condition{object.etag, false};
    co_return co_await s3.objects().remove(bucket, object.key, condition);
  }
};

}  // namespace

std::span<const aws::S3Operation> delete_operations() {
  static constexpr auto all = aws::s3_operations<DeleteObject, DeleteObjects>();
  return all;
}

}  // namespace larder::s3
