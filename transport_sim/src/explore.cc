#include "weft/transport_sim/explore.h"

#include <algorithm>
#include <chrono>

#include "build_id.h"
#include "search.h"
#include "weft/transport/detail/text.h"

namespace weft::sim {

std::string_view to_string(SearchMode mode) {
  switch (mode) {
    case SearchMode::levels:
      return "levels";
    case SearchMode::brute_force:
      return "brute force";
    case SearchMode::reduced:
      return "reduced";
    case SearchMode::sample:
      return "sample";
  }
  return "?";
}

namespace detail {
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
  const bool is_part =
      options.is_partial || !report.shard.is_whole() || report.verdict == Verdict::sampled;
  if (is_part || report.verdict == Verdict::replayed ||
      report.verdict == Verdict::stopped_at_failure) {
    return;
  }
  for (const auto& [name, seen] : report.sometimes) {
    if (!seen) {
      report.problems.push_back(
          weft::detail::text("\"", name, "\" should happen sometimes, and never did"));
    }
  }
  // A reduced search has a number of its own.
  if (report.mode == SearchMode::reduced) return;
  if (report.expected != 0 && report.expected != report.executions) {
    report.problems.push_back(weft::detail::text("expected ", report.expected,
                                                 " schedules, but there are ", report.executions));
  }
}

// One schedule of each outcome, drawn.
void trace_outcomes(const ExploreOptions& options, const BodyFunction& body, Report& report) {
  std::size_t left = options.most_traced_outcomes;
  if (left == 0) return;
  Runner runner(options, body);
  for (auto& [name, outcome] : report.outcomes) {
    if (left-- == 0) return;
    ScheduleChooser chooser(outcome.schedule);
    runner.run(&chooser, &outcome.trace.emplace());
  }
}

// What is looked at before anything is estimated: most tests have no more.
constexpr std::size_t first_look = 10'000;
// With fewer, estimates of trees of this shape are far too low, and so are their standard errors.
constexpr std::size_t probes = 1'000;

Report empty_report(const ExploreOptions& options) {
  Report report;
  report.test_name = options.test_name;
  report.replay_command = options.command_prefix;
  report.conditions = options.world_options.to_string();
  report.mode = options.search_mode();
  report.shard = options.part;
  report.search = search_identity(options);
  report.build = build_id();
  return report;
}

// Nobody has said how. The whole, if it is small or is estimated to fit the budget; else as many
// levels as fit, and a sample of the rest, which is not complete and says so.
Report explore_as_it_fits(const ExploreOptions& options, const BodyFunction& body) {
  const std::size_t budget = options.executions_max();
  Report report = empty_report(options);
  Runner runner(options, body);
  if (budget <= first_look) {
    search_levels(runner, report);
    return report;
  }
  bool fits = true;
  search_levels(runner, report, first_look, [&] {
    const Estimate estimate = estimate_schedules(runner, probes);
    report.estimate = estimate;
    fits = estimate.mean + 2 * estimate.standard_error <= static_cast<double>(budget);
    const std::size_t sampled = std::min(options.sampling_options.run_count, budget / 10);
    return fits ? budget : budget - sampled;
  });
  if (fits || report.verdict != Verdict::incomplete) return report;
  search_sample(runner, report);
  if (report.verdict == Verdict::sampled) report.verdict = Verdict::incomplete;
  return report;
}

Report explore_as_said(const ExploreOptions& options, const BodyFunction& body) {
  Report report = empty_report(options);
  Runner runner(options, body);
  if (!options.replay_token.empty()) {
    replay(runner, report);
    return report;
  }
  switch (options.search_mode()) {
    case SearchMode::levels:
      search_levels(runner, report);
      break;
    case SearchMode::brute_force:
      search_brute_force(runner, report);
      break;
    case SearchMode::reduced:
      search_reduced(runner, report);
      break;
    case SearchMode::sample:
      search_sample(runner, report);
      break;
  }
  return report;
}

}  // namespace

Report explore_keeping_checkpoint(const ExploreOptions& options, const BodyFunction& body) {
  const auto begin = std::chrono::steady_clock::now();
  Report report =
      options.chooses_mode() ? explore_as_it_fits(options, body) : explore_as_said(options, body);
  if (report.verdict != Verdict::incomplete) report.resume_command.clear();
  if (report.mode == SearchMode::sample && !options.checkpoint_path.empty()) {
    report.warnings.emplace_back("a sample keeps no checkpoint: its seed draws it again");
  }
  judge(options, report);
  trace_outcomes(options, body, report);
  report.real_time = absl::FromChrono(std::chrono::steady_clock::now() - begin);
  return report;
}

void remove_checkpoint(const ExploreOptions& options, const Report& report) {
  if (report.verdict == Verdict::incomplete || report.verdict == Verdict::replayed) return;
  Checkpoint(options, report.search, report.build).remove();
}

}  // namespace detail

}  // namespace weft::sim
