// From a failing execution to the simplest one that fails in the same way, and why it does.

#include <chrono>
#include <optional>

#include "search.h"
#include "weft/transport/detail/text.h"

namespace weft::sim::detail {
namespace {

constexpr std::size_t most_runs = 2000;
constexpr std::chrono::seconds most_time(5);
constexpr int confirmations = 3;

class Shrinker {
 public:
  Shrinker(Runner& runner, const Failure& failure)
      : runner_(runner), failure_(failure), begin_(std::chrono::steady_clock::now()) {}

  // Whether this schedule, as far as it can be followed, fails in the same way; then it is in
  // found().
  bool fails(const Schedule& schedule) {
    if (exhausted()) return false;
    for (const bool aligned : {false, true}) {
      ++runs_;
      ScheduleChooser chooser(schedule, aligned);
      runner_.run(&chooser);
      if (!fails_alike()) continue;
      found_ = runner_.execution().schedule();
      return true;
    }
    return false;
  }

  const Schedule& found() const { return found_; }
  bool exhausted() {
    const auto spent = std::chrono::steady_clock::now() - begin_;
    if (runs_ >= most_runs || spent > most_time) was_exhausted_ = true;
    return was_exhausted_;
  }
  bool was_exhausted() const { return was_exhausted_; }

  bool fails_alike() {
    for (const Failure& failure : runner_.execution().failures()) {
      if (failure.same_as(failure_)) return true;
    }
    return false;
  }

  // Drops deviations, the later ones first, until every one that is left is needed.
  Schedule drop(Schedule schedule) {
    for (bool changed = true; changed && !exhausted();) {
      changed = false;
      for (std::size_t i = schedule.size(); i-- > 0;) {
        Schedule without = schedule;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        if (!fails(without) || found_.size() >= schedule.size()) continue;
        schedule = found_;
        changed = true;
        break;
      }
    }
    return schedule;
  }

  // Takes nearer alternatives where they fail as well.
  Schedule soften(Schedule schedule) {
    for (std::size_t i = 0; i < schedule.size(); ++i) {
      for (std::uint32_t choice = 1; choice < schedule[i].choice && !exhausted(); ++choice) {
        if (!fails_with_choice(schedule, i, choice)) continue;
        schedule = found_;
        break;
      }
    }
    return schedule;
  }

 private:
  // By index, because the label of that alternative is not known before.
  class IndexChooser final : public Chooser {
   public:
    IndexChooser(const Schedule& schedule, std::size_t changed, std::uint32_t choice)
        : schedule_(schedule), changed_(changed), choice_(choice) {}
    std::size_t choose(const Decision& decision) override {
      if (next_ == schedule_.size() || schedule_[next_].decision != decision.number) return 0;
      const std::size_t choice = next_ == changed_ ? choice_ : schedule_[next_].choice;
      ++next_;
      return choice < decision.labels.size() ? choice : 0;
    }

   private:
    const Schedule& schedule_;
    std::size_t changed_;
    std::uint32_t choice_;
    std::size_t next_ = 0;
  };

  bool fails_with_choice(const Schedule& schedule, std::size_t i, std::uint32_t choice) {
    ++runs_;
    IndexChooser chooser(schedule, i, choice);
    runner_.run(&chooser);
    if (!fails_alike() || runner_.execution().schedule().size() > schedule.size()) return false;
    found_ = runner_.execution().schedule();
    return true;
  }

  Runner& runner_;
  const Failure& failure_;
  std::chrono::steady_clock::time_point begin_;
  std::size_t runs_ = 0;
  bool was_exhausted_ = false;
  Schedule found_;
};

// The order that each deviation stands for: what was chosen came before what the default was.
std::vector<OrderingFact> facts_of(const Trace& trace) {
  std::vector<OrderingFact> facts;
  for (const TraceStep& step : trace.steps) {
    if (step.is_deviation()) facts.emplace_back(step.label(), step.alternatives[0]);
  }
  return facts;
}

// The schedule without its last deviation that passes.
std::optional<Trace> nearest_passing(Runner& runner, const Schedule& schedule) {
  for (std::size_t i = schedule.size(); i-- > 0;) {
    Schedule without = schedule;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    Trace trace;
    ScheduleChooser chooser(without);
    runner.run(&chooser, &trace);
    if (!runner.failed()) return trace;
  }
  return std::nullopt;
}

}  // namespace

Counterexample explain(Runner& runner) {
  Counterexample example;
  const Schedule found = runner.execution().schedule();
  const Failure failure = runner.execution().failures().front();
  example.found_with_deviations = found.size();
  Shrinker shrinker(runner, failure);
  Schedule simplest = shrinker.soften(shrinker.drop(found));
  example.shrinking_was_cut_short = shrinker.was_exhausted();
  std::optional<std::uint64_t> hash;
  for (int i = 0; i < confirmations; ++i) {
    ScheduleChooser chooser(simplest);
    runner.run(&chooser);
    const bool same = !hash.has_value() || *hash == runner.execution().hash();
    hash = runner.execution().hash();
    if (!same || !shrinker.fails_alike()) example.deterministic = false;
  }
  describe(runner, simplest, example);
  if (example.failures.empty()) example.failures.push_back(failure);
  return example;
}

void describe(Runner& runner, const Schedule& schedule, Counterexample& example) {
  ScheduleChooser chooser(schedule);
  runner.run(&chooser, &example.trace);
  example.schedule = runner.execution().schedule();
  example.token = runner.token();
  example.failures = runner.execution().failures();
  example.facts = facts_of(example.trace);
  example.nearest_passing = nearest_passing(runner, example.schedule);
}

}  // namespace weft::sim::detail
