// The suite finds out what is wrong with a transport: for each breach, a check that fails.

#include "weft/conformance/suite.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "broken_transport.h"
#include "sim_fixture.h"

namespace weft::conformance {
namespace {

class Found {
 public:
  Breach breach;
  std::string check;
};

class Suite : public testing::TestWithParam<Found> {};

TEST_P(Suite, FindsABreach) {
  const std::vector<Check>& checks = all_checks();
  const auto check = std::find_if(checks.begin(), checks.end(), [](const Check& each) {
    return each.name() == GetParam().check;
  });
  ASSERT_NE(check, checks.end());
  SimFixture fixture([](std::shared_ptr<Transport> transport) {
    return break_transport(std::move(transport), GetParam().breach);
  });
  testing::TestPartResultArray results;
  {
    testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    fixture.run(*check);
  }
  EXPECT_GT(results.size(), 0) << GetParam().check << " passes over a broken transport";
}

INSTANTIATE_TEST_SUITE_P(
    Breaches, Suite,
    testing::Values(Found{Breach::cancel_lies, "C088_CancelAfterTheStatusSaysFalse"},
                    Found{Breach::reason_is_lost, "C086_CancelWithAChosenStatus"},
                    Found{Breach::deadline_is_lost, "C101_DeadlineAfterTheHeadersEndsEverything"},
                    Found{Breach::metadata_is_lost, "C020_RepeatedKeysKeepTheirOrder"},
                    Found{Breach::message_is_empty, "C007_PingPongGoesOn"},
                    Found{Breach::send_is_inline, "C131_NothingCompletesOnTheStartingStack"},
                    Found{Breach::close_is_lost, "C052_CloseArrivesBehindTheLastMessage"}),
    [](const auto& found) { return found.param.check; });

TEST(Checks, HaveNamesOfTheirOwn) {
  std::vector<std::string> names;
  for (const Check& check : all_checks()) names.push_back(check.name());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST(Checks, SayWhyTheyAreBounded) {
  for (const Check& check : all_checks()) {
    EXPECT_EQ(check.deviations_max.has_value(), !check.bound_reason.empty()) << check.name();
  }
}

}  // namespace
}  // namespace weft::conformance
