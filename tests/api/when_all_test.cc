// when_all: all of them, side by side, results in order.

#include "weft/api/when_all.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "manual_loop.h"
#include "started.h"
#include "tracked.h"
#include "weft/api/sleep.h"

namespace weft::test {
namespace {

using testing::ElementsAre;

class WhenAll : public testing::Test {
 protected:
  Task<int> number_after(int number, absl::Duration delay) {
    const Tracked held;
    co_await sleep_for(loop, delay);
    log.push_back(number);
    co_return number;
  }
  Task<void> nothing_after(absl::Duration delay) { co_await sleep_for(loop, delay); }
  Task<int> fail_after(std::string text, absl::Duration delay) {
    co_await sleep_for(loop, delay);
    throw std::runtime_error(text);
  }

  ManualLoop loop;
  std::vector<int> log;
};

Task<int> number(int value) {
  co_return value;
}
Task<std::unique_ptr<int>> boxed_number(int value) {
  co_return std::make_unique<int>(value);
}

TEST_F(WhenAll, GivesResultsInOrderHoweverTheyComplete) {
  const Instant start = loop.now();
  auto [a, b, c] = block_on(loop, when_all(number_after(1, absl::Seconds(3)),
                                           number_after(2, absl::Seconds(1)), number(3)));
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 2);
  EXPECT_EQ(c, 3);
  EXPECT_THAT(log, ElementsAre(2, 1));
  EXPECT_EQ(loop.now() - start, absl::Seconds(3));  // side by side
}

TEST_F(WhenAll, MixesResultTypesAndVoid) {
  auto [box, nothing, text] =
      block_on(loop, when_all(boxed_number(7), nothing_after(absl::Seconds(1)), number(3)));
  EXPECT_EQ(*box, 7);
  EXPECT_EQ(nothing, std::monostate());
  EXPECT_EQ(text, 3);
}

TEST_F(WhenAll, OfTasksThatCompleteAtOnceCompletesAtOnce) {
  Started all(when_all(number(1), number(2)));
  EXPECT_TRUE(all.done());
}

TEST_F(WhenAll, OfNothingIsDone) {
  Started none(when_all());
  EXPECT_TRUE(none.done());
  Started no_elements(when_all(std::vector<Task<int>>()));
  EXPECT_TRUE(no_elements.done());
  EXPECT_TRUE(no_elements->empty());
}

TEST_F(WhenAll, OfAVectorGivesAVector) {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 4; ++i) tasks.push_back(number_after(i, absl::Seconds(4 - i)));
  EXPECT_THAT(block_on(loop, when_all(std::move(tasks))), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(log, ElementsAre(3, 2, 1, 0));
}

TEST_F(WhenAll, ThrowsTheFirstExceptionInOrderOnceAllAreDone) {
  try {
    block_on(loop, when_all(fail_after("first in order", absl::Seconds(2)),
                            fail_after("first in time", absl::Seconds(1)),
                            number_after(5, absl::Seconds(3))));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "first in order");
  }
  EXPECT_THAT(log, ElementsAre(5));
}

TEST_F(WhenAll, AVectorThrowsToo) {
  std::vector<Task<int>> tasks;
  tasks.push_back(number(1));
  tasks.push_back(fail_after("bad", absl::Seconds(1)));
  EXPECT_THROW(block_on(loop, when_all(std::move(tasks))), std::runtime_error);
}

TEST_F(WhenAll, DestroyedItDestroysAllOfThem) {
  Started all(when_all(number_after(1, absl::Seconds(1)), number_after(2, absl::Seconds(2))));
  EXPECT_EQ(Tracked::live(), 2);
  loop.advance(absl::Seconds(1));
  EXPECT_EQ(Tracked::live(), 1);
  all.abandon();
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_FALSE(loop.has_timers());
}

TEST_F(WhenAll, NeverAwaitedStartsNothing) {
  { auto all = when_all(number_after(1, absl::Seconds(1)), number(2)); }
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_FALSE(loop.has_timers());
}

TEST_F(WhenAll, Nests) {
  auto [pair, last] =
      block_on(loop, when_all(when_all(number(1), number_after(2, absl::Seconds(1))), number(3)));
  EXPECT_EQ(std::get<0>(pair), 1);
  EXPECT_EQ(std::get<1>(pair), 2);
  EXPECT_EQ(last, 3);
}

}  // namespace
}  // namespace weft::test
