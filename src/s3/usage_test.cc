// What buckets and accounts hold, and what they may hold.
#include "s3/usage.h"

#include <gtest/gtest.h>

#include <thread>

#include "s3/testing/usage_check.h"
#include "s3/testing/world.h"
#include "storage/memory_blobs.h"
#include "storage/memory_kv.h"
#include "storage/testing/run.h"

namespace larder::s3::test {
namespace {

using storage::test::run;

class UsageTest : public ::testing::Test {
 protected:
  UsageTest() { EXPECT_EQ(world_.send("PUT", "/bucket").status, 200); }

  Reply put(const std::string& key, std::size_t size) {
    return world_.send("PUT", "/bucket/" + key, std::string(size, 'x'));
  }
  std::string begin_upload(const std::string& key) {
    return world_.send("POST", "/bucket/" + key + "?uploads").element("UploadId");
  }
  Reply put_part(const std::string& key, const std::string& id, int number, std::size_t size) {
    return world_.send(
        "PUT", "/bucket/" + key + "?partNumber=" + std::to_string(number) + "&uploadId=" + id,
        std::string(size, 'p'));
  }
  Reply complete(const std::string& key, const std::string& id, const Reply& part) {
    return world_.send("POST", "/bucket/" + key + "?uploadId=" + id,
                       "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
                           part.header("ETag") + "</ETag></Part></CompleteMultipartUpload>");
  }
  /// Of the account, checked against what is stored and against what is there.
  Use use() {
    expect_exact_use(world_, kv_);
    return world_.s3.usage().accounts()[world_.account];
  }
  void refused(const Reply& reply) {
    EXPECT_EQ(reply.status, 403);
    EXPECT_EQ(reply.code(), "QuotaExceeded");
  }

  storage::MemoryKv kv_;
  storage::MemoryBlobs blobs_;
  World world_{kv_, blobs_};
};

TEST_F(UsageTest, ObjectsArePutReplacedCopiedAndDeleted) {
  EXPECT_EQ(use(), Use());
  put("small", 10);
  put("large", 100'000);
  EXPECT_EQ(use(), (Use{.objects = 2, .bytes = 100'010}));
  put("small", 3);
  put("large", 200'000);
  EXPECT_EQ(use(), (Use{.objects = 2, .bytes = 200'003}));
  put("empty", 0);
  EXPECT_EQ(use(), (Use{.objects = 3, .bytes = 200'003}));
  const http::Headers from{{"x-amz-copy-source", "/bucket/large"}};
  EXPECT_EQ(world_.send("PUT", "/bucket/copy", "", from).status, 200);
  EXPECT_EQ(use(), (Use{.objects = 4, .bytes = 400'003}));
  world_.send("DELETE", "/bucket/large");
  world_.send("DELETE", "/bucket/large");
  world_.send("DELETE", "/bucket/empty");
  EXPECT_EQ(use(), (Use{.objects = 2, .bytes = 200'003}));
}

TEST_F(UsageTest, PartsCountUntilTheUploadEnds) {
  const auto id = begin_upload("album");
  const auto other = begin_upload("album");
  EXPECT_EQ(use(), Use{.uploads = 2});
  put_part("album", id, 1, 1000);
  put_part("album", id, 2, 70);
  put_part("album", other, 1, 5);
  EXPECT_EQ(use(), (Use{.uploads = 2, .upload_bytes = 1075}));
  const auto part = put_part("album", id, 1, 400);
  EXPECT_EQ(use(), (Use{.uploads = 2, .upload_bytes = 475}));
  EXPECT_EQ(complete("album", id, part).status, 200);
  EXPECT_EQ(use(), (Use{.objects = 1, .bytes = 400, .uploads = 1, .upload_bytes = 5}));
  EXPECT_EQ(complete("album", id, part).status, 200);  // again
  EXPECT_EQ(world_.send("DELETE", "/bucket/album?uploadId=" + other).status, 204);
  EXPECT_EQ(use(), (Use{.objects = 1, .bytes = 400}));
}

TEST_F(UsageTest, ABucketThatIsDeletedHoldsNothing) {
  const auto id = begin_upload("album");
  put_part("album", id, 1, 1000);
  EXPECT_EQ(use(), (Use{.uploads = 1, .upload_bytes = 1000}));
  EXPECT_EQ(world_.send("DELETE", "/bucket").status, 204);
  EXPECT_EQ(use(), Use());
  EXPECT_EQ(world_.s3.usage().bucket_count(), 0u);
  EXPECT_EQ(world_.send("PUT", "/bucket").status, 200);
  put("k", 7);
  EXPECT_EQ(use(), (Use{.objects = 1, .bytes = 7}));
}

TEST_F(UsageTest, ARestartReadsTheNumbers) {
  put("k", 70'000);
  begin_upload("album");
  World again(kv_, blobs_);
  expect_exact_use(again, kv_);
  EXPECT_EQ(again.s3.usage().accounts()[world_.account],
            (Use{.objects = 1, .bytes = 70'000, .uploads = 1}));
}

TEST_F(UsageTest, ADirectoryWithoutNumbersIsCountedAtTheStart) {
  put("k", 70'000);
  put_part("album", begin_upload("album"), 1, 30);
  const auto bucket = run(world_.s3.buckets().find("bucket")).value()->record;
  const auto index = index_partition(bucket.id);
  std::vector<storage::Write> writes;
  for (const auto& entry : run(kv_.scan(index, all_of(Table::numbers), 100))->entries)
    writes.push_back({entry.key, std::nullopt});
  ASSERT_EQ(writes.size(), 4u);
  ASSERT_TRUE(run(kv_.commit(index, {}, std::move(writes))));
  ASSERT_TRUE(run(kv_.commit("usage", {}, {{"counted", std::nullopt}})));
  World again(kv_, blobs_);
  expect_exact_use(again, kv_);
  EXPECT_EQ(again.s3.usage().accounts()[world_.account],
            (Use{.objects = 1, .bytes = 70'000, .uploads = 1, .upload_bytes = 30}));
  EXPECT_TRUE(run(Usage::is_counted(kv_)).value());
}

TEST_F(UsageTest, ADamagedRecordThatIsReplacedIsCountedAnew) {
  put("k", 70'000);
  const auto bucket = run(world_.s3.buckets().find("bucket")).value()->record;
  const auto index = index_partition(bucket.id);
  ASSERT_TRUE(run(kv_.commit(index, {}, {{object_key("k"), "damaged"}})));
  put("k", 3);
  World again(kv_, blobs_);
  expect_exact_use(again, kv_);
  EXPECT_EQ(again.s3.usage().accounts()[world_.account], (Use{.objects = 1, .bytes = 3}));
}

TEST_F(UsageTest, AQuotaRefusesWhatWouldHoldMore) {
  world_.max_bytes = 1000;
  EXPECT_EQ(put("a", 600).status, 200);
  EXPECT_EQ(put("b", 400).status, 200);  // all of it
  const auto reply = put("c", 1);
  refused(reply);
  EXPECT_NE(reply.element("Message").find("111111111111 may hold 1000 bytes and holds 1000"),
            std::string::npos)
      << reply.body;
  EXPECT_EQ(reply.element("MaxBytes"), "1000");
  EXPECT_EQ(reply.element("UsedBytes"), "1000");
  refused(put("a", 601));
  const http::Headers from{{"x-amz-copy-source", "/bucket/b"}};
  refused(world_.send("PUT", "/bucket/copy", "", from));
  EXPECT_EQ(world_.send("GET", "/bucket/a").body.size(), 600u);
  EXPECT_EQ(put("empty", 0).status, 200);
  EXPECT_EQ(put("a", 599).status, 200);
  EXPECT_EQ(put("c", 1).status, 200);
  EXPECT_EQ(use(), (Use{.objects = 4, .bytes = 1000}));
  world_.send("DELETE", "/bucket/b");
  EXPECT_EQ(put("d", 400).status, 200);
  world_.max_bytes = 10;  // less than there is
  refused(put("e", 1));
  EXPECT_EQ(put("d", 399).status, 200);
  EXPECT_EQ(world_.send("DELETE", "/bucket/d").status, 204);
  world_.max_bytes.reset();
  EXPECT_EQ(put("e", 5000).status, 200);
}

TEST_F(UsageTest, AQuotaCountsPartsAndNeverRefusesToComplete) {
  world_.max_bytes = 1000;
  const auto id = begin_upload("album");
  const auto part = put_part("album", id, 1, 900);
  EXPECT_EQ(part.status, 200);
  refused(put_part("album", id, 2, 101));
  refused(put_part("album", id, 1, 1001));
  EXPECT_EQ(put_part("album", id, 2, 100).status, 200);
  refused(put("k", 1));
  EXPECT_EQ(complete("album", id, part).status, 200);
  EXPECT_EQ(use(), (Use{.objects = 1, .bytes = 900}));
  EXPECT_EQ(put("k", 100).status, 200);
}

TEST_F(UsageTest, WritersAtTheSameTimeDoNotPassTheLimitByAByte) {
  static constexpr int threads = 4, times = 400;
  static constexpr std::int64_t size = 7, most = 1000;
  Usage usage(kv_, [](const std::string&) { return std::optional<std::uint64_t>(most); });
  ASSERT_TRUE(run(usage.load()));
  const auto bucket = run(world_.s3.buckets().find("bucket")).value()->record;
  const auto write = [&](int thread) -> Task<int> {
    int written = 0;
    for (int i = 0; i < times; ++i) {
      const auto key = std::to_string(thread) + "/" + std::to_string(i);
      std::vector<storage::Write> writes{{object_key(key), "stands for a record"}};
      const Use change{.objects = 1, .bytes = size};
      const auto outcome = co_await usage.commit(bucket.id, {}, std::move(writes), change);
      EXPECT_LE(usage.accounts()[bucket.account].bytes, most);
      if (outcome) ++written;
      if (!outcome) EXPECT_EQ(outcome.error().code.name, "QuotaExceeded");
    }
    co_return written;
  };
  std::atomic<int> written = 0;
  {
    std::vector<std::jthread> cores;
    for (int i = 0; i < threads; ++i) cores.emplace_back([&, i] { written += run(write(i)); });
  }
  EXPECT_EQ(written, most / size);
  Index index(kv_, bucket.id);
  EXPECT_EQ(run(read_use(index))->use, (Use{.objects = most / size, .bytes = most / size * size}));
}

}  // namespace
}  // namespace larder::s3::test
