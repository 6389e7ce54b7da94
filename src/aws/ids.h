// Identifiers in the forms that AWS gives them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace larder::aws {

/// `AROA` + 17 of A-Z2-7: unique ids of entities. Never reused.
std::string make_unique_id(std::string_view prefix, Random& random);

/// The same form, always the same for the same text: for what is not stored.
std::string derive_unique_id(std::string_view prefix, std::string_view text);

/// 20 characters: `prefix` (AKIA, ASIA), then base32 of the account's number and 40 random bits, so
/// that the account can be told from the id, as it can be from AWS's.
std::string make_access_key_id(std::string_view prefix, std::string_view account, Random& random);
/// nullopt when the id is not of that form.
std::optional<std::string> account_of_access_key_id(std::string_view access_key_id);

/// 40 characters of the base64 alphabet.
std::string make_secret_access_key(Random& random);

/// `i-` + 17 hexadecimal digits, and its likes.
std::string make_resource_id(std::string_view prefix, Random& random);

/// 12 digits, the first not 0.
std::string make_account_id(Random& random);
bool is_account_id(std::string_view text);

/// 16 characters of 0-9A-Z, as S3's; and a UUID, as the others'.
std::string make_s3_request_id(Random& random);
std::string make_uuid(Random& random);

}  // namespace larder::aws
