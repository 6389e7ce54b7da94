#include "base/log.h"

#include <gtest/gtest.h>

namespace larder::log {
namespace {

// 2026-11-23T12:00:01.250Z
constexpr Time noon{std::chrono::milliseconds(1'795'435'201'250)};

std::string text(std::string_view message, std::span<const Field> fields = {}) {
  return render(Format::text, Level::warning, noon, message, fields);
}
std::string json(std::string_view message, std::span<const Field> fields = {}) {
  return render(Format::json, Level::error, noon, message, fields);
}

TEST(Log, ALineOfTextHasTimeLevelMessageAndFields) {
  const Field fields[] = {{"request_id", "4KQ2ZC7W"}, {"status", 500u}, {"seconds", 0.25}};
  EXPECT_EQ(text("it failed", fields),
            "2026-11-23T12:00:01.250Z warning it failed request_id=4KQ2ZC7W status=500 "
            "seconds=0.25\n");
}

TEST(Log, ALineOfJsonIsOneObject) {
  const Field fields[] = {{"request_id", "4KQ2ZC7W"}, {"status", 500u}, {"seconds", 0.25}};
  EXPECT_EQ(json("it failed", fields),
            R"({"time":"2026-11-23T12:00:01.250Z","level":"error","message":"it failed",)"
            R"("request_id":"4KQ2ZC7W","status":500,"seconds":0.25})"
            "\n");
}

TEST(Log, AStrangerCannotStartASecondLine) {
  EXPECT_EQ(text("a\nb\x7f\x1b"), "2026-11-23T12:00:01.250Z warning a\\x0ab\\x7f\\x1b\n");
  const Field fields[] = {{"agent", "x\" level=error\n"}};
  EXPECT_EQ(text("a", fields),
            "2026-11-23T12:00:01.250Z warning a agent=\"x\\\" level=error\\u000a\"\n");
  EXPECT_TRUE(json("a\nb").contains(R"("message":"a\u000ab"})"));
}

TEST(Log, JsonStaysValidWhateverBytesComeIn) {
  constexpr std::string_view bad[] = {
      "\xff",          // no byte of UTF-8
      "\xc3",          // cut off
      "\xc0\xaf",      // longer than need be
      "\xed\xa0\x80",  // half of a pair
  };
  for (const auto bytes : bad) {
    std::string expected = "\"message\":\"";
    for (std::size_t i = 0; i < bytes.size(); ++i) expected += "\xef\xbf\xbd";
    EXPECT_TRUE(json(bytes).contains(expected + "\"}")) << bytes.size();
  }
  EXPECT_TRUE(json("Gr\xc3\xbc\xc3\x9f\x65 \xf0\x9f\x8d\x8e \"\\")
                  .contains("\"message\":\"Gr\xc3\xbc\xc3\x9f\x65 \xf0\x9f\x8d\x8e \\\"\\\\\"}"));
}

TEST(Log, LevelsAndFormatsHaveNames) {
  EXPECT_EQ(parse_level("debug"), Level::debug);
  EXPECT_EQ(parse_level("error"), Level::error);
  EXPECT_EQ(parse_level("loud"), std::nullopt);
  EXPECT_EQ(parse_format("json"), Format::json);
  EXPECT_EQ(parse_format(""), std::nullopt);
}

}  // namespace
}  // namespace larder::log
