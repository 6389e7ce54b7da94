// Kv in memory: for tests of every module and for trying Larder out. Nothing survives the object;
// `committed` means visible.
#pragma once

#include <map>
#include <mutex>

#include "storage/inspectable_kv.h"

namespace larder::storage {

class MemoryKv final : public InspectableKv {
 public:
  Task<Result<std::optional<std::string>>> get(Partition partition, std::string key) override;
  Task<Result<ScanPage>> scan(Partition partition, KeyRange range, std::size_t limit) override;
  Task<Result<CommitOutcome>> commit(Partition partition, std::vector<Guard> guards,
                                     std::vector<Write> writes) override;
  Task<Result<std::vector<Partition>>> partitions(Partition after, std::size_t limit) override;
  Task<Result<void>> verify() override;

 private:
  std::mutex mutex_;
  std::map<Partition, std::map<std::string, std::string>> partitions_;  // guarded by mutex_
};

}  // namespace larder::storage
