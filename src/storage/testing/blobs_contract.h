// What every Blobs must do. One file of a test program includes it and instantiates it, as
// kv_contract.h says.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "storage/blobs.h"
#include "storage/testing/helpers.h"
#include "storage/testing/run.h"

namespace larder::storage::test {

class BlobsWorld {
 public:
  virtual ~BlobsWorld() = default;
  virtual Blobs& blobs() = 0;
};

class BlobsContract
    : public ::testing::TestWithParam<std::function<std::unique_ptr<BlobsWorld>()>> {
 protected:
  SeededRandom random_{1};
  std::unique_ptr<BlobsWorld> world_ = GetParam()();
  Blobs& blobs_ = world_->blobs();
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BlobsContract);

TEST_P(BlobsContract, AnAbsentBlobIsAValueNotAnError) {
  EXPECT_EQ(fetch(blobs_, BlobId::make(random_)).value(), std::nullopt);
}

TEST_P(BlobsContract, WhatIsSealedIsReadBack) {
  constexpr std::size_t block = 256 * 1024;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1000}, block - 1,
                                 block, block + 1, 2 * block, 7 * block + 123}) {
    const auto id = BlobId::make(random_);
    const auto content = random_.bytes(size);
    ASSERT_TRUE(store(blobs_, id, content)) << size;
    EXPECT_TRUE(fetch(blobs_, id).value() == content) << size;
  }
}

TEST_P(BlobsContract, ChunksMayHaveAnySize) {
  const auto content = random_.bytes(600'000);
  for (const std::size_t chunk : {997u, 262'144u, 600'000u}) {
    const auto id = BlobId::make(random_);
    ASSERT_TRUE(store(blobs_, id, content, chunk));
    EXPECT_TRUE(fetch(blobs_, id).value() == content) << chunk;
  }
}

TEST_P(BlobsContract, ARangeIsWhatTheBlobHasOfIt) {
  const auto id = BlobId::make(random_);
  const auto content = random_.bytes(1'000'000);
  ASSERT_TRUE(store(blobs_, id, content));
  for (const ByteRange range : {ByteRange{0, 1}, ByteRange{262'143, 2}, ByteRange{262'144, 262'144},
                                ByteRange{999'999, 1}, ByteRange{999'999, 100}, ByteRange{5, 0},
                                ByteRange{100'000, 800'000}, ByteRange{1, UINT64_MAX}}) {
    const auto expected = content.substr(range.offset, range.length);
    EXPECT_TRUE(fetch(blobs_, id, range).value() == expected) << range.offset;
  }
  EXPECT_EQ(fetch(blobs_, id, {1'000'000, 1}).value(), "");
  EXPECT_EQ(fetch(blobs_, id, {UINT64_MAX, UINT64_MAX}).value(), "");
}

TEST_P(BlobsContract, NothingIsReadableBeforeItIsSealed) {
  const auto id = BlobId::make(random_);
  {
    const auto writer = run(blobs_.create(id)).value();
    const auto content = random_.bytes(2'000'000);
    ASSERT_TRUE(run(writer->write(content)));
    EXPECT_EQ(fetch(blobs_, id).value(), std::nullopt);
    EXPECT_TRUE(run(blobs_.list(std::nullopt, 10)).value().empty());
  }
  EXPECT_EQ(fetch(blobs_, id).value(), std::nullopt);
}

TEST_P(BlobsContract, AChunkMayBeReusedWhenWriteReturns) {
  const auto id = BlobId::make(random_);
  auto chunk = random_.bytes(1'500'000);
  const auto content = chunk;
  {
    const auto writer = run(blobs_.create(id)).value();
    ASSERT_TRUE(run(writer->write(chunk)));
    std::ranges::fill(chunk, 'x');
    ASSERT_TRUE(run(writer->seal()));
  }
  EXPECT_TRUE(fetch(blobs_, id).value() == content);
}

TEST_P(BlobsContract, RemovingIsIdempotentAndLeavesReadersTheirBytes) {
  const auto id = BlobId::make(random_);
  const auto content = random_.bytes(3'000'000);
  ASSERT_TRUE(store(blobs_, id, content));
  auto source = run(blobs_.read(id, whole_blob)).value();
  ASSERT_TRUE(source);
  ASSERT_TRUE(run(blobs_.remove(id)));
  ASSERT_TRUE(run(blobs_.remove(id)));
  EXPECT_EQ(fetch(blobs_, id).value(), std::nullopt);
  EXPECT_TRUE(drain(**source).value() == content);
}

TEST_P(BlobsContract, TheListIsCompleteInOrderAndGoesOn) {
  std::vector<BlobId> ids;
  for (int i = 0; i < 25; ++i) {
    ids.push_back(BlobId::make(random_));
    ASSERT_TRUE(store(blobs_, ids.back(), "x"));
  }
  std::ranges::sort(ids);
  std::vector<BlobId> listed;
  std::optional<BlobId> after;
  for (;;) {
    const auto page = run(blobs_.list(after, 10)).value();
    listed.insert(listed.end(), page.begin(), page.end());
    if (page.size() < 10) break;
    after = page.back();
  }
  EXPECT_EQ(listed, ids);
}

}  // namespace larder::storage::test
