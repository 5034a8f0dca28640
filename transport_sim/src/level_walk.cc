// Every schedule, by number of deviations. A level is made of the one before: a schedule's children
// deviate once more, later. What is kept of a level is its Frontier, not its schedules. The walk
// starts with the prefixes of its part of the tree, each in the level of its deviations; with the
// empty one, if the search is not divided.

#include <algorithm>
#include <utility>

#include "decision_region.h"
#include "frontier.h"
#include "number_text.h"
#include "search.h"
#include "weft/transport/detail/text.h"

namespace weft::sim::detail {
namespace {

using weft::detail::text;

class LevelWalk {
 public:
  LevelWalk(Runner& runner, Report& report)
      : runner_(runner), report_(report), log_(runner, report) {}

  void run();
  // Before run(): see search_levels.
  void stop_to_ask(std::size_t first_budget, absl::AnyInvocable<std::size_t() &&> rest) {
    log_.set_budget(first_budget);
    ask_for_rest_ = std::move(rest);
  }

  template <class Archive>
  void archive(Archive& archive) {
    archive(level_, size_, done_, children_, next_start_, parents_, executed_, parent_, child_,
            first_, alternatives_, state_, state_before_);
  }

 private:
  std::size_t most_deviations() const { return runner_.options().deviations_max(); }
  bool is_last_level() const { return level_ >= most_deviations(); }
  // Starts of levels after this one.
  std::size_t later_starts() const;
  // False: there is none.
  bool next_level();
  void begin_level();
  // False: the search is over.
  bool may_execute();
  bool has_parent() const { return parent_.decisions != 0; }
  // The next schedule of the level that is no sibling of the one before.
  void next_family();
  void execute();
  // Whether the execution came where the ones before it said that it would.
  bool is_as_planned();
  void count_children();
  // From this schedule to the next one of the level.
  void advance();
  void finish();

  Runner& runner_;
  Report& report_;
  SearchLog log_;
  absl::AnyInvocable<std::size_t() &&> ask_for_rest_;  // null: there is one budget, or it was asked
  std::vector<DecisionPrefix> starts_;                 // by deviations

  std::size_t level_ = 0;
  std::size_t size_ = 0;      // schedules of this level
  std::size_t done_ = 0;      // of these
  std::size_t children_ = 0;  // of the schedules of this level, so far
  std::size_t next_start_ = 0;
  Frontier parents_;   // of what is left of this level
  Frontier executed_;  // the parents of the next one
  Parent pushed_;      // the last of these, kept for its memory
  Parent parent_;      // of the schedule that is executed; none if that is a start
  std::vector<PathStep> child_;
  std::uint32_t first_ = 0;  // decision at which the children of `child_` may deviate
  // At the last decision of `child_`: alternatives (0 before the first execution there) and state.
  std::uint32_t alternatives_ = 0;
  std::uint64_t state_ = 0;
  std::uint64_t state_before_ = 0;  // at the decision before it, if that had children
};

void LevelWalk::run() {
  starts_ = DecisionRegion::own_prefixes(runner_, report_);
  std::stable_sort(starts_.begin(), starts_.end(),
                   [](const auto& a, const auto& b) { return a.deviations() < b.deviations(); });
  if (!log_.resume(*this)) return;
  if (report_.levels.empty()) begin_level();
  for (;;) {
    if (done_ == size_ && !next_level()) break;
    if (done_ == size_) continue;
    if (!may_execute()) break;
    execute();
    if (log_.stopped()) break;
    log_.save_if_due(*this);
    if (log_.is_time_to_say()) {
      log_.say(text(level_, level_ == 1 ? " deviation: " : " deviations: ", with_commas(done_),
                    " of ", with_commas(size_),
                    is_last_level() ? "" : text("; then ", with_commas(children_), " or more")));
    }
  }
  finish();
}

bool LevelWalk::may_execute() {
  if (log_.within_budget()) return true;
  if (!ask_for_rest_) return false;
  log_.set_budget(std::exchange(ask_for_rest_, nullptr)());
  return log_.within_budget();
}

std::size_t LevelWalk::later_starts() const {
  const auto later = std::find_if(starts_.begin(), starts_.end(), [this](const auto& start) {
    return start.deviations() > level_;
  });
  return static_cast<std::size_t>(starts_.end() - later);
}

bool LevelWalk::next_level() {
  if (is_last_level() || children_ + later_starts() == 0) return false;
  ++level_;
  parents_ = std::exchange(executed_, Frontier());
  begin_level();
  return true;
}

void LevelWalk::begin_level() {
  size_ = children_;
  for (const DecisionPrefix& start : starts_) size_ += start.deviations() == level_ ? 1 : 0;
  done_ = 0;
  children_ = 0;
  report_.levels.push_back(0);
  report_.level_sizes.push_back(size_);
  next_family();
}

void LevelWalk::next_family() {
  alternatives_ = 0;
  if (!parents_.empty()) {
    parents_.pop(parent_);
    child_ = parent_.path;
    child_.emplace_back(parent_.first_decision, 1);
    first_ = child_.back().decision + 1;
    return;
  }
  parent_.clear();
  child_.clear();
  if (next_start_ == starts_.size() || starts_[next_start_].deviations() != level_) {
    if (done_ == size_ || log_.stopped()) return;
    log_.record_nondeterminism(
        text("there are ", done_, " schedules with ", level_, " deviations, and not ", size_));
    return;
  }
  const DecisionPrefix& start = starts_[next_start_++];
  first_ = static_cast<std::uint32_t>(start.choices.size());
  for (std::uint32_t i = 0; i < first_; ++i) {
    if (start.choices[i] != 0) child_.emplace_back(i, start.choices[i]);
  }
}

void LevelWalk::execute() {
  PathChooser chooser(child_);
  runner_.run(&chooser);
  if (!chooser.followed() || !is_as_planned()) {
    log_.record_nondeterminism("a schedule made from an earlier execution could not be followed");
    return;
  }
  ++report_.levels.back();
  ++done_;
  count_children();
  chooser.rewind();
  log_.record(chooser);
  advance();
}

bool LevelWalk::is_as_planned() {
  const Execution& execution = runner_.execution();
  if (!has_parent()) {
    const std::vector<std::uint64_t>& states = starts_[next_start_ - 1].states;
    return states.size() <= execution.decisions() &&
           std::equal(states.begin(), states.end(), execution.states().begin());
  }
  const std::uint32_t decision = child_.back().decision;
  const std::uint64_t state = execution.states()[decision];
  if (alternatives_ == 0) {
    alternatives_ = execution.alternatives()[decision];
    state_ = state;
  }
  if (state != state_ || execution.alternatives()[decision] != alternatives_) return false;
  if (decision > parent_.first_decision && execution.states()[decision - 1] != state_before_) {
    return false;
  }
  return decision + 1 < parent_.decisions || short_state(state) == parent_.last_state_hash;
}

void LevelWalk::count_children() {
  const Execution& execution = runner_.execution();
  if (first_ == execution.decisions()) return;
  for (std::uint32_t i = first_; i < execution.decisions(); ++i) {
    children_ += execution.alternatives()[i] - 1;
  }
  if (is_last_level()) return;
  pushed_.path = child_;
  pushed_.first_decision = first_;
  pushed_.decisions = execution.decisions();
  pushed_.last_state_hash = short_state(execution.states().back());
  executed_.push(pushed_);
}

void LevelWalk::advance() {
  if (!has_parent()) return next_family();
  PathStep& last = child_.back();
  if (++last.choice < alternatives_) return;
  last = PathStep(last.decision + 1, 1);
  first_ = last.decision + 1;
  alternatives_ = 0;
  state_before_ = state_;
  if (last.decision == parent_.decisions) next_family();
}

void LevelWalk::finish() {
  while (report_.levels.size() > 1 && report_.level_sizes.back() == 0) {
    report_.levels.pop_back();
    report_.level_sizes.pop_back();
  }
  const std::size_t beyond = children_ + later_starts();
  report_.open_schedules = size_ - done_ + beyond;
  if (log_.stopped()) {
    report_.verdict = Verdict::stopped_at_failure;
  } else if (done_ != size_ || (beyond != 0 && !is_last_level())) {
    report_.verdict = Verdict::incomplete;
    log_.save(*this);
  } else {
    report_.bound = most_deviations();
    report_.verdict = beyond == 0 ? Verdict::complete : Verdict::complete_within_bound;
    if (beyond == 0) log_.whole_tree();
  }
}

}  // namespace

void search_levels(Runner& runner, Report& report) {
  LevelWalk(runner, report).run();
}

void search_levels(Runner& runner, Report& report, std::size_t first_budget,
                   absl::AnyInvocable<std::size_t() &&> rest) {
  LevelWalk walk(runner, report);
  walk.stop_to_ask(first_budget, std::move(rest));
  walk.run();
}

}  // namespace weft::sim::detail
