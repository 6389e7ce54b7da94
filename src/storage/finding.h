// What a check of stored data has to say about one place: damage, or something worth knowing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "storage/blobs.h"

namespace larder::storage {

struct Finding {
  /// `note`: nothing is lost, the server puts it right by itself or it is only unusual.
  enum class Grade { damage, note };

  Grade grade = Grade::damage;
  std::string what;  // one line, for the operator

  // The record, when it is about one: raw bytes.
  std::string partition{};
  std::string record{};

  // The object, when it is about one. `version` is "null" without versioning.
  std::string bucket{};
  std::string key{};
  std::string version{};

  // The blob, and what is wrong of the object's bytes (of the blob's, where there is no object).
  std::optional<BlobId> blob{};
  std::optional<ByteRange> bytes{};
  /// The blob is there, and its bytes are not those that were stored.
  bool blob_is_damaged = false;
};

/// Is told of each finding once, on the checker's thread.
using FindingSink = std::function<void(const Finding&)>;

/// One line of text: what is wrong with which object (or record).
std::string describe(const Finding& finding);

/// Raw bytes, such as keys, on one line of a terminal: what is not printable ASCII as \xNN.
std::string printable(std::string_view bytes);

}  // namespace larder::storage
