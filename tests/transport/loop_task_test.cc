// Tasks of a loop: queues, the inbox for other threads, and the order in which a loop runs them.

#include "weft/transport/loop_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "manual_loop.h"
#include "weft/transport/event_loop.h"

namespace weft::test {
namespace {

using testing::ElementsAre;

class Numbered final : public LoopTask {
 public:
  Numbered(int number, std::vector<int>& log)
      : LoopTask([](LoopTask& task) noexcept {
          auto& self = static_cast<Numbered&>(task);
          self.log_.push_back(self.number_);
          if (self.then) self.then();
        }),
        number_(number),
        log_(log) {}

  std::function<void()> then;
  int number() const { return number_; }

 private:
  int number_;
  std::vector<int>& log_;
};

class LoopTasks : public testing::Test {
 protected:
  void run_all(LoopTaskQueue& queue) {
    while (LoopTask* task = queue.pop()) task->run();
  }

  std::vector<int> log;
  Numbered a{1, log};
  Numbered b{2, log};
  Numbered c{3, log};
};

TEST_F(LoopTasks, AreTakenInTheOrderInWhichTheyWerePushed) {
  LoopTaskQueue queue;
  EXPECT_TRUE(queue.empty());
  queue.push(b);
  queue.push(a);
  queue.push(c);
  EXPECT_FALSE(queue.empty());
  run_all(queue);
  EXPECT_THAT(log, ElementsAre(2, 1, 3));
  EXPECT_EQ(queue.pop(), nullptr);
}

TEST_F(LoopTasks, KnowWhetherTheyAreQueued) {
  LoopTaskQueue queue;
  EXPECT_FALSE(a.is_queued());
  queue.push(a);
  EXPECT_TRUE(a.is_queued());
  (void)queue.pop();
  EXPECT_FALSE(a.is_queued());
}

TEST_F(LoopTasks, DestroyedWhileQueuedTheyAreTakenOut) {
  LoopTaskQueue queue;
  queue.push(a);
  {
    Numbered short_lived(4, log);
    queue.push(short_lived);
    queue.push(b);
  }
  run_all(queue);
  EXPECT_THAT(log, ElementsAre(1, 2));
}

TEST_F(LoopTasks, CanBeTakenOut) {
  LoopTaskQueue queue;
  queue.push(a);
  queue.push(b);
  a.unlink();
  a.unlink();
  EXPECT_FALSE(a.is_queued());
  run_all(queue);
  EXPECT_THAT(log, ElementsAre(2));
}

TEST_F(LoopTasks, OutliveTheirQueue) {
  {
    LoopTaskQueue queue;
    queue.push(a);
    queue.push(b);
  }
  EXPECT_FALSE(a.is_queued());
  EXPECT_FALSE(b.is_queued());
}

TEST_F(LoopTasks, TheInboxGivesThemInTheOrderOfTheirPosting) {
  LoopInbox inbox;
  EXPECT_TRUE(inbox.empty());
  EXPECT_TRUE(inbox.push(a));
  EXPECT_FALSE(inbox.push(b));
  EXPECT_FALSE(inbox.push(c));
  EXPECT_FALSE(inbox.empty());
  LoopTaskQueue queue;
  inbox.drain_into(queue);
  EXPECT_TRUE(inbox.empty());
  run_all(queue);
  EXPECT_THAT(log, ElementsAre(1, 2, 3));
  EXPECT_TRUE(inbox.push(a));
  inbox.drain_into(queue);
}

TEST_F(LoopTasks, PostedOnesGoBehindTheDeferred) {
  ManualLoop loop;
  loop.post(a);
  loop.defer(b);
  loop.settle();
  EXPECT_THAT(log, ElementsAre(2, 1));
}

TEST_F(LoopTasks, DeferredByARunningTaskTheyRunLater) {
  ManualLoop loop;
  a.then = [&] {
    loop.defer(c);
    EXPECT_THAT(log, ElementsAre(1));
  };
  loop.defer(a);
  loop.defer(b);
  loop.settle();
  EXPECT_THAT(log, ElementsAre(1, 2, 3));
}

TEST_F(LoopTasks, MayDeferThemselvesAgain) {
  ManualLoop loop;
  int left = 3;
  a.then = [&] {
    if (--left > 0) loop.defer(a);
  };
  loop.defer(a);
  loop.defer(b);
  loop.settle();
  EXPECT_THAT(log, ElementsAre(1, 2, 1, 1));
}

TEST_F(LoopTasks, FunctionsCanBePostedAndAreReleasedBeforeTheyAreDone) {
  ManualLoop loop;
  auto held = std::make_unique<int>(7);
  int seen = 0;
  loop.post([held = std::move(held), &seen] { seen = *held; });
  EXPECT_EQ(seen, 0);
  loop.settle();
  EXPECT_EQ(seen, 7);
}

TEST_F(LoopTasks, TimersRunWhenNoTaskIsReady) {
  ManualLoop loop;
  class Alarm final : public Timer {
   public:
    explicit Alarm(std::vector<int>& log)
        : Timer([](Timer& timer) noexcept { static_cast<Alarm&>(timer).log_.push_back(9); }),
          log_(log) {}

   private:
    std::vector<int>& log_;
  };
  Alarm alarm(log);
  loop.arm(alarm, loop.now());
  loop.defer(a);
  while (loop.run_one()) {
  }
  EXPECT_THAT(log, ElementsAre(1, 9));
}

TEST(LoopInboxThreads, LosesNothingAndKeepsEachThreadsOrder) {
  constexpr int thread_count = 4;
  constexpr int tasks_per_thread = 5'000;
  LoopInbox inbox;
  std::vector<int> log;
  std::vector<std::unique_ptr<Numbered>> tasks;
  for (int i = 0; i < thread_count * tasks_per_thread; ++i) {
    tasks.push_back(std::make_unique<Numbered>(i, log));
  }
  std::atomic<int> woken = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < thread_count; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < tasks_per_thread; ++i) {
        const auto index = static_cast<std::size_t>(thread * tasks_per_thread + i);
        if (inbox.push(*tasks[index])) ++woken;
      }
    });
  }
  LoopTaskQueue queue;
  int drains = 0;
  while (log.size() < tasks.size()) {
    if (inbox.empty()) {
      std::this_thread::yield();
      continue;
    }
    ++drains;
    inbox.drain_into(queue);
    while (LoopTask* task = queue.pop()) task->run();
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(log.size(), tasks.size());
  EXPECT_EQ(woken, drains);  // each time the inbox became non-empty, once
  std::vector<int> last(thread_count, -1);
  for (const int number : log) {
    const auto thread = static_cast<std::size_t>(number / tasks_per_thread);
    EXPECT_GT(number, last[thread]);
    last[thread] = number;
  }
}

TEST(LoopTaskDeathTest, QueueingATaskTwiceAborts) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  std::vector<int> log;
  Numbered task(1, log);
  LoopTaskQueue queue;
  queue.push(task);
  EXPECT_DEATH(queue.push(task), "assertion failed");
}

}  // namespace
}  // namespace weft::test
