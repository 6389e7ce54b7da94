// Multipart uploads: created, filled, completed, aborted.
#include <fmt/format.h>

#include "base/limits.h"
#include "codec/base64.h"
#include "codec/uri.h"
#include "s3/conditions.h"
#include "s3/operations/operations.h"
#include "s3/operations/upload_input.h"

namespace larder::s3 {
namespace {

/// CRC64NVME goes over the whole object only, SHA over the parts only; the other CRCs can do both.
Result<bool> is_composite(std::optional<ChecksumAlgorithm> algorithm,
                          const std::optional<std::string>& type) {
  if (type && *type != "COMPOSITE" && *type != "FULL_OBJECT")
    return errors::invalid_request("Value for x-amz-checksum-type header is invalid.");
  if (!algorithm) {
    if (!type) return false;
    return errors::invalid_request(
        "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
        "header.");
  }
  const bool sha = *algorithm == ChecksumAlgorithm::sha1 || *algorithm == ChecksumAlgorithm::sha256;
  const bool nvme = *algorithm == ChecksumAlgorithm::crc64nvme;
  const bool composite = type ? *type == "COMPOSITE" : !nvme;
  if ((sha && !composite) || (nvme && composite))
    return errors::invalid_request(
        fmt::format("The {} checksum type cannot be used with the {} checksum algorithm.", *type,
                    checksum_name(*algorithm)));
  return composite;
}

struct CreateMultipartUpload {
  static constexpr std::string_view name = "CreateMultipartUpload";
  static constexpr auto effect = aws::Effect::changes;
  static constexpr aws::S3Route route = {.method = "POST", .target = 'k', .query = {"uploads"}};
  using Service = S3;
  struct Input : ObjectHeaders {
    std::optional<std::string> algorithm, checksum_type;
    static constexpr auto shape = join(
        ObjectHeaders::shape,
        aws::fields(
            aws::optional<&Input::algorithm>("ChecksumAlgorithm")
                .in_header("x-amz-checksum-algorithm"),
            aws::optional<&Input::checksum_type>("ChecksumType").in_header("x-amz-checksum-type")));
  };
  struct Initiated {
    std::string bucket, key, upload_id;
    static constexpr auto shape = aws::fields(aws::optional<&Initiated::bucket>("Bucket"),
                                              aws::optional<&Initiated::key>("Key"),
                                              aws::optional<&Initiated::upload_id>("UploadId"));
  };
  struct Output {
    Initiated initiated;
    std::optional<std::string> algorithm, checksum_type;
    static constexpr auto shape = aws::fields(
        aws::optional<&Output::initiated>("").in_payload("InitiateMultipartUploadResult"),
        aws::optional<&Output::algorithm>("ChecksumAlgorithm")
            .in_header("x-amz-checksum-algorithm"),
        aws::optional<&Output::checksum_type>("ChecksumType").in_header("x-amz-checksum-type"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_to_write(in, context_of(in));
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_and_key(call, in));
    CO_TRY_VOID(check_headers(in));
    UploadRecord upload{.write_id = s3.make_write_id(),
                        .key = in.key,
                        .initiator = call.caller.principal.arn,
                        .initiated = call.now,
                        .headers = stored_headers(in),
                        .metadata = stored_metadata(in)};
    if (in.algorithm) {
      upload.algorithm = parse_checksum_name(*in.algorithm);
      if (!upload.algorithm)
        co_return errors::not_implemented("x-amz-checksum-algorithm", *in.algorithm);
    }
    CO_TRY(upload.composite, is_composite(upload.algorithm, in.checksum_type));
    Output out;
    out.initiated = {in.bucket, in.key, hex_encode(s3.random().bytes(16))};
    if (upload.algorithm) {
      out.algorithm = checksum_name(*upload.algorithm);
      out.checksum_type = upload.composite ? "COMPOSITE" : "FULL_OBJECT";
    }
    CO_TRY_VOID(co_await s3.uploads().create(*bucket, out.initiated.upload_id, std::move(upload)));
    co_return out;
  }
};

struct UploadPart {
  static constexpr std::string_view name = "UploadPart";
  static constexpr auto effect = aws::Effect::changes;
  static constexpr aws::S3Route route = {
      .method = "PUT", .target = 'k', .query = {"partNumber", "uploadId"}};
  using Service = S3;
  struct Input : PartInput {
    aws::Streamed body;
    std::optional<std::string> algorithm;
    static constexpr auto shape =
        join(PartInput::shape, aws::fields(aws::optional<&Input::body>("Body").in_stream(),
                                           aws::optional<&Input::algorithm>("ChecksumAlgorithm")
                                               .in_header("x-amz-sdk-checksum-algorithm")));
  };
  struct Output : ChecksumValues {
    std::string etag;
    static constexpr auto shape =
        join(headers, aws::fields(aws::optional<&Output::etag>("ETag").in_header("ETag")));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_on_object("s3:PutObject", in.bucket, in.key);
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, check_part(call, in));
    CO_TRY(const auto upload, co_await s3.uploads().find(*bucket, in.key, in.upload_id));
    const auto& sent = call.body->checksum();
    if (upload.algorithm && (sent || upload.composite) &&
        (!sent || sent->algorithm != *upload.algorithm))
      co_return errors::invalid_request(fmt::format(
          "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
          checksum_name(*upload.algorithm), sent ? checksum_name(sent->algorithm) : "null"));
    if (const auto length = call.body->length())
      CO_TRY_VOID(co_await s3.uploads().check_room(
          *bucket, in.upload_id, static_cast<std::uint32_t>(in.part_number), *length));
    CO_TRY(auto received, co_await receive(s3, *call.body, ContentStore::Inline::never,
                                           in.algorithm, upload.algorithm));
    CO_TRY(const auto part, co_await put_part(s3, call, *bucket, in, std::move(received)));
    Output out;
    out.etag = quoted(part.etag);
    out.set(part.checksum);
    co_return out;
  }
};

struct CompletedPart : ChecksumValues {
  std::int64_t number = 0;
  std::string etag;
  static constexpr auto shape =
      join(elements, aws::fields(aws::required<&CompletedPart::number>("PartNumber"),
                                 aws::required<&CompletedPart::etag>("ETag")));
};

struct CompletedUpload {
  std::vector<CompletedPart> parts;
  static constexpr auto shape =
      aws::fields(aws::required<&CompletedUpload::parts>("Parts").as("Part").flattened().at_most(
          limits::s3_parts_count));
};

struct CompleteMultipartUpload {
  static constexpr std::string_view name = "CompleteMultipartUpload";
  static constexpr auto effect = aws::Effect::changes;
  static constexpr aws::S3Route route = {.method = "POST", .target = 'k', .query = {"uploadId"}};
  using Service = S3;
  struct Input : UploadInput {
    CompletedUpload upload;
    ChecksumHeaders checksums;
    std::optional<std::string> if_match, if_none_match, customer_algorithm;
    std::optional<std::int64_t> object_size;
    static constexpr auto shape = join(
        UploadInput::shape, nested<&Input::checksums>(),
        aws::fields(
            aws::required<&Input::upload>("MultipartUpload").in_payload("CompleteMultipartUpload"),
            aws::optional<&Input::object_size>("MpuObjectSize").in_header("x-amz-mp-object-size"),
            aws::optional<&Input::if_match>("IfMatch").in_header("If-Match"),
            aws::optional<&Input::if_none_match>("IfNoneMatch").in_header("If-None-Match"),
            aws::optional<&Input::customer_algorithm>("SSECustomerAlgorithm")
                .in_header("x-amz-server-side-encryption-customer-algorithm")));
  };
  struct Completed : ChecksumValues {
    std::string location, bucket, key, etag;
    static constexpr auto shape = join(
        aws::fields(aws::optional<&Completed::location>("Location"),
                    aws::optional<&Completed::bucket>("Bucket"),
                    aws::optional<&Completed::key>("Key"), aws::optional<&Completed::etag>("ETag")),
        elements, type_element);
  };
  struct Output {
    Completed completed;
    static constexpr auto shape = aws::fields(
        aws::optional<&Output::completed>("").in_payload("CompleteMultipartUploadResult"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    policy::Context context;
    if (in.if_match) context.set("s3:if-match", *in.if_match);
    if (in.if_none_match) context.set("s3:if-none-match", *in.if_none_match);
    return needs_on_object("s3:PutObject", in.bucket, in.key, std::move(context));
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_and_key(call, in));
    CO_TRY_VOID(
        refuse({{"x-amz-server-side-encryption-customer-algorithm", in.customer_algorithm}}));
    Completion completion{.parts = {},
                          .object_size = in.object_size,
                          .checksum_type = in.checksums.checksum_type,
                          .checksums = in.checksums.list(),
                          .write_id = s3.make_write_id(),
                          .now = call.now};
    CO_TRY(completion.condition, write_condition(in.if_match, in.if_none_match));
    for (const auto& part : in.upload.parts)
      completion.parts.push_back({part.number, part.etag, part.list()});
    CO_TRY(const auto object,
           co_await s3.uploads().complete(*bucket, in.key, in.upload_id, std::move(completion)));
    Output out;
    out.completed.location =
        fmt::format("http://{}/{}/{}", call.host, in.bucket, percent_encode(in.key));
    out.completed.bucket = in.bucket;
    out.completed.key = in.key;
    out.completed.etag = quoted(object.etag);
    out.completed.set(object.checksum);
    co_return out;
  }
};

struct AbortMultipartUpload {
  static constexpr std::string_view name = "AbortMultipartUpload";
  static constexpr auto effect = aws::Effect::changes;
  static constexpr aws::S3Route route = {.method = "DELETE", .target = 'k', .query = {"uploadId"}};
  using Service = S3;
  struct Input : UploadInput {
    std::optional<std::string> if_initiated;
    static constexpr auto shape = join(
        UploadInput::shape, aws::fields(aws::optional<&Input::if_initiated>("IfMatchInitiatedTime")
                                            .in_header("x-amz-if-match-initiated-time")));
  };
  using Output = NoContent;
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_on_object("s3:AbortMultipartUpload", in.bucket, in.key);
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_and_key(call, in));
    CO_TRY_VOID(refuse({{"x-amz-if-match-initiated-time", in.if_initiated}}));
    CO_TRY_VOID(co_await s3.uploads().abort(*bucket, in.key, in.upload_id));
    co_return Output();
  }
};

}  // namespace

Result<const BucketRecord*> check_part(const aws::Call& call, const PartInput& in) {
  constexpr auto most = static_cast<std::int64_t>(limits::s3_parts_count);
  if (in.part_number < 1 || in.part_number > most)
    return errors::invalid_argument("Part number must be an integer between 1 and 10000, inclusive",
                                    "partNumber", fmt::format("{}", in.part_number));
  TRY_VOID(refuse({{"x-amz-server-side-encryption-customer-algorithm", in.customer_algorithm}}));
  return bucket_and_key(call, in);
}

Task<Result<PartRecord>> put_part(S3& s3, aws::Call& call, const BucketRecord& bucket,
                                  const PartInput& in, Received received) {
  PartRecord part{.write_id = s3.make_write_id(),
                  .modified = call.now,
                  .etag = etag_of(received.stored),
                  .content = std::move(received.stored.content),
                  .checksum = std::move(received.checksum)};
  CO_TRY_VOID(co_await s3.uploads().put_part(bucket, in.key, in.upload_id,
                                             static_cast<std::uint32_t>(in.part_number), part));
  co_return part;
}

std::span<const aws::S3Operation> upload_operations() {
  static constexpr auto all = aws::s3_operations<CreateMultipartUpload, UploadPart,
                                                 CompleteMultipartUpload, AbortMultipartUpload>();
  return all;
}

}  // namespace larder::s3
