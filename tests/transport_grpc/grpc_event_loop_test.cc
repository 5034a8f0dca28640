// The loop over a completion queue.

#include "weft/transport_grpc/grpc_event_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>
#include <vector>

#include "weft/api/block_on.h"
#include "weft/api/sleep.h"
#include "weft/api/task.h"
#include "weft/api/task_scope.h"
#include "weft/api/when_all.h"

namespace weft {
namespace {

using testing::ElementsAre;

TEST(GrpcEventLoop, RunsTasksInTheOrderOfTheirPosting) {
  GrpcEventLoop loop;
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) loop.post([&order, i] { order.push_back(i); });
  loop.post([&loop] { loop.stop(); });
  loop.run();
  EXPECT_THAT(order, ElementsAre(0, 1, 2));
}

TEST(GrpcEventLoop, IsWokenByAPostFromAnotherThread) {
  GrpcEventLoop loop;
  bool ran = false;
  std::thread poster([&] {
    loop.post([&] {
      ran = true;
      loop.stop();
    });
  });
  loop.run();
  poster.join();
  EXPECT_TRUE(ran);
}

TEST(GrpcEventLoop, StopsWhenAnotherThreadSaysSo) {
  GrpcEventLoop loop;
  std::thread stopper([&] { loop.stop(); });
  loop.run();
  stopper.join();
}

TEST(GrpcEventLoop, LetsTasksHaveTheirTurnsWhileTimersAreAlwaysDue) {
  GrpcEventLoop loop;
  int turns = 0;
  std::function<void()> take_turns = [&] {
    if (++turns < 1'000) loop.post(take_turns);
  };
  loop.post(take_turns);
  int naps = 0;
  auto sleeper = [&]() -> Task<> {
    // Timers are what is under test: a hundred of a microsecond each, so that one is always due.
    while (turns < 1'000 && ++naps < 1'000'000) co_await sleep_for(loop, absl::Microseconds(1));
  };
  TaskScope sleepers(loop);
  for (int i = 0; i < 100; ++i) sleepers.spawn(sleeper());
  block_on(loop, sleepers.join());
  EXPECT_EQ(turns, 1'000);
}

TEST(GrpcEventLoop, FiresTimersInTheOrderOfTheirInstants) {
  GrpcEventLoop loop;
  std::vector<int> order;
  auto sleeper = [&](int milliseconds) -> Task<> {
    co_await sleep_for(loop, absl::Milliseconds(milliseconds));
    order.push_back(milliseconds);
  };
  block_on(loop, when_all(sleeper(20), sleeper(1), sleeper(10)));
  EXPECT_THAT(order, ElementsAre(1, 10, 20));
}

TEST(GrpcEventLoop, NeverFiresATimerEarly) {
  GrpcEventLoop loop;
  const Instant due = loop.now() + absl::Milliseconds(3);
  block_on(loop, sleep_until(loop, due));
  EXPECT_GE(loop.now(), due);
}

TEST(GrpcEventLoop, BelongsToTheThreadThatRunsIt) {
  GrpcEventLoop loop;
  EXPECT_TRUE(loop.is_current());
  std::thread other([&] {
    EXPECT_FALSE(loop.is_current());
    loop.post([&] {
      EXPECT_TRUE(loop.is_current());
      loop.stop();
    });
    loop.run();
  });
  other.join();
  EXPECT_TRUE(loop.is_current());
}

TEST(GrpcEventLoop, IsNotStarvedByTasksThatPostTasks) {
  bool woken = false;
  std::function<void()> repost;  // outlives the loop, which runs what is left when it goes
  GrpcEventLoop loop;
  repost = [&] {
    if (!woken) loop.post([&] { repost(); });
  };
  repost();
  auto sleeper = [&]() -> Task<> {
    co_await sleep_for(loop, absl::Milliseconds(1));
    woken = true;
  };
  block_on(loop, sleeper());
  EXPECT_TRUE(woken);
}

}  // namespace
}  // namespace weft
