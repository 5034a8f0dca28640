// Instants and deadlines.

#include "weft/transport/deadline.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace weft::test {
namespace {

Instant instant(std::int64_t nanoseconds) {
  return Instant::from_nanoseconds(nanoseconds);
}

TEST(Instant, AddsAndSubtractsDurations) {
  EXPECT_EQ(instant(100) + absl::Nanoseconds(5), instant(105));
  EXPECT_EQ(instant(100) + absl::Nanoseconds(-101), instant(-1));
  EXPECT_EQ(instant(105) - instant(100), absl::Nanoseconds(5));
  EXPECT_EQ(instant(100) - instant(105), absl::Nanoseconds(-5));
  EXPECT_EQ(Instant().nanoseconds(), 0);
}

TEST(Instant, SaturatesAtBothEnds) {
  EXPECT_EQ(instant(1) + absl::InfiniteDuration(), instant(INT64_MAX));
  EXPECT_EQ(instant(INT64_MAX) + absl::Nanoseconds(1), instant(INT64_MAX));
  EXPECT_EQ(instant(-1) + -absl::InfiniteDuration(), instant(INT64_MIN));
  EXPECT_EQ(instant(INT64_MIN) + absl::Nanoseconds(-1), instant(INT64_MIN));
  EXPECT_EQ(instant(0) + absl::Hours(24 * 366 * 300), instant(INT64_MAX));
}

TEST(Instant, IsOrdered) {
  EXPECT_LT(instant(1), instant(2));
  EXPECT_GT(instant(1), instant(-2));
  EXPECT_EQ(instant(1), instant(1));
}

TEST(Instant, TheWholeRangeHasADuration) {
  EXPECT_EQ(instant(INT64_MAX) - instant(INT64_MIN),
            absl::Nanoseconds(INT64_MAX) - absl::Nanoseconds(INT64_MIN));
}

TEST(Deadline, IsNeverUnlessGiven) {
  EXPECT_TRUE(Deadline().is_infinite());
  EXPECT_EQ(Deadline(), Deadline::infinite());
  EXPECT_FALSE(Deadline().expired(instant(INT64_MAX)));
  EXPECT_EQ(Deadline().remaining(instant(0)), absl::InfiniteDuration());
}

TEST(Deadline, IsReachedAtItsExactInstant) {
  const Deadline deadline = Deadline::at(instant(100));
  EXPECT_FALSE(deadline.expired(instant(99)));
  EXPECT_TRUE(deadline.expired(instant(100)));
  EXPECT_TRUE(deadline.expired(instant(101)));
}

TEST(Deadline, IsATimeoutAfterNow) {  // B220
  EXPECT_EQ(Deadline::after(instant(100), absl::Nanoseconds(5)).instant(), instant(105));
}

TEST(Deadline, OfNoTimeOrLessHasPassed) {  // B227
  EXPECT_TRUE(Deadline::after(instant(100), absl::ZeroDuration()).expired(instant(100)));
  EXPECT_TRUE(Deadline::after(instant(100), -absl::Seconds(1)).expired(instant(100)));
  EXPECT_TRUE(Deadline::after(instant(100), -absl::InfiniteDuration()).expired(instant(100)));
}

TEST(Deadline, OfEndlessTimeIsNever) {
  EXPECT_TRUE(Deadline::after(instant(-5), absl::InfiniteDuration()).is_infinite());
  EXPECT_TRUE(Deadline::after(instant(5), absl::InfiniteDuration()).is_infinite());
  EXPECT_TRUE(Deadline::after(instant(5), absl::Hours(24 * 366 * 300)).is_infinite());
}

TEST(Deadline, RemainingIsNotBelowZero) {
  const Deadline deadline = Deadline::at(instant(100));
  EXPECT_EQ(deadline.remaining(instant(40)), absl::Nanoseconds(60));
  EXPECT_EQ(deadline.remaining(instant(100)), absl::ZeroDuration());
  EXPECT_EQ(deadline.remaining(instant(1000)), absl::ZeroDuration());
}

TEST(Deadline, TheEarlierOfTwoHolds) {
  const Deadline sooner = Deadline::at(instant(1));
  const Deadline later = Deadline::at(instant(2));
  EXPECT_EQ(earlier_of(sooner, later), sooner);
  EXPECT_EQ(earlier_of(later, sooner), sooner);
  EXPECT_EQ(earlier_of(Deadline(), later), later);
  EXPECT_EQ(earlier_of(later, Deadline()), later);
  EXPECT_TRUE(earlier_of(Deadline(), Deadline()).is_infinite());
}

}  // namespace
}  // namespace weft::test
