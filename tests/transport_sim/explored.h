#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "weft/transport/detail/text.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {

// Explores the body in the name of the running test, to the end, and expects it to pass: nothing
// hangs, nothing is left, nothing breaks a rule. Gives what came out, sorted.
class Explored {
 public:
  template <class Function>
  explicit Explored(Function body, sim::ExploreOptions options = sim::ExploreOptions()) {
    const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
    report = sim::explore_in_test(detail::text(test.test_suite_name(), ".", test.name()),
                                  std::move(options), sim::detail::to_body(std::move(body)));
    EXPECT_TRUE(report.ok()) << report.to_string();
    for (const auto& [text, outcome] : report.outcomes) outcomes.push_back(text);
  }

  sim::Report report;
  std::vector<std::string> outcomes;
};

}  // namespace weft::test
