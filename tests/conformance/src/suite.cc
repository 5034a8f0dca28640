#include "weft/conformance/suite.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <string_view>
#include <utility>

#include "sections.h"
#include "weft/transport/detail/text.h"

namespace weft::conformance {
namespace {

using When = ExpectedFailure::When;

// How a check went, for the sheet.
class Sheet {
 public:
  void add(const std::string& check, std::string verdict) {
    verdicts_.insert_or_assign(check, std::move(verdict));
  }
  void print(Fixture& fixture) const {
    if (verdicts_.empty()) return;
    std::printf("\n%s: %zu of %zu checks\n", fixture.name().c_str(), verdicts_.size(),
                all_checks().size());
    for (const Check& check : all_checks()) {
      const auto found = verdicts_.find(check.name());
      if (found == verdicts_.end()) continue;
      std::printf("  %-72s %-20s %s\n", check.name().c_str(), check.rules.c_str(),
                  found->second.c_str());
    }
  }

 private:
  std::map<std::string, std::string> verdicts_;
};

// What the capabilities say of a need; the fixture is asked for the rest.
std::optional<std::string> lack(Fixture& fixture, Need need) {
  const auto unless = [](bool has, const char* reason) {
    return has ? std::nullopt : std::optional<std::string>(reason);
  };
  const Capabilities capabilities = fixture.capabilities();
  switch (need) {
    case Need::connectivity:
      return unless(capabilities.connectivity, "the transport has no connection");
    case Need::deadline_on_wire:
      return unless(capabilities.deadline_on_wire, "the transport tells the peer no deadline");
    case Need::secure:
      return unless(capabilities.secure, "the transport is not secure");
    case Need::insecure:
      return unless(!capabilities.secure, "the transport is secure");
    case Need::compression:
      return unless(capabilities.compression, "the transport does not compress");
    case Need::receive_limit:
      return unless(capabilities.receive_bytes_max > 0, "the transport has no receive limit");
    case Need::send_limit:
      return unless(capabilities.send_bytes_max > 0, "the transport has no send limit");
    case Need::metadata_limit:
      return unless(capabilities.metadata_bytes_max > 0, "the transport has no metadata limit");
    default:
      return fixture.lacks(need);
  }
}

class CheckTest final : public testing::Test {
 public:
  CheckTest(const Check& check, Fixture& fixture, Sheet& sheet)
      : check_(check), fixture_(fixture), sheet_(sheet) {}

  void TestBody() override {
    for (const Need need : check_.needs) {
      if (const std::optional<std::string> lacking = lack(fixture_, need)) {
        sheet_.add(check_.name(), "skipped: " + *lacking);
        GTEST_SKIP() << *lacking;  // by capability alone, and told in the sheet (T09)
      }
    }
    for (const ExpectedFailure& expected : fixture_.expected_failures()) {
      if (expected.check == check_.name()) return run_expecting(expected);
    }
    fixture_.run(check_);
    sheet_.add(check_.name(), HasFailure() ? "FAILED" : "passed");
  }

 private:
  void run_expecting(const ExpectedFailure& expected) {
    testing::TestPartResultArray results;
    {
      testing::ScopedFakeTestPartResultReporter reporter(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
      fixture_.run(check_);
    }
    std::string how;
    for (int i = 0; i < results.size(); ++i) {
      if (results.GetTestPartResult(i).failed()) how += results.GetTestPartResult(i).message();
    }
    const std::string known = weft::detail::text(expected.rule, ": ", expected.reason);
    if (!how.empty()) {
      sheet_.add(check_.name(), "fails as known, " + known);
      std::printf("%s\nexpected: %s\n", how.c_str(), known.c_str());
    } else if (expected.when == When::sometimes) {
      sheet_.add(check_.name(), "passed this time, may fail, " + known);
    } else {
      sheet_.add(check_.name(), "FAILED: passes although it is expected to fail");
      ADD_FAILURE() << check_.name() << " passes. It was expected to fail, " << known;
    }
  }

  const Check& check_;
  Fixture& fixture_;
  Sheet& sheet_;
};

class SheetPrinter final : public testing::EmptyTestEventListener {
 public:
  SheetPrinter(Fixture& fixture, const Sheet& sheet) : fixture_(fixture), sheet_(sheet) {}
  void OnTestProgramEnd(const testing::UnitTest&) override { sheet_.print(fixture_); }

 private:
  Fixture& fixture_;
  const Sheet& sheet_;
};

int list_checks() {
  for (const Check& check : all_checks()) {
    std::printf("check %s %s\n", check.name().c_str(), check.rules.c_str());
  }
  for (const NotACheck& none : not_checks()) {
    std::printf("none %.*s %.*s\n", static_cast<int>(none.id.size()), none.id.data(),
                static_cast<int>(none.reason.size()), none.reason.data());
  }
  return 0;
}

}  // namespace

const std::vector<Check>& all_checks() {
  static const std::vector<Check> checks = [] {
    std::vector<Check> all;
    for (const auto section :
         {&shape_checks, &metadata_checks, &status_checks, &order_checks, &misuse_checks,
          &cancel_checks, &cancel_race_checks, &deadline_checks, &flow_control_checks,
          &thread_checks, &connection_checks, &shutdown_checks}) {
      std::vector<Check> some = section();
      all.insert(all.end(), std::make_move_iterator(some.begin()),
                 std::make_move_iterator(some.end()));
    }
    return all;
  }();
  return checks;
}

int run_suite(int argc, char** argv, Fixture& fixture) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--list") return list_checks();
  }
  Sheet sheet;
  for (const Check& check : all_checks()) {
    testing::RegisterTest("Conformance", check.name().c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [&]() -> testing::Test* { return new CheckTest(check, fixture, sheet); });
  }
  testing::UnitTest::GetInstance()->listeners().Append(new SheetPrinter(fixture, sheet));
  return RUN_ALL_TESTS();
}

}  // namespace weft::conformance
