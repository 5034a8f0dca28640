#pragma once

#include <cstdint>
#include <vector>

#include "runner.h"
#include "weft/transport_sim/report.h"
#include "weft/transport_sim/shard.h"

namespace weft::sim::detail {

// The choices of the first decisions that some schedules have in common.
class DecisionPrefix {
 public:
  std::size_t deviations() const {
    std::size_t count = 0;
    for (const std::uint32_t choice : choices) count += choice != 0 ? 1 : 0;
    return count;
  }

  std::vector<std::uint32_t> choices;
  std::vector<std::uint64_t> states;  // at each of these decisions; see Decision
  std::uint64_t hash = 0;
  double weight = 1;      // the share of the tree of decisions that is below it
  bool is_whole = false;  // the schedule ends with it
};

// Every schedule has exactly one of these prefixes. In breadth-first order, which is the same for
// every part of a search.
class DecisionRegion {
 public:
  // Executes prefixes, which count for nothing, until there are enough.
  explicit DecisionRegion(Runner& runner);

  // Those of the part that the options name, and what its report says of the region. A search that
  // is not divided has one, which is empty, and plans nothing.
  static std::vector<DecisionPrefix> own_prefixes(Runner& runner, Report& report);

  const std::vector<DecisionPrefix>& prefixes() const { return prefixes_; }
  std::uint64_t hash() const;

 private:
  // The prefix with each alternative of its next decision; itself, as a whole, if it has none.
  std::vector<DecisionPrefix> expand(Runner& runner, const DecisionPrefix& prefix);

  std::vector<DecisionPrefix> prefixes_;
};

}  // namespace weft::sim::detail
