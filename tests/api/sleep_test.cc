// Sleeping in a loop's time.

#include "weft/api/sleep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "manual_loop.h"
#include "started.h"
#include "weft/api/task.h"

namespace weft::test {
namespace {

using testing::ElementsAre;

TEST(Sleep, GoesOnAtItsInstant) {
  ManualLoop loop;
  Started sleeping(sleep_for(loop, absl::Seconds(1)));
  loop.advance(absl::Seconds(1) - absl::Nanoseconds(1));
  EXPECT_FALSE(sleeping.done());
  loop.advance(absl::Nanoseconds(1));
  EXPECT_TRUE(sleeping.done());
}

TEST(Sleep, OfNoTimeOrLessEndsInTheNextTurn) {
  ManualLoop loop;
  loop.advance(absl::Seconds(2));
  Started none(sleep_for(loop, absl::ZeroDuration()));
  Started negative(sleep_for(loop, -absl::Seconds(1)));
  Started past(sleep_until(loop, Instant()));
  EXPECT_FALSE(none.done() || negative.done() || past.done());
  loop.advance(absl::ZeroDuration());
  EXPECT_TRUE(none.done());
  EXPECT_TRUE(negative.done());
  EXPECT_TRUE(past.done());
}

Task<void> nap_until(EventLoop& loop, const bool& woken, int& naps) {
  while (!woken && naps < 10) {
    ++naps;
    co_await sleep_until(loop, Instant());
  }
}

TEST(Sleep, UntilThePastAgainAndAgainLetsTasksAndOtherTimersHaveTheirTurns) {
  ManualLoop loop;
  loop.advance(absl::Seconds(1));
  bool slept = false;
  int naps = 0;
  auto other = [](EventLoop& its_loop, bool& its_slept) -> Task<void> {
    co_await sleep_for(its_loop, absl::ZeroDuration());  // the subject, in virtual time
    its_slept = true;
  };
  Started napping(nap_until(loop, slept, naps));
  Started sleeping(other(loop, slept));
  loop.advance(absl::ZeroDuration());
  EXPECT_TRUE(napping.done());
  EXPECT_LE(naps, 2);
}

TEST(Sleep, CountsFromWhenItWasMadeNotFromWhenItIsAwaited) {
  ManualLoop loop;
  Sleep made = sleep_for(loop, absl::Seconds(2));
  loop.advance(absl::Seconds(1));
  const Instant before = loop.now();
  block_on(loop, made);
  EXPECT_EQ(loop.now() - before, absl::Seconds(1));
}

TEST(Sleep, AnAbandonedOneDisarmsItsTimer) {
  ManualLoop loop;
  Started sleeping(sleep_for(loop, absl::Seconds(1)));
  EXPECT_TRUE(loop.has_timers());
  sleeping.abandon();
  EXPECT_FALSE(loop.has_timers());
}

Task<void> note_after(EventLoop& loop, absl::Duration delay, std::vector<int>& log, int number) {
  co_await sleep_for(loop, delay);
  log.push_back(number);
}

TEST(Sleep, EndsInTheOrderOfTheInstantsAndThenOfTheirBeginning) {
  ManualLoop loop;
  std::vector<int> log;
  Started a(note_after(loop, absl::Seconds(2), log, 1));
  Started b(note_after(loop, absl::Seconds(1), log, 2));
  Started c(note_after(loop, absl::Seconds(2), log, 3));
  loop.advance(absl::Seconds(2));
  EXPECT_THAT(log, ElementsAre(2, 1, 3));
}

TEST(Sleep, ForEverNeverEnds) {
  ManualLoop loop;
  Started sleeping(sleep_for(loop, absl::InfiniteDuration()));
  loop.advance(absl::Hours(24 * 365));
  EXPECT_FALSE(sleeping.done());
}

}  // namespace
}  // namespace weft::test
