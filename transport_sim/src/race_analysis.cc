#include "race_analysis.h"

#include <algorithm>

namespace weft::sim::detail {
namespace {

void plan_all(ReductionFrame& frame) {
  std::fill(frame.planned.begin(), frame.planned.end(), std::uint8_t{1});
}

}  // namespace

void RaceAnalysis::analyse(std::size_t step) {
  order(step);
  plan_withdrawn(steps_[step]);
}

bool RaceAnalysis::depends(const RecordedStep& earlier, const RecordedStep& later) const {
  const Footprint& a = earlier.summary.footprint;
  const Footprint& b = later.summary.footprint;
  return a.is_everything() || b.is_everything() || a.conflicts_with(b);
}

// From the latest step back, so that what is in between is known: two steps race if they depend on
// each other and nothing in between orders them. What only the body's going on or its end needs is
// looked at last, because it orders nothing that the step itself does.
void RaceAnalysis::order(std::size_t step) {
  RecordedStep& later = steps_[step];
  later.before.assign(step / 64 + 1, 0);
  const RecordedStep::Enabled& chosen = later.chosen();
  for (std::size_t i = step; i-- > 0;) {
    if (later.happens_after(i)) continue;
    const bool follows = steps_[i].is_of(chosen.candidate.process) || i + 1 == chosen.since;
    if (!follows && !depends(steps_[i], later)) continue;
    if (!follows) reverse(i, step);
    put_before(i, later);
  }
  if (later.summary.footprint.passes()) {
    for (std::size_t i = step; i-- > 0;) {
      const Footprint& footprint = steps_[i].summary.footprint;
      if (later.summary.footprint.passes_after(footprint)) put_before(i, later);
    }
  }
  if (!later.ends_the_body) return;
  for (std::size_t i = step; i-- > 0;) {
    if (later.happens_after(i)) continue;
    reverse(i, step);
    put_before(i, later);
  }
}

void RaceAnalysis::put_before(std::size_t earlier, RecordedStep& later) const {
  later.before[earlier / 64] |= std::uint64_t{1} << (earlier % 64);
  const std::vector<std::uint64_t>& before = steps_[earlier].before;
  for (std::size_t word = 0; word < before.size(); ++word) later.before[word] |= before[word];
}

std::vector<std::uint32_t> RaceAnalysis::initials(std::size_t earlier, std::size_t later) const {
  std::vector<std::uint32_t> first;
  std::vector<std::size_t> between;
  for (std::size_t i = earlier + 1; i <= later; ++i) {
    const RecordedStep& step = steps_[i];
    if (i != later && step.happens_after(earlier)) continue;
    const bool is_first = std::none_of(between.begin(), between.end(),
                                       [&](std::size_t j) { return step.happens_after(j); });
    between.push_back(i);
    if (is_first) first.push_back(step.chosen().candidate.process);
  }
  return first;
}

void RaceAnalysis::reverse(std::size_t earlier, std::size_t later) {
  const RecordedStep& step = steps_[earlier];
  ReductionFrame& frame = stack_[step.frame];
  if (frame.is_fixed) return;
  const std::vector<std::uint32_t> first = initials(earlier, later);
  const auto is_first = [&](const RecordedStep::Enabled& enabled) {
    return std::find(first.begin(), first.end(), enabled.candidate.process) != first.end();
  };
  const std::uint32_t wanted = steps_[later].chosen().candidate.process;
  std::size_t pick = step.enabled.size();
  std::size_t sleeping = step.enabled.size();
  for (std::size_t i = 0; i < step.enabled.size(); ++i) {
    if (!is_first(step.enabled[i])) continue;
    if (frame.done[i] == 0 && frame.is_asleep(frame.labels[i])) {
      sleeping = i;
      continue;
    }
    if (frame.planned[i] != 0) return;
    const bool better = step.enabled[i].candidate.process == wanted;
    if (pick == step.enabled.size() || better) pick = i;
  }
  if (pick != step.enabled.size()) {
    frame.planned[pick] = 1;
  } else if (sleeping != step.enabled.size()) {
    plan_what_may_wake(step.enabled[sleeping].candidate, step, frame);
  } else {
    plan_all(frame);
  }
}

// A step that was possible before and is not after never happens, so nothing races with it.
void RaceAnalysis::plan_withdrawn(const RecordedStep& step) {
  ReductionFrame& frame = stack_[step.frame];
  if (frame.is_fixed || step.summary.disabled.empty()) return;
  for (std::size_t i = 0; i < step.enabled.size(); ++i) {
    const Candidate& candidate = step.enabled[i].candidate;
    if (i == step.choice || !step.summary.disables(candidate.label)) continue;
    if (frame.is_asleep(candidate.label)) {
      plan_what_may_wake(candidate, step, frame);
    } else {
      frame.planned[i] = 1;
    }
  }
}

// That it comes first is covered elsewhere; that something wakes it, and then it comes, is not.
// (Such a thing need not have been between: what a step touches may depend on what it reads, so a
// step that depends on it now may not have done so behind the one with which it raced.)
void RaceAnalysis::plan_what_may_wake(const Candidate& sleeping, const RecordedStep& step,
                                      ReductionFrame& frame) {
  for (std::size_t i = 0; i < step.enabled.size(); ++i) {
    const std::uint32_t domain = step.enabled[i].candidate.domain;
    const bool may =
        domains_cross_ || sleeping.domain == 0 || domain == 0 || domain == sleeping.domain;
    if (may) frame.planned[i] = 1;
  }
}

}  // namespace weft::sim::detail
