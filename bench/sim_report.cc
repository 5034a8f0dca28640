#include "sim_report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <sstream>
#include <string_view>

namespace weft::bench {
namespace {

class Promise {
 public:
  constexpr Promise(std::string_view name, const char* counter_name, double counter_value)
      : case_name(name), counter(counter_name), value(counter_value) {}

  std::string_view case_name;
  const char* counter;
  double value;  // exactly
};

constexpr std::array promises = {
    Promise("explore/unary_against_cancel", "schedules", 20),
    Promise("explore/unary_against_deadline", "schedules", 20),
    Promise("explore/two_calls", "schedules", 17207),
    Promise("straight/unary", "allocs_per_op", 0),
    Promise("straight/unary_deadline", "allocs_per_op", 0),
    Promise("straight/unary_unchecked", "allocs_per_op", 0),
    Promise("straight/unary_unchecked_deadline", "allocs_per_op", 0),
};

class Target {
 public:
  constexpr Target(std::string_view name, const char* figure) : case_name(name), text(figure) {}

  std::string_view case_name;
  const char* text;
};

constexpr std::array targets = {
    Target("explore/unary_against_cancel", ">= 500,000 a second"),
    Target("straight/unary", "<= 0.5 us, no allocation"),
};

std::string_view name_of(const benchmark::BenchmarkReporter::Run& run) {
  return run.run_name.function_name;
}

const char* target_of(std::string_view name) {
  for (const Target& target : targets) {
    if (target.case_name == name) return target.text;
  }
  return "";
}

std::optional<double> counter(const benchmark::BenchmarkReporter::Run& run, const char* name) {
  const auto found = run.counters.find(name);
  if (found == run.counters.end()) return std::nullopt;
  return found->second.value;
}

}  // namespace

bool SimReporter::ReportContext(const Context&) {
  std::printf("%-33s | %-32s | %9s | %9s | %9s |\n", "", "microseconds", "thousands", "schedules",
              "allocs");
  std::printf("%-33s | %6s  %-15s  %7s | %9s | %9s | %9s | %s\n", "per execution, call or message",
              "median", "extremes", "process", "a second", "", "", "target");
  return true;
}

void SimReporter::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.run_type != Run::RT_Iteration) continue;
    const auto value = [&run](const char* name) { return counter(run, name).value_or(0); };
    char schedules[16] = "";
    if (counter(run, "schedules").has_value()) {
      std::snprintf(schedules, sizeof schedules, "%.0f", value("schedules"));
    }
    std::printf("%-33s | %6.2f  %6.2f-%-8.2f  %7.2f | %9.1f | %9s | %9.4f | %s\n",
                run.run_name.function_name.c_str(), value("us_median"), value("us_min"),
                value("us_max"), run.GetAdjustedCPUTime(), 1e3 / value("us_median"), schedules,
                value("allocs_per_op"), target_of(name_of(run)));
    std::fflush(stdout);
    judge(run);
  }
}

void SimReporter::judge(const Run& run) {
  for (const Promise& promise : promises) {
    if (promise.case_name != name_of(run)) continue;
    const std::optional<double> value = counter(run, promise.counter);
    if (value == promise.value) continue;
    std::ostringstream text;
    text << promise.case_name << ": " << promise.counter << " is ";
    if (value.has_value()) {
      text << *value;
    } else {
      text << "missing";
    }
    text << ", expected exactly " << promise.value;
    violations_.push_back(text.str());
  }
}

}  // namespace weft::bench
