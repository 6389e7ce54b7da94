// What every Kv demands of its callers, in one place so that the fake is as strict as the real one.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "storage/kv.h"

namespace larder::storage {

void check_key(std::string_view partition, std::string_view key);
void check_scan(std::string_view partition, std::size_t limit);

/// Keys and values of a commit, with a little for each. CHECKs what is a bug; InvalidArgument when
/// it is too large.
Result<std::size_t> measure_commit(std::string_view partition, std::span<const Guard> guards,
                                   std::span<const Write> writes);

/// What becomes of the number `stored`. DataCorrupted as Kv::commit says.
Result<std::optional<std::string>> sum(const std::optional<std::string>& stored,
                                       std::int64_t amount);

}  // namespace larder::storage
