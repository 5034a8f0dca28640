// Task: a lazy coroutine that owns its frame.

#include "weft/api/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "manual_loop.h"
#include "started.h"
#include "tracked.h"
#include "weft/api/block_on.h"
#include "weft/api/sleep.h"

namespace weft::test {
namespace {

Task<int> forty_two() {
  co_return 42;
}

Task<void> set(bool& flag) {
  flag = true;
  co_return;
}

TEST(Task, DoesNothingUntilItIsAwaited) {
  ManualLoop loop;
  bool ran = false;
  Task<void> task = set(ran);
  loop.settle();
  EXPECT_FALSE(ran);
  block_on(loop, std::move(task));
  EXPECT_TRUE(ran);
}

TEST(Task, GivesAnInt) {
  ManualLoop loop;
  EXPECT_EQ(block_on(loop, forty_two()), 42);
}

Task<std::unique_ptr<int>> boxed(int value) {
  co_return std::make_unique<int>(value);
}

TEST(Task, GivesAMoveOnlyResult) {
  ManualLoop loop;
  EXPECT_EQ(*block_on(loop, boxed(7)), 7);
}

class NoDefault {
 public:
  explicit NoDefault(int number) : value(number) {}
  int value;
};
Task<NoDefault> without_default() {
  co_return NoDefault(3);
}

TEST(Task, ItsResultNeedsNoDefaultConstructor) {
  ManualLoop loop;
  EXPECT_EQ(block_on(loop, without_default()).value, 3);
}

Task<std::string> shout(Task<std::string> inner) {
  co_return co_await std::move(inner) + "!";
}
Task<std::string> hello() {
  co_return "hello";
}

TEST(Task, AwaitsATaskThatItWasGiven) {
  ManualLoop loop;
  EXPECT_EQ(block_on(loop, shout(shout(hello()))), "hello!!");
}

TEST(Task, MovingHandsTheFrameOn) {
  ManualLoop loop;
  bool ran = false;
  Task<void> first = set(ran);
  Task<void> second = std::move(first);
  bool other_ran = false;
  Task<void> third = set(other_ran);
  third = std::move(second);
  block_on(loop, std::move(third));
  EXPECT_TRUE(ran);
  EXPECT_FALSE(other_ran);
}

Task<int> failing() {
  throw std::runtime_error("no luck");
  co_return 0;
}
Task<int> passing_on() {
  co_return co_await failing();
}

TEST(Task, ExceptionsPassThroughToWhoeverAwaits) {
  ManualLoop loop;
  try {
    block_on(loop, passing_on());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no luck");
  }
}

Task<std::string> catching() {
  std::string caught;
  try {
    co_await failing();
  } catch (const std::runtime_error& error) {
    caught = error.what();
  }
  co_return caught + ", but alive";
}

TEST(Task, AnExceptionOfAChildCanBeCaughtAndTheTaskGoesOn) {
  ManualLoop loop;
  EXPECT_EQ(block_on(loop, catching()), "no luck, but alive");
}

Task<void> holding(Tracked, std::shared_ptr<int>) {
  co_return;
}

TEST(Task, DestroyedUnawaitedItDestroysItsArguments) {
  auto shared = std::make_shared<int>(1);
  {
    Task<void> task = holding(Tracked(), shared);
    EXPECT_EQ(Tracked::live(), 1);
    EXPECT_EQ(shared.use_count(), 2);
  }
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_EQ(shared.use_count(), 1);
}

Task<void> sleeping(EventLoop& loop, Tracked argument) {
  const Tracked local(2);
  co_await sleep_for(loop, absl::Seconds(1));
  EXPECT_EQ(argument.value() + local.value(), 3);
}

TEST(Task, DestroyedWhileSuspendedItRunsTheDestructorsOfWhatItHolds) {
  ManualLoop loop;
  Started task(sleeping(loop, Tracked(1)));
  EXPECT_GE(Tracked::live(), 2);
  task.abandon();
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_FALSE(loop.run_one());
}

Task<void> awaiting_sleeper(EventLoop& loop) {
  const Tracked outer(5);
  co_await sleeping(loop, Tracked(1));
}

TEST(Task, DestroyingTheAwaitingFrameTearsTheChildDownToo) {
  ManualLoop loop;
  Started task(awaiting_sleeper(loop));
  EXPECT_GE(Tracked::live(), 3);
  task.abandon();
  EXPECT_EQ(Tracked::live(), 0);
}

TEST(Task, WhatItHeldIsGoneWhenItIsDone) {
  ManualLoop loop;
  block_on(loop, awaiting_sleeper(loop));
  EXPECT_EQ(Tracked::live(), 0);
}

Task<long> one(long value) {
  co_return value;
}
Task<long> sum_of(int count) {
  long sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await one(1);
  co_return sum;
}

TEST(Task, AMillionChildrenThatCompleteAtOnceDoNotGrowTheStack) {
  ManualLoop loop;
  EXPECT_EQ(block_on(loop, sum_of(1'000'000)), 1'000'000);
}

Task<void> failing_now() {
  throw std::runtime_error("again");
  co_return;
}
Task<int> failures(int count) {
  int caught = 0;
  for (int i = 0; i < count; ++i) {
    try {
      co_await failing_now();
    } catch (const std::runtime_error&) {
      ++caught;
    }
  }
  co_return caught;
}

TEST(Task, TenThousandChildrenThatThrowAtOnceDoNotGrowTheStack) {
  ManualLoop loop;
  EXPECT_EQ(block_on(loop, failures(10'000)), 10'000);
}

Task<int> nested(int depth) {
  if (depth == 0) co_return 0;
  co_return 1 + co_await nested(depth - 1);
}

TEST(Task, ADeepChainThatCompletesAtOnceGivesItsResult) {
  ManualLoop loop;
  EXPECT_EQ(block_on(loop, nested(2'000)), 2'000);
}

Task<int> nested_sleep(EventLoop& loop, int depth) {
  if (depth == 0) {
    co_await sleep_for(loop, absl::Seconds(1));
    co_return 0;
  }
  co_return 1 + co_await nested_sleep(loop, depth - 1);
}

TEST(Task, ADeepChainThatCompletesLaterGivesItsResult) {
  ManualLoop loop;
  EXPECT_EQ(block_on(loop, nested_sleep(loop, 2'000)), 2'000);
}

TEST(Task, ADeepSuspendedChainCanBeDestroyed) {
  ManualLoop loop;
  Started task(nested_sleep(loop, 2'000));
  EXPECT_FALSE(task.done());
  task.abandon();
  EXPECT_FALSE(loop.has_timers());
}

Task<void> hold_asleep(EventLoop& loop, Tracked held) {
  co_await sleep_for(loop, absl::Seconds(1));  // virtual time, which never passes: torn down here
  (void)held;
}

Task<void> await_somebody_elses(Task<void>& task) {
  co_await std::move(task);
}

TEST(Task, IsTornDownWithTheFrameThatAwaitsItWhoeverOwnsIt) {
  ManualLoop loop;
  Task<void> task = hold_asleep(loop, Tracked(1));
  Started waiting(await_somebody_elses(task));
  waiting.abandon();
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_FALSE(loop.has_timers());
}

Task<int> alternating(EventLoop& loop, int rounds) {
  int sum = 0;
  for (int i = 0; i < rounds; ++i) {
    sum += static_cast<int>(co_await one(1));
    co_await sleep_for(loop, absl::Milliseconds(1));
  }
  co_return sum;
}

TEST(Task, MixesChildrenThatCompleteAtOnceWithSuspensions) {
  ManualLoop loop;
  const Instant start = loop.now();
  EXPECT_EQ(block_on(loop, alternating(loop, 1'000)), 1'000);
  EXPECT_EQ(loop.now() - start, absl::Seconds(1));
}

Task<void> await_twice(Task<int> task) {
  co_await std::move(task);
  co_await std::move(task);
}

TEST(TaskDeathTest, AwaitingATaskTwiceAborts) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  ManualLoop loop;
  EXPECT_DEATH(block_on(loop, await_twice(forty_two())), "a task can be awaited once");
}

TEST(TaskDeathTest, AwaitingATaskThatWasMovedFromAborts) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  ManualLoop loop;
  Task<int> task = forty_two();
  const Task<int> taken = std::move(task);
  EXPECT_DEATH(block_on(loop, std::move(task)), "the task was moved from");
}

}  // namespace
}  // namespace weft::test
