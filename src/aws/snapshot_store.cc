#include "aws/snapshot_store.h"

#include <fmt/format.h>

#include "codec/base64.h"

namespace larder::aws {
namespace {

constexpr std::string_view revision_key = "!revision";
constexpr std::size_t page = 1000;

/// Fixed width, so that revisions compare as text; the random part tells our commit from another's
/// after an unknown outcome.
std::string next_revision(const std::string& revision, Random& random) {
  const std::uint64_t number = revision.empty() ? 0 : std::stoull(revision.substr(0, 20));
  return fmt::format("{:020}-{}", number + 1, hex_encode(random.bytes(8)));
}

}  // namespace

Task<Result<RevisionedPartition::Content>> RevisionedPartition::load(storage::Partition partition) {
  // The revision is read first and checked last: a commit in between would give a mixture.
  for (;;) {
    auto before = co_await kv_.get(partition, std::string(revision_key));
    if (!before) co_return fail(std::move(before).error());
    Content content{before->value_or(""), {}};
    std::string begin = "A";
    for (bool more = true; more;) {
      auto scanned = co_await kv_.scan(partition, storage::KeyRange{begin, ""}, page);
      if (!scanned) co_return fail(std::move(scanned).error());
      more = scanned->more;
      for (auto& entry : scanned->entries) content.entries.push_back(std::move(entry));
      if (more) begin = content.entries.back().key + '\0';
    }
    auto after = co_await kv_.get(partition, std::string(revision_key));
    if (!after) co_return fail(std::move(after).error());
    if (after->value_or("") == content.revision) co_return content;
  }
}

Task<Result<std::optional<std::string>>> RevisionedPartition::commit(storage::Partition partition,
                                                                     std::string revision,
                                                                     Changes changes) {
  const std::string next = next_revision(revision, random_);
  std::vector<storage::Guard> guards;
  guards.push_back(
      {std::string(revision_key), revision.empty() ? std::nullopt : std::optional(revision)});
  changes.push_back({std::string(revision_key), next});
  auto outcome = co_await kv_.commit(partition, std::move(guards), std::move(changes));
  if (!outcome) co_return fail(std::move(outcome).error());
  if (*outcome == storage::CommitOutcome::committed) co_return next;
  if (*outcome == storage::CommitOutcome::guard_failed) co_return std::optional<std::string>();
  auto now = co_await kv_.get(partition, std::string(revision_key));
  if (!now) co_return fail(std::move(now).error());
  if (*now == next) co_return next;
  co_return fail(codes::service_unavailable, "The change could not be stored; please try again.");
}

}  // namespace larder::aws
