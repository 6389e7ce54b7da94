#include "storage/errors.h"
#include "storage/inspectable_kv.h"

namespace larder::storage {

Task<Result<std::optional<Entry>>> EntryWalk::next() {
  if (at_ == page_.size()) {
    if (!more_) co_return std::nullopt;
    auto page = co_await kv_.scan(partition_, range_, limit_);
    // A page fails as a whole: what of it comes before the damage is read by smaller ones.
    while (!page && page.error().code == codes::corrupt && limit_ > 1) {
      limit_ /= 2;
      page = co_await kv_.scan(partition_, range_, limit_);
    }
    if (!page) co_return fail(std::move(page).error());
    page_ = std::move(page->entries);
    at_ = 0;
    more_ = page->more;
    if (page_.empty()) co_return std::nullopt;
    range_.begin = page_.back().key + '\0';
  }
  co_return std::move(page_[at_++]);
}

}  // namespace larder::storage
