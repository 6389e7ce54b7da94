// ListObjects and ListObjectsV2.
#include "s3/conditions.h"
#include "s3/damage.h"
#include "s3/operations/list_types.h"
#include "s3/operations/operations.h"
#include "s3/operations/types.h"

namespace larder::s3 {
namespace {

struct ListedObject {
  std::string key;
  Timestamp modified;
  std::string etag;
  std::optional<std::string> algorithm, checksum_type;
  std::int64_t size = 0;
  std::optional<Owner> owner;
  std::string storage_class = "STANDARD";
  using L = ListedObject;
  static constexpr auto shape = aws::fields(
      aws::optional<&L::key>("Key"), aws::optional<&L::modified>("LastModified"),
      aws::optional<&L::etag>("ETag"), aws::optional<&L::algorithm>("ChecksumAlgorithm"),
      aws::optional<&L::checksum_type>("ChecksumType"), aws::optional<&L::size>("Size"),
      aws::optional<&L::owner>("Owner"), aws::optional<&L::storage_class>("StorageClass"));
};

struct ListInput : BucketInput {
  std::optional<std::string> prefix, delimiter, encoding_type;
  std::optional<std::int64_t> max_keys;
  using L = ListInput;
  static constexpr auto shape =
      join(BucketInput::shape,
           aws::fields(aws::optional<&L::prefix>("Prefix").in_query("prefix"),
                       aws::optional<&L::delimiter>("Delimiter").in_query("delimiter"),
                       aws::optional<&L::encoding_type>("EncodingType").in_query("encoding-type"),
                       aws::optional<&L::max_keys>("MaxKeys").in_query("max-keys")));
};

/// What both versions answer.
struct ListAnswer {
  std::string name;
  std::string prefix;
  std::optional<std::string> delimiter;
  std::int64_t max_keys = 0;
  std::optional<std::string> encoding_type;
  bool truncated = false;
  std::vector<ListedObject> contents;
  std::vector<CommonPrefix> common_prefixes;
  using L = ListAnswer;
  static constexpr auto shape = aws::fields(
      aws::optional<&L::name>("Name"), aws::optional<&L::prefix>("Prefix"),
      aws::optional<&L::delimiter>("Delimiter"), aws::optional<&L::max_keys>("MaxKeys"),
      aws::optional<&L::encoding_type>("EncodingType"), aws::optional<&L::truncated>("IsTruncated"),
      aws::optional<&L::contents>("Contents").flattened(),
      aws::optional<&L::common_prefixes>("CommonPrefixes").flattened());
};

aws::Needs needs_to_list(const ListInput& in) {
  policy::Context context;
  if (in.prefix) context.set("s3:prefix", *in.prefix);
  if (in.delimiter) context.set("s3:delimiter", *in.delimiter);
  if (in.max_keys) context.set("s3:max-keys", std::to_string(*in.max_keys));
  return needs_on_bucket("s3:ListBucket", in.bucket, std::move(context));
}

/// A key whose record is damaged is listed all the same, without what only the record tells: a
/// client that mirrors the bucket must not take the object for deleted.
ListedObject to_listed(const std::string& bucket, const ListPage::Item& item,
                       const NameEncoding& encode) {
  ListedObject out;
  out.key = encode(item.key);
  auto decoded = decode_object(item.value);
  if (!decoded) {
    [[maybe_unused]] const auto told =
        object_error(bucket, item.key, std::move(decoded).error());  // in the log
    return out;
  }
  const auto& record = *decoded;
  out.modified = {record.modified};
  out.etag = quoted(record.etag);
  out.size = static_cast<std::int64_t>(record.content.size);
  if (record.checksum) {
    out.algorithm = checksum_name(record.checksum->algorithm);
    out.checksum_type = type_name(*record.checksum);
  }
  return out;
}

/// Fills `out` and gives the page, for what only one version tells. `owner`: listed with each key.
Task<Result<ListPage>> fill(S3& s3, const BucketRecord& bucket, const ListInput& in,
                            std::string after, std::optional<Owner> owner, ListAnswer& out) {
  CO_TRY(const auto encode, NameEncoding::parse(in.encoding_type));
  CO_TRY(const auto limit, page_size(in.max_keys, "maxKeys"));
  ListQuery query{.prefix = aws::or_default(in.prefix),
                  .delimiter = aws::or_default(in.delimiter),
                  .after = std::move(after),
                  .limit = limit};
  Index index(s3.kv(), bucket.id);
  CO_TRY(auto page, co_await list(index, std::move(query)));
  out.name = in.bucket;
  out.prefix = encode(aws::or_default(in.prefix));
  if (in.delimiter && !in.delimiter->empty()) out.delimiter = encode(*in.delimiter);
  out.max_keys = static_cast<std::int64_t>(limit);
  out.encoding_type = in.encoding_type;
  out.truncated = page.truncated;
  out.contents.reserve(page.items.size());
  for (const auto& item : page.items) {
    auto listed = to_listed(bucket.name, item, encode);
    listed.owner = owner;
    out.contents.push_back(std::move(listed));
  }
  for (const auto& prefix : page.prefixes) out.common_prefixes.push_back({encode(prefix)});
  co_return page;
}

struct ListObjects {
  static constexpr std::string_view name = "ListObjects";
  static constexpr auto effect = aws::Effect::reads;
  static constexpr aws::S3Route route = {.method = "GET", .target = 'b'};
  using Service = S3;
  struct Input : ListInput {
    std::optional<std::string> marker;
    static constexpr auto shape = join(
        ListInput::shape, aws::fields(aws::optional<&Input::marker>("Marker").in_query("marker")));
  };
  struct Answer : ListAnswer {
    std::string marker;
    std::optional<std::string> next_marker;
    static constexpr auto shape =
        join(ListAnswer::shape, aws::fields(aws::optional<&Answer::marker>("Marker"),
                                            aws::optional<&Answer::next_marker>("NextMarker")));
  };
  struct Output {
    Answer answer;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::answer>("").in_payload("ListBucketResult"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_to_list(in);
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_of(call, in));
    CO_TRY(const auto encode, NameEncoding::parse(in.encoding_type));
    Output out;
    const Owner owner{s3.canonical_id(bucket->account)};
    CO_TRY(const auto page,
           co_await fill(s3, *bucket, in, aws::or_default(in.marker), owner, out.answer));
    out.answer.marker = encode(aws::or_default(in.marker));
    // Without a delimiter the last key is the marker.
    if (page.truncated && out.answer.delimiter) out.answer.next_marker = encode(page.last);
    co_return out;
  }
};

struct ListObjectsV2 {
  static constexpr std::string_view name = "ListObjectsV2";
  static constexpr auto effect = aws::Effect::reads;
  static constexpr aws::S3Route route = {.method = "GET", .target = 'b', .query = {"list-type=2"}};
  using Service = S3;
  struct Input : ListInput {
    std::optional<std::string> token, start_after;
    std::optional<bool> fetch_owner;
    static constexpr auto shape =
        join(ListInput::shape,
             aws::fields(
                 aws::optional<&Input::token>("ContinuationToken").in_query("continuation-token"),
                 aws::optional<&Input::start_after>("StartAfter").in_query("start-after"),
                 aws::optional<&Input::fetch_owner>("FetchOwner").in_query("fetch-owner")));
  };
  struct Answer : ListAnswer {
    std::int64_t key_count = 0;
    std::optional<std::string> token, next_token, start_after;
    static constexpr auto shape = join(
        ListAnswer::shape, aws::fields(aws::optional<&Answer::key_count>("KeyCount"),
                                       aws::optional<&Answer::token>("ContinuationToken"),
                                       aws::optional<&Answer::next_token>("NextContinuationToken"),
                                       aws::optional<&Answer::start_after>("StartAfter")));
  };
  struct Output {
    Answer answer;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::answer>("").in_payload("ListBucketResult"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input& in) {
    return needs_to_list(in);
  }
  static Task<Result<Output>> run(S3& s3, aws::Call& call, Input in) {
    CO_TRY(const auto* bucket, bucket_of(call, in));
    CO_TRY(const auto encode, NameEncoding::parse(in.encoding_type));
    auto after = std::optional(aws::or_default(in.start_after));
    if (in.token) after = parse_token(*in.token);
    if (!after)
      co_return errors::invalid_argument("The continuation token provided is incorrect",
                                         "continuation-token", *in.token);
    std::optional<Owner> owner;
    if (in.fetch_owner.value_or(false)) owner = Owner{s3.canonical_id(bucket->account)};
    Output out;
    CO_TRY(const auto page,
           co_await fill(s3, *bucket, in, *std::move(after), std::move(owner), out.answer));
    out.answer.key_count = std::ssize(page.items) + std::ssize(page.prefixes);
    out.answer.token = in.token;
    if (in.start_after) out.answer.start_after = encode(*in.start_after);
    if (page.truncated) out.answer.next_token = make_token(page.last);
    co_return out;
  }
};

}  // namespace

std::span<const aws::S3Operation> list_operations() {
  static constexpr auto all = aws::s3_operations<ListObjects, ListObjectsV2>();
  return all;
}

}  // namespace larder::s3
