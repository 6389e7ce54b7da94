// The headers that are stored with an object.
#include <fmt/format.h>

#include "base/limits.h"
#include "s3/operations/types.h"

namespace larder::s3 {
namespace {

constexpr std::string_view default_content_type = "binary/octet-stream";

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// `gzip,aws-chunked` is stored as `gzip`: the other is how the request was sent.
std::string without_aws_chunked(std::string_view list) {
  std::string kept;
  while (!list.empty()) {
    const auto item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    if (trim(item).empty() || trim(item) == "aws-chunked") continue;
    if (!kept.empty()) kept += ',';
    kept += trim(item);
  }
  return kept;
}

Result<void> check_metadata(const Pairs& metadata) {
  std::size_t size = 0;
  for (const auto& [name, value] : metadata) size += name.size() + value.size();
  if (size <= limits::s3_user_metadata) return {};
  return fail(Error{{"MetadataTooLarge", 400},
                    "Your metadata headers exceed the maximum allowed metadata size",
                    {{"Size", fmt::format("{}", size)},
                     {"MaxSizeAllowed", fmt::format("{}", limits::s3_user_metadata)}}});
}

}  // namespace

policy::Context context_of(const ObjectHeaders& in) {
  policy::Context context;
  const auto set = [&](std::string_view key, const std::optional<std::string>& value) {
    if (value) context.set(key, *value);
  };
  set("s3:x-amz-acl", in.acl);
  set("s3:x-amz-grant-full-control", in.grant_full_control);
  set("s3:x-amz-grant-read", in.grant_read);
  set("s3:x-amz-grant-read-acp", in.grant_read_acp);
  set("s3:x-amz-grant-write-acp", in.grant_write_acp);
  set("s3:x-amz-server-side-encryption", in.encryption);
  set("s3:x-amz-server-side-encryption-aws-kms-key-id", in.encryption_key);
  set("s3:x-amz-server-side-encryption-customer-algorithm", in.customer_algorithm);
  context.set("s3:x-amz-storage-class", in.storage_class.value_or("STANDARD"));
  return context;
}

aws::Needs needs_to_write(const ObjectHeaders& in, policy::Context context) {
  auto needs = needs_on_object("s3:PutObject", in.bucket, in.key, context);
  if (in.acl) {
    auto acl = needs_on_object("s3:PutObjectAcl", in.bucket, in.key, std::move(context));
    needs.push_back(std::move(acl.front()));
  }
  return needs;
}

Result<void> check_headers(const ObjectHeaders& in) {
  if (in.acl && *in.acl != "private" && *in.acl != "bucket-owner-full-control")
    return errors::not_implemented("x-amz-acl", *in.acl);
  TRY_VOID(refuse({{"x-amz-grant-full-control", in.grant_full_control},
                   {"x-amz-grant-read", in.grant_read},
                   {"x-amz-grant-read-acp", in.grant_read_acp},
                   {"x-amz-grant-write-acp", in.grant_write_acp},
                   {"x-amz-server-side-encryption", in.encryption},
                   {"x-amz-server-side-encryption-aws-kms-key-id", in.encryption_key},
                   {"x-amz-server-side-encryption-customer-algorithm", in.customer_algorithm},
                   {"x-amz-tagging", in.tagging},
                   {"x-amz-object-lock-mode", in.lock_mode},
                   {"x-amz-object-lock-retain-until-date", in.lock_until},
                   {"x-amz-object-lock-legal-hold", in.legal_hold},
                   {"x-amz-website-redirect-location", in.redirect}}));
  if (in.storage_class && *in.storage_class != "STANDARD")
    return fail(Error{{"InvalidStorageClass", 400},
                      "The storage class you specified is not valid",
                      {{"StorageClassRequested", *in.storage_class}}});
  return check_metadata(stored_metadata(in));
}

Pairs stored_headers(const ObjectHeaders& in) {
  Pairs all;
  const auto add = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value && !value->empty()) all.emplace_back(name, *value);
  };
  const std::string content_type = in.content_type && !in.content_type->empty()
                                       ? *in.content_type
                                       : std::string(default_content_type);
  all.emplace_back("Content-Type", content_type);
  add("Cache-Control", in.cache_control);
  add("Content-Disposition", in.content_disposition);
  if (in.content_encoding) add("Content-Encoding", without_aws_chunked(*in.content_encoding));
  add("Content-Language", in.content_language);
  add("Expires", in.expires);
  return all;
}

/// A header that was sent several times has its values joined, as AWS does.
Pairs stored_metadata(const ObjectHeaders& in) {
  Pairs all;
  for (const auto& entry : in.metadata) {
    const auto known = std::ranges::find(all, entry.name, &Pairs::value_type::first);
    if (known == all.end()) {
      all.emplace_back(entry.name, entry.value);
    } else {
      known->second += "," + entry.value;
    }
  }
  return all;
}

}  // namespace larder::s3
