#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "race_analysis.h"
#include "runner.h"

namespace weft::sim::detail {

// Looks at executions of a reduced search: swaps two steps that follow each other and are said to
// have nothing in common, and compares. A difference means that they have, and that schedules may
// be missing.
class SwapAudit {
 public:
  // After `swaps` of an earlier process.
  explicit SwapAudit(Runner& runner, std::size_t swaps = 0) : runner_(runner), swaps_(swaps) {}

  // Of the execution that the runner has just made, whose steps these are. What is wrong, or
  // nothing. Uses the runner.
  std::string check(std::span<const RecordedStep> steps,
                    const std::vector<std::uint32_t>& first_values, std::uint64_t digest);
  std::size_t swaps() const { return swaps_; }

 private:
  class LabelFollower;

  // Of the first of two that may be swapped; the number of steps if there are none.
  std::size_t find_pair(std::span<const RecordedStep> steps);

  Runner& runner_;
  std::size_t swaps_;
};

}  // namespace weft::sim::detail
