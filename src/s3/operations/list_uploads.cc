// ListParts and ListMultipartUploads.
#include <fmt/format.h>

#include "s3/conditions.h"
#include "s3/operations/list_types.h"
#include "s3/operations/operations.h"
#include "s3/operations/upload_input.h"

namespace larder::s3 {
namespace {

struct ListedPartShape : ChecksumValues {
  std::int64_t number = 0;
  Timestamp modified;
  std::string etag;
  std::int64_t size = 0;
  using P = ListedPartShape;
  static constexpr auto shape =
      join(aws::fields(aws::optional<&P::number>("PartNumber"),
                       aws::optional<&P::modified>("LastModified"), aws::optional<&P::etag>("ETag"),
                       aws::optional<&P::size>("Size")),
           elements);
};

struct PartList {
  std::string bucket, key, upload_id;
  Owner initiator, owner;
  std::string storage_class = "STANDARD";
  std::int64_t marker = 0, next_marker = 0, max_parts = 0;
  bool truncated = false;
  std::optional<std::string> algorithm, checksum_type;
  std::vector<ListedPartShape> parts;
  using P = PartList;
  static constexpr auto shape = aws::fields(
      aws::optional<&P::bucket>("Bucket"), aws::optional<&P::key>("Key"),
      aws::optional<&P::upload_id>("UploadId"), aws::optional<&P::initiator>("Initiator"),
      aws::optional<&P::owner>("Owner"), aws::optional<&P::storage_class>("StorageClass"),
      aws::optional<&P::marker>("PartNumberMarker"),
      aws::optional<&P::next_marker>("NextPartNumberMarker"),
      aws::optional<&P::max_parts>("MaxParts"), aws::optional<&P::truncated>("IsTruncated"),
      aws::optional<&P::algorithm>("ChecksumAlgorithm"),
      aws::optional<&P::checksum_type>("ChecksumType"),
      aws::optional<&P::parts>("Parts").as("Part").flattened());
};

struct ListParts {
  static constexpr std::string_view name = "ListParts";
  static constexpr auto effect = aws::Effect::reads;
  static constexpr aws::S3Route route = {.method = "GET", .target = 'k', .query = {"uploadId"}};
  using Service = S3;
  struct Input : UploadInput {
    std::optional<std::int64_t> max_parts, marker;
    static constexpr auto shape =
        join(UploadInput::shape,
             aws::fields(
                 aws::optional<&Input::max_parts>("MaxParts").in_query("max-parts"),
                 aws::optional<&Input::marker>("PartNumberMarker").in_query("part-number-marker")));
  };
  struct Output {
    PartList list;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::list>("").in_payload("ListPartsResult"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_on_object("s3:ListMultipartUploadParts", in.bucket, in.key);
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_and_key(call, in));
    CO_TRY(const auto limit, page_size(in.max_parts, "max-parts"));
    const auto marker = in.marker.value_or(0);
    if (marker < 0 || marker > 2147483647)
      co_return errors::invalid_argument(
          "Argument part-number-marker must be an integer between 0 and 2147483647",
          "part-number-marker", fmt::format("{}", marker));
    CO_TRY(const auto upload, co_await s3.uploads().find(*bucket, in.key, in.upload_id));
    const auto after = static_cast<std::uint32_t>(std::min<std::int64_t>(marker, 0xffff));
    CO_TRY(const auto page, co_await s3.uploads().parts(*bucket, in.upload_id, after, limit));
    Output out;
    auto& list = out.list;
    list.bucket = in.bucket;
    list.key = in.key;
    list.upload_id = in.upload_id;
    list.initiator.id = upload.initiator;
    list.owner.id = s3.canonical_id(bucket->account);
    list.marker = marker;
    list.max_parts = static_cast<std::int64_t>(limit);
    list.truncated = page.truncated;
    if (upload.algorithm) {
      list.algorithm = checksum_name(*upload.algorithm);
      list.checksum_type = upload.composite ? "COMPOSITE" : "FULL_OBJECT";
    }
    for (const auto& part : page.parts) {
      auto& shape = list.parts.emplace_back();
      shape.number = part.number;
      shape.modified = {part.record.modified};
      shape.etag = quoted(part.record.etag);
      shape.size = static_cast<std::int64_t>(part.record.content.size);
      shape.set(part.record.checksum);
      list.next_marker = part.number;
    }
    co_return out;
  }
};

struct ListedUpload {
  std::string key, upload_id;
  Owner initiator, owner;
  std::string storage_class = "STANDARD";
  Timestamp initiated;
  std::optional<std::string> algorithm, checksum_type;
  using U = ListedUpload;
  static constexpr auto shape = aws::fields(
      aws::optional<&U::key>("Key"), aws::optional<&U::upload_id>("UploadId"),
      aws::optional<&U::initiator>("Initiator"), aws::optional<&U::owner>("Owner"),
      aws::optional<&U::storage_class>("StorageClass"), aws::optional<&U::initiated>("Initiated"),
      aws::optional<&U::algorithm>("ChecksumAlgorithm"),
      aws::optional<&U::checksum_type>("ChecksumType"));
};

struct UploadList {
  std::string bucket, key_marker, upload_id_marker, prefix;
  std::optional<std::string> next_key_marker, next_upload_id_marker, delimiter, encoding_type;
  std::int64_t max_uploads = 0;
  bool truncated = false;
  std::vector<ListedUpload> uploads;
  std::vector<CommonPrefix> common_prefixes;
  using U = UploadList;
  static constexpr auto shape = aws::fields(
      aws::optional<&U::bucket>("Bucket"), aws::optional<&U::key_marker>("KeyMarker"),
      aws::optional<&U::upload_id_marker>("UploadIdMarker"),
      aws::optional<&U::next_key_marker>("NextKeyMarker"),
      aws::optional<&U::next_upload_id_marker>("NextUploadIdMarker"),
      aws::optional<&U::prefix>("Prefix"), aws::optional<&U::delimiter>("Delimiter"),
      aws::optional<&U::encoding_type>("EncodingType"),
      aws::optional<&U::max_uploads>("MaxUploads"), aws::optional<&U::truncated>("IsTruncated"),
      aws::optional<&U::uploads>("Uploads").as("Upload").flattened(),
      aws::optional<&U::common_prefixes>("CommonPrefixes").flattened());
};

struct ListMultipartUploads {
  static constexpr std::string_view name = "ListMultipartUploads";
  static constexpr auto effect = aws::Effect::reads;
  static constexpr aws::S3Route route = {.method = "GET", .target = 'b', .query = {"uploads"}};
  using Service = S3;
  struct Input : BucketInput {
    std::optional<std::string> prefix, delimiter, encoding_type, key_marker, upload_id_marker;
    std::optional<std::int64_t> max_uploads;
    static constexpr auto shape = join(
        BucketInput::shape,
        aws::fields(
            aws::optional<&Input::prefix>("Prefix").in_query("prefix"),
            aws::optional<&Input::delimiter>("Delimiter").in_query("delimiter"),
            aws::optional<&Input::encoding_type>("EncodingType").in_query("encoding-type"),
            aws::optional<&Input::key_marker>("KeyMarker").in_query("key-marker"),
            aws::optional<&Input::upload_id_marker>("UploadIdMarker").in_query("upload-id-marker"),
            aws::optional<&Input::max_uploads>("MaxUploads").in_query("max-uploads")));
  };
  struct Output {
    UploadList list;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::list>("").in_payload("ListMultipartUploadsResult"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    policy::Context context;
    if (in.prefix) context.set("s3:prefix", *in.prefix);
    if (in.delimiter) context.set("s3:delimiter", *in.delimiter);
    return needs_on_bucket("s3:ListBucketMultipartUploads", in.bucket, std::move(context));
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_of(call, in));
    CO_TRY(const auto encode, NameEncoding::parse(in.encoding_type));
    CO_TRY(const auto limit, page_size(in.max_uploads, "max-uploads"));
    ListQuery query{.table = Table::upload_keys,
                    .prefix = aws::or_default(in.prefix),
                    .delimiter = aws::or_default(in.delimiter),
                    .after = aws::or_default(in.key_marker),
                    .after_suffix = aws::or_default(in.upload_id_marker),
                    .limit = limit};
    // An id that no upload can have: only its order counts, and the key's length is bounded.
    query.after_suffix.resize(std::min<std::size_t>(query.after_suffix.size(), 64));
    Index index(s3.kv(), bucket->id);
    CO_TRY(const auto page, co_await list(index, std::move(query)));
    Output out;
    auto& list = out.list;
    list.bucket = in.bucket;
    list.key_marker = encode(aws::or_default(in.key_marker));
    list.upload_id_marker = aws::or_default(in.upload_id_marker);
    list.prefix = encode(aws::or_default(in.prefix));
    if (in.delimiter && !in.delimiter->empty()) list.delimiter = encode(*in.delimiter);
    list.encoding_type = in.encoding_type;
    list.max_uploads = static_cast<std::int64_t>(limit);
    list.truncated = page.truncated;
    if (page.truncated) {
      list.next_key_marker = encode(page.last);
      list.next_upload_id_marker = page.last_suffix;
    }
    for (const auto& prefix : page.prefixes) list.common_prefixes.push_back({encode(prefix)});
    for (const auto& item : page.items) {
      auto upload = co_await s3.uploads().find(*bucket, item.key, item.suffix);
      if (!upload) continue;  // completed or aborted since
      list.uploads.push_back(to_listed(s3, *bucket, item, *upload, encode));
    }
    co_return out;
  }

 private:
  static ListedUpload to_listed(const S3& s3, const BucketRecord& bucket,
                                const ListPage::Item& item, const UploadRecord& upload,
                                const NameEncoding& encode) {
    ListedUpload shape;
    shape.key = encode(item.key);
    shape.upload_id = item.suffix;
    shape.initiator.id = upload.initiator;
    shape.owner.id = s3.canonical_id(bucket.account);
    shape.initiated = {upload.initiated};
    if (upload.algorithm) {
      shape.algorithm = checksum_name(*upload.algorithm);
      shape.checksum_type = upload.composite ? "COMPOSITE" : "FULL_OBJECT";
    }
    return shape;
  }
};

}  // namespace

std::span<const aws::S3Operation> upload_list_operations() {
  static constexpr auto all = aws::s3_operations<ListParts, ListMultipartUploads>();
  return all;
}

}  // namespace larder::s3
