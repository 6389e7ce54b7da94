// What is acknowledged is there, and nothing is half-visible, whichever step fails.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/log.h"
#include "s3/testing/faulty_store.h"
#include "s3/testing/usage_check.h"
#include "s3/testing/world.h"
#include "storage/memory_blobs.h"
#include "storage/memory_kv.h"
#include "storage/testing/run.h"

namespace larder::s3::test {
namespace {

using storage::test::run;

const std::string old_body(10'000, 'o');
const std::string new_body(20'000, 'n');
constexpr Fault all_faults[] = {Fault::refuses, Fault::unknown_happened,
                                Fault::unknown_not_happened, Fault::crashes};

struct Stores {
  storage::MemoryKv kv;
  storage::MemoryBlobs blobs;
  Faults faults;
  FaultyKv faulty_kv{kv, faults};
  FaultyBlobs faulty_blobs{blobs, faults};
};

std::size_t count_blobs(storage::Blobs& blobs) {
  return run(blobs.list(std::nullopt, 1000))->size();
}

/// Prepares, lets `act` run with each step failing in each way, restarts, sweeps, and checks.
template <class Prepare, class Act, class Verify>
void at_every_step(Prepare prepare, Act act, Verify verify) {
  log::set_level(log::Level::error);  // each fault would be told
  for (const auto fault : all_faults) {
    for (int step = 0;; ++step) {
      SCOPED_TRACE("step " + std::to_string(step) + ", fault " +
                   std::to_string(static_cast<int>(fault)));
      Stores stores;
      {
        World before(stores.kv, stores.blobs);
        prepare(before);
      }
      Reply reply;
      {
        World world(stores.faulty_kv, stores.faulty_blobs);
        stores.faults.fail_at(step, fault);
        reply = act(world);
        // A process that lives on knows what became of it.
        if (fault != Fault::crashes) ASSERT_NO_FATAL_FAILURE(expect_exact_use(world, stores.kv));
      }
      World after(stores.kv, stores.blobs);
      ASSERT_TRUE(run(after.s3.collect_garbage()).has_value());
      verify(after, stores, reply);
      expect_exact_use(after, stores.kv);
      if (!stores.faults.reached()) break;
      ASSERT_LT(step, 200);
    }
  }
}

void put_old(World& world) {
  world.send("PUT", "/bucket");
  world.send("PUT", "/bucket/k", old_body);
}

TEST(Durability, APutHasHappenedOrNot) {
  at_every_step(
      put_old, [](World& world) { return world.send("PUT", "/bucket/k", new_body); },
      [](World& world, Stores& stores, const Reply& reply) {
        const auto got = world.send("GET", "/bucket/k");
        ASSERT_EQ(got.status, 200);
        if (reply.status == 200) ASSERT_TRUE(got.body == new_body);
        ASSERT_TRUE(got.body == new_body || got.body == old_body);
        ASSERT_EQ(count_blobs(stores.blobs), 1u);
      });
}

TEST(Durability, ADeleteHasHappenedOrNot) {
  at_every_step(
      put_old, [](World& world) { return world.send("DELETE", "/bucket/k"); },
      [](World& world, Stores& stores, const Reply& reply) {
        const auto got = world.send("GET", "/bucket/k");
        if (reply.status == 204) ASSERT_EQ(got.status, 404);
        ASSERT_TRUE(got.status == 404 || got.body == old_body);
        ASSERT_EQ(count_blobs(stores.blobs), got.status == 404 ? 0u : 1u);
      });
}

TEST(Durability, ABucketIsMadeOrNot) {
  at_every_step([](World&) {}, [](World& world) { return world.send("PUT", "/bucket"); },
                [](World& world, Stores&, const Reply& reply) {
                  if (reply.status == 200) ASSERT_EQ(world.send("HEAD", "/bucket").status, 200);
                  ASSERT_EQ(world.send("PUT", "/bucket").status, 200);
                  ASSERT_EQ(world.send("PUT", "/bucket/k", "x").status, 200);
                });
}

TEST(Durability, ABucketIsDeletedOrStaysInUse) {
  at_every_step([](World& world) { world.send("PUT", "/bucket"); },
                [](World& world) { return world.send("DELETE", "/bucket"); },
                [](World& world, Stores&, const Reply& reply) {
                  const bool there = world.send("HEAD", "/bucket").status == 200;
                  if (reply.status == 204) ASSERT_FALSE(there);
                  if (!there) ASSERT_EQ(world.send("PUT", "/bucket").status, 200);
                  ASSERT_EQ(world.send("PUT", "/bucket/k", "x").status, 200);
                });
}

std::string uploaded;  // the id and list of the upload that prepare_upload left
std::string list_of_parts;

void prepare_upload(World& world) {
  put_old(world);
  uploaded = world.send("POST", "/bucket/k?uploads").element("UploadId");
  const auto etag =
      world.send("PUT", "/bucket/k?partNumber=1&uploadId=" + uploaded, new_body).header("ETag");
  world.send("PUT", "/bucket/k?partNumber=2&uploadId=" + uploaded, "not wanted");
  list_of_parts = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag +
                  "</ETag></Part></CompleteMultipartUpload>";
}

TEST(Durability, AnUploadIsCompletedOrStillOpen) {
  at_every_step(
      prepare_upload,
      [](World& world) {
        return world.send("POST", "/bucket/k?uploadId=" + uploaded, list_of_parts);
      },
      [](World& world, Stores& stores, const Reply& reply) {
        const bool open = world.send("GET", "/bucket/k?uploadId=" + uploaded).status == 200;
        ASSERT_EQ(world.send("GET", "/bucket/k").body == (open ? old_body : new_body), true);
        if (reply.status == 200) ASSERT_FALSE(open);
        ASSERT_EQ(count_blobs(stores.blobs), open ? 3u : 1u);
      });
}

TEST(Durability, AnUploadIsAbortedOrStillOpen) {
  at_every_step(
      prepare_upload,
      [](World& world) { return world.send("DELETE", "/bucket/k?uploadId=" + uploaded); },
      [](World& world, Stores& stores, const Reply& reply) {
        const bool open = world.send("GET", "/bucket/k?uploadId=" + uploaded).status == 200;
        if (reply.status == 204) ASSERT_FALSE(open);
        ASSERT_EQ(count_blobs(stores.blobs), open ? 3u : 1u);
      });
}

TEST(Durability, APartHasArrivedOrNot) {
  at_every_step(
      prepare_upload,
      [](World& world) {
        return world.send("PUT", "/bucket/k?partNumber=2&uploadId=" + uploaded, old_body);
      },
      [](World& world, Stores& stores, const Reply& reply) {
        const auto sizes = world.send("GET", "/bucket/k?uploadId=" + uploaded).elements("Size");
        ASSERT_EQ(sizes.size(), 2u);
        if (reply.status == 200) ASSERT_EQ(sizes[1], "10000");
        ASSERT_EQ(count_blobs(stores.blobs), 3u);
      });
}

/// Runs them interleaved on one core.
std::vector<Reply> together(std::vector<Task<Reply>> tasks) {
  boost::asio::io_context context(1);
  std::vector<Reply> replies(tasks.size());
  auto one = [](Task<Reply> task, Reply& reply) -> Task<void> { reply = co_await std::move(task); };
  for (std::size_t i = 0; i < tasks.size(); ++i)
    boost::asio::co_spawn(context, one(std::move(tasks[i]), replies[i]), boost::asio::detached);
  context.run();
  return replies;
}

/// Gives way before each step, so that requests interleave.
class YieldingKv final : public storage::Kv {
 public:
  explicit YieldingKv(storage::Kv& below) : below_(below) {}
  Task<Result<std::optional<std::string>>> get(storage::Partition p, std::string k) override {
    co_await give_way();
    co_return co_await below_.get(std::move(p), std::move(k));
  }
  Task<Result<storage::ScanPage>> scan(storage::Partition p, storage::KeyRange r,
                                       std::size_t limit) override {
    co_await give_way();
    co_return co_await below_.scan(std::move(p), std::move(r), limit);
  }
  Task<Result<storage::CommitOutcome>> commit(storage::Partition p, std::vector<storage::Guard> g,
                                              std::vector<storage::Write> w) override {
    co_await give_way();
    co_return co_await below_.commit(std::move(p), std::move(g), std::move(w));
  }

 private:
  static Task<void> give_way() {
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable);
  }
  storage::Kv& below_;
};

class Races : public ::testing::Test {
 protected:
  storage::MemoryKv memory;
  YieldingKv kv{memory};
  storage::MemoryBlobs blobs;
  World world{kv, blobs};
};

TEST_F(Races, OfManyPutsOneRemainsWholeAndTheOthersAreFreed) {
  world.send("PUT", "/bucket");
  std::vector<Task<Reply>> puts;
  for (int i = 0; i < 32; ++i)
    puts.push_back(
        world.serve("PUT", "/bucket/k", std::string(5000, static_cast<char>('A' + i)), {}));
  for (const auto& reply : together(std::move(puts))) EXPECT_EQ(reply.status, 200);
  const auto got = world.send("GET", "/bucket/k").body;
  EXPECT_EQ(got, std::string(5000, got.at(0)));
  EXPECT_EQ(count_blobs(blobs), 1u);
}

TEST_F(Races, IfNoneMatchHasOneWinner) {
  world.send("PUT", "/bucket");
  std::vector<Task<Reply>> puts;
  for (int i = 0; i < 64; ++i)
    puts.push_back(
        world.serve("PUT", "/bucket/k", std::string(5000, 'x'), {{"If-None-Match", "*"}}));
  int won = 0;
  for (const auto& reply : together(std::move(puts))) {
    won += reply.status == 200 ? 1 : 0;
    EXPECT_TRUE(reply.status == 200 || reply.status == 412);
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(count_blobs(blobs), 1u);
}

TEST_F(Races, APutAndADeletionOfTheBucketDoNotBothSucceed) {
  for (int round = 0; round < 20; ++round) {
    world.send("PUT", "/bucket");
    std::vector<Task<Reply>> tasks;
    tasks.push_back(world.serve("PUT", "/bucket/k", "x", {}));
    tasks.push_back(world.serve("DELETE", "/bucket", "", {}));
    const auto replies = together(std::move(tasks));
    EXPECT_FALSE(replies[0].status == 200 && replies[1].status == 204);
    if (replies[0].status == 200) {
      EXPECT_EQ(world.send("GET", "/bucket/k").body, "x");
      world.send("DELETE", "/bucket/k");
    }
  }
}

TEST_F(Races, AReaderGetsTheOldBytesWholeAndTheyAreFreedLater) {
  world.send("PUT", "/bucket");
  const auto id = world.send("POST", "/bucket/k?uploads").element("UploadId");
  std::string list = "<CompleteMultipartUpload>";
  const std::string bodies[] = {std::string(5 * 1024 * 1024, 'a'), "end"};
  for (int i = 0; i < 2; ++i) {
    const auto number = std::to_string(i + 1);
    const auto etag =
        world.send("PUT", "/bucket/k?partNumber=" + number + "&uploadId=" + id, bodies[i])
            .header("ETag");
    list += "<Part><PartNumber>" + number + "</PartNumber><ETag>" + etag + "</ETag></Part>";
  }
  list += "</CompleteMultipartUpload>";
  ASSERT_EQ(world.send("POST", "/bucket/k?uploadId=" + id, list).status, 200);

  auto replace_while_reading = [&]() -> Task<std::string> {
    const auto fact = co_await world.s3.buckets().find("bucket");
    const std::string key = "k";
    const auto record = co_await world.s3.objects().get((*fact)->record, key);
    auto opened =
        co_await world.s3.objects().open((*fact)->record, key, **record, storage::whole_blob);
    http::Headers none;
    const auto put = co_await world.serve("PUT", "/bucket/k", "new", std::move(none));
    EXPECT_EQ(put.status, 200);
    std::string all;
    std::string piece(1 << 20, ' ');
    for (;;) {
      const auto count = co_await (**opened)->read(piece);
      if (!count || *count == 0) break;
      all.append(piece, 0, *count);
    }
    co_return all;
  };
  EXPECT_TRUE(run(replace_while_reading()) == bodies[0] + bodies[1]);
  EXPECT_EQ(count_blobs(blobs), 2u);
  ASSERT_TRUE(run(world.s3.free_queues()).has_value());
  EXPECT_EQ(count_blobs(blobs), 0u);
}

TEST_F(Races, CompletingTwiceAtOnceMakesOneObject) {
  prepare_upload(world);
  std::vector<Task<Reply>> tasks;
  for (int i = 0; i < 4; ++i)
    tasks.push_back(world.serve("POST", "/bucket/k?uploadId=" + uploaded, list_of_parts, {}));
  for (const auto& reply : together(std::move(tasks))) EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(world.send("GET", "/bucket/k").body, new_body);
  EXPECT_EQ(count_blobs(blobs), 1u);
}

}  // namespace
}  // namespace larder::s3::test
