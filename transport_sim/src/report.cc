#include "weft/transport_sim/report.h"

#include <cmath>

#include "number_text.h"
#include "weft/transport/detail/text.h"

namespace weft::sim {
namespace {

using detail::percent;
using detail::with_commas;

// "by deviations: 1, 39, 120 of 435"
std::string levels_text(const Report& report) {
  std::string text = "by deviations:";
  for (std::size_t i = 0; i < report.levels.size(); ++i) {
    text += weft::detail::text(i == 0 ? " " : ", ", with_commas(report.levels[i]));
    if (i < report.level_sizes.size() && report.level_sizes[i] != report.levels[i]) {
      text += weft::detail::text(" of ", with_commas(report.level_sizes[i]));
    }
  }
  return text;
}

// How far a search came that a budget stopped.
std::string progress_text(const Report& report) {
  std::string text = "  ";
  // A reduced search leaves most of the tree to what stands for it.
  text += report.mode == SearchMode::reduced
              ? weft::detail::text(with_commas(report.blocked_executions), " given up as redundant")
              : weft::detail::text(percent(report.tree_weight), " of the tree weight");
  text += '\n';
  if (!report.resume_command.empty()) {
    text += weft::detail::text("  resume with: ", report.resume_command, "\n");
  }
  return text;
}

// What the number of schedules is the number of.
std::string extent_text(const Report& report) {
  std::string text;
  if (report.mode == SearchMode::reduced) {
    text += weft::detail::text(
        "; reduced: one of each class of schedules that differ by swaps of "
        "steps with nothing in common, ",
        with_commas(report.blocked_executions), " more blocked, ",
        with_commas(report.audited_swaps), " swaps audited");
  }
  if (!report.shard.is_whole()) {
    text +=
        weft::detail::text("; part ", report.shard.index, " of ", report.shard.count, ", ",
                           report.region.own_prefixes, " of ", report.region.prefixes, " prefixes");
  }
  return text;
}

// Of a level walk that a budget stopped; the last level is not whole.
std::string complete_levels_text(const Report& report) {
  if (report.mode != SearchMode::levels || report.levels.size() < 2) return {};
  std::size_t schedules = 0;
  for (std::size_t i = 0; i + 1 < report.levels.size(); ++i) schedules += report.levels[i];
  return weft::detail::text("; all ", with_commas(schedules), " with at most ",
                            report.levels.size() - 2, " deviations were tried");
}

std::string rounded(double number) {
  constexpr double too_many = 1e15;
  if (number < too_many) return with_commas(static_cast<std::size_t>(std::llround(number)));
  return "more than " + with_commas(static_cast<std::size_t>(too_many));
}

std::string estimate_text(const Estimate& estimate) {
  const double percent = estimate.mean > 0 ? 100 * estimate.standard_error / estimate.mean : 0;
  return weft::detail::text("estimated ", rounded(estimate.mean), " schedules in all (",
                            with_commas(estimate.probes), " probes, standard error ",
                            rounded(percent), "%)");
}

std::string counterexample_text(const Counterexample& example) {
  std::string text;
  for (const Failure& failure : example.failures) {
    text += weft::detail::text("  ", to_string(failure.kind), ": ", failure.text, "\n");
  }
  if (example.facts.empty()) {
    text += "  it fails in the default order already\n";
  } else {
    text += weft::detail::text("  it needs ", example.facts.size(),
                               example.facts.size() == 1 ? " deviation" : " deviations",
                               " from the default order:\n");
    for (const OrderingFact& fact : example.facts) {
      text += weft::detail::text("    ", fact.to_string(), "\n");
    }
  }
  if (example.nearest_passing.has_value()) {
    text += weft::detail::text(
        "  the nearest schedule that passes ends with: ", example.nearest_passing->outcome, "\n");
  }
  if (!example.deterministic) {
    text += "  NOT DETERMINISTIC: it did not fail in the same way each time it was replayed\n";
  }
  if (example.shrinking_was_cut_short) text += "  shrinking was cut short\n";
  return text;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::complete:
      return "COMPLETE";
    case Verdict::complete_within_bound:
      return "COMPLETE WITHIN BOUND";
    case Verdict::incomplete:
      return "INCOMPLETE";
    case Verdict::sampled:
      return "SAMPLE";
    case Verdict::replayed:
      return "REPLAYED";
    case Verdict::stopped_at_failure:
      return "FAILED";
  }
  return "?";
}

std::string Report::verdict_line() const {
  std::string text =
      weft::detail::text("[ ", weft::sim::to_string(verdict), " ] ", test_name, ": ",
                         with_commas(executions), executions == 1 ? " schedule, " : " schedules, ");
  if (executions == 0) {
    return weft::detail::text("[ ", weft::sim::to_string(verdict), " ] ", test_name,
                              ": nothing was executed");
  }
  text += failed_executions == 0 ? std::string("all passed")
                                 : weft::detail::text(with_commas(failed_executions), " failed");
  text += extent_text(*this);
  switch (verdict) {
    case Verdict::complete_within_bound:
      return text + weft::detail::text("; every schedule with at most ", bound,
                                       " deviations was tried, the shortest failure not excluded "
                                       "needs ",
                                       bound + 1);
    case Verdict::incomplete:
      return text + weft::detail::text("; a budget stopped the search with at least ",
                                       with_commas(open_schedules), " schedules untried",
                                       complete_levels_text(*this));
    case Verdict::sampled:
      return text + "; a sample, which says nothing about the schedules that are not in it";
    default:
      return text;
  }
}

std::string Report::to_string() const {
  std::string text = verdict_line() + "\n";
  if (verdict == Verdict::incomplete && executions > 0) text += progress_text(*this);
  if (estimate.has_value()) text += weft::detail::text("  ", estimate_text(*estimate), "\n");
  if (!sampling.empty()) {
    text += weft::detail::text("  sampled ", with_commas(sampled_executions), ": ", sampling, "\n");
  }
  if (levels.size() > 1) text += weft::detail::text("  ", levels_text(*this), "\n");
  for (const auto& [name, outcome] : outcomes) {
    text += weft::detail::text("  outcome ", name.empty() ? "(none)" : name, ": ",
                               with_commas(outcome.count), ", for example ", outcome.example, "\n");
  }
  if (other_outcomes > 0) {
    text += weft::detail::text(
        "  other outcomes, too many to be listed: ", with_commas(other_outcomes), "\n");
  }
  for (const auto& [name, seen] : sometimes) {
    text += weft::detail::text("  sometimes ", name, ": ", seen ? "seen" : "NEVER SEEN", "\n");
  }
  if (bounded_timers > 0) {
    text += weft::detail::text("  timers were held back by their bound ",
                               with_commas(bounded_timers), " times\n");
  }
  text += weft::detail::text("  under: ", conditions, flags.empty() ? "" : "; as said by ", flags,
                             "\n");
  for (const std::string& warning : warnings) {
    text += weft::detail::text("  warning: ", warning, "\n");
  }
  for (const std::string& problem : problems) {
    text += weft::detail::text("  PROBLEM: ", problem, "\n");
  }
  if (counterexample.has_value()) {
    text += counterexample_text(*counterexample);
    text += weft::detail::text("  token: ", counterexample->token, "\n");
    if (!replay_command.empty()) {
      text += weft::detail::text("  replay: ", replay_command, counterexample->token, "\n");
    }
  }
  return text;
}

}  // namespace weft::sim
