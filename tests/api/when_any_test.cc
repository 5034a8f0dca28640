// when_any: the first of them; the others are destroyed where they wait.

#include "weft/api/when_any.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <coroutine>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "manual_loop.h"
#include "started.h"
#include "tracked.h"
#include "weft/api/sleep.h"

namespace weft::test {
namespace {

using testing::ElementsAre;

class WhenAny : public testing::Test {
 protected:
  Task<int> number_after(int number, absl::Duration delay) {
    const Tracked held;
    log.push_back(number);
    co_await sleep_for(loop, delay);
    co_return number;
  }
  Task<int> fail_after(std::string text, absl::Duration delay) {
    co_await sleep_for(loop, delay);
    throw std::runtime_error(text);
  }
  Task<int> number_at_once(int number) {
    log.push_back(number);
    co_return number;
  }

  ManualLoop loop;
  std::vector<int> log;  // who started
};

TEST_F(WhenAny, GivesTheFirstAndItsIndex) {
  const Instant start = loop.now();
  auto first = block_on(
      loop, when_any(number_after(1, absl::Seconds(3)), number_after(2, absl::Seconds(1))));
  EXPECT_EQ(first.index(), 1u);
  EXPECT_EQ(std::get<1>(first), 2);
  EXPECT_EQ(loop.now() - start, absl::Seconds(1));
}

TEST_F(WhenAny, TellsEqualTypesApartByIndex) {
  auto first = block_on(
      loop, when_any(number_after(7, absl::Seconds(1)), number_after(7, absl::Seconds(2))));
  EXPECT_EQ(first.index(), 0u);
}

TEST_F(WhenAny, VoidIsAMonostate) {
  auto first = block_on(
      loop, when_any(sleep_for(loop, absl::Seconds(1)), number_after(2, absl::Seconds(2))));
  EXPECT_EQ(first.index(), 0u);
}

TEST_F(WhenAny, TheLoserIsDestroyedWhereItWaits) {
  Started any(when_any(number_after(1, absl::Seconds(1)), number_after(2, absl::Seconds(5))));
  EXPECT_EQ(Tracked::live(), 2);
  loop.advance(absl::Seconds(1));
  EXPECT_TRUE(any.done());
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_FALSE(loop.has_timers());
}

TEST_F(WhenAny, WhenOneIsDoneAtOnceThoseAfterItAreNotStarted) {
  auto first = block_on(loop, when_any(number_after(1, absl::Seconds(1)), number_at_once(2),
                                       number_after(3, absl::Seconds(1))));
  EXPECT_EQ(first.index(), 1u);
  EXPECT_THAT(log, ElementsAre(1, 2));
  EXPECT_EQ(Tracked::live(), 0);
}

TEST_F(WhenAny, EqualInstantsGoToTheOneStartedFirst) {
  auto first = block_on(
      loop, when_any(number_after(1, absl::Seconds(1)), number_after(2, absl::Seconds(1))));
  EXPECT_EQ(first.index(), 0u);
}

TEST_F(WhenAny, TheFirstOnesExceptionIsRethrown) {
  try {
    block_on(loop,
             when_any(number_after(1, absl::Seconds(2)), fail_after("no luck", absl::Seconds(1))));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no luck");
  }
  EXPECT_EQ(Tracked::live(), 0);
}

TEST_F(WhenAny, AnExceptionThatWouldComeLaterIsNotSeen) {
  auto first = block_on(
      loop, when_any(number_after(1, absl::Seconds(1)), fail_after("too late", absl::Seconds(2))));
  EXPECT_EQ(std::get<0>(first), 1);
}

TEST_F(WhenAny, DestroyedItDestroysAllOfThem) {
  Started any(when_any(number_after(1, absl::Seconds(1)), number_after(2, absl::Seconds(2))));
  any.abandon();
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_FALSE(loop.has_timers());
}

TEST_F(WhenAny, OfOneIsThatOne) {
  auto first = block_on(loop, when_any(number_after(4, absl::Seconds(1))));
  EXPECT_EQ(std::get<0>(first), 4);
}

TEST_F(WhenAny, IsATimeoutForATask) {
  Task<int> slow = number_after(1, absl::Hours(1));
  auto first = block_on(loop, when_any(std::move(slow), sleep_for(loop, absl::Milliseconds(20))));
  EXPECT_EQ(first.index(), 1u);
  EXPECT_EQ(Tracked::live(), 0);
}

// Resumes whoever waits on the stack that sets it.
class Signal {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) { *waiter_ = handle; }
  void await_resume() const {}
  void set() { std::exchange(*waiter_, nullptr).resume(); }

 private:
  std::shared_ptr<std::coroutine_handle<>> waiter_ = std::make_shared<std::coroutine_handle<>>();
};

Task<void> set_both(Signal first, Signal second) {
  first.set();
  second.set();
  co_return;
}
Task<int> wait_then_throw(Signal signal) {
  co_await signal;
  throw std::runtime_error("too late");
}

TEST_F(WhenAny, OfSeveralThatAreDoneTheFirstInTimeWins) {
  Signal left;
  Signal right;
  auto first = block_on(loop, when_any(left, right, set_both(right, left)));
  EXPECT_EQ(first.index(), 1u);
}

TEST_F(WhenAny, AnExceptionAfterTheFirstIsNotSeen) {
  Signal left;
  Signal right;
  auto first = block_on(loop, when_any(wait_then_throw(left), right, set_both(right, left)));
  EXPECT_EQ(first.index(), 1u);
}

}  // namespace
}  // namespace weft::test
