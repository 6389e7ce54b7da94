// What `larder account usage` shows, and how `larder account set` is told a size. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace larder::cli {

/// Of ListAccounts' and ListUsage's answers one array: of each account (of `only`, when that is not
/// empty) AccountId, AccountName, MaxBytes if it has a limit, Objects, Bytes, Uploads, UploadBytes,
/// Buckets. In the order of ListAccounts.
boost::json::array usage_of(const boost::json::array& accounts, const boost::json::array& usage,
                            std::string_view only);

/// The same as a table for people.
std::string usage_text(const boost::json::array& usage);

/// `1500`, `10GiB` (2^10), `10 GB` (10^3); k to T, upper or lower case. nullopt: nothing of the
/// kind, or more than 2^63 - 1.
std::optional<std::int64_t> parse_bytes(std::string_view text);

}  // namespace larder::cli
