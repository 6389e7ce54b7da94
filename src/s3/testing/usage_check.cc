#include "s3/testing/usage_check.h"

#include <gtest/gtest.h>

#include <map>

#include "storage/testing/run.h"

namespace larder::s3::test {
void expect_exact_use(World& world, storage::Kv& kv) {
  using storage::test::run;
  run(world.s3.usage().resolve());
  std::map<std::string, Use> remembered;
  for (const auto& bucket : world.s3.usage().buckets()) remembered[bucket.name] = bucket.use;
  Unhurried pace;
  std::map<std::string, Use> there;
  std::map<std::string, Use> accounts;
  for (const auto& [id, use] : world.s3.usage().accounts()) accounts[id] = Use();
  for (const auto& entry : run(kv.scan("buckets", {}, 1000))->entries) {
    const auto bucket = decode_bucket(entry.key, entry.value).value();
    const auto counted = run(count_use(kv, bucket.id, pace)).value();
    Index index(kv, bucket.id);
    const auto stored = run(read_use(index)).value();
    EXPECT_EQ(stored.use, counted.use) << difference(stored.use, counted.use);
    there[bucket.name] = counted.use;
    accounts[bucket.account] += counted.use;
  }
  EXPECT_EQ(remembered, there);
  EXPECT_EQ(world.s3.usage().accounts(), accounts);
}

}  // namespace larder::s3::test
