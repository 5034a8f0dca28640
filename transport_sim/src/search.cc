#include "search.h"

#include <algorithm>
#include <cmath>

#include "number_text.h"

namespace weft::sim::detail {
namespace {

using weft::detail::text;

// Executions that run twice: all of the first ones, then one in so many.
constexpr std::size_t first_checked = 3;
constexpr std::size_t checked_every = 64;
// A clock is looked at once in so many executions.
constexpr std::size_t clock_every = 256;
// Different outcomes that are remembered; a body that makes a new one in each execution would
// otherwise take memory without end.
constexpr std::size_t most_outcomes = 10'000;

// What one schedule contributes to Report::tree_weight.
double weight_of(const Execution& execution) {
  double weight = 1;
  for (const std::uint32_t alternatives : execution.alternatives()) weight /= alternatives;
  return weight;
}

}  // namespace

void ExactSum::add(double value) {
  const double sum = sum_ + value;
  lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - sum) + value : (value - sum) + sum_;
  sum_ = sum;
}

SearchLog::SearchLog(Runner& runner, Report& report)
    : runner_(runner),
      report_(report),
      executions_max_(runner.options().executions_max()),
      checkpoint_(runner.options(), report.search, report.build),
      begin_(std::chrono::steady_clock::now()),
      last_line_(begin_) {}

bool SearchLog::resumed(const absl::StatusOr<bool>& found) {
  if (!found.ok()) {
    report_.problems.push_back(text("cannot resume: ", found.status().message()));
    return false;
  }
  if (!*found) return true;
  report_.resumed_at = report_.executions;
  report_.tree_weight = weight_.value();
  if (!failing_.found) return true;
  Counterexample& example = report_.counterexample.emplace();
  describe(runner_, failing_.schedule, example);
  example.found_with_deviations = failing_.found_with_deviations;
  example.deterministic = failing_.deterministic;
  example.shrinking_was_cut_short = failing_.cut_short;
  return true;
}

void SearchLog::saved(const absl::Status& status) {
  report_.resume_command = status.ok() ? runner_.options().command_that_resumes : std::string();
  if (status.ok()) return;
  std::string warning = text(status.message());
  if (report_.warnings.empty() || report_.warnings.back() != warning) {
    report_.warnings.push_back(std::move(warning));
  }
}

bool SearchLog::record(Chooser& chooser_again) {
  Execution& execution = runner_.execution();
  ++report_.executions;
  report_.steps += execution.steps;
  report_.bounded_timers += execution.bounded_timers;
  if (report_.sampling.empty()) {  // a sample may draw a schedule twice
    weight_.add(weight_of(execution));
    report_.tree_weight = weight_.value();
  }
  for (const auto& [name, seen] : execution.sometimes) {
    bool& ever = report_.sometimes[name];
    ever = ever || seen;
  }
  if (execution.expected_schedules != 0) report_.expected = execution.expected_schedules;
  remember_outcome();
  if (runner_.failed()) {
    remember_failure();
    if (!runner_.options().keeps_going) stopped_ = true;
    return !stopped_;
  }
  const bool check = report_.executions <= first_checked || report_.executions % checked_every == 0;
  if (check) check_twice(chooser_again);
  return !stopped_;
}

void SearchLog::remember_outcome() {
  std::string failed;
  if (runner_.failed()) {
    failed = weft::detail::text("FAILED: ", to_string(runner_.execution().failures().front().kind));
  }
  const std::string& outcome_text = failed.empty() ? runner_.execution().outcome : failed;
  if (report_.outcomes.size() >= most_outcomes && !report_.outcomes.contains(outcome_text)) {
    ++report_.other_outcomes;
    return;
  }
  Outcome& outcome = report_.outcomes[outcome_text];
  if (outcome.count++ != 0) return;
  outcome.example = runner_.token();
  outcome.schedule = runner_.execution().schedule();
}

void SearchLog::remember_failure() {
  ++report_.failed_executions;
  if (report_.counterexample.has_value()) return;
  report_.counterexample = explain(runner_);
  failing_.found = true;
  failing_.schedule = report_.counterexample->schedule;
  failing_.found_with_deviations = report_.counterexample->found_with_deviations;
  failing_.deterministic = report_.counterexample->deterministic;
  failing_.cut_short = report_.counterexample->shrinking_was_cut_short;
}

// Runs it again, and leaves the execution as it was: the same, if it is deterministic.
void SearchLog::check_twice(Chooser& chooser_again) {
  Execution& execution = runner_.execution();
  const std::uint64_t hash = execution.hash();
  const std::vector<std::uint64_t> states = execution.states();
  const std::string outcome = execution.outcome;
  runner_.run(&chooser_again);
  ++report_.checked_twice;
  if (execution.hash() == hash && execution.outcome == outcome && !runner_.failed()) return;
  std::size_t first = 0;
  while (first < states.size() && first < execution.states().size() &&
         states[first] == execution.states()[first]) {
    ++first;
  }
  record_nondeterminism(text("two runs of one schedule differ from decision ", first, " on (of ",
                             states.size(), " and ", execution.states().size(), "); outcomes: \"",
                             outcome, "\" and \"", execution.outcome, "\""));
}

void SearchLog::record_nondeterminism(const std::string& how) {
  report_.problems.push_back(
      text("nondeterminism: ", how,
           "\n  Something outlives an execution (a static, a global, an object captured by the "
           "body), or the program uses addresses, hash order, threads, time or randomness of the "
           "real world."));
  stopped_ = true;
}

void SearchLog::record_problem(std::string problem) {
  report_.problems.push_back(std::move(problem));
  stopped_ = true;
}

bool SearchLog::within_budget() const {
  const ExploreOptions& options = runner_.options();
  if (report_.executions + report_.blocked_executions >= executions_max_) return false;
  if (options.real_time_max() == absl::InfiniteDuration()) return true;
  if (report_.executions % clock_every != 0) return true;
  const auto spent = std::chrono::steady_clock::now() - begin_;
  return absl::FromChrono(spent) < options.real_time_max();
}

void SearchLog::whole_tree() {
  constexpr double rounding = 1e-6;
  const double own = report_.region.own_weight;
  if (std::abs(report_.tree_weight - own) > rounding) {
    report_.problems.push_back(text("the search is wrong: it is over, but went through ",
                                    percent(report_.tree_weight),
                                    " of the tree of decisions instead of ", percent(own),
                                    "; please report this as a bug of the simulator"));
  }
  report_.tree_weight = own;
}

bool SearchLog::is_time_to_say() {
  if (!runner_.options().progress_line || report_.executions % clock_every != 0) return false;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_line_ < std::chrono::seconds(1)) return false;
  last_line_ = now;
  return true;
}

void SearchLog::say_line(const std::string& where) {
  // What a reduced search executes stands for most of the tree.
  const std::string share = report_.mode == SearchMode::reduced
                                ? std::string()
                                : text(percent(report_.tree_weight), " of the tree, ");
  runner_.options().progress_line(text(report_.test_name, ": ", where, "; ", share,
                                       with_commas(report_.executions), " schedules in all",
                                       report_.resume_command.empty() ? "" : "; can be resumed"));
}

}  // namespace weft::sim::detail
