#include "sample_chooser.h"

#include <algorithm>
#include <utility>

namespace weft::sim::detail {

using Strategy = SamplingOptions::Strategy;

void SampleChooser::begin_run(std::size_t number) {
  random_ = RandomBits(mix_hash(options_.first_seed, number + 1));
  begin_execution();
  left_out_ = random_.next();
  most_steps_ = std::max(most_steps_, steps_);
  steps_ = 0;
  priorities_.clear();
  changes_.clear();
  for (std::size_t i = 1; i < options_.constraint_count; ++i) {
    changes_.push_back(random_.below(most_steps_));
  }
  taken_ = 0;
  chosen_.reset();
}

bool SampleChooser::begin_step(std::span<const Candidate> candidates) {
  learn();
  keep_allowed(candidates);
  const std::size_t choice = pick(candidates);
  taken_ = candidates[choice].label;
  taken_process_ = candidates[choice].process;
  if (candidates.size() > 1) chosen_ = choice;
  ++steps_;
  return true;
}

std::size_t SampleChooser::choose(const Decision& decision) {
  if (chosen_.has_value()) return *std::exchange(chosen_, std::nullopt);
  return random_.below(decision.labels.size());
}

void SampleChooser::keep_allowed(std::span<const Candidate> candidates) {
  allowed_.clear();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const bool left_out = options_.leaves_out_faults && candidates[i].is_fault &&
                          (mix_hash(left_out_, candidates[i].label) >> 32 & 1) != 0;
    if (!left_out) allowed_.push_back(i);
  }
}

std::size_t SampleChooser::pick(std::span<const Candidate> candidates) {
  switch (options_.drawn_by) {
    case Strategy::random_walk:
      return allowed_[random_.below(allowed_.size())];
    case Strategy::partial_order:
      // The source has another event now, and what may race with its last one draws again.
      priorities_.erase(taken_process_);
      for (const Candidate& candidate : candidates) {
        if (taken_ != 0 && may_race(candidate.label)) priorities_.erase(candidate.process);
      }
      return highest(candidates);
    case Strategy::priorities:
      for (std::size_t i = 0; i < changes_.size(); ++i) {
        // Lower than any that was drawn, and lower with each change.
        if (changes_[i] == steps_) priority_of(taken_process_) = changes_.size() - i;
      }
      return highest(candidates);
  }
  return 0;
}

std::size_t SampleChooser::highest(std::span<const Candidate> candidates) {
  std::size_t best = allowed_.front();
  for (const std::size_t i : allowed_) {
    if (priority_of(candidates[i].process) > priority_of(candidates[best].process)) best = i;
  }
  return best;
}

std::uint64_t& SampleChooser::priority_of(std::uint32_t process) {
  const auto [found, is_new] = priorities_.try_emplace(process, 0);
  if (is_new) found->second = random_.next() | std::uint64_t{1} << 63;
  return found->second;
}

// What a step touches is known when it was taken once.
void SampleChooser::learn() {
  if (taken_ != 0) known_[taken_] = footprint();
  footprint().clear();
}

bool SampleChooser::may_race(std::uint64_t label) const {
  const auto taken = known_.find(taken_);
  const auto other = known_.find(label);
  if (taken == known_.end() || other == known_.end()) return true;
  return taken->second.conflicts_with(other->second);
}

}  // namespace weft::sim::detail
