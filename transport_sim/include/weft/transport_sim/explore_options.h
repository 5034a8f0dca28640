#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weft/transport_sim/failure.h"
#include "weft/transport_sim/sampling_options.h"
#include "weft/transport_sim/shard.h"
#include "weft/transport_sim/world_options.h"

namespace weft::sim {

// How a search goes through the schedules.
enum class SearchMode {
  // By number of deviations from the default: all with none, with one, with two, ... The first
  // failure found has as few as any. The size of each level is known when the one before is done.
  levels,
  // Depth first, in order of the alternatives. The same schedules; kept as the oracle of all other
  // modes.
  brute_force,
  // Depth first, but of schedules that differ only by swaps of steps that have nothing to do with
  // each other as a rule one alone: source-DPOR with sleep sets. What a step has to do with is
  // recorded; what the body says of itself with isolated() and Shared makes it less. Knows no bound
  // of deviations.
  reduced,
  // A sample, drawn as SamplingOptions say: never complete.
  sample,
};
std::string_view to_string(SearchMode mode);

// What a test framework adds to an exploration: it is asked after each execution for failures of
// its own.
class ExecutionProbe {
 public:
  virtual ~ExecutionProbe() = default;
  virtual void begin_execution() = 0;
  // Adds what went wrong since then.
  virtual void end_execution(std::vector<Failure>& failures) = 0;
};

// How far an exploration goes. Every setting has its default; none is read from the environment
// here (the integration with a test framework does that, and says so).
class ExploreOptions {
 public:
  ExploreOptions() = default;

  // The test's name, which is part of every token: "Suite.Name".
  ExploreOptions& name(std::string_view test) {
    test_name = std::string(test);
    return *this;
  }
  ExploreOptions& mode(SearchMode how) {
    search = how;
    return *this;
  }
  // Only schedules with at most so many deviations. Default: all.
  ExploreOptions& deviations(std::size_t most) {
    most_deviations = most;
    return *this;
  }
  // Budget: executions after which the search stops, incomplete. Default 1,000,000.
  ExploreOptions& executions(std::size_t most) {
    most_executions = most;
    return *this;
  }
  // Budget of real time; by default there is none, because a slow machine is no reason to test
  // less.
  ExploreOptions& time_limit(absl::Duration limit) {
    longest_real_time = limit;
    return *this;
  }
  // A search that a budget stopped is no failure. Without, it is.
  ExploreOptions& allow_incomplete(bool on = true) {
    may_be_incomplete = on;
    return *this;
  }
  // What the body expects of the whole exploration (World::expect_schedules, World::sometimes) does
  // not apply: somebody looks at a part of it.
  ExploreOptions& partial(bool on = true) {
    is_partial = on;
    return *this;
  }
  // Executes one of `count` parts of the search alone, which all together are the whole of it.
  ExploreOptions& shard(std::size_t index, std::size_t count) {
    part = Shard(index, count);
    return *this;
  }
  ExploreOptions& sampling(SamplingOptions how) {
    sampling_options = how;
    return *this;
  }
  // Goes on after failures, and counts them. Off by default.
  ExploreOptions& keep_going(bool on = true) {
    keeps_going = on;
    return *this;
  }
  // Replays this token, once, instead of a search.
  ExploreOptions& replay(std::string_view token) {
    replay_token = std::string(token);
    return *this;
  }
  // With replay: if the token does not fit any more, tries all schedules that differ from it by one
  // deviation.
  ExploreOptions& replay_near(bool on = true) {
    replays_near = on;
    return *this;
  }
  ExploreOptions& world(WorldOptions options) {
    world_options = options;
    return *this;
  }
  // What stands before a token in the command that replays it.
  ExploreOptions& replay_command(std::string_view prefix) {
    command_prefix = std::string(prefix);
    return *this;
  }
  // Lines about a long search, about one a second. Null: nothing is said.
  ExploreOptions& progress(std::function<void(std::string_view)> line) {
    progress_line = std::move(line);
    return *this;
  }
  ExploreOptions& probe(ExecutionProbe* execution_probe) {
    test_probe = execution_probe;
    return *this;
  }
  // Real time that a step may take before the process is aborted as stuck. Default 10 s.
  ExploreOptions& step_time_limit(absl::Duration limit) {
    longest_step = limit;
    return *this;
  }
  // A file that holds the token of the execution that runs, should the process crash; removed at
  // the end. Empty: none.
  ExploreOptions& crash_file(std::string_view path) {
    crash_path = std::string(path);
    return *this;
  }
  // A file in which the search keeps how far it is, written every so often and when a budget stops
  // it. A search that finds its file goes on from there: nothing is executed twice or left out, and
  // it ends with the report that it would have had without the interruption. The file of another
  // test, of other options or of another build of the program is refused, and nothing is executed.
  // Removed when the search is over. Budgets of executions are for the whole search, those of time
  // for each process. One search at a time may use a file. Empty: none.
  ExploreOptions& checkpoint(std::string_view path, absl::Duration interval = absl::Seconds(5)) {
    checkpoint_path = std::string(path);
    checkpoint_interval = interval;
    return *this;
  }
  // What stands in the report of a search that a budget stopped, if it can be resumed.
  ExploreOptions& resume_command(std::string_view command) {
    command_that_resumes = std::string(command);
    return *this;
  }
  // One schedule of each outcome is drawn in the report, for at most so many outcomes.
  ExploreOptions& trace_outcomes(std::size_t most) {
    most_traced_outcomes = most;
    return *this;
  }

  // Nobody has said how: by levels, and by a sample as well if that does not come to its end.
  bool chooses_mode() const {
    return !search && !most_deviations && part.is_whole() && replay_token.empty();
  }
  SearchMode search_mode() const { return search.value_or(SearchMode::levels); }
  std::size_t deviations_max() const {
    return most_deviations.value_or(std::numeric_limits<std::size_t>::max());
  }
  std::size_t executions_max() const { return most_executions.value_or(1'000'000); }
  absl::Duration real_time_max() const {
    return longest_real_time.value_or(absl::InfiniteDuration());
  }

  std::string test_name = "test";
  // Unset ones have their defaults, unless whoever runs the test says otherwise.
  std::optional<SearchMode> search;
  std::optional<std::size_t> most_deviations;
  std::optional<std::size_t> most_executions;
  std::optional<absl::Duration> longest_real_time;
  bool may_be_incomplete = false;
  bool is_partial = false;
  bool keeps_going = false;
  Shard part;
  SamplingOptions sampling_options;
  std::string replay_token;
  bool replays_near = false;
  WorldOptions world_options;
  std::string command_prefix;
  std::function<void(std::string_view)> progress_line;
  ExecutionProbe* test_probe = nullptr;
  absl::Duration longest_step = absl::Seconds(10);
  std::string crash_path;
  std::string checkpoint_path;
  absl::Duration checkpoint_interval = absl::Seconds(5);
  std::string command_that_resumes;
  std::size_t most_traced_outcomes = 0;
};

}  // namespace weft::sim
