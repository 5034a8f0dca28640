// Source-DPOR with sleep sets: of schedules that differ only by swaps of independent steps, one.

#include <algorithm>
#include <optional>

#include "reduced_execution.h"
#include "reduction_region.h"
#include "search.h"
#include "swap_audit.h"

namespace weft::sim::detail {
namespace {

// Executions that are audited: all of the first ones, then one in so many.
constexpr std::size_t first_audited = 16;
constexpr std::size_t audited_every = 64;

// What was chosen last is explored: it sleeps from now on. Gives the frame that has something else
// to be tried; none: everything is explored.
std::optional<std::size_t> take_next(ReductionStack& stack) {
  while (!stack.empty() && !stack.back().is_fixed) {
    if (stack.back().take_next()) return stack.size() - 1;
    stack.pop_back();
  }
  return std::nullopt;
}

std::size_t open_choices(const ReductionStack& stack) {
  std::size_t count = 0;
  for (const ReductionFrame& frame : stack) {
    if (frame.is_fixed) continue;
    for (std::size_t i = 0; i < frame.labels.size(); ++i) {
      if (frame.planned[i] != 0 && frame.done[i] == 0 && i != frame.choice) ++count;
    }
  }
  return count;
}

// Everything that begins with the stack; false if the search is over before that.
bool search_below(ReductionStack stack, Runner& runner, Report& report, SearchLog& log) {
  ReducedExecution execution(runner, stack);
  SwapAudit audit(runner);
  std::optional<std::size_t> changed = 0;
  while (changed.has_value()) {
    if (!log.within_budget()) {
      report.open_schedules = open_choices(stack) + 1;
      return false;
    }
    execution.run(*changed);
    if (execution.lost()) {
      log.record_nondeterminism("an execution could not be followed by the next");
      return false;
    }
    if (execution.blocked()) {
      ++report.blocked_executions;
    } else {
      const std::uint64_t digest = runner.execution().digest;
      const Schedule schedule = runner.execution().schedule();
      if (report.levels.size() <= schedule.size()) report.levels.resize(schedule.size() + 1);
      ++report.levels[schedule.size()];
      ScheduleChooser again(schedule);
      if (!log.record(again)) return false;
      const std::size_t count = report.executions;
      if (count <= first_audited || count % audited_every == 0) {
        std::string problem = audit.check(execution.steps(), execution.first_values(), digest);
        if (!problem.empty()) {
          log.record_problem(std::move(problem));
          return false;
        }
      }
    }
    log.say(0, report.executions, report.executions);
    changed = take_next(stack);
  }
  report.audited_swaps += audit.swaps();
  return true;
}

}  // namespace

void search_reduced(Runner& runner, Report& report) {
  SearchLog log(runner, report);
  for (ReductionStack& stack : ReductionRegion::own_stacks(runner, report)) {
    if (search_below(std::move(stack), runner, report, log)) continue;
    report.verdict = log.stopped() ? Verdict::stopped_at_failure : Verdict::incomplete;
    return;
  }
  report.verdict = log.stopped() ? Verdict::stopped_at_failure : Verdict::complete;
}

}  // namespace weft::sim::detail
