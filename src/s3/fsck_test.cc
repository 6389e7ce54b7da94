// What `larder fsck` finds in S3's stores, and what requests make of the same damage.
#include "s3/fsck.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <set>

#include "base/log.h"
#include "s3/index.h"
#include "s3/testing/stored_world.h"
#include "s3/testing/usage_check.h"
#include "storage/errors.h"
#include "storage/testing/helpers.h"
#include "storage/testing/run.h"

namespace larder::s3::test {
namespace {

using storage::Finding;
using storage::test::run;

constexpr std::uint64_t block = 256 * 1024;

/// Every blob's first read fails, whatever it is asked for.
class FlakyBlobs final : public storage::Blobs {
 public:
  explicit FlakyBlobs(storage::Blobs& below) : below_(below) {}
  Task<Result<std::unique_ptr<storage::BlobWriter>>> create(storage::BlobId id) override {
    co_return co_await below_.create(id);
  }
  Task<Result<std::optional<std::unique_ptr<ByteSource>>>> read(storage::BlobId id,
                                                                storage::ByteRange range) override {
    if (failed_.insert(id).second) co_return fail(codes::storage_failure, "input/output error");
    co_return co_await below_.read(id, range);
  }
  Task<Result<void>> remove(storage::BlobId id) override { co_return co_await below_.remove(id); }
  Task<Result<std::vector<storage::BlobId>>> list(std::optional<storage::BlobId> after,
                                                  std::size_t limit) override {
    co_return co_await below_.list(after, limit);
  }

 private:
  storage::Blobs& below_;
  std::set<storage::BlobId> failed_;
};

class FsckTest : public ::testing::Test {
 protected:
  FsckTest() {
    log::set_level(log::Level::error);
    stored_.fill();
  }

  /// All findings of a check, in their order.
  std::vector<Finding> check(std::size_t blobs_at_once = 1000) {
    std::vector<Finding> findings;
    Fsck::Options options;
    options.blobs_at_once = blobs_at_once;
    options.account_exists = [this](const std::string& id) { return id == world_.account; };
    Fsck fsck(
        stored_.data().kv(), stored_.data().blobs(), pace_,
        [&](const Finding& finding) { findings.push_back(finding); }, std::move(options));
    const auto partitions = run(stored_.data().kv().partitions("", 1000)).value();
    EXPECT_TRUE(run(fsck.run(partitions)));
    tally_ = fsck.tally();
    return findings;
  }
  /// The only finding.
  Finding only() {
    const auto findings = check();
    EXPECT_EQ(findings.size(), 1u);
    for (const auto& finding : findings) last_ += describe(finding) + "\n";
    return findings.empty() ? Finding() : findings.front();
  }
  std::string get(const std::string& key) { return world_.send("GET", "/photos/" + key).body; }

  StoredWorld stored_;
  World& world_ = stored_.world();
  Unhurried pace_;
  FsckTally tally_;
  std::string last_;
};

TEST_F(FsckTest, NothingIsFoundInAWholeStore) {
  EXPECT_TRUE(check().empty());
  EXPECT_EQ(tally_.buckets, 1u);
  EXPECT_EQ(tally_.objects, 3u);
  EXPECT_EQ(tally_.uploads, 1u);
  EXPECT_EQ(tally_.parts, 1u);
  EXPECT_EQ(tally_.blobs, 4u);
  EXPECT_EQ(tally_.bytes, 11u + 600'000 + (5 << 20) + 100 + 10'000);
  EXPECT_TRUE(check(1).empty()) << "blob by blob";
}

TEST_F(FsckTest, NumbersThatAreNotWhatABucketHoldsAreFound) {
  std::vector<storage::Write> writes;
  add_to({.objects = -1, .bytes = 5}, writes);
  ASSERT_TRUE(run(stored_.data().kv().commit(stored_.index_partition(), {}, std::move(writes))));
  const auto finding = only();
  EXPECT_EQ(finding.grade, Finding::Grade::damage);
  EXPECT_EQ(finding.bucket, "photos");
  EXPECT_EQ(
      finding.what,
      "the bucket holds 3 objects of 5842991 bytes, 1 uploads of 10000 bytes, and its numbers "
      "say 2 objects of 5842996 bytes, 1 uploads of 10000 bytes; the server puts them right");
}

TEST_F(FsckTest, NumbersThatAreToBeCountedAnewAreANote) {
  stored_.set_record("small", "garbage");
  ASSERT_EQ(world_.send("PUT", "/photos/small", "other").status, 200);
  EXPECT_EQ(only().grade, Finding::Grade::note);
  stored_.set_entry("nx", "?");
  EXPECT_EQ(only().what, "no number of what the bucket holds");
}

TEST_F(FsckTest, ADirectoryThatNobodyHasCountedHasNoWrongNumbers) {
  std::vector<storage::Write> writes;
  add_to({.objects = -1}, writes);
  ASSERT_TRUE(run(stored_.data().kv().commit(stored_.index_partition(), {}, std::move(writes))));
  ASSERT_TRUE(run(stored_.data().kv().commit("usage", {}, {{"counted", std::nullopt}})));
  EXPECT_TRUE(check().empty());
}

TEST_F(FsckTest, AnyFlippedBitOfABlobIsFoundInItsPlace) {
  const std::int32_t given = GTEST_FLAG_GET(random_seed);  // another one asks about other bits
  const std::uint64_t seed = given > 0 ? static_cast<std::uint64_t>(given) : 20261123;
  std::cout << "--gtest_random_seed=" << seed << std::endl;
  SeededRandom random(seed);
  const auto blob = stored_.blob("large");
  const auto size = stored_.file(blob).size();
  for (int round = 0; round < 40; ++round) {
    const auto byte = random.number() % size;
    SCOPED_TRACE("byte " + std::to_string(byte));
    const auto bit = 8 * byte + random.number() % 8;
    stored_.flip(blob, bit);
    const auto found = only();
    EXPECT_EQ(found.bucket, "photos");
    EXPECT_EQ(found.key, "large");
    EXPECT_EQ(found.version, "null");
    EXPECT_EQ(found.blob, blob);
    EXPECT_TRUE(found.blob_is_damaged);
    ASSERT_TRUE(found.bytes);
    const bool anywhere = byte < 40 || byte >= size - 32;
    const auto first = anywhere ? 0 : (byte - 40) / (16 + block) * block;
    EXPECT_EQ(found.bytes->offset, first);
    EXPECT_EQ(found.bytes->length, anywhere ? 600'000 : std::min(block, 600'000 - first));
    EXPECT_EQ(get("small"), "a few bytes");
    stored_.flip(blob, bit);
  }
}

TEST_F(FsckTest, SeveralDamagedBlocksAreSeveralFindings) {
  const auto blob = stored_.blob("album");
  stored_.flip(blob, 8 * (block * 3));
  stored_.flip(blob, 8 * (block * 9));
  const auto found = check();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].bytes->offset, block * 2);
  EXPECT_EQ(found[1].bytes->offset, block * 8);
}

TEST_F(FsckTest, DamageOfALaterPartStandsAtItsPlaceInTheObject) {
  stored_.flip(stored_.blob("album", 1), 8 * 100);
  const auto found = only();
  EXPECT_EQ(found.key, "album");
  EXPECT_EQ(found.bytes->offset, 5u << 20);
  EXPECT_EQ(found.bytes->length, 100u);
}

TEST_F(FsckTest, DamageOfAPartNamesItsUpload) {
  const auto range = all_of(Table::parts);
  const auto page = run(stored_.data().kv().scan(stored_.index_partition(), range, 10)).value();
  const auto part = decode_part(page.entries.at(0).value).value();
  stored_.flip(part.content.pieces[0].blob, 8 * 100);
  const auto found = only();
  EXPECT_EQ(found.bucket, "photos");
  EXPECT_NE(found.what.find("part 1 of the upload"), std::string::npos) << found.what;
}

TEST_F(FsckTest, ABlobThatIsReadAtTheSecondTryIsReportedAndNotTakenForAnother) {
  FlakyBlobs flaky(stored_.data().blobs());
  const auto record = stored_.record("large");
  const ContentPromise promise{record.etag, record.checksum, false};
  const auto found = run(check_content(flaky, pace_, Depth::digests, record.content, promise));
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().what, "read at the second try only: input/output error");
  EXPECT_EQ(found->front().bytes->length, 600'000u);
  EXPECT_FALSE(found->front().blob_is_damaged);
}

TEST_F(FsckTest, AMissingBlobIsReportedAndNotServed) {
  ASSERT_TRUE(stored_.files().remove_file(StoredWorld::path_of(stored_.blob("large"))));
  const auto found = only();
  EXPECT_EQ(found.key, "large");
  EXPECT_EQ(found.what, "the blob is missing");
  EXPECT_FALSE(found.blob_is_damaged);
  const auto reply = world_.send("GET", "/photos/large");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.code(), "InternalError");
  EXPECT_NE(reply.body.find("damaged"), std::string::npos) << reply.body;
  EXPECT_EQ(get("small"), "a few bytes");
}

TEST_F(FsckTest, ADamagedObjectIsListedNotServedAndMendedByAnUpload) {
  stored_.flip(stored_.blob("large"), 8 * 1000);
  EXPECT_EQ(world_.send("GET", "/photos/large").code(), "InternalError");
  EXPECT_EQ(world_.send("GET", "/photos?list-type=2").elements("Key"),
            (std::vector<std::string>{"album", "large", "small"}));
  EXPECT_EQ(world_.send("PUT", "/photos/large", std::string(10'000, 'x')).status, 200);
  EXPECT_EQ(get("large"), std::string(10'000, 'x'));
  EXPECT_TRUE(check().empty());
}

TEST_F(FsckTest, ABlobOfAnotherLengthIsReported) {
  auto record = stored_.record("large");
  record.content.pieces[0].length -= 1;
  record.content.size -= 1;
  stored_.set_record("large", encode(record));
  EXPECT_EQ(only().what, "the blob has 600000 bytes, not 599999");
}

TEST_F(FsckTest, BytesThatAreNotTheRecordsAreReported) {
  auto record = stored_.record("large");
  record.etag[0] = record.etag[0] == '0' ? '1' : '0';
  stored_.set_record("large", encode(record));
  EXPECT_NE(only().what.find("not that of the ETag"), std::string::npos) << last_;
  record = stored_.record("album");
  record.checksum->value[0] = record.checksum->value[0] == 'A' ? 'B' : 'A';
  stored_.set_record("album", encode(record));
  const auto found = check();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_NE(found[0].what.find("SHA256"), std::string::npos) << found[0].what;
}

TEST_F(FsckTest, AnOrphanIsANoteWithItsSize) {
  SeededRandom random(5);
  const auto id = storage::BlobId::make(random);
  ASSERT_TRUE(storage::test::store(stored_.data().blobs(), id, std::string(12'345, 'x')));
  for (const std::size_t at_once : {1u, 2u, 1000u}) {
    const auto found = check(at_once);
    ASSERT_EQ(found.size(), 1u) << at_once;
    EXPECT_EQ(found[0].grade, Finding::Grade::note);
    EXPECT_EQ(found[0].blob, id);
    EXPECT_EQ(tally_.orphans, 1u);
    EXPECT_EQ(tally_.orphan_bytes, 12'345u);
  }
}

TEST_F(FsckTest, GarbageInARecordIsReportedAndTheOthersAreStillListed) {
  const auto good = encode(stored_.record("large"));
  for (const auto& bad :
       {std::string("garbage"), good.substr(1), good + "x", std::string("\0", 1)}) {
    stored_.set_record("large", bad);
    const auto found = check();
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].bucket, "photos");
    EXPECT_EQ(found[0].key, "large");
    EXPECT_EQ(found[0].grade, Finding::Grade::damage);
    // Its blob is not called an orphan: nobody knows what the record named.
    EXPECT_EQ(found[1].grade, Finding::Grade::note);
    EXPECT_FALSE(found[1].blob);
    EXPECT_EQ(world_.send("GET", "/photos?list-type=2").elements("Key"),
              (std::vector<std::string>{"album", "large", "small"}));
    EXPECT_EQ(world_.send("GET", "/photos/large").code(), "InternalError");
    EXPECT_EQ(get("small"), "a few bytes");
  }
  const http::Headers absent{{"If-None-Match", "*"}};
  EXPECT_EQ(world_.send("PUT", "/photos/large", "new", absent).status, 500);
  EXPECT_EQ(world_.send("PUT", "/photos/large", "new").status, 200);
  EXPECT_EQ(get("large"), "new");
  stored_.set_record("small", "garbage");
  EXPECT_EQ(world_.send("DELETE", "/photos/small").status, 204);
  EXPECT_EQ(world_.send("GET", "/photos/small").status, 404);
}

TEST_F(FsckTest, AKeyOfNoTableIsReported) {
  stored_.set_entry("z", "?");
  EXPECT_EQ(only().what, "a key of no table: z");
  stored_.set_entry("z", std::nullopt);
  stored_.set_entry("oendless", "?");
  EXPECT_EQ(check().at(0).what, "no key of an object: oendless");
}

TEST_F(FsckTest, ABlobWithTwoNamesIsReported) {
  stored_.set_record("twin", encode(stored_.record("large")));
  const auto found = only();
  EXPECT_EQ(found.key, "twin");
  EXPECT_EQ(found.what, "its blob has another name as well");
  stored_.set_entry(object_key("twin"), std::nullopt);
  stored_.set_entry(garbage_key(stored_.blob("large")), std::string(1, '\x01'));
  EXPECT_EQ(only().key, "large") << "queued for removal, and named";
}

TEST_F(FsckTest, UploadsAndTheirNamesBelongTogether) {
  const auto id = stored_.upload("another", {}, false);
  stored_.set_entry(upload_name("another", id), std::nullopt);
  EXPECT_EQ(only().what, "the upload is not listed");
  stored_.set_entry(upload_name("another", id), std::string(1, '\x01'));
  stored_.set_entry(upload_key(id), std::nullopt);
  EXPECT_EQ(only().what, "an upload is listed that is not there");
}

TEST_F(FsckTest, PartsWithoutAnUploadAreANote) {
  const auto id = stored_.upload("another", {"part"}, false);
  stored_.set_entry(upload_name("another", id), std::nullopt);
  stored_.set_entry(upload_key(id), std::nullopt);
  EXPECT_EQ(only().grade, Finding::Grade::note);
}

TEST_F(FsckTest, ABucketsNameAndConfigurationBelongTogether) {
  auto& kv = stored_.data().kv();
  const auto fact = run(world_.s3.buckets().find("photos")).value();
  const auto configuration = "bucket/" + fact->record.id;
  const auto good = run(kv.get(configuration, "bucket")).value();
  const std::vector<storage::Write> remove{{"bucket", std::nullopt}};
  ASSERT_TRUE(run(kv.commit(configuration, {}, remove)));
  EXPECT_EQ(only().what, "the bucket has no configuration");
  auto other = fact->record;
  other.account = "222222222222";
  const std::vector<storage::Write> change{{"bucket", encode(other)}};
  ASSERT_TRUE(run(kv.commit(configuration, {}, change)));
  EXPECT_EQ(only().what, "the bucket's configuration is another one's");
  const std::vector<storage::Write> restore{{"bucket", good}, {"policy", "\x01{}"}};
  ASSERT_TRUE(run(kv.commit(configuration, {}, restore)));
  EXPECT_NE(only().what.find("policy cannot be read"), std::string::npos);
}

TEST_F(FsckTest, ObjectsOfABucketWithoutANameAreReported) {
  const std::vector<storage::Write> remove{{"photos", std::nullopt}};
  ASSERT_TRUE(run(stored_.data().kv().commit("buckets", {}, remove)));
  const auto found = check();
  EXPECT_TRUE(std::ranges::any_of(found, [](const Finding& finding) {
    return finding.grade == Finding::Grade::damage &&
           finding.what == "3 objects of a bucket that has no name";
  }));
}

TEST_F(FsckTest, ADeletedBucketLeavesNothingToReport) {
  ASSERT_EQ(world_.send("PUT", "/short-lived").status, 200);
  ASSERT_EQ(world_.send("DELETE", "/short-lived").status, 204);
  EXPECT_TRUE(check().empty());
}

TEST_F(FsckTest, ABucketOfNoAccountIsReported) {
  world_.account = "222222222222";
  EXPECT_EQ(only().what, "the bucket's account 111111111111 does not exist");
}

}  // namespace
}  // namespace larder::s3::test
