// GetObject and HeadObject.
#include <fmt/format.h>

#include "s3/conditions.h"
#include "s3/operations/operations.h"
#include "s3/operations/types.h"
#include "storage/errors.h"

namespace larder::s3 {
namespace {

constexpr int open_tries_max = 100;  // each is an overwrite that came in between

struct ReadInput : ObjectInput {
  std::optional<std::string> if_match, if_none_match, if_modified_since, if_unmodified_since;
  std::optional<std::string> range, version_id, checksum_mode, customer_algorithm;
  std::optional<std::string> cache_control, content_disposition, content_encoding, content_language,
      content_type, expires;
  std::optional<std::int64_t> part_number;

  using R = ReadInput;
  static constexpr auto shape = join(
      ObjectInput::shape,
      aws::fields(
          aws::optional<&R::if_match>("IfMatch").in_header("If-Match"),
          aws::optional<&R::if_none_match>("IfNoneMatch").in_header("If-None-Match"),
          aws::optional<&R::if_modified_since>("IfModifiedSince").in_header("If-Modified-Since"),
          aws::optional<&R::if_unmodified_since>("IfUnmodifiedSince")
              .in_header("If-Unmodified-Since"),
          aws::optional<&R::range>("Range").in_header("Range"),
          aws::optional<&R::version_id>("VersionId").in_query("versionId"),
          aws::optional<&R::part_number>("PartNumber").in_query("partNumber"),
          aws::optional<&R::checksum_mode>("ChecksumMode").in_header("x-amz-checksum-mode"),
          aws::optional<&R::customer_algorithm>("SSECustomerAlgorithm")
              .in_header("x-amz-server-side-encryption-customer-algorithm"),
          aws::optional<&R::cache_control>("ResponseCacheControl")
              .in_query("response-cache-control"),
          aws::optional<&R::content_disposition>("ResponseContentDisposition")
              .in_query("response-content-disposition"),
          aws::optional<&R::content_encoding>("ResponseContentEncoding")
              .in_query("response-content-encoding"),
          aws::optional<&R::content_language>("ResponseContentLanguage")
              .in_query("response-content-language"),
          aws::optional<&R::content_type>("ResponseContentType").in_query("response-content-type"),
          aws::optional<&R::expires>("ResponseExpires").in_query("response-expires")));
};

struct ObjectAnswer : ChecksumValues {
  int status = 200;
  std::string accept_ranges = "bytes";
  HttpDate last_modified;
  std::int64_t content_length = 0;
  std::string etag;
  std::optional<std::string> content_range;
  std::optional<std::int64_t> parts_count;
  std::optional<std::string> cache_control, content_disposition, content_encoding, content_language,
      content_type, expires;
  std::vector<aws::NameValue> metadata;

  using A = ObjectAnswer;
  static constexpr auto shape =
      join(headers, type_header,
           aws::fields(
               aws::optional<&A::accept_ranges>("AcceptRanges").in_header("accept-ranges"),
               aws::optional<&A::last_modified>("LastModified").in_header("Last-Modified"),
               aws::optional<&A::content_length>("ContentLength").in_header("Content-Length"),
               aws::optional<&A::etag>("ETag").in_header("ETag"),
               aws::optional<&A::content_range>("ContentRange").in_header("Content-Range"),
               aws::optional<&A::parts_count>("PartsCount").in_header("x-amz-mp-parts-count"),
               aws::optional<&A::cache_control>("CacheControl").in_header("Cache-Control"),
               aws::optional<&A::content_disposition>("ContentDisposition")
                   .in_header("Content-Disposition"),
               aws::optional<&A::content_encoding>("ContentEncoding").in_header("Content-Encoding"),
               aws::optional<&A::content_language>("ContentLanguage").in_header("Content-Language"),
               aws::optional<&A::content_type>("ContentType").in_header("Content-Type"),
               aws::optional<&A::expires>("Expires").in_header("Expires"),
               aws::optional<&A::metadata>("Metadata").in_headers_with("x-amz-meta-")));
};

/// What is to be given out of an object.
struct Plan {
  ReadVerdict verdict = ReadVerdict::proceed;
  storage::ByteRange range{0, 0};
  bool partial = false;
};

bool has_control_characters(const std::string& text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

Result<void> check_overrides(const aws::Call& call, const ReadInput& in) {
  for (const auto* value : {&in.cache_control, &in.content_disposition, &in.content_encoding,
                            &in.content_language, &in.content_type, &in.expires}) {
    if (!*value) continue;
    if (call.caller.anonymous())
      return errors::invalid_request(
          "Request specific response headers cannot be used for anonymous GET requests.");
    if (has_control_characters(**value))
      return errors::invalid_argument("A response header cannot hold control characters.",
                                      "response-*", "");
  }
  return {};
}

Result<storage::ByteRange> range_of_part(const ObjectRecord& record, std::int64_t number) {
  const auto& pieces = record.content.pieces;
  const auto count = record.multipart() ? std::ssize(pieces) : 1;
  if (number < 1 || number > 10'000)
    return errors::invalid_argument("Part number must be an integer between 1 and 10000, inclusive",
                                    "partNumber", fmt::format("{}", number));
  if (number > count)
    return fail(Error{{"InvalidPartNumber", 416},
                      "The requested partnumber is not satisfiable",
                      {{"PartNumberRequested", fmt::format("{}", number)},
                       {"ActualPartCount", fmt::format("{}", count)}}});
  if (!record.multipart()) return storage::ByteRange{0, record.content.size};
  storage::ByteRange range{0, 0};
  for (std::int64_t i = 0; i < number; ++i) {
    range.offset += range.length;
    range.length = pieces[static_cast<std::size_t>(i)].length;
  }
  return range;
}

Result<Plan> plan(const ReadInput& in, const ObjectRecord& record) {
  Plan plan;
  const ReadCondition condition{in.if_match, in.if_none_match, in.if_modified_since,
                                in.if_unmodified_since};
  TRY(plan.verdict, check(condition, record));
  plan.range = {0, record.content.size};
  if (plan.verdict == ReadVerdict::not_modified) return plan;
  if (in.part_number) {
    if (in.range)
      return errors::invalid_request(
          "Cannot specify both Range header and partNumber query parameter");
    TRY(plan.range, range_of_part(record, *in.part_number));
    plan.partial = true;
    return plan;
  }
  TRY(const auto range, parse_range(in.range, record.content.size));
  if (range) {
    plan.range = *range;
    plan.partial = true;
  }
  return plan;
}

void fill(ObjectAnswer& out, const ReadInput& in, const ObjectRecord& record, const Plan& plan) {
  out.status = plan.verdict == ReadVerdict::not_modified ? 304 : plan.partial ? 206 : 200;
  out.last_modified = {record.modified};
  out.content_length = static_cast<std::int64_t>(plan.range.length);
  out.etag = quoted(record.etag);
  if (plan.partial && record.content.size > 0)
    out.content_range = fmt::format("bytes {}-{}/{}", plan.range.offset,
                                    plan.range.offset + plan.range.length - 1, record.content.size);
  if (in.part_number && record.multipart()) out.parts_count = std::ssize(record.content.pieces);
  const bool with_checksum =
      in.checksum_mode && policy::equal_ignoring_case(*in.checksum_mode, "ENABLED");
  const bool whole = !plan.partial && plan.verdict != ReadVerdict::not_modified;
  if (with_checksum && whole) out.set(record.checksum);
  const auto header = [&](std::string_view name, const std::optional<std::string>& chosen) {
    if (chosen) return chosen;
    const auto found = std::ranges::find(record.headers, name, &Pairs::value_type::first);
    return found == record.headers.end() ? std::nullopt : std::optional(found->second);
  };
  out.cache_control = header("Cache-Control", in.cache_control);
  out.content_disposition = header("Content-Disposition", in.content_disposition);
  out.content_encoding = header("Content-Encoding", in.content_encoding);
  out.content_language = header("Content-Language", in.content_language);
  out.content_type = header("Content-Type", in.content_type);
  out.expires = header("Expires", in.expires);
  for (const auto& [name, value] : record.metadata) out.metadata.push_back({name, value});
}

aws::Needs needs_to_read(const ReadInput& in) {
  policy::Context context;
  if (in.version_id) context.set("s3:VersionId", *in.version_id);
  return needs_on_object(in.version_id ? "s3:GetObjectVersion" : "s3:GetObject", in.bucket, in.key,
                         std::move(context));
}

Result<const BucketRecord*> check_read(const aws::Call& call, const ReadInput& in) {
  TRY_VOID(refuse({{"x-amz-server-side-encryption-customer-algorithm", in.customer_algorithm}}));
  TRY_VOID(check_version(in.version_id));
  TRY_VOID(check_overrides(call, in));
  return bucket_and_key(call, in);
}

struct GetObject {
  static constexpr std::string_view name = "GetObject";
  static constexpr auto effect = aws::Effect::reads;
  static constexpr aws::S3Route route = {.method = "GET", .target = 'k'};
  using Service = S3;
  using Input = ReadInput;
  struct Output : ObjectAnswer {
    std::unique_ptr<ByteSource> stream;
    std::uint64_t stream_length = 0;
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_to_read(in);
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, check_read(call, in));
    for (int tries = 0; tries < open_tries_max; ++tries) {
      CO_TRY(const auto record, co_await s3.objects().get(*bucket, in.key));
      if (!record) co_return fail(missing_key(call, in.bucket, in.key));
      CO_TRY(const auto planned, plan(in, *record));
      Output out;
      fill(out, in, *record, planned);
      if (planned.verdict == ReadVerdict::not_modified) co_return out;
      CO_TRY(auto opened, co_await s3.objects().open(*bucket, in.key, *record, planned.range));
      if (!opened) continue;  // replaced since
      out.stream = *std::move(opened);
      out.stream_length = planned.range.length;
      co_return out;
    }
    co_return fail(larder::codes::internal_error,
                   "We encountered an internal error. Please try again.");
  }
};

struct HeadObject {
  static constexpr std::string_view name = "HeadObject";
  static constexpr auto effect = aws::Effect::reads;
  static constexpr aws::S3Route route = {.method = "HEAD", .target = 'k'};
  using Service = S3;
  using Input = ReadInput;
  using Output = ObjectAnswer;
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_to_read(in);
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, check_read(call, in));
    CO_TRY(const auto record, co_await s3.objects().get(*bucket, in.key));
    if (!record) co_return fail(missing_key(call, in.bucket, in.key));
    CO_TRY(const auto planned, plan(in, *record));
    Output out;
    fill(out, in, *record, planned);
    co_return out;
  }
};

}  // namespace

std::span<const aws::S3Operation> read_operations() {
  static constexpr auto all = aws::s3_operations<GetObject, HeadObject>();
  return all;
}

}  // namespace larder::s3
