#include "s3/listing.h"

#include <algorithm>

#include "base/limits.h"
#include "storage/errors.h"

namespace larder::s3 {
namespace {

constexpr std::size_t scan_first = 64;  // with a delimiter: much of it may be sought past

/// Longer names sort among keys as they do when cut here: no key reaches beyond.
std::string cut(std::string name) {
  if (name.size() > limits::s3_key) name.resize(limits::s3_key + 1);
  return name;
}

class Lister {
 public:
  Lister(Index& index, ListQuery query) : index_(index), query_(std::move(query)) {
    query_.prefix = cut(std::move(query_.prefix));
    query_.after = cut(std::move(query_.after));
    range_.begin = beginning();
    range_.end = behind_all_with(query_.table, query_.prefix);
    scan_limit_ = query_.delimiter.empty() ? query_.limit + 1 : scan_first;
  }

  Task<Result<ListPage>> run() {
    while (query_.limit > 0 && range_.begin < range_.end) {
      CO_TRY(auto found, co_await index_.scan(range_, scan_limit_));
      for (auto& entry : found.entries) {
        if (entry.key < range_.begin) continue;  // sought past, but read already
        CO_TRY(const bool room, take(std::move(entry)));
        if (!room) co_return std::move(page_);
      }
      if (!found.more) break;
      scan_limit_ = std::min(scan_limit_ * 2, query_.limit + 1);
    }
    co_return std::move(page_);
  }

 private:
  std::optional<std::string> common_prefix(const std::string& key) const {
    if (query_.delimiter.empty()) return std::nullopt;
    const auto at = key.find(query_.delimiter, query_.prefix.size());
    if (at == key.npos) return std::nullopt;
    return key.substr(0, at + query_.delimiter.size());
  }

  std::string beginning() const {
    const auto first = first_with(query_.table, query_.prefix);
    if (query_.after.empty()) return first;
    auto from = behind(query_.table, query_.after);
    if (!query_.after_suffix.empty()) from = upload_name(query_.after, query_.after_suffix) + '\0';
    // A name within a common prefix is greater than that prefix, which therefore is behind us.
    if (query_.after.starts_with(query_.prefix))
      if (const auto rolled = common_prefix(query_.after))
        from = behind_all_with(query_.table, *rolled);
    return std::max(first, from);
  }

  /// False: the page is full, and this would have been the next.
  Result<bool> take(storage::Entry entry) {
    auto found = split(entry.key);
    if (!found) return fail(larder::codes::corrupt, "A key of an index is damaged.");
    if (page_.items.size() + page_.prefixes.size() == query_.limit) {
      page_.truncated = true;
      return false;
    }
    if (auto rolled = common_prefix(found->key)) {
      range_.begin = behind_all_with(query_.table, *rolled);
      page_.last = *rolled;
      page_.last_suffix.clear();
      page_.prefixes.push_back(*std::move(rolled));
      return true;
    }
    // Of objects, behind all versions of the key.
    range_.begin =
        query_.table == Table::objects ? behind(query_.table, found->key) : entry.key + '\0';
    page_.last = found->key;
    page_.last_suffix = found->suffix;
    // Small objects stand in their records: a copy would be of all their bytes.
    page_.items.push_back(
        {std::move(found->key), std::move(found->suffix), std::move(entry.value)});
    return true;
  }

  Index& index_;
  ListQuery query_;
  storage::KeyRange range_;
  std::size_t scan_limit_;
  ListPage page_;
};

}  // namespace

Task<Result<ListPage>> list(Index& index, ListQuery query) {
  Lister lister(index, std::move(query));
  co_return co_await lister.run();
}

}  // namespace larder::s3
