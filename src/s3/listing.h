// A page of a listing: object keys or uploads in byte order, rolled up at a delimiter. A page costs
// what it returns: what is rolled up is sought past, not read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "s3/index.h"

namespace larder::s3 {

struct ListQuery {
  Table table = Table::objects;  // or upload_keys
  std::string prefix{};
  std::string delimiter{};  // empty: nothing is rolled up
  /// Where to begin: everything after this name, be it a key or a common prefix. Empty: all.
  std::string after{};
  /// Of upload_keys: with this, the uploads of the key `after` that have greater ids come too.
  std::string after_suffix{};
  std::size_t limit = 1000;
};

struct ListPage {
  struct Item {
    std::string key;
    std::string suffix;  // an upload's id
    std::string value;
  };
  std::vector<Item> items;
  std::vector<std::string> prefixes;
  bool truncated = false;
  std::string last;         // the greatest name on the page: the next one's `after`
  std::string last_suffix;  // and `after_suffix`
};

/// A limit of 0 is an empty page, not truncated.
Task<Result<ListPage>> list(Index& index, ListQuery query);

}  // namespace larder::s3
