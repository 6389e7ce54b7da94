#include "codec/iso8601.h"

#include <fmt/chrono.h>
#include <gtest/gtest.h>

#include <random>

namespace larder {
namespace {

using namespace std::chrono;

// Against the formatter of a library, from the year 1 to the year 9999.
TEST(Iso8601, EveryFormIsWhatALibraryWrites) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937_64 random(seed);
  const auto first = Time(sys_days(year(1) / 1 / 1)).time_since_epoch().count();
  const auto last = Time(sys_days(year(9999) / 12 / 31)).time_since_epoch().count();
  std::uniform_int_distribution<std::int64_t> moment(first, last);
  for (int i = 0; i < 20'000; ++i) {
    const Time time{microseconds(moment(random))};
    const auto seconds = floor<std::chrono::seconds>(time);
    const year_month_day day(floor<days>(time));
    const auto text = fmt::format("{:04}-{:02}-{:02}T{:%H:%M:%S}", static_cast<int>(day.year()),
                                  static_cast<unsigned>(day.month()),
                                  static_cast<unsigned>(day.day()), (seconds - floor<days>(time)));
    ASSERT_EQ(format_iso8601(time), text + "Z");
    ASSERT_EQ(format_iso8601_millis(time),
              fmt::format("{}.{:03}Z", text, floor<milliseconds>(time - seconds).count()));
    std::string basic = text + "Z";
    std::erase(basic, '-');
    std::erase(basic, ':');
    ASSERT_EQ(format_basic(time), basic);
    ASSERT_EQ(parse_iso8601(format_iso8601(time)), Time(seconds));
    ASSERT_EQ(parse_basic(format_basic(time)), Time(seconds));
    ASSERT_EQ(parse_http_date(format_http_date(time)), Time(seconds));
  }
}

TEST(Iso8601, TheDateOfHttpIsThatOfItsStandard) {
  // RFC 9110, 5.6.7.
  const auto time = parse_iso8601("1994-11-06T08:49:37Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(format_http_date(*time), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace larder
