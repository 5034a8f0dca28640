#include "reduced_execution.h"

#include <algorithm>
#include <utility>

#include "weft/transport_sim/label.h"

namespace weft::sim::detail {

void ReducedExecution::run(std::size_t changed) {
  // What earlier executions had in common with this one is known.
  first_new_step_ = 0;
  while (first_new_step_ + 1 < step_count_ && steps_[first_new_step_ + 1].frame <= changed) {
    ++first_new_step_;
  }
  begin_execution();
  step_count_ = 0;
  first_values_.clear();
  frame_ = 0;
  chosen_.reset();
  blocked_ = lost_ = false;
  if (RecordedMemory::available()) {
    memory = &recorded_memory_;
    memory->begin_execution(footprint());
    memory->exempt(this, sizeof *this);
    RecordedMemory::current() = memory;
  }
  runner_.run(this, nullptr, this);
  RecordedMemory::current() = nullptr;
  if (lost_) return;
  if (!blocked_) finish_last_step();
  ever_crossed_ = ever_crossed_ || crosses();
  RaceAnalysis analysis(steps_, stack_, ever_crossed_);
  for (std::size_t step = first_new_step_; step < step_count_; ++step) analysis.analyse(step);
}

bool ReducedExecution::begin_step(std::span<const Candidate> candidates) {
  name(candidates);
  finish_step(labels_);
  const ReductionFrame* frame = followed(ReductionFrame::Kind::step, labels_);
  if (lost_) return false;
  if (frame == nullptr) {
    if (!add_step_frame(candidates)) return false;
    frame = &stack_.back();
  }
  remember_step(candidates, frame->choice);
  ++frame_;
  if (labels_.size() > 1) chosen_ = frame->choice;
  if (memory != nullptr) memory->begin_step(labels_[frame->choice], stack_of_step);
  return true;
}

// One that begin_step has taken, or a value for the program, every one of which is tried.
std::size_t ReducedExecution::choose(const Decision& decision) {
  if (chosen_.has_value()) return *std::exchange(chosen_, std::nullopt);
  if (lost_) return 0;
  const ReductionFrame* frame = followed(ReductionFrame::Kind::value, decision.labels);
  if (lost_) return 0;
  if (frame == nullptr) {
    ReductionFrame& added = add_frame(ReductionFrame::Kind::value, decision.labels);
    std::fill(added.planned.begin(), added.planned.end(), std::uint8_t{1});
    frame = &added;
  }
  ++frame_;
  if (step_count_ == 0) {
    first_values_.push_back(frame->choice);
  } else if (step_count_ > first_new_step_) {
    steps_[step_count_ - 1].values.push_back(frame->choice);
  }
  return frame->choice;
}

void ReducedExecution::name(std::span<const Candidate> candidates) {
  labels_.clear();
  for (const Candidate& candidate : candidates) {
    std::uint64_t label = candidate.label;
    for (std::uint64_t again = 1; std::find(labels_.begin(), labels_.end(), label) != labels_.end();
         ++again) {
      label = mix_hash(candidate.label, again);
    }
    labels_.push_back(label);
  }
}

ReductionFrame* ReducedExecution::followed(ReductionFrame::Kind kind,
                                           std::span<const std::uint64_t> labels) {
  if (frame_ == stack_.size()) return nullptr;
  ReductionFrame& frame = stack_[frame_];
  lost_ = frame.kind != kind ||
          !std::equal(labels.begin(), labels.end(), frame.labels.begin(), frame.labels.end());
  return lost_ ? nullptr : &frame;
}

ReductionFrame& ReducedExecution::add_frame(ReductionFrame::Kind kind,
                                            std::span<const std::uint64_t> labels) {
  ReductionFrame& frame = stack_.emplace_back();
  frame.kind = kind;
  frame.labels.assign(labels.begin(), labels.end());
  frame.planned.assign(labels.size(), 0);
  frame.done.assign(labels.size(), 0);
  return frame;
}

bool ReducedExecution::add_step_frame(std::span<const Candidate> candidates) {
  std::vector<StepSummary> asleep;
  if (step_count_ > 0) {
    const RecordedStep& before = steps_[step_count_ - 1];
    for (const StepSummary& step : stack_[before.frame].asleep) {
      if (independent(step, before.summary)) asleep.push_back(step);
    }
  }
  const auto is_asleep = [&](std::uint64_t label) {
    return std::any_of(asleep.begin(), asleep.end(),
                       [&](const StepSummary& step) { return step.label == label; });
  };
  const auto awake = std::find_if_not(labels_.begin(), labels_.end(), is_asleep);
  if (awake == labels_.end()) {
    blocked_ = true;
    return false;
  }
  ReductionFrame& frame = add_frame(ReductionFrame::Kind::step, labels_);
  frame.asleep = std::move(asleep);
  frame.choice = static_cast<std::uint32_t>(awake - labels_.begin());
  frame.planned[frame.choice] = 1;
  // Nothing makes a fault necessary, so each is tried wherever it can strike.
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].is_fault) frame.planned[i] = 1;
  }
  return true;
}

void ReducedExecution::remember_step(std::span<const Candidate> candidates, std::uint32_t choice) {
  const std::size_t number = step_count_++;
  if (number < first_new_step_) return;
  if (steps_.size() <= number) steps_.emplace_back();
  RecordedStep& step = steps_[number];
  step.frame = static_cast<std::uint32_t>(frame_);
  step.choice = choice;
  step.ends_the_body = false;
  step.values.clear();
  step.enabled.clear();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    RecordedStep::Enabled& enabled = step.enabled.emplace_back();
    enabled.candidate = candidates[i];
    enabled.candidate.label = labels_[i];
    enabled.since = static_cast<std::uint32_t>(number);
    if (number == 0) continue;
    const RecordedStep& before = steps_[number - 1];
    for (std::size_t j = 0; j < before.enabled.size(); ++j) {
      const bool same = before.enabled[j].candidate.process == candidates[i].process;
      if (same && j != before.choice) enabled.since = before.enabled[j].since;
    }
  }
}

void ReducedExecution::finish_step(std::span<const std::uint64_t> after) {
  if (step_count_ > first_new_step_) {
    RecordedStep& step = steps_[step_count_ - 1];
    StepSummary& summary = step.summary;
    summary.label = step.chosen().candidate.label;
    summary.footprint = footprint();
    summary.disabled.clear();
    for (std::size_t i = 0; i < step.enabled.size(); ++i) {
      const std::uint64_t label = step.enabled[i].candidate.label;
      if (i == step.choice || std::find(after.begin(), after.end(), label) != after.end()) continue;
      summary.disabled.push_back(label);
    }
    stack_[step.frame].taken.add(summary);
  }
  footprint().clear();
}

// Nothing can happen after it. If the body is over, that is because of whatever happened before.
void ReducedExecution::finish_last_step() {
  if (step_count_ == 0) return;
  finish_step({});
  const std::vector<Failure>& failures = runner_.execution().failures();
  steps_[step_count_ - 1].ends_the_body =
      std::none_of(failures.begin(), failures.end(),
                   [](const Failure& failure) { return failure.kind == FailureKind::hang; });
}

}  // namespace weft::sim::detail
