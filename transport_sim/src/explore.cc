#include "weft/transport_sim/explore.h"

#include "search.h"
#include "weft/transport/detail/text.h"

namespace weft::sim::detail {
namespace {

void judge(const ExploreOptions& options, Report& report) {
  if (report.counterexample.has_value()) {
    report.problems.push_back(
        weft::detail::text(report.failed_executions == 1 ? "a schedule fails" : "schedules fail",
                           ": ", to_string(report.counterexample->failures.front().kind), ": ",
                           report.counterexample->failures.front().site()));
  }
  if (report.verdict == Verdict::incomplete && !options.may_be_incomplete) {
    report.problems.push_back(
        "the search is incomplete: raise its budget, bound its deviations, or allow it to be "
        "incomplete");
  }
  if (options.is_partial || report.verdict == Verdict::replayed ||
      report.verdict == Verdict::stopped_at_failure) {
    return;
  }
  for (const auto& [name, seen] : report.sometimes) {
    if (!seen) {
      report.problems.push_back(
          weft::detail::text("\"", name, "\" should happen sometimes, and never did"));
    }
  }
  // A reduced search, or a part of one, has a number of its own.
  if (report.mode == SearchMode::reduced || !report.shard.is_whole()) return;
  if (report.expected != 0 && report.expected != report.executions) {
    report.problems.push_back(weft::detail::text("expected ", report.expected,
                                                 " schedules, but there are ", report.executions));
  }
}

}  // namespace

Report explore(const ExploreOptions& options, const BodyFunction& body) {
  Report report;
  report.test_name = options.test_name;
  report.replay_command = options.command_prefix;
  report.conditions = options.world_options.to_string();
  report.mode = options.search_mode();
  report.shard = options.part;
  Runner runner(options, body);
  if (!options.replay_token.empty()) {
    replay(runner, report);
  } else if (options.search_mode() == SearchMode::levels) {
    search_levels(runner, report);
  } else if (options.search_mode() == SearchMode::reduced) {
    search_reduced(runner, report);
  } else if (options.search_mode() == SearchMode::sample) {
    search_sample(runner, report);
  } else {
    search_brute_force(runner, report);
  }
  judge(options, report);
  return report;
}

}  // namespace weft::sim::detail
