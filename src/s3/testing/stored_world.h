// S3 on a data directory in memory, whose files can be damaged. For tests.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "s3/testing/world.h"
#include "storage/data_directory.h"
#include "storage/memory_file_system.h"

namespace larder::s3::test {

class StoredWorld {
 public:
  StoredWorld();

  World& world() { return *world_; }
  storage::DataDirectory& data() { return *data_; }
  storage::MemoryFileSystem& files() { return files_; }

  /// A bucket `photos` with objects of all kinds, and an upload that goes on: `small` (in its
  /// record), `large` (600,000 bytes in one blob, with a CRC32), `album` (5 MiB and 100 bytes, of
  /// parts with SHA256) and the upload `unfinished` of one part.
  void fill();
  /// The upload's id.
  std::string upload(const std::string& key, const std::vector<std::string>& parts, bool complete);

  /// The record of an object of `photos`.
  ObjectRecord record(const std::string& key);
  void set_record(const std::string& key, std::string value);
  /// Any entry of its index; nullopt: removes it. What the bucket holds is counted anew, unless a
  /// record cannot be read.
  void set_entry(std::string key, std::optional<std::string> value);
  std::string index_partition();

  storage::BlobId blob(const std::string& key, std::size_t piece = 0) {
    return record(key).content.pieces.at(piece).blob;
  }
  static std::string path_of(const storage::BlobId& blob);
  std::string file(const storage::BlobId& blob);
  void set_file(const storage::BlobId& blob, std::string_view bytes);
  void flip(const storage::BlobId& blob, std::uint64_t bit);

 private:
  storage::MemoryFileSystem files_;
  BlockingPool pool_{2, 100};
  SeededRandom random_{11};
  std::unique_ptr<storage::DataDirectory> data_;
  std::unique_ptr<World> world_;
};

}  // namespace larder::s3::test
