#pragma once

#include <cstdint>
#include <vector>

#include "weft/transport_sim/detail/footprint.h"

namespace weft::sim::detail {

// A step as the sleep sets know it: what it was called, what it touched, and what could not happen
// any more once it had.
class StepSummary {
 public:
  std::uint64_t label = 0;
  Footprint footprint;
  std::vector<std::uint64_t> disabled;  // labels

  bool disables(std::uint64_t other) const {
    for (const std::uint64_t one : disabled) {
      if (one == other) return true;
    }
    return false;
  }
  void add(const StepSummary& other);

  template <class Archive>
  void archive(Archive& archive) {
    archive(label, footprint, disabled);
  }
};

// Whether two steps that are possible at the same moment give the same, whichever is first.
bool independent(const StepSummary& a, const StepSummary& b);

// One moment on the path of a reduced search at which something is chosen: the step that happens
// next, or a value that the program asks for. The stack of these is all that the search knows of
// where it is: plain values, so that they can be written down and read again.
class ReductionFrame {
 public:
  enum class Kind : std::uint8_t { step, value };

  Kind kind = Kind::step;
  bool is_fixed = false;              // belongs to the prefix of a shard: nothing is added here
  std::uint32_t choice = 0;           // of the alternatives, which are in the default order
  std::vector<std::uint64_t> labels;  // one for each alternative
  std::vector<std::uint8_t> planned;  // to be explored, or explored
  std::vector<std::uint8_t> done;     // explored
  std::vector<StepSummary> asleep;    // explored elsewhere, as long as nothing wakes them
  StepSummary taken;                  // what the choice did, in all executions so far

  // The choice is explored. Whether there is another one to be explored, which is chosen then.
  bool take_next();

  template <class Archive>
  void archive(Archive& archive) {
    archive(kind, is_fixed, choice, labels, planned, done, asleep, taken);
  }

  bool is_asleep(std::uint64_t label) const {
    for (const StepSummary& step : asleep) {
      if (step.label == label) return true;
    }
    return false;
  }
};

// A part of a reduced search that is still to be explored: its path, whose frames are fixed up to
// some point.
using ReductionStack = std::vector<ReductionFrame>;

}  // namespace weft::sim::detail
