#include "weft/transport_sim/report.h"

#include "weft/transport/detail/text.h"

namespace weft::sim {
namespace {

std::string with_commas(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3;) {
    i -= 3;
    text.insert(i, 1, ',');
  }
  return text;
}

std::string levels_text(const Report& report) {
  std::string text = "by deviations:";
  for (std::size_t i = 0; i < report.levels.size(); ++i) {
    text += weft::detail::text(i == 0 ? " " : ", ", with_commas(report.levels[i]));
  }
  return text;
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
  switch (verdict) {
    case Verdict::complete_within_bound:
      return text + weft::detail::text("; every schedule with at most ", bound,
                                       " deviations was tried, the shortest failure not excluded "
                                       "needs ",
                                       bound + 1);
    case Verdict::incomplete:
      return text + weft::detail::text("; a budget stopped the search with at least ",
                                       with_commas(open_schedules), " schedules untried");
    default:
      return text;
  }
}

std::string Report::to_string() const {
  std::string text = verdict_line() + "\n";
  if (levels.size() > 1) text += weft::detail::text("  ", levels_text(*this), "\n");
  for (const auto& [name, outcome] : outcomes) {
    text += weft::detail::text("  outcome ", name.empty() ? "(none)" : name, ": ",
                               with_commas(outcome.count), ", for example ", outcome.example, "\n");
  }
  for (const auto& [name, seen] : sometimes) {
    text += weft::detail::text("  sometimes ", name, ": ", seen ? "seen" : "NEVER SEEN", "\n");
  }
  if (bounded_timers > 0) {
    text += weft::detail::text("  timers were held back by their bound ",
                               with_commas(bounded_timers), " times\n");
  }
  text += weft::detail::text("  under: ", conditions, "\n");
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
