#include "cli/usage_text.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace larder::cli {
namespace {

boost::json::array parse(std::string_view text) { return boost::json::parse(text).as_array(); }

const auto accounts = parse(
    R"([{"AccountId": "111111111111", "AccountName": "default", "Arn": "a"},
        {"AccountId": "222222222222", "AccountName": "research", "Arn": "b", "MaxBytes": 5000}])");
const auto usage = parse(
    R"([{"AccountId": "222222222222", "Objects": 12, "Bytes": 3400, "Uploads": 1,
         "UploadBytes": 10, "Buckets": [{"Name": "photos", "Objects": 12, "Bytes": 3400,
         "Uploads": 1, "UploadBytes": 10}]}])");

TEST(UsageText, AnAccountWithoutBucketsHoldsNothing) {
  const auto all = usage_of(accounts, usage, "");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(boost::json::serialize(all[0]),
            R"({"AccountId":"111111111111","AccountName":"default","Objects":0,"Bytes":0,)"
            R"("Uploads":0,"UploadBytes":0,"Buckets":[]})");
  EXPECT_EQ(all[1].at("MaxBytes"), 5000);
  EXPECT_EQ(all[1].at("Buckets").at(0).at("Bytes"), 3400);
}

TEST(UsageText, OneAccountAlone) {
  ASSERT_EQ(usage_of(accounts, usage, "222222222222").size(), 1u);
  EXPECT_TRUE(usage_of(accounts, usage, "333333333333").empty());
}

TEST(UsageText, ATableHasItsNumbersBelowOneAnother) {
  EXPECT_EQ(usage_text(usage_of(accounts, usage, "")),
            "                                       OBJECTS  BYTES  UPLOADS  UPLOAD BYTES\n"
            "111111111111 default                         0      0        0             0\n"
            "222222222222 research (of 5000 bytes)       12   3400        1            10\n"
            "  photos                                    12   3400        1            10\n");
}

TEST(UsageText, SizesHaveUnitsOfTenAndOfTwo) {
  EXPECT_EQ(parse_bytes("0"), 0);
  EXPECT_EQ(parse_bytes("1500"), 1500);
  EXPECT_EQ(parse_bytes("7B"), 7);
  EXPECT_EQ(parse_bytes("10kB"), 10'000);
  EXPECT_EQ(parse_bytes("10 KiB"), 10'240);
  EXPECT_EQ(parse_bytes("3gib"), 3ll << 30);
  EXPECT_EQ(parse_bytes("2TB"), 2'000'000'000'000);
  EXPECT_EQ(parse_bytes("9223372036854775807"), 9223372036854775807);
  for (const auto* wrong : {"", "GiB", "-1", "1.5GiB", "10 G", "10XB", "10GiBs", "0x10",
                            "9223372036854775808", "9000000TiB"})
    EXPECT_EQ(parse_bytes(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace larder::cli
