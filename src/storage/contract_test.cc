// The contract suites on every implementation.
#include "storage/files_blobs.h"
#include "storage/memory_blobs.h"
#include "storage/memory_file_system.h"
#include "storage/memory_kv.h"
#include "storage/rocks_kv.h"
#include "storage/testing/blobs_contract.h"
#include "storage/testing/kv_contract.h"
#include "storage/testing/temporary_directory.h"

namespace larder::storage::test {
namespace {

class MemoryKvWorld final : public KvWorld {
 public:
  Kv& kv() override { return kv_; }

 private:
  MemoryKv kv_;
};

class RocksWorld final : public KvWorld {
 public:
  Kv& kv() override { return *kv_; }

 private:
  TemporaryDirectory directory_;
  PosixFileSystem files_;
  SeededRandom random_{1};
  BlockingPool pool_{2, 100};
  std::unique_ptr<Kv> kv_ =
      open_rocks_kv(directory_.path() + "/kv", files_, pool_, random_, {.free_space_min = 0})
          .value();
};

class RocksInMemoryWorld final : public KvWorld {
 public:
  Kv& kv() override { return *kv_; }

 private:
  MemoryFileSystem files_;
  SeededRandom random_{1};
  BlockingPool pool_{2, 100};
  std::unique_ptr<Kv> kv_ =
      open_rocks_kv("/kv", files_, pool_, random_, {.log_segment_bytes = 1 << 20}).value();
};

template <class World>
std::unique_ptr<KvWorld> make_kv() {
  return std::make_unique<World>();
}

INSTANTIATE_TEST_SUITE_P(Memory, KvContract, ::testing::Values(make_kv<MemoryKvWorld>));
INSTANTIATE_TEST_SUITE_P(Rocks, KvContract, ::testing::Values(make_kv<RocksWorld>));
INSTANTIATE_TEST_SUITE_P(RocksOnMemoryFiles, KvContract,
                         ::testing::Values(make_kv<RocksInMemoryWorld>));

class MemoryBlobsWorld final : public BlobsWorld {
 public:
  Blobs& blobs() override { return blobs_; }

 private:
  MemoryBlobs blobs_;
};

class FilesWorld final : public BlobsWorld {
 public:
  Blobs& blobs() override { return *blobs_; }

 private:
  TemporaryDirectory directory_;
  PosixFileSystem files_;
  BlockingPool pool_{2, 100};
  std::unique_ptr<Blobs> blobs_ =
      open_files_blobs(directory_.path() + "/blobs", files_, pool_, {.free_space_min = 0}).value();
};

template <class World>
std::unique_ptr<BlobsWorld> make_blobs() {
  return std::make_unique<World>();
}

INSTANTIATE_TEST_SUITE_P(Memory, BlobsContract, ::testing::Values(make_blobs<MemoryBlobsWorld>));
INSTANTIATE_TEST_SUITE_P(Files, BlobsContract, ::testing::Values(make_blobs<FilesWorld>));

}  // namespace
}  // namespace larder::storage::test
