// A step that takes too long in real time ends the process with a message; nothing else does.

#include "weft/transport_sim/detail/watchdog.h"

#include <gtest/gtest.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "absl/time/time.h"

namespace weft::sim::detail {
namespace {

constexpr absl::Duration limit = absl::Milliseconds(50);

// Real time passing is the thing under test here.
void let_pass(std::chrono::nanoseconds time) {
  const timespec left = {time.count() / 1'000'000'000, time.count() % 1'000'000'000};
  nanosleep(&left, nullptr);
}

// A body that never suspends.
[[noreturn]] void spin() {
  std::atomic<unsigned> turns = 0;
  for (;;) turns.fetch_add(1, std::memory_order_relaxed);
}

class WatchdogDeathTest : public testing::Test {
 protected:
  // A forked child has none of its parent's threads.
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(WatchdogDeathTest, EndsAProcessWhoseStepDoesNotEnd) {
  EXPECT_EXIT(
      {
        Watchdog watchdog(limit, "weft: T: a step has been running for 50ms");
        watchdog.arm();
        watchdog.beat();
        spin();
      },
      testing::KilledBySignal(SIGABRT), "^weft: T: a step has been running for 50ms\n$");
}

TEST_F(WatchdogDeathTest, EndsAProcessThatBlocks) {
  EXPECT_EXIT(
      {
        Watchdog watchdog(limit, "blocked");
        watchdog.arm();
        let_pass(std::chrono::hours(1));
      },
      testing::KilledBySignal(SIGABRT), "^blocked\n$");
}

TEST_F(WatchdogDeathTest, NamesTheTokenOfTheStepThatHangs) {
  EXPECT_EXIT(
      {
        char token[16] = "old";
        Watchdog watchdog(limit, "replay with --token=", token);
        watchdog.arm();
        token[0] = 'n';
        token[1] = 'e';
        token[2] = 'w';
        watchdog.beat();
        spin();
      },
      testing::KilledBySignal(SIGABRT), "^replay with --token=new\n$");
}

TEST_F(WatchdogDeathTest, WatchesAgainAfterItWasDisarmed) {
  EXPECT_EXIT(
      {
        Watchdog watchdog(limit, "again");
        watchdog.arm();
        watchdog.disarm();
        let_pass(std::chrono::milliseconds(100));
        watchdog.arm();
        spin();
      },
      testing::KilledBySignal(SIGABRT), "^again\n$");
}

TEST(Watchdog, IsQuietWhileStepsGoOn) {
  // Generous, since a busy machine may keep this thread waiting.
  Watchdog watchdog(absl::Seconds(2), "the watchdog is wrong");
  watchdog.arm();
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(2500);
  while (std::chrono::steady_clock::now() < end) {
    watchdog.beat();
    let_pass(std::chrono::milliseconds(1));
  }
}

TEST(Watchdog, IsQuietWhileDisarmed) {
  Watchdog watchdog(limit, "the watchdog is wrong");
  watchdog.arm();
  watchdog.disarm();
  let_pass(std::chrono::milliseconds(200));
}

TEST(Watchdog, IsQuietUntilItIsArmed) {
  Watchdog watchdog(limit, "the watchdog is wrong");
  watchdog.beat();
  let_pass(std::chrono::milliseconds(200));
}

TEST(Watchdog, GoesAtOnceWhateverItsLimit) {
  const auto begin = std::chrono::steady_clock::now();
  for (const absl::Duration long_limit : {absl::Hours(1), absl::InfiniteDuration()}) {
    Watchdog watchdog(long_limit, "the watchdog is wrong");
    watchdog.arm();
    // Its thread is waiting by then.
    let_pass(std::chrono::milliseconds(20));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::minutes(30));
}

}  // namespace
}  // namespace weft::sim::detail
