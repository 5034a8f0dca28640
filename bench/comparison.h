#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "client.h"

namespace weft::bench {

// What one client did in all rounds of a workload, warm-up left out.
class Tally {
 public:
  // Does `ops` operations and adds what they took; gives the seconds.
  double run(Client& client, const Workload& workload, int ops);

  double batches_per_op() const { return static_cast<double>(batches_) / ops_; }
  double allocations_per_op() const { return static_cast<double>(allocations_) / ops_; }

 private:
  double ops_ = 0;
  std::uint64_t batches_ = 0;
  std::uint64_t allocations_ = 0;
};

// Runs a workload with both clients, round by round, as one benchmark. Its time is Weft's; its
// counters compare with raw core: the ratio of the two times of a round, as median, quartiles and
// extremes over the rounds, and batches and allocations per operation.
//
// The clients alternate, and whoever was first in one round is second in the next, so that what the
// machine does meanwhile hits both.
void compare(benchmark::State& state, const Workload& workload, Client& core, Client& weft);

}  // namespace weft::bench
