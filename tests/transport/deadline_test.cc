// Instants and deadlines.

#include "weft/transport/deadline.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace weft::test {
namespace {

Instant at(std::int64_t nanoseconds) {
  return Instant::from_nanoseconds(nanoseconds);
}

TEST(Instant, AddsAndSubtractsDurations) {
  EXPECT_EQ(at(100) + absl::Nanoseconds(5), at(105));
  EXPECT_EQ(at(100) + absl::Nanoseconds(-101), at(-1));
  EXPECT_EQ(at(105) - at(100), absl::Nanoseconds(5));
  EXPECT_EQ(at(100) - at(105), absl::Nanoseconds(-5));
  EXPECT_EQ(Instant().nanoseconds(), 0);
}

TEST(Instant, SaturatesAtBothEnds) {
  EXPECT_EQ(at(1) + absl::InfiniteDuration(), at(INT64_MAX));
  EXPECT_EQ(at(INT64_MAX) + absl::Nanoseconds(1), at(INT64_MAX));
  EXPECT_EQ(at(-1) + -absl::InfiniteDuration(), at(INT64_MIN));
  EXPECT_EQ(at(INT64_MIN) + absl::Nanoseconds(-1), at(INT64_MIN));
  EXPECT_EQ(at(0) + absl::Hours(24 * 366 * 300), at(INT64_MAX));
}

TEST(Instant, IsOrdered) {
  EXPECT_LT(at(1), at(2));
  EXPECT_GT(at(1), at(-2));
  EXPECT_EQ(at(1), at(1));
}

TEST(Instant, TheWholeRangeHasADuration) {
  EXPECT_EQ(at(INT64_MAX) - at(INT64_MIN),
            absl::Nanoseconds(INT64_MAX) - absl::Nanoseconds(INT64_MIN));
}

TEST(Deadline, IsNeverUnlessGiven) {
  EXPECT_TRUE(Deadline().is_infinite());
  EXPECT_EQ(Deadline(), Deadline::infinite());
  EXPECT_FALSE(Deadline().expired(at(INT64_MAX)));
  EXPECT_EQ(Deadline().remaining(at(0)), absl::InfiniteDuration());
}

TEST(Deadline, IsReachedAtItsExactInstant) {
  const Deadline deadline = Deadline::at(at(100));
  EXPECT_FALSE(deadline.expired(at(99)));
  EXPECT_TRUE(deadline.expired(at(100)));
  EXPECT_TRUE(deadline.expired(at(101)));
}

TEST(Deadline, IsATimeoutAfterNow) {  // B220
  EXPECT_EQ(Deadline::after(at(100), absl::Nanoseconds(5)).instant(), at(105));
}

TEST(Deadline, OfNoTimeOrLessHasPassed) {  // B227
  EXPECT_TRUE(Deadline::after(at(100), absl::ZeroDuration()).expired(at(100)));
  EXPECT_TRUE(Deadline::after(at(100), -absl::Seconds(1)).expired(at(100)));
  EXPECT_TRUE(Deadline::after(at(100), -absl::InfiniteDuration()).expired(at(100)));
}

TEST(Deadline, OfEndlessTimeIsNever) {
  EXPECT_TRUE(Deadline::after(at(-5), absl::InfiniteDuration()).is_infinite());
  EXPECT_TRUE(Deadline::after(at(5), absl::InfiniteDuration()).is_infinite());
  EXPECT_TRUE(Deadline::after(at(5), absl::Hours(24 * 366 * 300)).is_infinite());
}

TEST(Deadline, RemainingIsNotBelowZero) {
  const Deadline deadline = Deadline::at(at(100));
  EXPECT_EQ(deadline.remaining(at(40)), absl::Nanoseconds(60));
  EXPECT_EQ(deadline.remaining(at(100)), absl::ZeroDuration());
  EXPECT_EQ(deadline.remaining(at(1000)), absl::ZeroDuration());
}

TEST(Deadline, TheEarlierOfTwoHolds) {
  const Deadline sooner = Deadline::at(at(1));
  const Deadline later = Deadline::at(at(2));
  EXPECT_EQ(earlier_of(sooner, later), sooner);
  EXPECT_EQ(earlier_of(later, sooner), sooner);
  EXPECT_EQ(earlier_of(Deadline(), later), later);
  EXPECT_EQ(earlier_of(later, Deadline()), later);
  EXPECT_TRUE(earlier_of(Deadline(), Deadline()).is_infinite());
}

}  // namespace
}  // namespace weft::test
