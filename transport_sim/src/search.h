#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "runner.h"
#include "weft/transport_sim/report.h"

namespace weft::sim::detail {

// What every search does with each execution, whatever its order: counts, outcomes, budgets, checks
// of determinism, progress.
class SearchLog {
 public:
  SearchLog(Runner& runner, Report& report);

  // The execution that the runner has just made. False: the search is over, because of a failure
  // or a budget. `chooser_again` replays it, to see whether it is deterministic.
  bool record(Chooser& chooser_again);
  bool within_budget() const;
  bool stopped() const { return stopped_; }
  // A schedule that a search made from an earlier execution could not be followed.
  void record_nondeterminism(const std::string& how);
  // The search is over: what it says could not be trusted.
  void record_problem(std::string problem);
  // About one line a second.
  void say(std::size_t level, std::size_t done, std::size_t known);

 private:
  void check_twice(Chooser& chooser_again);
  void remember_outcome();

  Runner& runner_;
  Report& report_;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point last_line_;
  bool stopped_ = false;
};

// Every schedule, by number of deviations; see SearchMode::levels.
void search_levels(Runner& runner, Report& report);
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

// The one execution of a token.
void replay(Runner& runner, Report& report);

}  // namespace weft::sim::detail
