// TaskScope: children run side by side and never outlive the scope.

#include "weft/api/task_scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "manual_loop.h"
#include "started.h"
#include "tracked.h"
#include "weft/api/sleep.h"

namespace weft::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TaskScopes : public testing::Test {
 protected:
  Task<void> note(std::string text) {
    log.push_back(text);
    co_return;
  }
  Task<void> note_later(std::string text, absl::Duration delay) {
    const Tracked held;
    co_await sleep_for(loop, delay);
    log.push_back(text);
  }
  static Task<void> join(TaskScope& scope) { co_await scope.join(); }

  ManualLoop loop;
  std::vector<std::string> log;
};

TEST_F(TaskScopes, StartChildrenInTheNextTurnInOrder) {
  TaskScope scope(loop);
  scope.spawn(note("a"));
  scope.spawn(note("b"));
  scope.spawn(note("c"));
  EXPECT_THAT(log, IsEmpty());
  EXPECT_EQ(scope.running(), 3u);
  block_on(loop, join(scope));
  EXPECT_THAT(log, ElementsAre("a", "b", "c"));
  EXPECT_EQ(scope.running(), 0u);
}

TEST_F(TaskScopes, JoinWaitsForTheLastChild) {
  TaskScope scope(loop);
  scope.spawn(note_later("slow", absl::Seconds(2)));
  scope.spawn(note_later("fast", absl::Seconds(1)));
  const Instant start = loop.now();
  block_on(loop, join(scope));
  EXPECT_THAT(log, ElementsAre("fast", "slow"));
  EXPECT_EQ(loop.now() - start, absl::Seconds(2));
}

TEST_F(TaskScopes, JoinOfAnEmptyScopeIsAtOnce) {
  TaskScope scope(loop);
  Started joining(join(scope));
  EXPECT_TRUE(joining.done());
}

TEST_F(TaskScopes, SeveralMayJoin) {
  TaskScope scope(loop);
  scope.spawn(note_later("child", absl::Seconds(1)));
  Started first(join(scope));
  Started second(join(scope));
  loop.advance(absl::Seconds(1));
  EXPECT_TRUE(first.done());
  EXPECT_TRUE(second.done());
}

TEST_F(TaskScopes, AJoinThatIsGivenUpLeavesTheChildrenRunning) {
  TaskScope scope(loop);
  scope.spawn(note_later("child", absl::Seconds(1)));
  Started joining(join(scope));
  joining.abandon();
  loop.advance(absl::Seconds(1));
  EXPECT_THAT(log, ElementsAre("child"));
}

TEST_F(TaskScopes, CancelTearsChildrenDownAndRunsDestructors) {
  TaskScope scope(loop);
  scope.spawn(note_later("never", absl::Seconds(1)));
  scope.spawn(note_later("never", absl::Seconds(2)));
  loop.settle();
  EXPECT_EQ(Tracked::live(), 2);
  scope.cancel();
  EXPECT_EQ(Tracked::live(), 2);  // from the next turn on
  block_on(loop, join(scope));
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_THAT(log, IsEmpty());
  EXPECT_FALSE(loop.has_timers());
}

Task<void> hold(Tracked) {
  co_return;
}

TEST_F(TaskScopes, CancelDestroysChildrenThatHaveNotStarted) {
  TaskScope scope(loop);
  scope.spawn(hold(Tracked()));
  scope.spawn(note("never"));
  scope.cancel();
  loop.settle();
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_THAT(log, IsEmpty());
  EXPECT_EQ(scope.running(), 0u);
}

TEST_F(TaskScopes, CancelDoesNotAffectChildrenSpawnedLater) {
  TaskScope scope(loop);
  scope.spawn(note_later("never", absl::Seconds(1)));
  scope.cancel();
  scope.spawn(note_later("spawned later", absl::Seconds(1)));
  block_on(loop, join(scope));
  EXPECT_THAT(log, ElementsAre("spawned later"));
}

Task<void> cancel_scope(TaskScope& scope, EventLoop& loop, std::vector<std::string>& log) {
  const Tracked held;
  scope.cancel("enough");
  log.push_back("still running");
  co_await sleep_for(loop, absl::Seconds(1));
  log.push_back("never");
}

TEST_F(TaskScopes, AChildMayCancelTheScopeItRunsIn) {
  TaskScope scope(loop);
  scope.spawn(note_later("never", absl::Seconds(1)));
  scope.spawn(cancel_scope(scope, loop, log));
  block_on(loop, join(scope));
  EXPECT_THAT(log, ElementsAre("still running"));
  EXPECT_EQ(Tracked::live(), 0);
}

Task<void> cancel_and_return(TaskScope& scope) {
  scope.cancel();
  co_return;
}

TEST_F(TaskScopes, AChildMayCancelTheScopeAndReturn) {
  TaskScope scope(loop);
  scope.spawn(cancel_and_return(scope));
  block_on(loop, join(scope));
  EXPECT_EQ(scope.running(), 0u);
}

TEST_F(TaskScopes, CancellingTwiceIsHarmless) {
  TaskScope scope(loop);
  scope.spawn(note_later("never", absl::Seconds(1)));
  loop.settle();
  scope.cancel();
  scope.cancel();
  block_on(loop, join(scope));
  EXPECT_THAT(log, IsEmpty());
}

Task<void> spawn_another(TaskScope& scope, Task<void> another) {
  scope.spawn(std::move(another));
  co_return;
}

TEST_F(TaskScopes, AChildMaySpawnAnotherAndJoinWaitsForItToo) {
  TaskScope scope(loop);
  scope.spawn(spawn_another(scope, note_later("grandchild", absl::Seconds(1))));
  block_on(loop, join(scope));
  EXPECT_THAT(log, ElementsAre("grandchild"));
}

Task<void> fail(EventLoop& loop, std::string text, absl::Duration delay) {
  co_await sleep_for(loop, delay);
  throw std::runtime_error(text);
}

TEST_F(TaskScopes, JoinRethrowsTheFirstExceptionOnceAllAreDone) {
  TaskScope scope(loop);
  scope.spawn(fail(loop, "second", absl::Seconds(2)));
  scope.spawn(fail(loop, "first", absl::Seconds(1)));
  scope.spawn(note_later("unharmed", absl::Seconds(3)));
  try {
    block_on(loop, join(scope));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "first");
  }
  EXPECT_THAT(log, ElementsAre("unharmed"));
  block_on(loop, join(scope));  // told once
}

TEST_F(TaskScopes, TheDestructorCancels) {
  {
    TaskScope scope(loop);
    scope.spawn(note_later("never", absl::Seconds(1)));
    loop.settle();
    scope.spawn(hold(Tracked()));
    EXPECT_EQ(Tracked::live(), 2);
  }
  EXPECT_EQ(Tracked::live(), 0);
  loop.advance(absl::Seconds(5));
  EXPECT_THAT(log, IsEmpty());
}

TEST_F(TaskScopes, TheDestructorMayFollowACancelAtOnce) {
  {
    TaskScope scope(loop);
    scope.spawn(note_later("never", absl::Seconds(1)));
    loop.settle();
    scope.cancel();
  }
  EXPECT_EQ(Tracked::live(), 0);
  loop.settle();
}

Task<void> scope_inside(EventLoop& loop, Task<void> child) {
  TaskScope scope(loop);
  scope.spawn(std::move(child));
  co_await scope.join();
}

TEST_F(TaskScopes, AScopeInAFrameIsTornDownWithIt) {
  TaskScope outer(loop);
  outer.spawn(scope_inside(loop, note_later("never", absl::Seconds(1))));
  loop.settle();
  EXPECT_EQ(Tracked::live(), 1);
  outer.cancel();
  loop.settle();
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_EQ(outer.running(), 0u);
}

TEST_F(TaskScopes, ThousandsOfChildrenRun) {
  TaskScope scope(loop);
  for (int i = 0; i < 10'000; ++i) scope.spawn(note("x"));
  block_on(loop, join(scope));
  EXPECT_EQ(log.size(), 10'000u);
}

TEST(TaskScopeDeathTest, DestroyingAScopeWithAnUntoldExceptionEndsTheProcess) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(
      {
        ManualLoop loop;
        TaskScope scope(loop);
        scope.spawn(fail(loop, "untold", absl::ZeroDuration()));
        loop.advance(absl::ZeroDuration());
      },
      "");
}

Task<void> spawn_after(TaskScope& first, TaskScope& scope, Task<void> child) {
  co_await first.join();
  scope.spawn(std::move(child));
}

TEST_F(TaskScopes, JoinWaitsForAChildThatComesBeforeItGoesOn) {
  TaskScope scope(loop);
  scope.spawn(note_later("first", absl::Seconds(1)));
  Started spawning(spawn_after(scope, scope, note_later("second", absl::Seconds(1))));
  Started joining(join(scope));
  loop.advance(absl::Seconds(1));
  EXPECT_FALSE(joining.done());
  loop.advance(absl::Seconds(1));
  EXPECT_TRUE(joining.done());
  EXPECT_THAT(log, ElementsAre("first", "second"));
}

}  // namespace
}  // namespace weft::test
