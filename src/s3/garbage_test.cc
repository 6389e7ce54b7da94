// Freeing what nothing names, where some of it cannot be read.
#include "s3/garbage.h"

#include <gtest/gtest.h>

#include "base/log.h"
#include "s3/index.h"
#include "s3/testing/stored_world.h"
#include "storage/testing/run.h"

namespace larder::s3::test {
namespace {

using storage::test::run;

class GarbageTest : public ::testing::Test {
 protected:
  GarbageTest() {
    log::set_level(log::Level::error);
    EXPECT_EQ(world_.send("PUT", "/photos").status, 200);
  }

  /// An upload of two parts that is gone, its parts not.
  std::string orphan(const std::string& key) {
    const auto id =
        stored_.upload(key, {std::string(5 << 20, 'a'), std::string(20'000, 'b')}, false);
    stored_.set_entry(upload_key(id), std::nullopt);
    stored_.set_entry(upload_name(key, id), std::nullopt);
    return id;
  }
  std::size_t parts_left() {
    const auto found =
        run(stored_.data().kv().scan(stored_.index_partition(), all_of(Table::parts), 100));
    return found.value().entries.size();
  }
  std::size_t blobs() { return run(stored_.data().blobs().list(std::nullopt, 100)).value().size(); }

  StoredWorld stored_;
  World& world_ = stored_.world();
};

TEST_F(GarbageTest, APartThatCannotBeReadKeepsNothingElseFromBeingFreed) {
  const auto one = orphan("one");
  const auto two = orphan("two");
  ASSERT_EQ(blobs(), 4u);
  const auto& first = std::min(one, two);
  stored_.set_entry(part_key(first, 1), "garbage");
  ASSERT_EQ(world_.send("PUT", "/zebras").status, 200);
  const auto freed = run(world_.s3.free_queues());
  EXPECT_TRUE(freed) << freed.error().message;
  EXPECT_EQ(parts_left(), 1u) << "nobody drops in silence what cannot be read";
  EXPECT_EQ(blobs(), 1u) << "nor what it may name";
  EXPECT_FALSE(run(world_.s3.collect_garbage()));
  EXPECT_EQ(blobs(), 1u);
}

}  // namespace
}  // namespace larder::s3::test
