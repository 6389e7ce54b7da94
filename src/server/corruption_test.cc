// Any bit of any file of DIR flips. Whatever it is: nobody is served anything but what was stored,
// what is not hit can be read, and who opens or checks DIR hears of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/async/blocking_pool.h"
#include "base/log.h"
#include "iam/iam.h"
#include "s3/testing/world.h"
#include "server/fsck.h"
#include "storage/data_directory.h"
#include "storage/errors.h"
#include "storage/memory_file_system.h"
#include "storage/testing/helpers.h"
#include "storage/testing/run.h"
#include "sts/session_tokens.h"

namespace larder::server {
namespace {

using storage::MemoryFileSystem;
using storage::test::run;

constexpr std::string_view dir = "/data";
constexpr int flips = 400;
constexpr std::string_view last_key = "the-last";

struct Place {
  std::string path;
  std::uint64_t byte;
  unsigned bit;
};

std::string describe(const Place& place) {
  return place.path + " byte " + std::to_string(place.byte) + " bit " + std::to_string(place.bit);
}

/// What is between a data directory and its users.
struct Served {
  Served(MemoryFileSystem& files, BlockingPool& pool, Random& random, const Clock& clock)
      : opened(open(files, pool, random)) {
    if (!opened) {
      error = opened.error();
      return;
    }
    auto& data = **opened;
    iam.emplace(data.kv(), data.sealer(), clock, random);
    tokens.emplace(data.kv(), data.sealer(), random);
    if (const auto loaded = run(iam->load()); !loaded) error = loaded.error();
    if (const auto loaded = run(tokens->load()); !loaded) error = loaded.error();
    s3::Usage usage(data.kv(), nullptr);
    if (const auto loaded = run(usage.load()); !loaded) error = loaded.error();
    if (error) return;
    world.emplace(data.kv(), data.blobs());
    world->account = iam->accounts().list().at(0).id;
    swept = run(world->s3.collect_garbage());
  }
  static Result<std::unique_ptr<storage::DataDirectory>> open(MemoryFileSystem& files,
                                                              BlockingPool& pool, Random& random) {
    // Small, so that there are several tables and segments.
    const storage::RocksKvOptions kv{
        .write_buffer_bytes = 64 << 10, .log_segment_bytes = 256 << 10, .free_space_min = 0};
    return storage::open_data_directory(std::string(dir), files, pool, random, kv);
  }

  Result<std::unique_ptr<storage::DataDirectory>> opened;
  std::optional<iam::Iam> iam{};
  std::optional<sts::SessionTokens> tokens{};
  std::optional<s3::test::World> world{};
  std::optional<Error> error{};  // it does not start
  Result<void> swept{};
};

class Count final : public FsckObserver {
 public:
  void found(const storage::Finding&) override {}
  void progressed(const s3::FsckTally&, std::uint64_t) override {}
};

class Corruption : public ::testing::Test {
 protected:
  using Objects = std::map<std::string, std::string>;

  Corruption() : random_(seed()) {
    log::set_level(log::Level::error);
    std::cout << "--gtest_random_seed=" << seed() << std::endl;
  }

  static std::uint64_t seed() {
    const std::int32_t given = GTEST_FLAG_GET(random_seed);  // another one asks about other bits
    return given > 0 ? static_cast<std::uint64_t>(given) : 20261124;
  }

  void put(Served& served, const std::string& key, std::size_t size) {
    objects_[key] = random_.bytes(size);
    ASSERT_EQ(served.world->send("PUT", "/photos/" + key, objects_[key]).status, 200);
  }
  std::string begin_upload(Served& served, const std::string& key, const std::string& part) {
    const auto target = "/photos/" + key;
    const auto id = served.world->send("POST", target + "?uploads").element("UploadId");
    const auto sent = served.world->send("PUT", target + "?partNumber=1&uploadId=" + id, part);
    etag_ = sent.header("ETag");
    return id;
  }

  /// Several lives of a server. The last one is in `served`.
  void fill(std::optional<Served>& served) {
    served.emplace(disk_, pool_, random_, clock_);
    ASSERT_FALSE(served->error);
    ASSERT_EQ(served->world->send("PUT", "/photos").status, 200);
    for (int i = 100; i < 160; ++i) put(*served, "small/" + std::to_string(i), 3'000);
    put(*served, "large", 600'000);
    served.reset();
    served.emplace(disk_, pool_, random_, clock_);
    for (int i = 100; i < 130; ++i) put(*served, "small/" + std::to_string(i), 2'000);
    for (int i = 130; i < 140; ++i) {
      const auto key = "small/" + std::to_string(i);
      ASSERT_EQ(served->world->send("DELETE", "/photos/" + key).status, 204);
      objects_[key].clear();  // an object that is not there
    }
    objects_["in-parts"] = random_.bytes(300'000);
    const auto id = begin_upload(*served, "in-parts", objects_["in-parts"]);
    const auto done =
        served->world->send("POST", "/photos/in-parts?uploadId=" + id,
                            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
                                etag_ + "</ETag></Part></CompleteMultipartUpload>");
    ASSERT_EQ(done.status, 200) << done.body;
    begin_upload(*served, "unfinished", random_.bytes(100'000));
    put(*served, "empty-but-one", 1);
    put(*served, std::string(last_key), 500);
  }

  Place any_place(MemoryFileSystem& files) {
    const auto paths = storage::test::files_below(files, std::string(dir));
    for (;;) {
      const auto& path = paths[random_.number() % paths.size()];
      const auto size = files.info(path).value()->size;
      if (size == 0) continue;
      auto byte = random_.number() % size;
      // Of a log, mostly where something is.
      if (path.ends_with(".log") && random_.number() % 4 != 0)
        byte = byte / 4096 * 4096 + random_.number() % 128;
      return {path, byte, static_cast<unsigned>(random_.number() % 8)};
    }
  }

  static void flip(MemoryFileSystem& files, const Place& place) {
    const auto info = files.info(place.path).value();
    auto bytes = storage::read_small_file(files, place.path, info->size).value();
    bytes[place.byte] = static_cast<char>(bytes[place.byte] ^ 1 << place.bit);
    ASSERT_TRUE(files.create(place.path, info->mode).value()->append(bytes));
  }

  /// Files in which a bit may flip and nobody need notice: what they hold is not read.
  static bool may_go_unnoticed(const std::string& path) {
    const auto name = path.substr(path.find_last_of('/') + 1);
    return path.starts_with("/data/kv/commits/")  // unused blocks, and records that tables have
           || name == "IDENTITY" || name.starts_with("OPTIONS-") || name == "lock";
  }

  bool found_by_fsck(MemoryFileSystem& files) {
    Count observer;
    const auto summary = fsck({.data = std::string(dir)}, files, random_, observer);
    return !summary || summary->damaged > 0;
  }

  /// How many objects answer with an error; each other one is what was stored.
  std::size_t errors_of_reads(Served& served, bool last_may_be_missing) {
    std::size_t errors = 0;
    for (const auto& [key, content] : objects_) {
      const auto reply = served.world->send("GET", "/photos/" + key);
      if (reply.status == 200) {
        EXPECT_FALSE(content.empty()) << key << " was deleted";
        EXPECT_TRUE(reply.body == content) << key;
      } else if (reply.status == 404) {
        EXPECT_TRUE(content.empty() || (last_may_be_missing && key == last_key)) << key;
      } else {
        ++errors;
      }
    }
    return errors;
  }

  /// Nothing that a live object needs was swept away, whatever the sweep believed.
  static void expect_same_blobs(MemoryFileSystem& before, MemoryFileSystem& after) {
    for (const auto& path : storage::test::files_below(before, "/data/blobs"))
      EXPECT_TRUE(after.info(path).value()) << path;
  }

  void check(MemoryFileSystem& whole, const Place& place, bool after_kill) {
    SCOPED_TRACE(describe(place));
    MemoryFileSystem files;
    storage::test::copy_directory(whole, files, std::string(dir));
    flip(files, place);
    bool noticed = found_by_fsck(files);
    const bool is_blob = place.path.starts_with("/data/blobs/");
    const bool is_log = place.path.starts_with("/data/kv/commits/");
    Served served(files, pool_, random_, clock_);
    if (served.error) {
      ++refused_;
      EXPECT_FALSE(is_blob);
      const auto& message = served.error->message;
      EXPECT_NE(message.find(dir), std::string::npos) << message;
      EXPECT_TRUE(message.find("backup") != std::string::npos ||
                  message.find("newer release") != std::string::npos)
          << message;
      return;
    }
    const auto errors = errors_of_reads(served, after_kill && is_log);
    noticed = noticed || errors > 0;
    noticed_ += noticed ? 1 : 0;
    if (is_blob) EXPECT_LE(errors, 1u);
    if (is_log) EXPECT_EQ(errors, 0u);
    EXPECT_TRUE(noticed || may_go_unnoticed(place.path));
    expect_same_blobs(whole, files);
  }

  void check_whole(MemoryFileSystem& whole) {
    MemoryFileSystem files;
    storage::test::copy_directory(whole, files, std::string(dir));
    ASSERT_FALSE(found_by_fsck(files));
    Served served(files, pool_, random_, clock_);
    ASSERT_FALSE(served.error);
    ASSERT_TRUE(served.swept);
    ASSERT_EQ(errors_of_reads(served, false), 0u);
  }

  void check_many(MemoryFileSystem& whole, bool after_kill) {
    check_whole(whole);
    for (int i = 0; i < flips; ++i) check(whole, any_place(whole), after_kill);
    std::cout << flips << " flips: " << refused_ << " kept it from opening, " << noticed_
              << " were noticed later" << std::endl;
    EXPECT_GT(refused_, 0);
    EXPECT_GT(noticed_, flips / 10);
  }

  SeededRandom random_;
  BlockingPool pool_{2, 100};
  ManualClock clock_{Time(std::chrono::seconds(1'700'000'000))};
  MemoryFileSystem disk_;
  Objects objects_;  // empty: deleted
  std::string etag_;
  int refused_ = 0;
  int noticed_ = 0;
};

TEST_F(Corruption, OfADirectoryThatWasClosedIsNeverServed) {
  std::optional<Served> served;
  fill(served);
  served.reset();
  check_many(disk_, false);
}

TEST_F(Corruption, OfADirectoryWhoseServerWasKilledIsNeverServed) {
  std::optional<Served> served;
  fill(served);
  MemoryFileSystem killed;
  storage::test::copy_directory(disk_, killed, std::string(dir));
  served.reset();
  check_many(killed, true);
}

}  // namespace
}  // namespace larder::server
