#include "search.h"

#include <utility>

#include "decision_region.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/label.h"

namespace weft::sim::detail {
namespace {

// Executions that run twice: all of the first ones, then one in so many.
constexpr std::size_t first_checked = 3;
constexpr std::size_t checked_every = 64;
// A clock is looked at once in so many executions.
constexpr std::size_t clock_every = 256;

}  // namespace

SearchLog::SearchLog(Runner& runner, Report& report)
    : runner_(runner),
      report_(report),
      begin_(std::chrono::steady_clock::now()),
      last_line_(begin_) {}

bool SearchLog::record(Chooser& chooser_again) {
  Execution& execution = runner_.execution();
  ++report_.executions;
  report_.steps += execution.steps;
  report_.bounded_timers += execution.bounded_timers;
  for (const auto& [name, seen] : execution.sometimes) {
    bool& ever = report_.sometimes[name];
    ever = ever || seen;
  }
  if (execution.expected_schedules != 0) report_.expected = execution.expected_schedules;
  remember_outcome();
  if (runner_.failed()) {
    ++report_.failed_executions;
    if (!report_.counterexample.has_value()) report_.counterexample = explain(runner_);
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
  const std::string& text = failed.empty() ? runner_.execution().outcome : failed;
  Outcome& outcome = report_.outcomes[text];
  if (outcome.count++ == 0) outcome.example = runner_.token();
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
  record_nondeterminism(weft::detail::text(
      "two runs of one schedule differ from decision ", first, " on (of ", states.size(), " and ",
      execution.states().size(), "); outcomes: \"", outcome, "\" and \"", execution.outcome, "\""));
}

void SearchLog::record_nondeterminism(const std::string& how) {
  report_.problems.push_back(weft::detail::text(
      "nondeterminism: ", how,
      "\n  Something outlives an execution (a static, a global, an object captured by the body), "
      "or "
      "the program uses addresses, hash order, threads, time or randomness of the real world."));
  stopped_ = true;
}

void SearchLog::record_problem(std::string problem) {
  report_.problems.push_back(std::move(problem));
  stopped_ = true;
}

bool SearchLog::within_budget() const {
  const ExploreOptions& options = runner_.options();
  if (report_.executions + report_.blocked_executions >= options.executions_max()) return false;
  if (options.real_time_max() == absl::InfiniteDuration()) return true;
  if (report_.executions % clock_every != 0) return true;
  const auto spent = std::chrono::steady_clock::now() - begin_;
  return absl::FromChrono(spent) < options.real_time_max();
}

void SearchLog::say(std::size_t level, std::size_t done, std::size_t known) {
  const auto& line = runner_.options().progress_line;
  if (!line || report_.executions % clock_every != 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_line_ < std::chrono::seconds(1)) return;
  last_line_ = now;
  line(weft::detail::text(report_.test_name, ": ", level, level == 1 ? " deviation" : " deviations",
                          ": ", done, " of ", known, " schedules; ", report_.executions,
                          " in all"));
}

namespace {

// One schedule of a level: its parent's, with one more deviation.
class WorkItem {
 public:
  WorkItem(std::uint32_t parent_item, std::uint32_t at_decision, std::uint32_t alternative,
           std::uint64_t expected_state)
      : parent(parent_item), decision(at_decision), choice(alternative), state(expected_state) {}

  std::uint32_t parent;
  std::uint32_t decision;
  std::uint32_t choice;
  std::uint64_t state;  // of the parent at this decision; the child must get there
};

// The schedules of one level that have a prefix in common and nothing else: where the walk begins.
class LevelStart {
 public:
  LevelStart(std::uint32_t its_item, std::uint32_t its_first_decision)
      : item(its_item), first_decision(its_first_decision) {}

  std::uint32_t item;
  std::uint32_t first_decision;  // behind the prefix
};

// Follows a work item. Its own deviation is taken only in the state in which it was planned.
class ItemChooser final : public Chooser {
 public:
  void follow(const std::vector<WorkItem>& items, std::uint32_t item) {
    path_.clear();
    for (std::uint32_t i = item; i != 0; i = items[i].parent) path_.push_back(&items[i]);
    rewind();
  }
  void rewind() {
    next_ = path_.size();
    lost_ = false;
  }

  std::size_t choose(const Decision& decision) override {
    if (next_ == 0 || path_[next_ - 1]->decision != decision.number) return 0;
    const WorkItem& item = *path_[--next_];
    if (item.state == decision.state && item.choice < decision.labels.size()) return item.choice;
    lost_ = true;
    return 0;
  }

  // Whether all of it could be followed.
  bool followed() const { return next_ == 0 && !lost_; }

 private:
  std::vector<const WorkItem*> path_;  // the last deviation first
  std::size_t next_ = 0;
  bool lost_ = false;
};

// The last of the items that the prefix's deviations are.
std::uint32_t add_prefix(const DecisionPrefix& prefix, std::vector<WorkItem>& items) {
  std::uint32_t item = 0;
  for (std::uint32_t decision = 0; decision < prefix.choices.size(); ++decision) {
    if (prefix.choices[decision] == 0) continue;
    items.emplace_back(item, decision, prefix.choices[decision], prefix.states[decision]);
    item = static_cast<std::uint32_t>(items.size() - 1);
  }
  return item;
}

// The children of the execution that the runner has just made: one more deviation, later. How many
// were not kept, because there is no next level.
std::size_t add_children(Runner& runner, const LevelStart& parent, std::vector<WorkItem>& items,
                         std::vector<LevelStart>* next) {
  const Execution& execution = runner.execution();
  std::size_t count = 0;
  for (std::uint32_t at = parent.first_decision; at < execution.decisions(); ++at) {
    const std::uint32_t alternatives = execution.alternatives()[at];
    if (next == nullptr) {
      count += alternatives - 1;
      continue;
    }
    for (std::uint32_t choice = 1; choice < alternatives; ++choice) {
      items.emplace_back(parent.item, at, choice, execution.states()[at]);
      next->emplace_back(static_cast<std::uint32_t>(items.size() - 1), at + 1);
    }
  }
  return count;
}

}  // namespace

void search_levels(Runner& runner, Report& report) {
  SearchLog log(runner, report);
  std::vector<WorkItem> items;
  items.emplace_back(0, 0, 0, 0);  // the default schedule
  // By level: prefixes with so many deviations.
  std::vector<std::vector<LevelStart>> starts;
  for (const DecisionPrefix& prefix : DecisionRegion::own_prefixes(runner, report)) {
    const std::size_t level = prefix.deviations();
    if (starts.size() <= level) starts.resize(level + 1);
    starts[level].emplace_back(add_prefix(prefix, items),
                               static_cast<std::uint32_t>(prefix.choices.size()));
  }
  std::vector<LevelStart> open;
  ItemChooser chooser;
  std::size_t beyond = 0;  // schedules with more deviations than allowed
  for (std::size_t level = 0; level < starts.size() || !open.empty(); ++level) {
    std::vector<LevelStart> now = std::exchange(open, {});
    if (level < starts.size()) now.insert(now.end(), starts[level].begin(), starts[level].end());
    if (level > runner.options().deviations_max()) {
      beyond += now.size();
      continue;
    }
    const bool last = level >= runner.options().deviations_max();
    report.levels.push_back(0);
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (!log.within_budget() || log.stopped()) {
        report.open_schedules = now.size() - i + open.size() + beyond;
        report.verdict = log.stopped() ? Verdict::stopped_at_failure : Verdict::incomplete;
        return;
      }
      chooser.follow(items, now[i].item);
      runner.run(&chooser);
      if (!chooser.followed()) {
        log.record_nondeterminism(
            "a schedule made from an earlier execution could not be followed");
        continue;
      }
      ++report.levels.back();
      beyond += add_children(runner, now[i], items, last ? nullptr : &open);
      chooser.follow(items, now[i].item);
      log.record(chooser);
      log.say(level, i + 1, now.size());
    }
  }
  while (report.levels.size() > 1 && report.levels.back() == 0) report.levels.pop_back();
  report.bound = runner.options().deviations_max();
  report.open_schedules = beyond;
  report.verdict = log.stopped() ? Verdict::stopped_at_failure
                   : beyond == 0 ? Verdict::complete
                                 : Verdict::complete_within_bound;
}

namespace {

class StackChooser final : public Chooser {
 public:
  explicit StackChooser(const std::vector<std::uint32_t>& stack) : stack_(stack) {}
  std::size_t choose(const Decision& decision) override {
    return decision.number < stack_.size() ? stack_[decision.number] : 0;
  }

 private:
  const std::vector<std::uint32_t>& stack_;
};

// Everything that begins with the prefix; false if the search is over before that.
bool search_below(const DecisionPrefix& prefix, Runner& runner, Report& report, SearchLog& log) {
  std::vector<std::uint32_t> stack = prefix.choices;  // the choice of each decision
  StackChooser chooser(stack);
  for (;;) {
    if (!log.within_budget()) {
      report.open_schedules = 1;
      return false;
    }
    runner.run(&chooser);
    const std::size_t deviations = runner.execution().schedule().size();
    if (report.levels.size() <= deviations) report.levels.resize(deviations + 1);
    ++report.levels[deviations];
    const std::vector<std::uint32_t> alternatives = runner.execution().alternatives();
    if (!log.record(chooser)) return false;
    log.say(deviations, report.executions, report.executions);
    // The next one: the last decision that has another alternative takes it.
    stack.resize(alternatives.size(), 0);
    while (stack.size() > prefix.choices.size() &&
           stack.back() + 1 >= alternatives[stack.size() - 1]) {
      stack.pop_back();
    }
    if (stack.size() == prefix.choices.size()) return true;
    ++stack.back();
  }
}

}  // namespace

void search_brute_force(Runner& runner, Report& report) {
  SearchLog log(runner, report);
  for (const DecisionPrefix& prefix : DecisionRegion::own_prefixes(runner, report)) {
    if (search_below(prefix, runner, report, log)) continue;
    report.verdict = log.stopped() ? Verdict::stopped_at_failure : Verdict::incomplete;
    return;
  }
  report.verdict = log.stopped() ? Verdict::stopped_at_failure : Verdict::complete;
}

}  // namespace weft::sim::detail
