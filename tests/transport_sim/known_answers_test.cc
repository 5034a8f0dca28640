// The explorer against counts that are known in closed form.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "chain.h"
#include "weft/transport_sim/explore.h"

namespace weft::sim {
namespace {

using test::Chain;
using test::Gate;
using ::testing::ElementsAre;

ExploreOptions quiet(SearchMode mode) {
  return ExploreOptions().mode(mode);
}

// Chains of these lengths, on objects of their own.
BodyFunction chains(std::vector<std::size_t> lengths) {
  return [=](World& world) -> Body {
    Gate all_done;
    std::size_t left = lengths.size();
    std::vector<std::unique_ptr<Chain>> running;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const std::size_t length = lengths[i];
      running.push_back(std::make_unique<Chain>(world, "chain" + std::to_string(i + 1) + ".event",
                                                length,
                                                [&all_done, &left, length](std::size_t happened) {
                                                  if (happened == length && --left == 0)
                                                    all_done.open();
                                                }));
    }
    co_await all_done;
  };
}

BodyFunction independent(std::size_t count, std::size_t length) {
  return chains(std::vector<std::size_t>(count, length));
}

// K chains of m events, and one event that touches all of them.
BodyFunction cancel_all(std::size_t count, std::size_t length) {
  std::vector<std::size_t> lengths(count, length);
  lengths.push_back(1);
  return chains(std::move(lengths));
}

// One call: inbound metadata, r messages, status; w write completions; t terminals, each of which,
// like the status, ends the call and withdraws the rest.
class Cut {
 public:
  Cut(World& world, std::size_t number, std::size_t messages, std::size_t writes,
      std::size_t terminals, std::function<void()> ended)
      : ended_(std::move(ended)) {
    const std::string call = "call" + std::to_string(number) + ".";
    parts_.push_back(std::make_unique<Chain>(world, call + "inbound", messages + 2,
                                             [this, messages](std::size_t happened) {
                                               if (happened == messages + 2) end();
                                             }));
    parts_.push_back(std::make_unique<Chain>(world, call + "written", writes));
    for (std::size_t i = 0; i < terminals; ++i) {
      parts_.push_back(std::make_unique<Chain>(
          world, call + "terminal" + std::to_string(i), 1, [this](std::size_t) { end(); },
          EventClass::action));
    }
  }

 private:
  void end() {
    for (const auto& part : parts_) part->withdraw();
    ended_();  // may destroy this
  }

  std::function<void()> ended_;
  std::vector<std::unique_ptr<Chain>> parts_;
};

BodyFunction cuts(std::size_t calls, std::size_t messages, std::size_t writes,
                  std::size_t terminals) {
  return [=](World& world) -> Body {
    Gate all_done;
    std::size_t left = calls;
    std::vector<std::unique_ptr<Cut>> running;
    for (std::size_t i = 0; i < calls; ++i) {
      running.push_back(std::make_unique<Cut>(world, i + 1, messages, writes, terminals, [&] {
        if (--left == 0) all_done.open();
      }));
    }
    co_await all_done;
  };
}

std::size_t count(const BodyFunction& body, SearchMode mode = SearchMode::brute_force) {
  const Report report = explore(quiet(mode).executions(2'000'000), body);
  EXPECT_EQ(report.verdict, Verdict::complete);
  EXPECT_TRUE(report.ok()) << report.to_string();
  return report.executions;
}

TEST(KnownAnswers, IndependentChainsHaveTheMultinomialNumberOfSchedules) {
  EXPECT_EQ(count(independent(2, 3)), 20u);
  EXPECT_EQ(count(independent(3, 3)), 1'680u);
  EXPECT_EQ(count(independent(4, 3)), 369'600u);
}

TEST(KnownAnswers, CancelAllHasItsClosedForm) {
  EXPECT_EQ(count(cancel_all(2, 3)), 140u);
  EXPECT_EQ(count(cancel_all(3, 3)), 16'800u);
}

TEST(KnownAnswers, CutHasItsClosedForm) {
  EXPECT_EQ(count(cuts(1, 0, 0, 1)), 3u);
  EXPECT_EQ(count(cuts(1, 1, 0, 1)), 4u);
  EXPECT_EQ(count(cuts(1, 1, 0, 2)), 7u);
  EXPECT_EQ(count(cuts(1, 1, 0, 3)), 10u);
  EXPECT_EQ(count(cuts(1, 1, 1, 1)), 13u);
  EXPECT_EQ(count(cuts(1, 1, 1, 3)), 31u);
}

TEST(KnownAnswers, SeveralCallsMultiplyByBruteForce) {
  EXPECT_EQ(count(cuts(2, 1, 0, 1)), 150u);
  EXPECT_EQ(count(cuts(2, 1, 0, 3)), 782u);
  EXPECT_EQ(count(cuts(2, 1, 1, 3)), 24'782u);
  EXPECT_EQ(count(cuts(3, 1, 0, 1)), 24'162u);
  EXPECT_EQ(count(cuts(3, 1, 0, 3)), 252'114u);
}

std::vector<std::size_t> levels(const BodyFunction& body) {
  const Report report = explore(quiet(SearchMode::levels), body);
  EXPECT_EQ(report.verdict, Verdict::complete);
  return report.levels;
}

TEST(KnownAnswers, LevelsHaveTheSizesOfTheTable) {
  EXPECT_THAT(levels(cuts(1, 1, 0, 1)), ElementsAre(1, 3));
  EXPECT_THAT(levels(cuts(1, 1, 0, 3)), ElementsAre(1, 9));
  EXPECT_THAT(levels(cuts(1, 1, 1, 3)), ElementsAre(1, 12, 18));
  EXPECT_THAT(levels(cuts(2, 1, 0, 1)), ElementsAre(1, 12, 39, 58, 40));
  EXPECT_THAT(levels(cuts(2, 1, 0, 3)), ElementsAre(1, 30, 195, 286, 270));
  EXPECT_THAT(levels(cuts(2, 1, 1, 3)), ElementsAre(1, 39, 435, 2035, 5442, 9117, 7713));
  EXPECT_THAT(levels(cuts(3, 1, 0, 1)), ElementsAre(1, 27, 249, 1172, 3437, 6558, 8175, 4543));
}

// Stirling numbers of the first kind: permutations by n minus their number of cycles.
TEST(KnownAnswers, LevelsOfMutuallyDependentEventsAreStirlingNumbers) {
  EXPECT_THAT(levels(independent(6, 1)), ElementsAre(1, 15, 85, 225, 274, 120));
  EXPECT_THAT(levels(independent(8, 1)),
              ElementsAre(1, 28, 322, 1'960, 6'769, 13'132, 13'068, 5'040));
}

TEST(KnownAnswers, AllLevelsTogetherAreBruteForce) {
  for (const BodyFunction& body : {independent(3, 3), cancel_all(2, 3), cuts(2, 1, 1, 3)}) {
    EXPECT_EQ(count(body, SearchMode::levels), count(body, SearchMode::brute_force));
  }
}

}  // namespace
}  // namespace weft::sim
