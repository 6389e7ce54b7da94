// A data directory that is looked at: all of it is seen, and nothing in it changes.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/log.h"
#include "storage/data_directory.h"
#include "storage/errors.h"
#include "storage/memory_file_system.h"
#include "storage/quarantine.h"
#include "storage/testing/faulty_file_system.h"
#include "storage/testing/helpers.h"
#include "storage/testing/run.h"

namespace larder::storage::test {
namespace {

class ViewTest : public ::testing::Test {
 protected:
  ViewTest() { log::set_level(log::Level::error); }

  std::unique_ptr<DataDirectory> open() {
    return open_data_directory("/data", files_, pool_, random_).value();
  }
  Result<std::unique_ptr<DataDirectory>> view() {
    return view_data_directory("/data", files_, pool_, random_);
  }
  void write(const std::string& path, std::string_view bytes) {
    const auto file = files_.create(path, 0600).value();
    ASSERT_TRUE(file->append(bytes));
  }
  /// Every file below with its content.
  void collect(const std::string& path, std::map<std::string, std::string>& into) {
    for (const auto& name : files_.children(path).value()) {
      const auto child = path + "/" + name;
      if (files_.info(child).value()->is_directory) {
        into[child] = "directory";
        collect(child, into);
      } else if (name != "lock") {
        into[child] = read_small_file(files_, child, 100'000'000).value();
      }
    }
  }
  std::map<std::string, std::string> all_files() {
    std::map<std::string, std::string> all;
    collect("/data", all);
    return all;
  }
  BlobId put_blob(Blobs& blobs, std::string_view content) {
    const auto id = BlobId::make(random_);
    EXPECT_TRUE(store(blobs, id, content));
    return id;
  }

  MemoryFileSystem files_;
  BlockingPool pool_{2, 100};
  SeededRandom random_{3};
};

TEST_F(ViewTest, SeesWhatIsInTablesAndWhatIsStillInLogsAndChangesNothing) {
  {
    ASSERT_TRUE(run(open()->kv().commit("p", {}, {{"old", "1"}})));
  }
  std::optional<BlobId> blob;
  {
    const auto data = open();  // what the log had is in a table now
    ASSERT_TRUE(run(data->kv().commit("p", {}, {{"new", "2"}})));
    blob = put_blob(data->blobs(), "content");
  }
  write("/data/blobs/tmp/0123456789abcdef0123456789abcdef", "half a blob");
  const auto before = all_files();
  {
    const auto data = view().value();
    EXPECT_EQ(run(data->kv().get("p", "old")).value(), "1");
    EXPECT_EQ(run(data->kv().get("p", "new")).value(), "2");
    EXPECT_EQ(run(data->kv().scan("p", {"", ""}, 10)).value().entries.size(), 2u);
    EXPECT_EQ(fetch(data->blobs(), *blob).value(), "content");
    EXPECT_EQ(run(data->blobs().list(std::nullopt, 10)).value().size(), 1u);
    EXPECT_TRUE(run(data->kv().verify()));
  }
  EXPECT_EQ(all_files(), before);
}

TEST_F(ViewTest, NothingCanBeChangedThroughIt) {
  std::optional<BlobId> blob;
  {
    const auto data = open();
    blob = put_blob(data->blobs(), "content");
  }
  const auto before = all_files();
  {
    const auto data = view().value();
    EXPECT_EQ(run(data->kv().commit("p", {}, {{"k", "v"}})).error().code, codes::storage_failure);
    EXPECT_FALSE(store(data->blobs(), BlobId::make(random_), "new"));
    EXPECT_FALSE(run(data->blobs().remove(*blob)));
  }
  EXPECT_EQ(all_files(), before);
}

TEST_F(ViewTest, ATornLastWriteIsLeftAsItIs) {
  {
    ASSERT_TRUE(run(open()->kv().commit("p", {}, {{"k", "v"}})));
  }
  std::string log;
  for (const auto& name : files_.children("/data/kv").value())
    if (name.ends_with(".log")) log = "/data/kv/" + name;
  const auto bytes = read_small_file(files_, log, 1'000'000).value();
  write(log, bytes + std::string(100, 'x'));
  const auto before = all_files();
  EXPECT_EQ(run(view().value()->kv().get("p", "k")).value(), "v");
  EXPECT_EQ(all_files(), before);
}

TEST_F(ViewTest, ADirectoryInUseIsRefused) {
  const auto data = open();
  EXPECT_EQ(view().error().code, codes::locked);
}

TEST_F(ViewTest, WhatIsNoDataDirectoryIsLeftAlone) {
  EXPECT_EQ(view().error().code, codes::bad_data_directory);
  ASSERT_TRUE(files_.create_directory("/data"));
  EXPECT_EQ(view().error().code, codes::bad_data_directory);
  EXPECT_TRUE(files_.children("/data").value().empty());
}

TEST_F(ViewTest, PartitionsAreListedByThePage) {
  const auto data = open();
  std::vector<Partition> names{"a", "b", "ab", "\xff", std::string(300, 'x')};
  for (const auto& name : names) {
    ASSERT_TRUE(run(data->kv().commit(name, {}, {{"k", "v"}, {"l", "v"}})));
  }
  std::vector<Partition> listed;
  for (;;) {
    const auto page = run(data->kv().partitions(listed.empty() ? "" : listed.back(), 2)).value();
    listed.insert(listed.end(), page.begin(), page.end());
    if (page.size() < 2) break;
  }
  std::ranges::sort(names);
  std::ranges::sort(listed);
  EXPECT_EQ(listed, names);
}

TEST_F(ViewTest, AFlippedBitOfATableIsFound) {
  {
    // The first block has what the store needs to be opened.
    ASSERT_TRUE(run(open()->kv().commit(
        "p", {}, {{"a", random_.bytes(10'000)}, {"k", random_.bytes(100'000)}})));
  }
  {
    open();
  }
  for (const auto& name : files_.children("/data/kv").value()) {
    if (!name.ends_with(".sst")) continue;
    const auto path = "/data/kv/" + name;
    auto bytes = read_small_file(files_, path, 10'000'000).value();
    ASSERT_GT(bytes.size(), 100'000u);
    bytes[50'000] = static_cast<char>(bytes[50'000] ^ 4);
    write(path, bytes);
  }
  const auto data = view().value();
  const auto verified = run(data->kv().verify());
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, codes::corrupt);
  EXPECT_NE(verified.error().message.find(".sst"), std::string::npos) << verified.error().message;
}

TEST_F(ViewTest, ABlobInQuarantineIsAbsentAndKept) {
  std::optional<BlobId> blob;
  {
    const auto data = open();
    blob = put_blob(data->blobs(), "content");
  }
  EXPECT_FALSE(is_quarantined(files_, "/data", *blob).value());
  ASSERT_TRUE(quarantine_blob(files_, "/data", *blob));
  EXPECT_TRUE(is_quarantined(files_, "/data", *blob).value());
  EXPECT_EQ(fetch(open()->blobs(), *blob).value(), std::nullopt);
  EXPECT_EQ(quarantine_blob(files_, "/data", *blob).error().code, codes::no_such_file);
}

TEST_F(ViewTest, APowerCutWhileItIsMovedLosesNoBlob) {
  for (int step = 0;; ++step) {
    MemoryFileSystem below;
    FaultyFileSystem disk(below);
    std::optional<BlobId> blob;
    {
      const auto data = open_data_directory("/data", disk, pool_, random_).value();
      blob = put_blob(data->blobs(), "content");
    }
    disk.fail_at(static_cast<std::uint64_t>(step), Fault::dies);
    const auto moved = quarantine_blob(disk, "/data", *blob);
    below.power_cut(nullptr);
    disk.revive();
    const bool kept = is_quarantined(below, "/data", *blob).value();
    if (moved) ASSERT_TRUE(kept) << step;
    const auto data = open_data_directory("/data", disk, pool_, random_).value();
    ASSERT_TRUE(kept || fetch(data->blobs(), *blob).value() == "content") << step;
    if (moved) break;
  }
}

}  // namespace
}  // namespace larder::storage::test
