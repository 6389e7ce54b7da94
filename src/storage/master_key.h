// DIR/master.key: 256 random bits under which every secret at rest is sealed. Whoever has it and
// the data has the secrets: back it up apart from the data.
#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "storage/file_system.h"

namespace larder::storage {

/// A value; exactly 32 bytes.
class MasterKey {
 public:
  explicit MasterKey(Secret bytes);
  const Secret& bytes() const { return bytes_; }
  /// 16 hex digits that tell keys apart and give nothing away.
  std::string fingerprint() const;

 private:
  Secret bytes_;
};

/// Makes the file, mode 0600, durably.
Result<MasterKey> create_master_key(FileSystem& files, const std::string& path, Random& random);

/// BadDataDirectory, with what to do, when the file is absent, readable by others than its owner,
/// or malformed.
Result<MasterKey> read_master_key(FileSystem& files, const std::string& path);

}  // namespace larder::storage
