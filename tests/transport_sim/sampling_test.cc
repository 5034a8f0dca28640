// Samples: what they find, how they are drawn again, and that they never claim more than they are.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "echo_method.h"
#include "model_families.h"
#include "weft/api/channel.h"
#include "weft/transport_sim/explore.h"

namespace weft::sim {
namespace {

using Strategy = SamplingOptions::Strategy;
using test::Chain;
using test::Gate;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

ExploreOptions sample(SamplingOptions how) {
  return ExploreOptions().name("Sampling.Test").mode(SearchMode::sample).sampling(how);
}

std::map<std::string, std::size_t> counts(const Report& report) {
  std::map<std::string, std::size_t> all;
  for (const auto& [text, outcome] : report.outcomes) all[text] = outcome.count;
  return all;
}

class SampleOf : public testing::TestWithParam<Strategy> {
 protected:
  static SamplingOptions how() { return SamplingOptions().strategy(GetParam()).runs(200); }
};

TEST_P(SampleOf, AnySizeIsNeverComplete) {
  const Report report = explore(sample(how()), test::models::writers(3).body());
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_EQ(report.verdict, Verdict::sampled);
  EXPECT_EQ(report.executions, 200u);
  EXPECT_THAT(report.to_string(), AllOf(HasSubstr("[ SAMPLE ]"), HasSubstr("seed 1, 200 runs")));
  EXPECT_THAT(report.outcomes, SizeIs(6));  // of six
}

TEST_P(SampleOf, ASeedIsTheSameAgain) {
  const BodyFunction body = test::models::cuts(2, 1, 1, 3).body();
  const auto drawn = [&](std::uint64_t seed) {
    return counts(explore(sample(how().seed(seed)), body));
  };
  EXPECT_EQ(drawn(7), drawn(7));
  EXPECT_NE(drawn(7), drawn(8));
}

TEST_P(SampleOf, AFailureIsShrunkToWhatItNeeds) {
  const auto body = [](World& world) -> Body {
    Gate done;
    std::string order;
    const auto write_down = [&](char name) {
      return [&order, &done, name](std::size_t) {
        order += name;
        if (order.size() == 8) done.open();
      };
    };
    Chain a(world, "a.event", 4, write_down('a'));
    Chain b(world, "b.event", 4, write_down('b'));
    co_await done;
    if (order[0] == 'b') world.fail("b came first");
  };
  const Report report = explore(sample(how()), body);
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_EQ(report.verdict, Verdict::stopped_at_failure);
  EXPECT_THAT(report.counterexample->schedule, SizeIs(1)) << report.to_string();
  EXPECT_EQ(report.counterexample->facts.front().to_string(), "b.event BEFORE a.event");
}

TEST_P(SampleOf, MoreRunsThanTheBudgetAllowsIsIncomplete) {
  const Report report = explore(sample(how()).executions(50), test::models::writers(3).body());
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_FALSE(report.ok());
}

INSTANTIATE_TEST_SUITE_P(Strategies, SampleOf,
                         testing::Values(Strategy::random_walk, Strategy::partial_order,
                                         Strategy::priorities));

// Every fault that is allowed is seen, and runs without any of them as well.
TEST(Swarm, LeavesOutSomeFaultsOfEachRun) {
  const auto body = [](World& world) -> Body {
    world.allow(FaultPlan()
                    .may(fault::reset(Http2Error::refused_stream))
                    .may(fault::trailers_only(StatusCode::kAborted)));
    world.server().script(echo, Script().read_all().message("hello").finish());
    Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
    auto call = channel.unary_unary(echo, "you");
    (void)co_await call;
  };
  const SamplingOptions how = SamplingOptions().strategy(Strategy::random_walk).runs(400);
  const auto plain = counts(explore(sample(how), body));
  const auto swarm = counts(explore(sample(SamplingOptions(how).swarm()), body));
  EXPECT_THAT(swarm, SizeIs(3));
  EXPECT_GT(swarm.at("OK"), plain.at("OK"));
}

TEST(Choosing, TakesTheWholeIfTheEstimateFitsTheBudget) {
  const Report report = explore(ExploreOptions().name("Choosing.Test").executions(100'000),
                                test::models::cuts(2, 1, 1, 3).body());
  EXPECT_EQ(report.verdict, Verdict::complete);
  EXPECT_EQ(report.executions, 24'782u);
  ASSERT_TRUE(report.estimate.has_value());
  EXPECT_NEAR(report.estimate->mean, 24'782, 5 * report.estimate->standard_error);
  EXPECT_THAT(report.to_string(), HasSubstr("probes, standard error"));
}

TEST(Choosing, TakesLevelsAndASampleOfWhatDoesNotFit) {
  const Report report = explore(ExploreOptions().name("Choosing.Test").executions(12'000),
                                test::models::cuts(2, 1, 1, 3).body());
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.executions, 12'000u);
  EXPECT_EQ(report.sampled_executions, 1'000u);
  EXPECT_THAT(report.to_string(),
              AllOf(HasSubstr("all 7,952 with at most 4 deviations were tried"),
                    HasSubstr("estimated"), HasSubstr("sampled 1,000: POS, seed 1")));
}

TEST(Choosing, GoesOnAfterTheEstimateWhereItWas) {
  std::size_t runs = 0;
  const BodyFunction cuts = test::models::cuts(2, 1, 1, 3).body();
  const auto body = [&](World& world) {
    ++runs;
    return cuts(world);
  };
  const Report report = explore(ExploreOptions().name("Choosing.Test").executions(100'000), body);
  ASSERT_EQ(report.verdict, Verdict::complete);
  ASSERT_TRUE(report.estimate.has_value());
  EXPECT_EQ(runs, report.executions + report.checked_twice + report.estimate->probes);
}

TEST(Choosing, EstimatesNothingThatIsSmall) {
  const Report report = explore(ExploreOptions(), test::models::cuts(1, 1, 1, 3).body());
  EXPECT_EQ(report.verdict, Verdict::complete);
  EXPECT_FALSE(report.estimate.has_value());
}

}  // namespace
}  // namespace weft::sim
