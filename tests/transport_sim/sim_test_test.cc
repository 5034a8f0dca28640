// Explorations as tests of GoogleTest.

#include "weft/transport_sim/sim_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

#include "weft/api/channel.h"
#include "weft/api/task.h"

namespace weft::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;

WEFT_SIM_TEST(SimTest, PassesWhenEveryScheduleDoes) {
  EXPECT_SCHEDULES(3);
  world.outcome(std::to_string(world.choose(3, "number")));
  co_return;
}

WEFT_SIM_TEST(SimTest, TakesItsOptionsAsAThirdArgument, ExploreOptions().deviations(1)) {
  EXPECT_SCHEDULES(1 + 2);
  world.choose(2, "bit");
  world.choose(2, "bit");
  co_return;
}

WEFT_SIM_TEST(SimTest, CanBePinnedToASchedule) {
  world.outcome(std::to_string(world.choose(3, "number")));
  co_return;
}
WEFT_SIM_REPLAY_TEST(SimTest, CanBePinnedToASchedule, "cs1~t6oa~a-c4h~pocy")

Body fails_with_an_assertion(World& world) {
  EXPECT_NE(world.choose(2, "bit"), 1u) << "the second is bad";
  co_return;
}

TEST(SimTest, ReportsTheAssertionOfTheSimplestFailureOnceAndTheSearch) {
  testing::TestPartResultArray results;
  {
    testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    run_sim_test("SimTest.Fails", ExploreOptions(), &fails_with_an_assertion, __FILE__, __LINE__);
  }
  ASSERT_EQ(results.size(), 2);
  EXPECT_THAT(results.GetTestPartResult(0).message(), HasSubstr("the second is bad"));
  const std::string report = results.GetTestPartResult(1).message();
  EXPECT_THAT(report, HasSubstr("FAILED ] SimTest.Fails: 2 schedules, 1 failed"));
  EXPECT_THAT(report, HasSubstr("--gtest_filter=SimTest.Fails --weft_replay=cs1~"));
  EXPECT_THAT(report, HasSubstr("WEFT_SIM_REPLAY_TEST(SimTest, Fails, \"cs1~"));
}

Body asks(World& world) {
  switch (world.choose(3, "question")) {
    case 1:
      (void)std::chrono::steady_clock::now();
      break;
    case 2:
      (void)std::random_device()();
      break;
    default:
      break;
  }
  co_return;
}

TEST(SimTest, FindsABodyThatReadsTheRealClockOrRealRandomness) {
  const Report report =
      explore_in_test("SimTest.Asks", ExploreOptions().keep_going(), BodyFunction(&asks));
  EXPECT_EQ(report.failed_executions, 2u);
  EXPECT_THAT(report.to_string(), HasSubstr("the real world was asked: clock_gettime"));
  EXPECT_THAT(report.outcomes, ElementsAre(Key(""), Key("FAILED: real world")));
}

TEST(SimTest, OptionsInTheCodeWinOverFlags) {
  // Under a flag that bounds the search, this one would have fewer.
  const Report report = explore_in_test(
      "SimTest.Chooses", ExploreOptions().deviations(2).executions(100), [](World& world) -> Body {
        for (int i = 0; i < 2; ++i) (void)world.choose(2, "bit");
        co_return;
      });
  EXPECT_EQ(report.executions, 4u);
}

Body spins(World& world) {
  co_await world.yield();
  for (volatile bool forever = true; forever;) {
  }
}

TEST(SimTestDeathTest, ABodyThatNeverSuspendsEndsTheProcessAndSaysSo) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)explore_in_test("SimTest.Spins",
                                     ExploreOptions().step_time_limit(absl::Milliseconds(50)),
                                     BodyFunction(&spins)),
               "a step has run for more than 50 ms: the body never suspends");
}

Body crashes(World& world) {
  if (world.choose(3, "step") == 2) std::abort();
  co_return;
}

TEST(SimTestDeathTest, ACrashNamesItsToken) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      (void)explore_in_test("SimTest.Crashes", ExploreOptions(), BodyFunction(&crashes)),
      "crashed in SimTest.Crashes while running schedule cs1~.*~a-c..~-(.|\n)*--weft_replay=cs1~");
}

}  // namespace
}  // namespace weft::sim
