#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/functional/any_invocable.h"
#include "checkpoint.h"
#include "runner.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/report.h"

namespace weft::sim::detail {

// A sum of many small numbers, without losing them beside a large one.
class ExactSum {
 public:
  ExactSum() = default;
  void add(double value);
  double value() const { return sum_ + lost_; }

  template <class Archive>
  void archive(Archive& archive) {
    archive(sum_, lost_);
  }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

// What every search does with each execution, whatever its order: counts, outcomes, budgets, checks
// of determinism, progress, checkpoints.
class SearchLog {
 public:
  SearchLog(Runner& runner, Report& report);

  // Goes on where an earlier process stopped, if there is a checkpoint. False: there is one that
  // does not fit, and nothing may be executed.
  template <class Search>
  bool resume(Search& search) {
    absl::StatusOr<bool> found = checkpoint_.load(*this, search);
    return resumed(found);
  }
  // Between two executions.
  template <class Search>
  void save_if_due(Search& search) {
    if (checkpoint_.is_due() && !stopped_) save(search);
  }
  template <class Search>
  void save(Search& search) {
    if (checkpoint_.is_kept()) saved(checkpoint_.save(*this, search));
  }

  // The execution that the runner has just made. False: the search is over, because of a failure
  // or a budget. `chooser_again` replays it, to see whether it is deterministic.
  bool record(Chooser& chooser_again);
  bool within_budget() const;
  // So many executions in all, instead of what the options say.
  void set_budget(std::size_t executions) { executions_max_ = executions; }
  bool stopped() const { return stopped_; }
  // A schedule that a search made from an earlier execution could not be followed.
  void record_nondeterminism(const std::string& how);
  // The search is over: what it says could not be trusted.
  void record_problem(std::string problem);
  // Every schedule (of this part) was executed: so the weights of all of them are one (or the
  // part's) together.
  void whole_tree();
  // About one line a second; `where` is said of the search.
  void say(const std::string& where) {
    if (is_time_to_say()) say_line(where);
  }
  bool is_time_to_say();

  // The part of a report that grows with each execution.
  template <class Archive>
  void archive(Archive& archive) {
    archive(report_.executions, report_.blocked_executions, report_.audited_swaps,
            report_.failed_executions, report_.levels, report_.level_sizes, report_.outcomes,
            report_.other_outcomes, report_.sometimes, report_.steps, report_.bounded_timers,
            report_.checked_twice, report_.expected, weight_, failing_);
  }

 private:
  // The counterexample, as far as it cannot be had by replaying it.
  class Failing {
   public:
    bool found = false;
    Schedule schedule;
    std::size_t found_with_deviations = 0;
    bool deterministic = true;
    bool cut_short = false;

    template <class Archive>
    void archive(Archive& archive) {
      archive(found, schedule, found_with_deviations, deterministic, cut_short);
    }
  };

  bool resumed(const absl::StatusOr<bool>& found);
  void saved(const absl::Status& status);
  void check_twice(Chooser& chooser_again);
  void remember_outcome();
  void remember_failure();
  void say_line(const std::string& where);

  Runner& runner_;
  Report& report_;
  std::size_t executions_max_;
  Checkpoint checkpoint_;
  ExactSum weight_;
  Failing failing_;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point last_line_;
  bool stopped_ = false;
};

// Every schedule, by number of deviations; see SearchMode::levels.
void search_levels(Runner& runner, Report& report);
// The same, stopping at a first budget: `rest` is asked then, once, between two executions, how
// many there may be in all, and may use the runner meanwhile.
void search_levels(Runner& runner, Report& report, std::size_t first_budget,
                   absl::AnyInvocable<std::size_t() &&> rest);
// Every schedule, depth first.
void search_brute_force(Runner& runner, Report& report);

// One schedule of each class of those that differ by swaps of independent steps.
void search_reduced(Runner& runner, Report& report);

// As ExploreOptions::sampling says, for as many runs as there are, or as the budget allows.
void search_sample(Runner& runner, Report& report);
// Random descents.
Estimate estimate_schedules(Runner& runner, std::size_t probes);

// The failing execution that the runner has just made, shrunk and explained.
Counterexample explain(Runner& runner);
// What there is to tell about a schedule that fails and was shrunk before.
void describe(Runner& runner, const Schedule& schedule, Counterexample& example);

// The one execution of a token.
void replay(Runner& runner, Report& report);

}  // namespace weft::sim::detail
