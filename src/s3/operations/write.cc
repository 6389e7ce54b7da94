// PutObject.
#include "codec/base64.h"
#include "s3/conditions.h"
#include "s3/operations/operations.h"
#include "s3/operations/types.h"

namespace larder::s3 {
namespace {

struct PutObject {
  static constexpr std::string_view name = "PutObject";
  static constexpr auto effect = aws::Effect::changes;
  static constexpr aws::S3Route route = {.method = "PUT", .target = 'k'};
  using Service = S3;
  struct Input : ObjectHeaders {
    aws::Streamed body;
    std::optional<std::string> algorithm, if_match, if_none_match, write_offset;
    static constexpr auto shape = join(
        ObjectHeaders::shape,
        aws::fields(aws::optional<&Input::body>("Body").in_stream(),
                    aws::optional<&Input::algorithm>("ChecksumAlgorithm")
                        .in_header("x-amz-sdk-checksum-algorithm"),
                    aws::optional<&Input::if_match>("IfMatch").in_header("If-Match"),
                    aws::optional<&Input::if_none_match>("IfNoneMatch").in_header("If-None-Match"),
                    aws::optional<&Input::write_offset>("WriteOffsetBytes")
                        .in_header("x-amz-write-offset-bytes")));
  };
  struct Output : ChecksumValues {
    std::string etag;
    static constexpr auto shape = join(
        headers, type_header, aws::fields(aws::optional<&Output::etag>("ETag").in_header("ETag")));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    auto context = context_of(in);
    if (in.if_match) context.set("s3:if-match", *in.if_match);
    if (in.if_none_match) context.set("s3:if-none-match", *in.if_none_match);
    return needs_to_write(in, std::move(context));
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_and_key(call, in));
    CO_TRY_VOID(check_headers(in));
    CO_TRY_VOID(refuse({{"x-amz-write-offset-bytes", in.write_offset}}));
    CO_TRY(const auto condition, write_condition(in.if_match, in.if_none_match));
    if (const auto length = call.body->length())
      CO_TRY_VOID(co_await s3.objects().check_room(*bucket, in.key, *length));
    CO_TRY(auto received, co_await receive(s3, *call.body, ContentStore::Inline::allowed,
                                           in.algorithm, std::nullopt));
    ObjectRecord record{.write_id = s3.make_write_id(),
                        .modified = call.now,
                        .etag = etag_of(received.stored),
                        .content = std::move(received.stored.content),
                        .headers = stored_headers(in),
                        .metadata = stored_metadata(in),
                        .checksum = received.checksum};
    Output out;
    out.etag = quoted(record.etag);
    out.set(record.checksum);
    CO_TRY_VOID(co_await s3.objects().put(*bucket, in.key, std::move(record), condition));
    co_return out;
  }
};

}  // namespace

std::span<const aws::S3Operation> write_operations() {
  static constexpr auto all = aws::s3_operations<PutObject>();
  return all;
}

}  // namespace larder::s3
