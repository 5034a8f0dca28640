#pragma once

#include <cstdint>
#include <vector>

#include "reduction_frame.h"
#include "weft/transport_sim/detail/step_recorder.h"

namespace weft::sim::detail {

// One step of an execution, with what was possible then.
class RecordedStep {
 public:
  // Something that could have happened instead, or did.
  class Enabled {
   public:
    Candidate candidate;
    std::uint32_t since = 0;  // the step that made it possible, plus one; 0: the beginning
  };

  std::uint32_t frame = 0;   // on the stack
  std::uint32_t choice = 0;  // of the enabled
  std::vector<Enabled> enabled;
  std::vector<std::uint32_t> values;  // that the program has asked for in it
  StepSummary summary;
  bool ends_the_body = false;

  const Enabled& chosen() const { return enabled[choice]; }
  bool is_of(std::uint32_t process) const { return chosen().candidate.process == process; }

  // Filled by RaceAnalysis: which steps happen before this one, one bit for each.
  std::vector<std::uint64_t> before;
  bool happens_after(std::size_t step) const { return (before[step / 64] >> (step % 64) & 1) != 0; }
};

// Finds out what must be tried elsewhere because of what happened: the races of source-DPOR and
// what was withdrawn. Adds it to the frames.
class RaceAnalysis {
 public:
  // `domains_cross`: they have more in common than what everybody has with World.
  RaceAnalysis(std::vector<RecordedStep>& steps, ReductionStack& stack, bool domains_cross)
      : steps_(steps), stack_(stack), domains_cross_(domains_cross) {}

  // Of the step and those before it, which have been analysed.
  void analyse(std::size_t step);

 private:
  void order(std::size_t step);
  void put_before(std::size_t earlier, RecordedStep& later) const;
  bool depends(const RecordedStep& earlier, const RecordedStep& later) const;
  void reverse(std::size_t earlier, std::size_t later);
  // Whether the later step, or one between that does not follow from the earlier one, can come
  // first of them: by process.
  std::vector<std::uint32_t> initials(std::size_t earlier, std::size_t later) const;
  void plan_withdrawn(const RecordedStep& step);
  void plan_what_may_wake(const Candidate& sleeping, const RecordedStep& step,
                          ReductionFrame& frame);

  std::vector<RecordedStep>& steps_;
  ReductionStack& stack_;
  bool domains_cross_;
};

}  // namespace weft::sim::detail
