#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "race_analysis.h"
#include "reduction_frame.h"
#include "runner.h"

namespace weft::sim::detail {

// Executions of a reduced search: each follows the stack as far as it goes, and goes on with what
// comes first and is not asleep, which the stack remembers.
class ReducedExecution final : public Chooser, public StepRecorder {
 public:
  ReducedExecution(Runner& runner, ReductionStack& stack) : runner_(runner), stack_(stack) {}

  // Executes, and adds what it found out to the frames. `changed`: the first frame that is not what
  // it was in the execution before.
  void run(std::size_t changed);
  // It ended because everything that could happen was asleep.
  bool blocked() const { return blocked_; }
  // It found something else than the stack says.
  bool lost() const { return lost_; }

  std::span<const RecordedStep> steps() const { return {steps_.data(), step_count_}; }
  // That the program has asked for before its first step.
  const std::vector<std::uint32_t>& first_values() const { return first_values_; }

  // --- for the world ---
  bool begin_step(std::span<const Candidate> candidates) override;
  std::size_t choose(const Decision& decision) override;

 private:
  // The labels of the candidates; equal ones are told apart.
  void name(std::span<const Candidate> candidates);
  // The stack's frame for this moment, if there is one; null at its end, or if it is another's.
  ReductionFrame* followed(ReductionFrame::Kind kind, std::span<const std::uint64_t> labels);
  ReductionFrame& add_frame(ReductionFrame::Kind kind, std::span<const std::uint64_t> labels);
  // False if everything is asleep.
  bool add_step_frame(std::span<const Candidate> candidates);
  void remember_step(std::span<const Candidate> candidates, std::uint32_t choice);
  // `after`: what can happen then.
  void finish_step(std::span<const std::uint64_t> after);
  void finish_last_step();

  Runner& runner_;
  ReductionStack& stack_;
  RecordedMemory recorded_memory_;
  std::vector<RecordedStep> steps_;  // may be more than there are: their memory is used again
  std::size_t step_count_ = 0;
  std::size_t first_new_step_ = 0;
  std::vector<std::uint32_t> first_values_;
  std::size_t frame_ = 0;                // the next one
  std::vector<std::uint64_t> labels_;    // of the candidates
  std::optional<std::uint32_t> chosen_;  // what the world will ask for
  bool blocked_ = false;
  bool lost_ = false;
  bool ever_crossed_ = false;
};

}  // namespace weft::sim::detail
