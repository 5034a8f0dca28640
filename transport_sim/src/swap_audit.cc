#include "swap_audit.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "weft/transport/detail/text.h"
#include "weft/transport_sim/label.h"

namespace weft::sim::detail {

// Takes steps by their labels, and the values that each asks for. Stops at the first that is not
// there.
class SwapAudit::LabelFollower final : public Chooser, public StepRecorder {
 public:
  class Planned {
   public:
    std::uint64_t label = 0;
    std::vector<std::uint32_t> values;
  };

  explicit LabelFollower(std::vector<Planned> plan) : plan_(std::move(plan)) { begin_execution(); }

  bool begin_step(std::span<const Candidate> candidates) override {
    footprint().clear();
    value_ = 0;
    if (step_ == plan_.size()) return lose();
    std::vector<std::uint64_t> labels;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      std::uint64_t label = candidates[i].label;
      for (std::uint64_t again = 1; std::find(labels.begin(), labels.end(), label) != labels.end();
           ++again) {
        label = mix_hash(candidates[i].label, again);
      }
      labels.push_back(label);
    }
    const auto found = std::find(labels.begin(), labels.end(), plan_[step_].label);
    if (found == labels.end()) return lose();
    ++step_;
    chosen_ = static_cast<std::size_t>(found - labels.begin());
    asked_ = candidates.size() == 1;
    return true;
  }
  std::size_t choose(const Decision& decision) override {
    if (!std::exchange(asked_, true)) return chosen_;
    const std::vector<std::uint32_t>& values = step_ == 0 ? first_values_ : plan_[step_ - 1].values;
    if (value_ >= values.size() || values[value_] >= decision.labels.size()) {
      lost_ = true;
      return 0;
    }
    return values[value_++];
  }
  // Values that the body asks for before the first step.
  void begin_with(std::vector<std::uint32_t> values) { first_values_ = std::move(values); }

  bool followed_all() const { return !lost_ && step_ == plan_.size(); }

 private:
  bool lose() {
    lost_ = true;
    return false;
  }

  std::vector<Planned> plan_;
  std::vector<std::uint32_t> first_values_;
  std::size_t step_ = 0;
  std::size_t value_ = 0;
  std::size_t chosen_ = 0;
  bool asked_ = true;
  bool lost_ = false;
};

std::size_t SwapAudit::find_pair(std::span<const RecordedStep> steps) {
  if (steps.size() < 2) return steps.size();
  const std::size_t pairs = steps.size() - 1;
  const std::size_t from = (swaps_ * 7) % pairs;  // another place each time
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::size_t at = (from + i) % pairs;
    const RecordedStep& a = steps[at];
    const RecordedStep& b = steps[at + 1];
    const bool needs = b.ends_the_body && !b.summary.footprint.passes_after(a.summary.footprint);
    // What happens last takes the possibility of a fault with it.
    const bool ordered = needs || a.chosen().candidate.is_fault || b.chosen().since == at + 1 ||
                         b.is_of(a.chosen().candidate.process);
    if (!ordered && independent(a.summary, b.summary)) return at;
  }
  return steps.size();
}

std::string SwapAudit::check(std::span<const RecordedStep> steps,
                             const std::vector<std::uint32_t>& first_values, std::uint64_t digest) {
  const std::size_t at = find_pair(steps);
  if (at == steps.size()) return {};
  ++swaps_;
  const Execution& execution = runner_.execution();
  const std::string outcome = execution.outcome;
  const std::string token = runner_.token();
  const Schedule schedule = execution.schedule();
  std::vector<LabelFollower::Planned> plan;
  for (const RecordedStep& step : steps) {
    plan.emplace_back().label = step.summary.label;
    plan.back().values = step.values;
  }
  std::swap(plan[at], plan[at + 1]);
  LabelFollower follower(std::move(plan));
  follower.begin_with(first_values);
  runner_.run(&follower, nullptr, &follower);
  const bool same = follower.followed_all() && !runner_.failed() &&
                    runner_.execution().outcome == outcome && runner_.execution().digest == digest;
  const std::string other_token = runner_.token();
  const std::string other = follower.followed_all() ? runner_.execution().outcome
                                                    : "another order of events is possible then";
  Trace trace;
  ScheduleChooser again(schedule);
  if (!same) runner_.run(&again, &trace);  // for the names of its steps
  if (same) return {};
  std::vector<std::string> names;
  for (const TraceStep& step : trace.steps) {
    if (!step.label().starts_with("choose ") && step.label() != "body.start") {
      names.push_back(step.label());
    }
  }
  const auto name = [&](std::size_t i) { return i < names.size() ? names[i] : "?"; };
  return weft::detail::text("undeclared dependence between step ", name(at), " and step ",
                            name(at + 1), ": in this order the outcome is \"", outcome, "\" (",
                            token, "), in the other \"", other, "\" (", other_token, ")");
}

}  // namespace weft::sim::detail
