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

class ReducedSearch {
 public:
  ReducedSearch(Runner& runner, Report& report)
      : runner_(runner), report_(report), log_(runner, report) {}

  void run();

  template <class Archive>
  void archive(Archive& archive) {
    archive(part_, stack_);
  }

 private:
  // Everything that begins with the stack; false if the search is over before that.
  bool search_below(SwapAudit& audit);
  // The execution that was made. False: as above.
  bool record(const ReducedExecution& execution, SwapAudit& audit);

  Runner& runner_;
  Report& report_;
  SearchLog log_;
  std::size_t part_ = 0;
  ReductionStack stack_;  // as the next execution finds it
};

void ReducedSearch::run() {
  const std::vector<ReductionStack> parts = ReductionRegion::own_stacks(runner_, report_);
  if (!parts.empty()) stack_ = parts.front();
  if (!log_.resume(*this)) return;
  SwapAudit audit(runner_, report_.audited_swaps);
  while (part_ < parts.size()) {
    if (!search_below(audit)) {
      report_.verdict = log_.stopped() ? Verdict::stopped_at_failure : Verdict::incomplete;
      if (!log_.stopped()) log_.save(*this);
      return;
    }
    if (++part_ < parts.size()) stack_ = parts[part_];
  }
  report_.verdict = log_.stopped() ? Verdict::stopped_at_failure : Verdict::complete;
}

bool ReducedSearch::search_below(SwapAudit& audit) {
  ReducedExecution execution(runner_, stack_);
  std::optional<std::size_t> changed = 0;
  while (changed.has_value()) {
    if (!log_.within_budget()) {
      report_.open_schedules = open_choices(stack_) + 1;
      return false;
    }
    execution.run(*changed);
    if (!record(execution, audit)) return false;
    changed = take_next(stack_);
    // Of a part that is done there is nothing to go on from.
    if (changed.has_value()) log_.save_if_due(*this);
    if (log_.is_time_to_say()) log_.say("reduced");
  }
  return true;
}

bool ReducedSearch::record(const ReducedExecution& execution, SwapAudit& audit) {
  if (execution.lost()) {
    log_.record_nondeterminism("an execution could not be followed by the next");
    return false;
  }
  if (execution.blocked()) {
    ++report_.blocked_executions;
    return true;
  }
  const std::uint64_t digest = runner_.execution().digest;
  const Schedule schedule = runner_.execution().schedule();
  if (report_.levels.size() <= schedule.size()) report_.levels.resize(schedule.size() + 1);
  ++report_.levels[schedule.size()];
  ScheduleChooser again(schedule);
  if (!log_.record(again)) return false;
  const std::size_t count = report_.executions;
  if (count > first_audited && count % audited_every != 0) return true;
  std::string problem = audit.check(execution.steps(), execution.first_values(), digest);
  report_.audited_swaps = audit.swaps();
  if (problem.empty()) return true;
  log_.record_problem(std::move(problem));
  return false;
}

}  // namespace

void search_reduced(Runner& runner, Report& report) {
  ReducedSearch(runner, report).run();
}

}  // namespace weft::sim::detail
