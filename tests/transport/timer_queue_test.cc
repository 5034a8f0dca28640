// Timers fire in the order of their instants, and equal ones in the order of their arming.

#include "weft/transport/timer_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

namespace weft::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Instant at(std::int64_t nanoseconds) {
  return Instant::from_nanoseconds(nanoseconds);
}

// Writes its number down when it fires, and then does what it is told.
class Numbered final : public Timer {
 public:
  Numbered(int number, std::vector<int>& log)
      : Timer([](Timer& timer) noexcept {
          auto& self = static_cast<Numbered&>(timer);
          EXPECT_FALSE(self.is_armed());
          self.log_.push_back(self.number_);
          if (self.then) self.then();
        }),
        number_(number),
        log_(log) {}

  std::function<void()> then;

 private:
  int number_;
  std::vector<int>& log_;
};

class Timers : public testing::Test {
 protected:
  void fire_until(std::int64_t now) {
    while (queue.fire_next(at(now))) {
    }
  }

  std::vector<int> log;
  TimerQueue queue;
  Numbered a{1, log};
  Numbered b{2, log};
  Numbered c{3, log};
};

TEST_F(Timers, FireEarliestFirst) {
  queue.arm(a, at(30));
  queue.arm(b, at(10));
  queue.arm(c, at(20));
  EXPECT_EQ(queue.next_due(), Deadline::at(at(10)));
  fire_until(30);
  EXPECT_THAT(log, ElementsAre(2, 3, 1));
  EXPECT_TRUE(queue.empty());
}

TEST_F(Timers, FireAtTheirExactInstantAndNotBefore) {
  queue.arm(a, at(10));
  EXPECT_FALSE(queue.fire_next(at(9)));
  EXPECT_TRUE(queue.fire_next(at(10)));
  EXPECT_FALSE(queue.fire_next(at(10)));
}

TEST_F(Timers, WithEqualInstantsFireInTheOrderOfTheirArming) {
  queue.arm(c, at(10));
  queue.arm(a, at(10));
  queue.arm(b, at(10));
  fire_until(10);
  EXPECT_THAT(log, ElementsAre(3, 1, 2));
}

TEST_F(Timers, RearmedGoBehindTheirEquals) {
  queue.arm(a, at(10));
  queue.arm(b, at(10));
  queue.arm(a, at(10));
  fire_until(10);
  EXPECT_THAT(log, ElementsAre(2, 1));
}

TEST_F(Timers, CanBeRearmedForAnotherInstant) {
  queue.arm(a, at(10));
  queue.arm(b, at(20));
  queue.arm(a, at(30));
  EXPECT_EQ(a.due(), at(30));
  fire_until(100);
  EXPECT_THAT(log, ElementsAre(2, 1));
}

TEST_F(Timers, CanBeDisarmedInTheMiddle) {
  queue.arm(a, at(10));
  queue.arm(b, at(20));
  queue.arm(c, at(30));
  b.disarm();
  EXPECT_FALSE(b.is_armed());
  b.disarm();
  fire_until(100);
  EXPECT_THAT(log, ElementsAre(1, 3));
}

TEST_F(Timers, NextDueIsNeverWhenNothingIsArmed) {
  EXPECT_TRUE(queue.next_due().is_infinite());
  queue.arm(a, at(10));
  a.disarm();
  EXPECT_TRUE(queue.next_due().is_infinite());
  EXPECT_TRUE(queue.empty());
}

TEST_F(Timers, MayRearmThemselvesWhenTheyFire) {
  int left = 3;
  a.then = [&] {
    if (--left > 0) queue.arm(a, at(10));
  };
  queue.arm(a, at(10));
  queue.arm(b, at(10));
  fire_until(10);
  EXPECT_THAT(log, ElementsAre(1, 2, 1, 1));
}

TEST_F(Timers, MayDisarmOthersWhenTheyFire) {
  a.then = [&] { b.disarm(); };
  queue.arm(a, at(10));
  queue.arm(b, at(10));
  queue.arm(c, at(10));
  fire_until(10);
  EXPECT_THAT(log, ElementsAre(1, 3));
}

TEST_F(Timers, DestroyedWhileArmedAreDisarmed) {
  {
    Numbered short_lived(4, log);
    queue.arm(short_lived, at(5));
    queue.arm(a, at(10));
    EXPECT_TRUE(short_lived.is_armed());
  }
  fire_until(100);
  EXPECT_THAT(log, ElementsAre(1));
}

TEST_F(Timers, MayBeDestroyedWhenTheyFire) {
  auto owned = std::make_unique<Numbered>(4, log);
  owned->then = [&] { std::exchange(owned, nullptr).reset(); };
  queue.arm(*owned, at(5));
  fire_until(100);
  EXPECT_THAT(log, ElementsAre(4));
  EXPECT_EQ(owned, nullptr);
}

TEST_F(Timers, OutliveTheirQueueDisarmed) {
  {
    TimerQueue short_lived;
    short_lived.arm(a, at(10));
    short_lived.arm(b, at(20));
  }
  EXPECT_FALSE(a.is_armed());
  EXPECT_FALSE(b.is_armed());
  queue.arm(a, at(10));
  fire_until(10);
  EXPECT_THAT(log, ElementsAre(1));
}

TEST_F(Timers, CanBeMovedToAnotherQueue) {
  TimerQueue other;
  other.arm(a, at(10));
  queue.arm(a, at(20));
  EXPECT_TRUE(other.empty());
  fire_until(20);
  EXPECT_THAT(log, ElementsAre(1));
}

TEST_F(Timers, DisarmingATimerOfAnotherQueueDoesNothing) {
  TimerQueue other;
  other.arm(a, at(10));
  queue.disarm(a);
  EXPECT_TRUE(a.is_armed());
  EXPECT_THAT(log, IsEmpty());
}

// What a timer queue is, said naively.
class Model {
 public:
  void arm(int timer, std::int64_t due) {
    disarm(timer);
    armed_.emplace_back(due, order_++, timer);
  }
  void disarm(int timer) {
    std::erase_if(armed_, [timer](const auto& entry) { return std::get<2>(entry) == timer; });
  }
  std::optional<int> fire(std::int64_t now) {
    const auto first = std::min_element(armed_.begin(), armed_.end());
    if (first == armed_.end() || std::get<0>(*first) > now) return std::nullopt;
    const int timer = std::get<2>(*first);
    armed_.erase(first);
    return timer;
  }

 private:
  std::vector<std::tuple<std::int64_t, int, int>> armed_;
  int order_ = 0;
};

TEST(TimersAtRandom, DoWhatTheNaiveModelDoes) {
  constexpr int timer_count = 40;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    std::vector<int> log;
    TimerQueue queue;
    std::vector<std::unique_ptr<Numbered>> timers;
    for (int i = 0; i < timer_count; ++i) timers.push_back(std::make_unique<Numbered>(i, log));
    Model model;
    for (int step = 0; step < 2'000; ++step) {
      const int timer = static_cast<int>(random() % timer_count);
      const auto due = static_cast<std::int64_t>(random() % 30);
      switch (random() % 4) {
        case 0:
        case 1:
          queue.arm(*timers[static_cast<std::size_t>(timer)], at(due));
          model.arm(timer, due);
          break;
        case 2:
          timers[static_cast<std::size_t>(timer)]->disarm();
          model.disarm(timer);
          break;
        default: {
          log.clear();
          const std::optional<int> expected = model.fire(due);
          ASSERT_EQ(queue.fire_next(at(due)), expected.has_value()) << "seed " << seed;
          if (!expected) break;
          ASSERT_THAT(log, ElementsAre(*expected)) << "seed " << seed;
        }
      }
    }
  }
}

}  // namespace
}  // namespace weft::test
