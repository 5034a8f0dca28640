// The loop over a completion queue.

#include "weft/transport_grpc/grpc_event_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
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

// Its maker is the loop's thread until then, and cannot know when that is.
TEST(GrpcEventLoop, TakesPostsAndStopsOfItsMakerWhileAnotherThreadBeginsToRunIt) {
  const GrpcEventLoop another;  // gRPC's library begins and ends once
  for (int round = 0; round < 100; ++round) {
    bool ran = false;
    GrpcEventLoop loop;
    std::thread runner([&] { loop.run(); });
    loop.post([&] { ran = true; });
    if (round % 2 == 0) {
      loop.stop();
    } else {
      loop.post([&] { loop.stop(); });
    }
    runner.join();
    EXPECT_TRUE(round % 2 == 0 || ran);
  }
}

TEST(GrpcEventLoop, TakesPostsOfSeveralThreadsBetweenTwoRuns) {
  GrpcEventLoop loop;
  loop.stop();
  loop.run();
  int ran = 0;
  std::vector<std::thread> posters;
  for (int i = 0; i < 4; ++i) {
    posters.emplace_back([&] {
      for (int posts = 0; posts < 100; ++posts) loop.post([&] { ++ran; });
    });
  }
  while (ran < 400) loop.run_one();
  for (std::thread& poster : posters) poster.join();
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

TEST(GrpcEventLoop, LetsOthersHaveTheirTurnsWhileSomebodySleepsForNoTime) {
  GrpcEventLoop loop;
  bool posted = false;
  bool slept = false;
  // The sleeps are the subject: some that are due at once, beside another timer.
  auto other = [](GrpcEventLoop& its_loop, bool& its_slept) -> Task<> {
    co_await sleep_for(its_loop, absl::Nanoseconds(1));
    its_slept = true;
  };
  auto nap = [](GrpcEventLoop& its_loop, const std::atomic<bool>& begun, const bool& a,
                const bool& b) -> Task<> {
    for (int naps = 0; !(a && b) && naps < 1'000'000; naps += begun ? 1 : 0) {
      co_await sleep_for(its_loop, absl::ZeroDuration());  // the subject
    }
  };
  // A machine may take its time to let a thread begin, and then nobody is kept waiting.
  std::atomic<bool> has_posted = false;
  std::thread poster([&] {
    loop.post([&] { posted = true; });
    has_posted = true;
  });
  block_on(loop, when_all(nap(loop, has_posted, posted, slept), other(loop, slept)));
  EXPECT_TRUE(posted);
  EXPECT_TRUE(slept);
  poster.join();
}

TEST(GrpcEventLoop, FiresTimersInTheOrderOfTheirInstants) {
  GrpcEventLoop loop;
  std::vector<int> order;
  // One of the instants may pass before all are asked for.
  const Instant begin = loop.now();
  auto sleeper = [&](int milliseconds) -> Task<> {
    co_await sleep_until(loop, begin + absl::Milliseconds(milliseconds));
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
