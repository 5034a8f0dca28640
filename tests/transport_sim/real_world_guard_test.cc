// Guarded code that asks the real world is reported, with what it asked and who it was; other code
// is not, and gets its answers as ever.

#include "weft/transport_sim/detail/real_world_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace weft::sim::detail {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Reports {
 public:
  static void add(void* context, const char* what, const char* where) noexcept {
    auto& self = *static_cast<Reports*>(context);
    self.what.emplace_back(what);
    self.where.emplace_back(where);
    errno = ENOENT;
  }

  std::vector<std::string> what;
  std::vector<std::string> where;
};

std::vector<std::string> reported_by(const std::function<void()>& body) {
  Reports reports;
  {
    const RealWorldGuard guard(&Reports::add, &reports);
    body();
  }
  return reports.what;
}

[[gnu::noinline]] timespec real_time(clockid_t clock) {
  timespec now = {};
  EXPECT_EQ(clock_gettime(clock, &now), 0);
  return now;
}

// Sleeps are named by pointers: the thing under test is that they do not sleep.
constexpr auto* whole_seconds = &::sleep;
constexpr auto* microseconds = &::usleep;
constexpr timespec an_hour = {3600, 0};
constexpr std::chrono::hours long_time(1);

TEST(RealWorldGuard, IsEffectiveWhereTheInterposersAreLinked) {
  EXPECT_TRUE(RealWorldGuard::is_effective());
}

TEST(RealWorldGuard, ReportsReadsOfTheClock) {
  EXPECT_THAT(reported_by([] { (void)std::chrono::steady_clock::now(); }),
              ElementsAre("clock_gettime"));
  EXPECT_THAT(reported_by([] { (void)std::chrono::system_clock::now(); }),
              ElementsAre("clock_gettime"));
  EXPECT_THAT(reported_by([] { (void)real_time(CLOCK_MONOTONIC); }), ElementsAre("clock_gettime"));
  EXPECT_THAT(reported_by([] { (void)time(nullptr); }), ElementsAre("time"));
  EXPECT_THAT(reported_by([] {
                timeval now = {};
                (void)gettimeofday(&now, nullptr);
              }),
              ElementsAre("gettimeofday"));
  EXPECT_THAT(reported_by([] {
                timespec now = {};
                (void)timespec_get(&now, TIME_UTC);
              }),
              ElementsAre("timespec_get"));
  // Not only now and then, although Abseil asks the system only now and then.
  EXPECT_THAT(reported_by([] {
                for (int i = 0; i < 3; ++i) (void)absl::Now();
              }),
              ElementsAre("absl::Now", "absl::Now", "absl::Now"));
  EXPECT_THAT(reported_by([] { (void)absl::GetCurrentTimeNanos(); }),
              ElementsAre("absl::GetCurrentTimeNanos"));
}

TEST(RealWorldGuard, ReportsSleepsAndDoesNotSleep) {
  const timespec begin = real_time(CLOCK_MONOTONIC);
  EXPECT_THAT(reported_by([] { EXPECT_EQ(nanosleep(&an_hour, nullptr), 0); }),
              ElementsAre("nanosleep"));
  EXPECT_THAT(
      reported_by([] { EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &an_hour, nullptr), 0); }),
      ElementsAre("clock_nanosleep"));
  EXPECT_THAT(reported_by([] { EXPECT_EQ(whole_seconds(3600), 0u); }), ElementsAre("sleep"));
  EXPECT_THAT(reported_by([] { EXPECT_EQ(microseconds(3'600'000'000), 0); }),
              ElementsAre("usleep"));
  namespace this_thread = std::this_thread;
  // Guarded sleeps return at once: that they are reported is the claim.
  EXPECT_THAT(reported_by([] { this_thread::sleep_for(long_time); }), ElementsAre("nanosleep"));
  EXPECT_THAT(reported_by([] { absl::SleepFor(absl::Hours(1)); }), ElementsAre("absl::SleepFor"));
  EXPECT_LT(real_time(CLOCK_MONOTONIC).tv_sec - begin.tv_sec, 3000);
}

TEST(RealWorldGuard, ReportsRealRandomness) {
  EXPECT_THAT(reported_by([] { (void)rand(); }), ElementsAre("rand"));
  EXPECT_THAT(reported_by([] { (void)random(); }), ElementsAre("random"));
  EXPECT_THAT(reported_by([] {
                int number = 0;
                EXPECT_EQ(getrandom(&number, sizeof number, 0), ssize_t{sizeof number});
              }),
              ElementsAre("getrandom"));
  EXPECT_THAT(reported_by([] {
                int number = 0;
                EXPECT_EQ(getentropy(&number, sizeof number), 0);
              }),
              ElementsAre("getentropy"));
  EXPECT_THAT(reported_by([] { (void)arc4random(); }), ElementsAre("arc4random"));
  EXPECT_THAT(reported_by([] { (void)arc4random_uniform(6); }), ElementsAre("arc4random_uniform"));
  EXPECT_THAT(reported_by([] { (void)std::random_device{}(); }), Contains("std::random_device"));
}

TEST(RealWorldGuard, NamesTheCallerAndNotWhatLiesBetween) {
  Reports reports;
  {
    const RealWorldGuard guard(&Reports::add, &reports);
    (void)std::chrono::steady_clock::now();
    (void)real_time(CLOCK_MONOTONIC);
    (void)absl::Now();
  }
  ASSERT_THAT(reports.where, SizeIs(3));
  EXPECT_THAT(reports.where, Each(HasSubstr("RealWorldGuard_NamesTheCaller")));
  EXPECT_THAT(reports.where, Each(Not(HasSubstr("chrono"))));
  EXPECT_THAT(reports.where, Each(Not(HasSubstr("testing::"))));
  EXPECT_THAT(reports.where, Each(Not(HasSubstr("clock_gettime"))));
  EXPECT_THAT(reports.where[1], HasSubstr("real_time() < "));
}

TEST(RealWorldGuard, LetsTheCallGoOnForReal) {
  Reports reports;
  timespec guarded = {};
  {
    const RealWorldGuard guard(&Reports::add, &reports);
    errno = EDOM;
    guarded = real_time(CLOCK_REALTIME);
    EXPECT_EQ(errno, EDOM);
  }
  EXPECT_THAT(reports.what, SizeIs(1));
  EXPECT_LE(guarded.tv_sec, real_time(CLOCK_REALTIME).tv_sec);
  EXPECT_GT(guarded.tv_sec, 0);
}

TEST(RealWorldGuard, LetsTheHandlerAskAnything) {
  int reports = 0;
  const RealWorldGuard guard(
      [](void* count, const char*, const char*) noexcept {
        ++*static_cast<int*>(count);
        (void)real_time(CLOCK_MONOTONIC);
      },
      &reports);
  (void)time(nullptr);
  (void)time(nullptr);
  EXPECT_EQ(reports, 2);
}

TEST(RealWorldGuard, ReportsToTheInnermostGuard) {
  Reports outer;
  Reports inner;
  {
    const RealWorldGuard guard(&Reports::add, &outer);
    {
      const RealWorldGuard nested(&Reports::add, &inner);
      (void)time(nullptr);
    }
    (void)rand();
  }
  EXPECT_THAT(inner.what, ElementsAre("time"));
  EXPECT_THAT(outer.what, ElementsAre("rand"));
}

TEST(RealWorldGuard, SaysNothingWhilePaused) {
  EXPECT_THAT(reported_by([] {
                {
                  const RealWorldPause pause;
                  (void)time(nullptr);
                }
                (void)rand();
              }),
              ElementsAre("rand"));
}

TEST(RealWorldGuard, LeavesOtherThreadsAlone) {
  std::thread other;
  EXPECT_THAT(reported_by([&other] {
                other = std::thread([] {
                  (void)std::chrono::steady_clock::now();
                  (void)absl::Now();
                  (void)std::random_device{}();
                  constexpr timespec a_moment = {0, 1000};
                  EXPECT_EQ(nanosleep(&a_moment, nullptr), 0);
                });
                other.join();
              }),
              IsEmpty());
}

TEST(RealWorldGuard, LeavesUnguardedCodeAlone) {
  const auto steady = std::chrono::steady_clock::now();
  // What is under test is that an unguarded sleep sleeps.
  constexpr timespec two_milliseconds = {0, 2'000'000};
  EXPECT_EQ(nanosleep(&two_milliseconds, nullptr), 0);
  EXPECT_EQ(microseconds(2000), 0);
  EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &two_milliseconds, nullptr), 0);
  absl::SleepFor(absl::Milliseconds(2));
  EXPECT_GE(std::chrono::steady_clock::now() - steady, std::chrono::milliseconds(8));
  EXPECT_EQ(whole_seconds(0), 0u);

  const timespec now = real_time(CLOCK_REALTIME);
  EXPECT_LE(absl::AbsDuration(absl::Now() - absl::TimeFromTimespec(now)), absl::Seconds(30));
  EXPECT_LE(absl::AbsDuration(absl::FromUnixNanos(absl::GetCurrentTimeNanos()) -
                              absl::TimeFromTimespec(now)),
            absl::Seconds(30));
  EXPECT_LE(std::abs(time(nullptr) - now.tv_sec), 30);
  timeval of_day = {};
  EXPECT_EQ(gettimeofday(&of_day, nullptr), 0);
  EXPECT_LE(std::abs(of_day.tv_sec - now.tv_sec), 30);

  srand(7);
  const int first = rand();
  srand(7);
  EXPECT_EQ(rand(), first);
  srandom(7);
  EXPECT_EQ(random(), first);
  std::random_device device;
  EXPECT_FALSE(device() == device() && device() == device());
}

}  // namespace
}  // namespace weft::sim::detail
