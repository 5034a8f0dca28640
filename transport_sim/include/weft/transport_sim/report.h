#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "weft/transport_sim/explore_options.h"
#include "weft/transport_sim/failure.h"
#include "weft/transport_sim/ordering_fact.h"
#include "weft/transport_sim/schedule.h"
#include "weft/transport_sim/trace.h"

namespace weft::sim {

// What a search can say at its end.
enum class Verdict {
  complete,               // every schedule was executed
  complete_within_bound,  // every schedule with at most so many deviations
  incomplete,             // a budget stopped it: says nothing about the rest
  sampled,                // as many as were asked for, drawn at random: says nothing about the rest
  replayed,               // one schedule was executed, as asked
  stopped_at_failure,     // a failure was found; the rest was not tried
};
std::string_view to_string(Verdict verdict);

// One way in which executions ended.
class Outcome {
 public:
  std::size_t count = 0;
  std::string example;  // a token
  Schedule schedule;    // of the example
  // Of the example, as far as ExploreOptions::trace_outcomes asked for it.
  std::optional<Trace> trace;
};

// One failing schedule, shrunk and explained.
class Counterexample {
 public:
  Counterexample() = default;

  Schedule schedule;
  std::string token;
  std::vector<Failure> failures;
  std::vector<OrderingFact> facts;  // each of which is needed for the failure
  Trace trace;
  std::optional<Trace> nearest_passing;  // differs from it by the last fact
  bool deterministic = true;
  bool shrinking_was_cut_short = false;
  std::size_t found_with_deviations = 0;
};

// How many schedules there are, by random descents: each is one way down, and the product of what
// it could have chosen estimates their number without bias (Knuth).
class Estimate {
 public:
  std::size_t probes = 0;
  double mean = 0;
  double standard_error = 0;
};

// What an exploration found.
class Report {
 public:
  Report() = default;

  // Nothing failed, nothing is missing.
  bool ok() const { return problems.empty(); }
  // Everything about it, for people, several lines.
  std::string to_string() const;
  // The one line of the verdict.
  std::string verdict_line() const;

  std::string test_name;
  Verdict verdict = Verdict::incomplete;
  std::size_t bound = 0;       // of deviations, for complete_within_bound
  std::size_t executions = 0;  // to their ends; blocked ones are counted apart
  // Of a reduced search: given up because everything that could happen was explored elsewhere.
  std::size_t blocked_executions = 0;
  std::size_t failed_executions = 0;
  std::vector<std::size_t> levels;  // executions by number of deviations
  // How many schedules there are with so many deviations, as far as that is known; by levels only.
  std::vector<std::size_t> level_sizes;
  std::size_t open_schedules = 0;  // known and not executed, when incomplete
  // The share of the tree of decisions that was executed, where each alternative of a decision has
  // an equal part of what is below it. 1 when all of it was.
  double tree_weight = 0;
  std::map<std::string, Outcome> outcomes;
  // Executions whose outcomes are not listed, because there are too many different ones.
  std::size_t other_outcomes = 0;
  std::map<std::string, bool> sometimes;
  std::size_t steps = 0;           // of all executions
  std::size_t bounded_timers = 0;  // times that the bound of timers left something out
  std::size_t checked_twice = 0;   // executions that ran twice to see that they are deterministic
  // Why the exploration is no pass, each in one line or more; empty if it is one.
  std::vector<std::string> problems;
  // What people should know although it is no failure.
  std::vector<std::string> warnings;
  std::optional<Counterexample> counterexample;
  std::optional<Trace> replayed_trace;  // of a replay that passed
  std::size_t expected = 0;             // executions, as the test said; 0: it did not
  std::string replay_command;           // a token is to be appended
  std::string conditions;               // the bounds under which the verdict holds
  SearchMode mode = SearchMode::levels;
  // Of a reduced search: pairs of steps that were swapped to see that nobody can tell.
  std::size_t audited_swaps = 0;
  // Of a space that was too large to start with.
  std::optional<Estimate> estimate;
  // Of a sample: how it was drawn, so that it can be drawn again.
  std::string sampling;
  std::size_t sampled_executions = 0;
  // Which part of the search this is, and of which region.
  Shard shard;
  ShardedRegion region;
  std::string flags;           // of the test program and variables for them, as they were given
  std::string search;          // the way of searching and all that decides which schedules it has
  std::string build;           // of the program
  absl::Duration real_time;    // of this process
  std::size_t resumed_at = 0;  // executions that a checkpoint brought along
  std::string resume_command;  // goes on from where a budget stopped; empty if that is not possible
};

}  // namespace weft::sim
