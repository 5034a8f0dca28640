#include <algorithm>
#include <array>
#include <cstdio>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "markup.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/report_formats.h"

namespace weft::sim {
namespace {

using weft::detail::text;

std::string property(std::string_view name, std::string_view value) {
  return text("      <property name=\"weft.", name, "\" value=\"", shown(value), "\"/>\n");
}

std::string properties(const Report& report) {
  std::string xml =
      text("    <properties>\n", property("verdict", to_string(report.verdict)),
           property("schedules", std::to_string(report.executions)),
           property("failed", std::to_string(report.failed_executions)),
           property("open", std::to_string(report.open_schedules)),
           property("tree_weight", std::to_string(report.tree_weight)),
           property("search", report.search), property("conditions", report.conditions),
           property("build", report.build));
  if (!report.shard.is_whole()) {
    xml += property("part", text(report.shard.index, " of ", report.shard.count));
  }
  if (report.counterexample.has_value()) xml += property("token", report.counterexample->token);
  if (!report.resume_command.empty()) xml += property("resume", report.resume_command);
  return xml + "    </properties>\n";
}

std::string seconds(const Report& report) {
  std::array<char, 32> number{};
  std::snprintf(number.data(), number.size(), "%.3f", absl::ToDoubleSeconds(report.real_time));
  return number.data();
}

// What is missing is an error, what is wrong a failure.
std::string result(const Report& report) {
  if (report.ok()) return "";
  const std::string_view kind = report.counterexample.has_value() ? "failure" : "error";
  std::string all;
  for (const std::string& problem : report.problems) all += problem + "\n";
  return text("      <", kind, " type=\"", to_string(report.verdict), "\" message=\"",
              shown(report.problems.front()), "\">", escaped_lines(all), "</", kind, ">\n");
}

}  // namespace

std::string report_junit(const Report& report) {
  const std::size_t dot = std::min(report.test_name.find('.'), report.test_name.size());
  const std::string suite = report.test_name.substr(0, dot);
  const std::string name = report.test_name.substr(std::min(dot + 1, report.test_name.size()));
  const bool failed = !report.ok() && report.counterexample.has_value();
  const bool error = !report.ok() && !failed;
  const std::string now = absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::Now(), absl::UTCTimeZone());
  return text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"",
              shown(suite), "\" package=\"\" id=\"0\" timestamp=\"", now,
              "\" hostname=\"localhost\" tests=\"1\" failures=\"", failed ? 1 : 0, "\" errors=\"",
              error ? 1 : 0, "\" time=\"", seconds(report), "\">\n", properties(report),
              "    <testcase name=\"", shown(name.empty() ? suite : name), "\" classname=\"",
              shown(suite), "\" time=\"", seconds(report), "\">\n", result(report),
              "    </testcase>\n    <system-out>", escaped_lines(report.to_string()),
              "</system-out>\n    <system-err></system-err>\n  </testsuite>\n</testsuites>\n");
}

}  // namespace weft::sim
