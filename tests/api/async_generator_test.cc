// AsyncGenerator: yields values and may await between them.

#include "weft/api/async_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "manual_loop.h"
#include "started.h"
#include "tracked.h"
#include "weft/api/sleep.h"

namespace weft::test {
namespace {

using testing::ElementsAre;

AsyncGenerator<int> count_to(int last, std::vector<int>* started = nullptr) {
  for (int i = 1; i <= last; ++i) {
    if (started != nullptr) started->push_back(i);
    co_yield i;
  }
}

Task<std::vector<int>> collect(AsyncGenerator<int> generator) {
  std::vector<int> values;
  while (std::optional<int> value = co_await generator.next()) values.push_back(*value);
  co_return values;
}

TEST(AsyncGenerator, YieldsValuesThenNothing) {
  ManualLoop loop;
  EXPECT_THAT(block_on(loop, collect(count_to(3))), ElementsAre(1, 2, 3));
  EXPECT_THAT(block_on(loop, collect(count_to(0))), ElementsAre());
}

Task<void> take_two(AsyncGenerator<int> generator) {
  co_await generator.next();
  co_await generator.next();
}

TEST(AsyncGenerator, RunsNoFurtherThanAsked) {
  ManualLoop loop;
  std::vector<int> started;
  block_on(loop, take_two(count_to(10, &started)));
  EXPECT_THAT(started, ElementsAre(1, 2));
}

TEST(AsyncGenerator, NeverAskedItNeverRuns) {
  std::vector<int> started;
  { auto generator = count_to(10, &started); }
  EXPECT_THAT(started, ElementsAre());
}

AsyncGenerator<int> slowly(EventLoop& loop, int last, Tracked) {
  for (int i = 1; i <= last; ++i) {
    co_await sleep_for(loop, absl::Seconds(1));
    co_yield i;
  }
}

TEST(AsyncGenerator, AwaitsBetweenValues) {
  ManualLoop loop;
  const Instant start = loop.now();
  EXPECT_THAT(block_on(loop, collect(slowly(loop, 3, Tracked()))), ElementsAre(1, 2, 3));
  EXPECT_EQ(loop.now() - start, absl::Seconds(3));
  EXPECT_EQ(Tracked::live(), 0);
}

TEST(AsyncGenerator, DestroyedWhileItAwaitsItRunsDestructors) {
  ManualLoop loop;
  Started collecting(collect(slowly(loop, 3, Tracked())));
  EXPECT_EQ(Tracked::live(), 1);
  collecting.abandon();
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_FALSE(loop.has_timers());
}

TEST(AsyncGenerator, DestroyedBetweenValuesItRunsDestructors) {
  ManualLoop loop;
  block_on(loop, take_two(slowly(loop, 3, Tracked())));
  EXPECT_EQ(Tracked::live(), 0);
}

AsyncGenerator<int> fail_after(int last) {
  for (int i = 1; i <= last; ++i) co_yield i;
  throw std::runtime_error("dried up");
}

Task<std::vector<int>> collect_after_failure(AsyncGenerator<int> generator) {
  std::vector<int> values;
  bool failed = false;
  try {
    while (std::optional<int> value = co_await generator.next()) values.push_back(*value);
  } catch (const std::runtime_error&) {
    failed = true;
  }
  EXPECT_TRUE(failed);
  const std::optional<int> more = co_await generator.next();
  EXPECT_EQ(more, std::nullopt);
  co_return values;
}

TEST(AsyncGenerator, AnExceptionPassesThroughNextAndThenItIsAtItsEnd) {
  ManualLoop loop;
  EXPECT_THAT(block_on(loop, collect_after_failure(fail_after(2))), ElementsAre(1, 2));
}

Task<bool> ask_past_the_end(AsyncGenerator<int> generator) {
  while (co_await generator.next()) {
  }
  const std::optional<int> more = co_await generator.next();
  co_return more.has_value();
}

TEST(AsyncGenerator, StaysAtItsEnd) {
  ManualLoop loop;
  EXPECT_FALSE(block_on(loop, ask_past_the_end(count_to(1))));
}

AsyncGenerator<std::unique_ptr<int>> boxes() {
  co_yield std::make_unique<int>(1);
  co_yield std::make_unique<int>(2);
}

Task<int> sum_boxes(AsyncGenerator<std::unique_ptr<int>> generator) {
  int sum = 0;
  while (auto box = co_await generator.next()) sum += **box;
  co_return sum;
}

TEST(AsyncGenerator, YieldsMoveOnlyValues) {
  ManualLoop loop;
  EXPECT_EQ(block_on(loop, sum_boxes(boxes())), 3);
}

Task<long> sum(AsyncGenerator<int> generator) {
  long total = 0;
  while (std::optional<int> value = co_await generator.next()) total += *value;
  co_return total;
}

TEST(AsyncGenerator, AMillionValuesAtOnceDoNotGrowTheStack) {
  ManualLoop loop;
  EXPECT_EQ(block_on(loop, sum(count_to(1'000'000))), 500'000'500'000);
}

TEST(AsyncGenerator, CanBeMoved) {
  ManualLoop loop;
  auto first = count_to(3);
  auto second = std::move(first);
  auto third = count_to(100);
  third = std::move(second);
  EXPECT_THAT(block_on(loop, collect(std::move(third))), ElementsAre(1, 2, 3));
}

AsyncGenerator<int> slowly_to(EventLoop& loop, int last) {
  for (int i = 1; i <= last; ++i) {
    co_await sleep_for(loop, absl::Seconds(2));  // how long a value takes, in virtual time
    co_yield i;
  }
}

TEST(AsyncGenerator, AValueThatNobodyWaitedForIsTheNextOnes) {
  ManualLoop loop;
  auto generator = slowly_to(loop, 2);
  {
    Started impatient(generator.next());
    loop.advance(absl::Seconds(1));
    impatient.abandon();
  }
  loop.advance(absl::Seconds(2));
  EXPECT_EQ(block_on(loop, generator.next()), 1);
  EXPECT_EQ(block_on(loop, generator.next()), 2);
  EXPECT_EQ(block_on(loop, generator.next()), std::nullopt);
}

TEST(AsyncGenerator, AnotherMayWaitForTheValueThatIsUnderWay) {
  ManualLoop loop;
  auto generator = slowly_to(loop, 1);
  Started impatient(generator.next());
  loop.advance(absl::Seconds(1));
  impatient.abandon();
  Started patient(generator.next());
  EXPECT_FALSE(patient.done());
  loop.advance(absl::Seconds(1));
  ASSERT_TRUE(patient.done());
  EXPECT_EQ(*patient, 1);
}

TEST(AsyncGeneratorDeath, AskedByTwoAtOnceItAborts) {
  ManualLoop loop;
  auto generator = slowly_to(loop, 1);
  const Started first(generator.next());
  EXPECT_DEATH({ const Started second(generator.next()); }, "one value at a time");
}

TEST(AsyncGeneratorDeath, AskedAfterItWasMovedFromItAborts) {
  auto first = count_to(3);
  const auto second = std::move(first);
  EXPECT_DEATH((void)first.next(), "moved from");
}

}  // namespace
}  // namespace weft::test
