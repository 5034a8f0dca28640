#pragma once

#include <cstdint>
#include <vector>

#include "reduction_frame.h"
#include "runner.h"
#include "weft/transport_sim/report.h"
#include "weft/transport_sim/shard.h"

namespace weft::sim::detail {

// Where the parts of a reduced search begin. Within the region everything that is possible and not
// asleep is planned, and sleeps as if siblings were explored in their order.
class ReductionRegion {
 public:
  // Those of the part that the options name, and what its report says of the region. A search that
  // is not divided has one, which is empty, and plans nothing.
  static std::vector<ReductionStack> own_stacks(Runner& runner, Report& report);

 private:
  class Node {
   public:
    ReductionStack stack;
    std::uint64_t hash = 0;
    bool is_whole = false;  // nothing can be chosen behind it
  };

  explicit ReductionRegion(Runner& runner);

  std::vector<Node> expand(const Node& node);
  // The steps that the next frame has a choice of, each with what it does in all its variants.
  StepSummary summary_of(const ReductionStack& stack);

  Runner& runner_;
  std::vector<Node> nodes_;
};

}  // namespace weft::sim::detail
