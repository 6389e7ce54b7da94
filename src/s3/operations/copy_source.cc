#include "s3/operations/copy_source.h"

#include "base/limits.h"
#include "codec/uri.h"
#include "s3/names.h"

namespace larder::s3 {

std::optional<CopySource> parse_copy_source(std::string_view header) {
  CopySource source;
  constexpr std::string_view version = "?versionId=";
  if (const auto at = header.find(version); at != header.npos) {
    source.version_id = percent_decode(header.substr(at + version.size()));
    header = header.substr(0, at);
  }
  auto path = percent_decode(header);
  if (!path) return std::nullopt;
  std::string_view rest = *path;
  if (rest.starts_with('/')) rest.remove_prefix(1);
  const auto slash = rest.find('/');
  if (slash == rest.npos || slash == 0 || slash + 1 == rest.size()) return std::nullopt;
  source.bucket = rest.substr(0, slash);
  source.key = rest.substr(slash + 1);
  return source;
}

aws::Needs needs_to_copy_from(const CopyConditions& in) {
  const auto source = parse_copy_source(in.source);
  if (!source) return {};
  policy::Context context;
  if (source->version_id) context.set("s3:VersionId", *source->version_id);
  return needs_on_object(source->version_id ? "s3:GetObjectVersion" : "s3:GetObject",
                         source->bucket, source->key, std::move(context));
}

Task<Result<FoundSource>> find_source(S3& s3, aws::Call& call, const CopyConditions& in) {
  auto source = parse_copy_source(in.source);
  if (!source)
    co_return errors::invalid_argument(
        "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
        "x-amz-copy-source", in.source);
  CO_TRY_VOID(refuse(
      {{"x-amz-copy-source-server-side-encryption-customer-algorithm", in.customer_algorithm}}));
  CO_TRY_VOID(check_version(source->version_id));
  CO_TRY_VOID(check_key(source->key));
  const BucketInput named{source->bucket, in.expected_owner};
  CO_TRY(const auto* bucket, bucket_of(call, named));
  CO_TRY(auto record, co_await s3.objects().get(*bucket, source->key));
  if (!record) co_return fail(missing_key(call, source->bucket, source->key));
  const ReadCondition condition{in.if_match, in.if_none_match, in.if_modified_since,
                                in.if_unmodified_since};
  CO_TRY(const auto verdict, check(condition, *record));
  if (verdict == ReadVerdict::not_modified)
    co_return errors::precondition_failed(in.if_none_match ? "x-amz-copy-source-If-None-Match"
                                                           : "x-amz-copy-source-If-Modified-Since");
  co_return FoundSource{*std::move(source), *bucket, *std::move(record)};
}

Task<Result<Stored>> copy_bytes(S3& s3, const FoundSource& from, storage::ByteRange range,
                                ContentStore::Inline small,
                                std::optional<ChecksumAlgorithm> wanted) {
  CO_TRY(auto opened, co_await s3.objects().open(from.bucket, from.source.key, from.record, range));
  // The source was replaced between its record and its bytes: the client tries again.
  if (!opened) co_return errors::operation_aborted();
  co_return co_await s3.contents().store(**opened, small, wanted, limits::s3_put_object);
}

}  // namespace larder::s3
