#include "s3/completion.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "s3/errors.h"

namespace larder::s3 {
namespace {

std::string_view bare(std::string_view etag) {
  if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"'))
    return etag.substr(1, etag.size() - 2);
  return etag;
}

std::unexpected<Error> invalid_part(const std::string& upload_id, const ListedPart& part) {
  return fail(
      Error{{"InvalidPart", 400},
            "One or more of the specified parts could not be found.  The part may not have been "
            "uploaded, or the specified entity tag may not match the part's entity tag.",
            {{"UploadId", upload_id},
             {"PartNumber", fmt::format("{}", part.number)},
             {"ETag", std::string(bare(part.etag))}}});
}

std::unexpected<Error> too_small(const ListedPart& listed, const PartRecord& part) {
  return fail(Error{{"EntityTooSmall", 400},
                    "Your proposed upload is smaller than the minimum allowed size",
                    {{"ProposedSize", fmt::format("{}", part.content.size)},
                     {"MinSizeAllowed", fmt::format("{}", limits::s3_part_minimum)},
                     {"PartNumber", fmt::format("{}", listed.number)},
                     {"ETag", part.etag}}});
}

Result<void> check_order(const std::string& upload_id, const std::vector<ListedPart>& parts) {
  for (std::size_t i = 1; i < parts.size(); ++i)
    if (parts[i - 1].number >= parts[i].number)
      return fail(Error{{"InvalidPartOrder", 400},
                        "The list of parts was not in ascending order. Parts must be ordered by "
                        "part number.",
                        {{"UploadId", upload_id}}});
  return {};
}

Result<const PartRecord*> match(const std::string& upload_id, const UploadRecord& upload,
                                const FoundParts& found, const ListedPart& listed) {
  if (listed.number < 1 || listed.number > static_cast<std::int64_t>(limits::s3_parts_count))
    return invalid_part(upload_id, listed);
  const auto at = found.find(static_cast<std::uint32_t>(listed.number));
  if (at == found.end()) return invalid_part(upload_id, listed);
  const auto& part = at->second.record;
  if (bare(listed.etag) != part.etag) return invalid_part(upload_id, listed);
  bool named = false;
  for (const auto& [algorithm, value] : listed.checksums) {
    if (!part.checksum || part.checksum->algorithm != algorithm || part.checksum->value != value)
      return invalid_part(upload_id, listed);
    named = named || algorithm == upload.algorithm;
  }
  if (upload.algorithm && upload.composite && !named) {
    std::string name(checksum_name(*upload.algorithm));
    for (auto& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return errors::invalid_request(fmt::format(
        "The upload was created using a {} checksum. The complete request must include the "
        "checksum for each part. It was missing for part {} in the request.",
        name, listed.number));
  }
  return &part;
}

std::string raw_checksum(const PartRecord& part) {
  return base64_decode(part.checksum->value).value_or("");
}

StoredChecksum composite_of(ChecksumAlgorithm algorithm,
                            const std::vector<const PartRecord*>& parts) {
  const auto sum = make_checksum(algorithm);
  for (const auto* part : parts) sum->update(raw_checksum(*part));
  return {algorithm, true, fmt::format("{}-{}", base64_encode(sum->finish()), parts.size())};
}

StoredChecksum combined(ChecksumAlgorithm algorithm, const std::vector<const PartRecord*>& parts) {
  std::string crc = raw_checksum(*parts.front());
  for (std::size_t i = 1; i < parts.size(); ++i)
    crc = combine_crc(algorithm, crc, raw_checksum(*parts[i]), parts[i]->content.size);
  return {algorithm, false, base64_encode(crc)};
}

std::optional<StoredChecksum> checksum_of(const UploadRecord& upload,
                                          const std::vector<const PartRecord*>& parts) {
  if (!upload.algorithm) return std::nullopt;
  for (const auto* part : parts)
    if (!part->checksum || part->checksum->algorithm != *upload.algorithm) return std::nullopt;
  return upload.composite ? composite_of(*upload.algorithm, parts)
                          : combined(*upload.algorithm, parts);
}

Result<void> check_promises(const Completion& completion, const ObjectRecord& object) {
  if (completion.object_size &&
      static_cast<std::uint64_t>(*completion.object_size) != object.content.size)
    return errors::invalid_request(
        "The provided 'x-amz-mp-object-size' header value does not match what was computed.");
  const bool composite = object.checksum && object.checksum->composite;
  if (completion.checksum_type && object.checksum &&
      *completion.checksum_type != (composite ? "COMPOSITE" : "FULL_OBJECT"))
    return errors::invalid_request(
        "The checksum type of the request is not the one the upload was created with.");
  for (const auto& [algorithm, value] : completion.checksums) {
    if (!object.checksum || object.checksum->algorithm != algorithm)
      return errors::invalid_request(
          fmt::format("The upload was not created with a {} checksum.", checksum_name(algorithm)));
    if (object.checksum->value != value) return errors::bad_digest(checksum_name(algorithm));
  }
  return {};
}

}  // namespace

std::string multipart_etag(const std::vector<std::string>& etags) {
  std::string all;
  for (const auto& etag : etags) all += hex_decode(etag).value_or("");
  return fmt::format("{}-{}", hex_encode(md5(all)), etags.size());
}

Result<ObjectRecord> assemble(const std::string& upload_id, const UploadRecord& upload,
                              const FoundParts& found, const Completion& completion) {
  TRY_VOID(check_order(upload_id, completion.parts));
  std::vector<const PartRecord*> parts;
  std::vector<std::string> etags;
  ObjectRecord object{.write_id = completion.write_id,
                      .modified = completion.now,
                      .headers = upload.headers,
                      .metadata = upload.metadata,
                      .upload_id = upload_id};
  for (const auto& listed : completion.parts) {
    TRY(const auto* part, match(upload_id, upload, found, listed));
    parts.push_back(part);
    etags.push_back(part->etag);
    object.content.size += part->content.size;
    for (const auto& piece : part->content.pieces) object.content.pieces.push_back(piece);
  }
  for (std::size_t i = 0; i + 1 < parts.size(); ++i)
    if (parts[i]->content.size < limits::s3_part_minimum)
      return too_small(completion.parts[i], *parts[i]);
  if (object.content.size > limits::s3_object)
    return errors::entity_too_large(object.content.size, limits::s3_object);
  object.etag = multipart_etag(etags);
  object.checksum = checksum_of(upload, parts);
  TRY_VOID(check_promises(completion, object));
  return object;
}

}  // namespace larder::s3
