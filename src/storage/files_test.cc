// Damage to blobs' files, and what a full disk does.
#include <gtest/gtest.h>

#include "storage/data_directory.h"
#include "storage/errors.h"
#include "storage/memory_file_system.h"
#include "storage/testing/helpers.h"
#include "storage/testing/run.h"

namespace larder::storage::test {
namespace {

class Files : public ::testing::Test {
 protected:
  std::string path_of(const BlobId& id) {
    const auto text = id.str();
    return "/blobs/" + text.substr(0, 2) + "/" + text.substr(2, 2) + "/" + text;
  }
  std::string bytes_of(const std::string& path) {
    return read_small_file(files_, path, 10'000'000).value();
  }
  void replace(const std::string& path, std::string_view bytes) {
    const auto file = files_.create(path, 0600).value();
    ASSERT_TRUE(file->append(bytes));
  }

  SeededRandom random_{7};
  MemoryFileSystem files_;
  BlockingPool pool_{2, 100};
  std::unique_ptr<Blobs> blobs_ = open_files_blobs("/blobs", files_, pool_).value();
};

TEST_F(Files, AnyFlippedBitOfABlobIsDetected) {
  const auto id = BlobId::make(random_);
  const auto content = random_.bytes(600);
  ASSERT_TRUE(store(*blobs_, id, content));
  const auto bytes = bytes_of(path_of(id));
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    replace(path_of(id), damaged);
    const auto found = fetch(*blobs_, id);
    ASSERT_FALSE(found) << "bit " << bit;
    ASSERT_EQ(found.error().code, codes::corrupt) << "bit " << bit;
  }
}

TEST_F(Files, ABlobCutShortAnywhereIsDetected) {
  const auto id = BlobId::make(random_);
  ASSERT_TRUE(store(*blobs_, id, random_.bytes(300'000)));
  const auto bytes = bytes_of(path_of(id));
  for (std::size_t size = 0; size < bytes.size(); size += size < 100 ? 1 : 9973) {
    replace(path_of(id), bytes.substr(0, size));
    ASSERT_FALSE(fetch(*blobs_, id)) << size;
  }
}

TEST_F(Files, ABlobInAnothersPlaceIsDetected) {
  const auto a = BlobId::make(random_);
  const auto b = BlobId::make(random_);
  ASSERT_TRUE(store(*blobs_, a, "same length"));
  ASSERT_TRUE(store(*blobs_, b, "SAME LENGTH"));
  replace(path_of(a), bytes_of(path_of(b)));
  EXPECT_EQ(fetch(*blobs_, a).error().code, codes::corrupt);
}

TEST_F(Files, ARangeTouchesOnlyItsBlocks) {
  const auto id = BlobId::make(random_);
  const auto content = random_.bytes(2'000'000);
  ASSERT_TRUE(store(*blobs_, id, content));
  auto bytes = bytes_of(path_of(id));
  bytes[1'000'000] = static_cast<char>(bytes[1'000'000] ^ 1);  // in the fourth block
  replace(path_of(id), bytes);
  EXPECT_TRUE(fetch(*blobs_, id, {0, 3 * 262'144}).value() == content.substr(0, 3 * 262'144));
  EXPECT_TRUE(fetch(*blobs_, id, {4 * 262'144, 10}).value() == content.substr(4 * 262'144, 10));
  EXPECT_EQ(fetch(*blobs_, id, {3 * 262'144, 1}).error().code, codes::corrupt);
  EXPECT_EQ(fetch(*blobs_, id).error().code, codes::corrupt);
}

TEST_F(Files, ABlobThatIsNotSealedLeavesNoFile) {
  const auto id = BlobId::make(random_);
  {
    const auto writer = run(blobs_->create(id)).value();
    const auto content = random_.bytes(2'000'000);
    ASSERT_TRUE(run(writer->write(content)));
    ASSERT_EQ(files_.children("/blobs/tmp").value().size(), 1u);
  }
  blobs_.reset();  // waits for the removal
  EXPECT_TRUE(files_.children("/blobs/tmp").value().empty());
}

TEST_F(Files, LeftoversAreRemovedWhenTheStoreIsOpened) {
  blobs_.reset();
  replace("/blobs/tmp/0123456789abcdef0123456789abcdef", "half a blob");
  blobs_ = open_files_blobs("/blobs", files_, pool_).value();
  EXPECT_TRUE(files_.children("/blobs/tmp").value().empty());
}

TEST_F(Files, OnANearlyFullDiskBlobsAreRefusedAndDeletesGoOn) {
  const auto id = BlobId::make(random_);
  ASSERT_TRUE(store(*blobs_, id, "x"));
  const auto kv = open_rocks_kv("/kv", files_, pool_, random_).value();
  files_.set_free_space(100 << 20);
  const auto refused = store(*blobs_, BlobId::make(random_), "x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, codes::storage_full);
  EXPECT_TRUE(run(blobs_->remove(id)));
  EXPECT_TRUE(run(kv->commit("p", {}, {{"k", "v"}})));
}

TEST_F(Files, OnAFullDiskACommitIsRefusedAndHappensNot) {
  files_.set_free_space(1 << 20);
  const auto kv = open_rocks_kv("/kv", files_, pool_, random_).value();
  const auto refused = run(kv->commit("p", {}, {{"k", "v"}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, codes::storage_full);
  EXPECT_EQ(run(kv->get("p", "k")).value(), std::nullopt);
  files_.set_free_space(1ull << 30);
  EXPECT_EQ(run(kv->commit("p", {}, {{"k", "v"}})).value(), CommitOutcome::committed);
}

}  // namespace
}  // namespace larder::storage::test
