// Every bound on what a stranger can make Larder hold or do, with its source. Sizes in bytes unless
// the name says otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace larder::limits {

// HTTP. AWS: "PUT request header section at most 8 KB" (S3 UsingMetadata); we take what large
// session tokens need as well.
inline constexpr std::size_t http_head = 32 * 1024;
inline constexpr std::size_t http_headers_count = 128;
inline constexpr std::size_t http_chunk_line =
    4 * 1024;  // aws-chunked signatures and extensions fit
inline constexpr std::size_t http_trailer = 8 * 1024;
inline constexpr std::chrono::seconds http_head_deadline{30};
inline constexpr std::chrono::seconds http_idle_deadline{120};
inline constexpr std::chrono::seconds http_stopping_head_deadline{1};  // of heads that had begun
inline constexpr std::chrono::seconds http_body_stall_deadline{60};    // no byte for this long

// Query protocols: the largest legal form is one of IAM's with two policy documents,
// percent-encoded.
inline constexpr std::size_t query_form = 1024 * 1024;
// Before a credential that exists was shown: an operation's name and short parameters.
inline constexpr std::size_t query_form_of_stranger = 16 * 1024;
inline constexpr std::size_t query_parameters_count = 4096;

// A value that policies look at. AWS takes 8 KB of headers in a request ("PUT request header
// section at most 8 KB"), so none of its values is longer; matching one of this size takes under 1
// ms.
inline constexpr std::size_t policy_value = 8 * 1024;

// S3, from "Amazon S3 multipart upload limits" and the API reference.
inline constexpr std::uint64_t s3_put_object = 5ull * 1024 * 1024 * 1024;
inline constexpr std::uint64_t s3_object = 5ull * 1024 * 1024 * 1024 * 1024;
inline constexpr std::uint64_t s3_part_minimum = 5 * 1024 * 1024;
inline constexpr std::uint64_t s3_parts_count = 10'000;
inline constexpr std::size_t s3_key = 1024;
inline constexpr std::size_t s3_user_metadata = 2 * 1024;
inline constexpr std::size_t s3_delete_objects_count = 1000;
inline constexpr std::size_t s3_list_page = 1000;
inline constexpr std::size_t s3_bucket_policy = 20 * 1024;
inline constexpr std::size_t s3_xml_body =
    4 * 1024 * 1024;  // CompleteMultipartUpload of 10,000 parts with checksums

// Parsing depth of JSON and XML: no AWS document nests deeper.
inline constexpr std::size_t nesting_depth = 32;

// Metadata service. AWS names no bound; AWS's own emulation (rolesanywhere-credential-helper) keeps
// 256, which a host of short-lived programs would use up.
inline constexpr std::size_t metadata_tokens_count = 4096;

// Policies, from "IAM and AWS STS quotas", in characters without white space
// (policy::counted_size). What may be inline is for all of an entity's inline policies together.
inline constexpr std::size_t managed_policy = 6144;
inline constexpr std::size_t inline_policies_of_user = 2048;
inline constexpr std::size_t inline_policies_of_group = 5120;
inline constexpr std::size_t inline_policies_of_role = 10'240;
inline constexpr std::size_t trust_policy = 2048;
inline constexpr std::size_t trust_policy_raised = 8192;  // at AWS, on request
// In characters, white space counted. API references of STS (AssumeRole, "Policy") and of IAM
// (policyDocumentType): no operation of AWS takes a longer document.
inline constexpr std::size_t session_policy = 2048;
inline constexpr std::size_t policy_document = 131'072;

}  // namespace larder::limits
