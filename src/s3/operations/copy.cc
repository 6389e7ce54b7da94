// CopyObject and UploadPartCopy.
#include <fmt/format.h>

#include "base/limits.h"
#include "codec/base64.h"
#include "s3/operations/copy_source.h"
#include "s3/operations/operations.h"
#include "s3/operations/types.h"
#include "s3/operations/upload_input.h"

namespace larder::s3 {
namespace {

struct CopyResult : ChecksumValues {
  std::string etag;
  Timestamp modified;
  static constexpr auto shape =
      join(aws::fields(aws::optional<&CopyResult::etag>("ETag"),
                       aws::optional<&CopyResult::modified>("LastModified")),
           elements, type_element);
};

/// `bucket/key`, as policies name it.
std::string source_for_policies(const std::string& header) {
  const auto source = parse_copy_source(header);
  return source ? source->bucket + "/" + source->key : header;
}

Result<std::optional<ChecksumAlgorithm>> parse_algorithm(const std::optional<std::string>& name) {
  if (!name) return std::nullopt;
  const auto algorithm = parse_checksum_name(*name);
  if (!algorithm) return errors::not_implemented("x-amz-checksum-algorithm", *name);
  return algorithm;
}

struct CopyObject {
  static constexpr std::string_view name = "CopyObject";
  static constexpr auto effect = aws::Effect::changes;
  static constexpr aws::S3Route route = {
      .method = "PUT", .target = 'k', .headers = {"x-amz-copy-source"}};
  using Service = S3;
  struct Input : ObjectHeaders {
    CopyConditions from;
    std::optional<std::string> directive, tagging_directive, algorithm, if_match, if_none_match;
    static constexpr auto shape =
        join(ObjectHeaders::shape, nested<&Input::from>(),
             aws::fields(
                 aws::optional<&Input::directive>("MetadataDirective")
                     .in_header("x-amz-metadata-directive"),
                 aws::optional<&Input::tagging_directive>("TaggingDirective")
                     .in_header("x-amz-tagging-directive"),
                 aws::optional<&Input::algorithm>("ChecksumAlgorithm")
                     .in_header("x-amz-checksum-algorithm"),
                 aws::optional<&Input::if_match>("IfMatch").in_header("If-Match"),
                 aws::optional<&Input::if_none_match>("IfNoneMatch").in_header("If-None-Match")));
  };
  struct Output {
    CopyResult result;
    static constexpr auto shape = aws::fields(
        aws::optional<&Output::result>("CopyObjectResult").in_payload("CopyObjectResult"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    auto context = context_of(in);
    context.set("s3:x-amz-copy-source", source_for_policies(in.from.source));
    if (in.directive) context.set("s3:x-amz-metadata-directive", *in.directive);
    if (in.if_match) context.set("s3:if-match", *in.if_match);
    if (in.if_none_match) context.set("s3:if-none-match", *in.if_none_match);
    auto needs = needs_to_write(in, std::move(context));
    for (auto& demand : needs_to_copy_from(in.from)) needs.push_back(std::move(demand));
    return needs;
  }
  static Result<void> check_directives(const Input& in, const CopySource& source, bool replace) {
    if (in.directive && *in.directive != "COPY" && !replace)
      return errors::invalid_argument("Unknown metadata directive.", "x-amz-metadata-directive",
                                      *in.directive);
    if (in.tagging_directive && *in.tagging_directive != "COPY" &&
        *in.tagging_directive != "REPLACE")
      return errors::invalid_argument("Unknown tagging directive.", "x-amz-tagging-directive",
                                      *in.tagging_directive);
    if (!replace && source.bucket == in.bucket && source.key == in.key && !in.storage_class)
      return errors::invalid_request(
          "This copy request is illegal because it is trying to copy an object to itself without "
          "changing the object's metadata, storage class, website redirect location or encryption "
          "attributes.");
    return {};
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_and_key(call, in));
    CO_TRY_VOID(check_headers(in));
    CO_TRY(const auto condition, write_condition(in.if_match, in.if_none_match));
    CO_TRY(auto wanted, parse_algorithm(in.algorithm));
    CO_TRY(const auto from, co_await find_source(s3, call, in.from));
    const bool replace = in.directive == "REPLACE";
    CO_TRY_VOID(check_directives(in, from.source, replace));
    const auto size = from.record.content.size;
    if (size > limits::s3_put_object)
      co_return errors::invalid_request(fmt::format(
          "The specified copy source is larger than the maximum allowable size for a copy source: "
          "{}",
          limits::s3_put_object));
    if (!wanted && from.record.checksum) wanted = from.record.checksum->algorithm;
    CO_TRY_VOID(co_await s3.objects().check_room(*bucket, in.key, size));
    const storage::ByteRange whole{0, size};
    CO_TRY(auto stored,
           co_await copy_bytes(s3, from, whole, ContentStore::Inline::allowed, wanted));
    ObjectRecord record{.write_id = s3.make_write_id(),
                        .modified = call.now,
                        .etag = etag_of(stored),
                        .content = std::move(stored.content),
                        .headers = replace ? stored_headers(in) : from.record.headers,
                        .metadata = replace ? stored_metadata(in) : from.record.metadata};
    if (wanted) record.checksum = StoredChecksum{*wanted, false, base64_encode(stored.checksum)};
    Output out;
    out.result.etag = quoted(record.etag);
    out.result.modified = {record.modified};
    out.result.set(record.checksum);
    CO_TRY_VOID(co_await s3.objects().put(*bucket, in.key, std::move(record), condition));
    co_return out;
  }
};

struct UploadPartCopy {
  static constexpr std::string_view name = "UploadPartCopy";
  static constexpr auto effect = aws::Effect::changes;
  static constexpr aws::S3Route route = {.method = "PUT",
                                         .target = 'k',
                                         .query = {"partNumber", "uploadId"},
                                         .headers = {"x-amz-copy-source"}};
  using Service = S3;
  struct Input : PartInput {
    CopyConditions from;
    std::optional<std::string> range;
    static constexpr auto shape = join(
        PartInput::shape, nested<&Input::from>(),
        aws::fields(
            aws::optional<&Input::range>("CopySourceRange").in_header("x-amz-copy-source-range")));
  };
  struct Output {
    CopyResult result;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::result>("CopyPartResult").in_payload("CopyPartResult"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    policy::Context context;
    context.set("s3:x-amz-copy-source", source_for_policies(in.from.source));
    auto needs = needs_on_object("s3:PutObject", in.bucket, in.key, std::move(context));
    for (auto& demand : needs_to_copy_from(in.from)) needs.push_back(std::move(demand));
    return needs;
  }
  /// Unlike a read's range, one that is none or lies outside is an error.
  static Result<storage::ByteRange> range_of(const Input& in, std::uint64_t size) {
    if (!in.range) return storage::ByteRange{0, size};
    TRY(const auto range, parse_range(in.range, size));
    const bool whole_form =
        range && in.range->find("=-") == std::string::npos && !in.range->ends_with('-');
    const auto last = whole_form ? std::stoull(in.range->substr(in.range->find('-') + 1)) : 0;
    if (!whole_form || last >= size)
      return errors::invalid_argument(
          fmt::format("The x-amz-copy-source-range value must be of the form bytes=first-last "
                      "where first and last are the zero-based offsets of the first and last "
                      "bytes to copy, and within the source object of size: {}",
                      size),
          "x-amz-copy-source-range", *in.range);
    return *range;
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, check_part(call, in));
    CO_TRY(const auto upload, co_await s3.uploads().find(*bucket, in.key, in.upload_id));
    CO_TRY(const auto from, co_await find_source(s3, call, in.from));
    CO_TRY(const auto range, range_of(in, from.record.content.size));
    if (range.length > limits::s3_put_object)
      co_return errors::entity_too_large(range.length, limits::s3_put_object);
    CO_TRY_VOID(co_await s3.uploads().check_room(
        *bucket, in.upload_id, static_cast<std::uint32_t>(in.part_number), range.length));
    Received received;
    CO_TRY(received.stored,
           co_await copy_bytes(s3, from, range, ContentStore::Inline::never, upload.algorithm));
    if (upload.algorithm)
      received.checksum =
          StoredChecksum{*upload.algorithm, false, base64_encode(received.stored.checksum)};
    CO_TRY(const auto part, co_await put_part(s3, call, *bucket, in, std::move(received)));
    Output out;
    out.result.etag = quoted(part.etag);
    out.result.modified = {part.modified};
    out.result.set(part.checksum);
    out.result.checksum_type.reset();
    co_return out;
  }
};

}  // namespace

std::span<const aws::S3Operation> copy_operations() {
  static constexpr auto all = aws::s3_operations<CopyObject, UploadPartCopy>();
  return all;
}

}  // namespace larder::s3
