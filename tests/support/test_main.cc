// Runs the cases of one file, if WEFT_TEST_FILE names one, or all.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "weft/transport/detail/text.h"

namespace {

// "Suite.Case:Suite.Case" of the cases that are written in `file`, named without its ".cc".
std::string cases_of(const std::string& file) {
  const std::string ending = weft::detail::text("/", file, ".cc");
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  std::string cases;
  for (int s = 0; s < all.total_test_suite_count(); ++s) {
    const testing::TestSuite& suite = *all.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const testing::TestInfo& info = *suite.GetTestInfo(t);
      if (std::string(info.file()).ends_with(ending)) {
        cases += weft::detail::text(suite.name(), ".", info.name(), ":");
      }
    }
  }
  return cases;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  if (const char* const file = std::getenv("WEFT_TEST_FILE")) {
    const std::string cases = cases_of(file);
    if (cases.empty()) {
      std::cerr << "no case is written in WEFT_TEST_FILE=" << file << '\n';
      return 1;
    }
    testing::GTEST_FLAG(filter) = cases;
  }
  return RUN_ALL_TESTS();
}
