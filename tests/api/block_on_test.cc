// block_on: runs a loop until a task is done.

#include "weft/api/block_on.h"

#include <gtest/gtest.h>

#include <coroutine>
#include <memory>
#include <stdexcept>

#include "manual_loop.h"
#include "tracked.h"
#include "weft/api/sleep.h"
#include "weft/api/task.h"

namespace weft::test {
namespace {

Task<int> later(EventLoop& loop, int value) {
  co_await sleep_for(loop, absl::Seconds(1));
  co_return value;
}
Task<std::unique_ptr<int>> boxed(EventLoop& loop) {
  co_await sleep_for(loop, absl::Seconds(1));
  co_return std::make_unique<int>(5);
}
Task<void> failing(EventLoop& loop) {
  co_await sleep_for(loop, absl::Seconds(1));
  throw std::runtime_error("no luck");
}

TEST(BlockOn, GivesTheResult) {
  ManualLoop loop;
  EXPECT_EQ(block_on(loop, later(loop, 3)), 3);
  EXPECT_EQ(*block_on(loop, boxed(loop)), 5);
}

TEST(BlockOn, RunsTheLoopNoLongerThanNeeded) {
  ManualLoop loop;
  const Instant start = loop.now();
  bool ran = false;
  loop.post([&] { ran = true; });
  block_on(loop, later(loop, 3));
  EXPECT_TRUE(ran);
  EXPECT_EQ(loop.now() - start, absl::Seconds(1));
}

TEST(BlockOn, RethrowsTheException) {
  ManualLoop loop;
  EXPECT_THROW(block_on(loop, failing(loop)), std::runtime_error);
}

TEST(BlockOn, TakesAnyAwaitable) {
  ManualLoop loop;
  block_on(loop, sleep_for(loop, absl::Seconds(1)));
  EXPECT_EQ(loop.now().nanoseconds(), 2'000'000'000);
}

Task<Tracked> tracked() {
  co_return Tracked(8);
}

TEST(BlockOn, LeavesNothingBehind) {
  ManualLoop loop;
  EXPECT_EQ(block_on(loop, tracked()).value(), 8);
  EXPECT_EQ(Tracked::live(), 0);
}

TEST(BlockOn, MayBeUsedAgainAndAgain) {
  ManualLoop loop;
  int sum = 0;
  for (int i = 0; i < 100; ++i) sum += block_on(loop, later(loop, 1));
  EXPECT_EQ(sum, 100);
}

class Never {
 public:
  Never() = default;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<>) {}
  void await_resume() const {}
};

TEST(BlockOnDeathTest, AbortsWhenNothingCanEverHappen) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  ManualLoop loop;
  EXPECT_DEATH(block_on(loop, Never()), "the task waits for something that can never happen");
}

}  // namespace
}  // namespace weft::test
