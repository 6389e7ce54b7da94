#include "storage/data_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/errors.h"
#include "storage/memory_file_system.h"
#include "storage/testing/run.h"
#include "storage/testing/temporary_directory.h"

namespace larder::storage::test {
namespace {

class DataDirectoryTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<DataDirectory>> open() {
    return open_data_directory(path_, files_, pool_, random_, {.free_space_min = 0},
                               {.free_space_min = 0});
  }
  /// Opening fails with this code and a message that has this in it.
  void expect_refused(ErrorCode code, std::string_view part) {
    const auto opened = open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, code);
    EXPECT_NE(opened.error().message.find(part), std::string::npos) << opened.error().message;
  }
  void replace(const std::string& name, std::string_view content) {
    ASSERT_TRUE(write_file_durably(files_, path_ + "/" + name, content, 0600));
  }

  TemporaryDirectory parent_;
  const std::string path_ = parent_.path() + "/data";
  PosixFileSystem files_;
  BlockingPool pool_{2, 100};
  SystemRandom random_;
};

TEST_F(DataDirectoryTest, KeepsEverythingForTheNextStart) {
  std::string sealed;
  {
    const auto data = open().value();
    ASSERT_TRUE(run(data->kv().commit("p", {}, {{"k", "v"}})));
    sealed = data->sealer().seal("test", "k", "secret");
  }
  const auto data = open().value();
  EXPECT_EQ(run(data->kv().get("p", "k")).value(), "v");
  EXPECT_EQ(data->sealer().open("test", "k", sealed).value().reveal(), "secret");
}

TEST_F(DataDirectoryTest, IsItsOwnersAlone) {
  const auto data = open().value();
  EXPECT_EQ(files_.info(path_).value()->mode, 0700u);
  for (const auto* name : {"lock", "format", "master.key"})
    EXPECT_EQ(files_.info(path_ + "/" + name).value()->mode, 0600u) << name;
}

TEST_F(DataDirectoryTest, ASecondServerIsToldWhoHoldsIt) {
  const auto data = open().value();
  expect_refused(codes::locked, path_);
  expect_refused(codes::locked, "pid " + std::to_string(::getpid()));
}

TEST_F(DataDirectoryTest, ANewerFormatIsRefusedNamingBothVersions) {
  ASSERT_TRUE(open());
  replace("format", "larder data 4\nsomething new\n");
  expect_refused(codes::bad_data_directory, "version 4, and this program knows versions up to 3");
}

TEST_F(DataDirectoryTest, AnOlderFormatIsOpenedAndMadeThisOne) {
  ASSERT_TRUE(open());
  const std::string now = read_small_file(files_, path_ + "/format", 1000).value();
  std::string older = now.substr(0, now.find("crc32c"));
  older.replace(older.find('3'), 1, "1");
  replace("format", older);
  ASSERT_TRUE(open());
  EXPECT_EQ(read_small_file(files_, path_ + "/format", 1000).value(), now);
}

TEST_F(DataDirectoryTest, ADamagedVersionIsNotTakenForAnOlderOne) {
  ASSERT_TRUE(open());
  std::string damaged = read_small_file(files_, path_ + "/format", 1000).value();
  damaged.replace(damaged.find('3'), 1, "2");
  replace("format", damaged);
  expect_refused(codes::bad_data_directory, "is damaged");
}

TEST_F(DataDirectoryTest, ADirectoryOfSomethingElseIsLeftAlone) {
  ASSERT_TRUE(files_.create_directory(path_));
  replace("precious.txt", "text");
  expect_refused(codes::bad_data_directory, "precious.txt");
  EXPECT_FALSE(files_.info(path_ + "/master.key").value());
}

TEST_F(DataDirectoryTest, AnExposedMasterKeyIsRefused) {
  ASSERT_TRUE(open());
  ASSERT_EQ(::chmod((path_ + "/master.key").c_str(), 0640), 0);
  expect_refused(codes::bad_data_directory, "chmod 600");
}

TEST_F(DataDirectoryTest, AMissingMasterKeyIsNotReplaced) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(files_.remove_file(path_ + "/master.key"));
  expect_refused(codes::bad_data_directory, "backup");
  EXPECT_FALSE(files_.info(path_ + "/master.key").value());
}

TEST_F(DataDirectoryTest, AMalformedMasterKeyIsRefused) {
  ASSERT_TRUE(open());
  const auto good = read_small_file(files_, path_ + "/master.key", 1000).value();
  auto flipped = good;
  flipped[30] = flipped[30] == '0' ? '1' : '0';
  for (const auto& bad : {std::string(), good.substr(1), good + "x", flipped}) {
    replace("master.key", bad);
    expect_refused(codes::bad_data_directory, "master key");
  }
}

TEST_F(DataDirectoryTest, AnothersMasterKeyIsRefused) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(files_.remove_file(path_ + "/master.key"));
  ASSERT_TRUE(create_master_key(files_, path_ + "/master.key", random_));
  expect_refused(codes::bad_data_directory, "not the key of this directory");
}

TEST(SealerTest, OpensWhatItSealedAndNothingElse) {
  SystemRandom random;
  const Sealer sealer(MasterKey(Secret(random.bytes(32))), random);
  const Sealer other(MasterKey(Secret(random.bytes(32))), random);
  for (const std::size_t size : {0u, 1u, 1000u}) {
    const auto plain = random.bytes(size);
    const auto sealed = sealer.seal("purpose", "associated", plain);
    EXPECT_EQ(sealed.size(), size + 29);
    EXPECT_EQ(sealer.open("purpose", "associated", sealed).value().reveal(), plain);
    EXPECT_FALSE(sealer.open("another", "associated", sealed));
    EXPECT_FALSE(sealer.open("purpose", "another", sealed));
    EXPECT_FALSE(other.open("purpose", "associated", sealed));
    EXPECT_FALSE(sealer.open("purpose", "associated", sealed.substr(0, sealed.size() - 1)));
  }
  EXPECT_NE(sealer.seal("p", "a", "same"), sealer.seal("p", "a", "same"));
  EXPECT_EQ(sealer.open("p", "a", "").error().code, codes::unsealable);
}

TEST(SealerTest, NoticesAnyFlippedBit) {
  SystemRandom random;
  const Sealer sealer(MasterKey(Secret(random.bytes(32))), random);
  const auto sealed = sealer.seal("purpose", "associated", "twenty bytes of text");
  for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    auto changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    ASSERT_FALSE(sealer.open("purpose", "associated", changed)) << bit;
  }
}

TEST(BlobIdTest, IsThirtyTwoLowerCaseHexDigits) {
  SeededRandom random(1);
  const auto id = BlobId::make(random);
  EXPECT_EQ(id.str().size(), 32u);
  EXPECT_EQ(BlobId::parse(id.str()), id);
  EXPECT_FALSE(BlobId::parse(id.str() + "0"));
  EXPECT_FALSE(BlobId::parse("0123456789ABCDEF0123456789ABCDEF"));
  EXPECT_FALSE(BlobId::parse("../../../../../../../etc/passwd."));
}

TEST(KeyRangeTest, APrefixOfHighBytesHasAnEnd) {
  EXPECT_EQ(keys_with_prefix("a").end, "b");
  EXPECT_EQ(keys_with_prefix("a\xff").end, "b");
  EXPECT_EQ(keys_with_prefix("\xff").end, "");
  EXPECT_EQ(keys_with_prefix("").end, "");
}

}  // namespace
}  // namespace larder::storage::test
