#include <gtest/gtest.h>

#include <type_traits>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace larder {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

TEST(Secret, HasNoWayToPrintAndComparesByContent) {
  static_assert(!Printable<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string_view>);
  EXPECT_TRUE(Secret("a") == Secret("a"));
  EXPECT_FALSE(Secret("a") == Secret("b"));
  EXPECT_FALSE(Secret("a") == Secret("aa"));
}

TEST(Secret, IsEmptyAfterItWasMoved) {
  Secret from("hidden");
  const Secret to(std::move(from));
  EXPECT_EQ(to.reveal(), "hidden");
  EXPECT_TRUE(from.empty());
}

TEST(Random, TheSameSeedGivesTheSameBytes) {
  SeededRandom a(1), b(1), c(2);
  EXPECT_EQ(a.bytes(32), b.bytes(32));
  EXPECT_NE(a.bytes(32), c.bytes(32));
}

TEST(Clock, AManualClockStandsStillUntilItIsTold) {
  ManualClock clock(Time(std::chrono::seconds(5)));
  EXPECT_EQ(clock.now(), clock.now());
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(clock.now(), Time(std::chrono::seconds(6)));
}

Result<int> half(int number) {
  if (number % 2 != 0) return fail(codes::invalid_argument, "odd");
  return number / 2;
}
Result<int> quarter(int number) {
  TRY(const int first, half(number));
  return half(first);
}

TEST(Result, TryPassesTheErrorOn) {
  EXPECT_EQ(quarter(8), 2);
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_EQ(quarter(7).error().code.name, "InvalidArgument");
}

}  // namespace
}  // namespace larder
