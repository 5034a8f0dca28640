#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace weft::sim {

// How a sample of schedules is drawn. A seed gives the same sample on every machine; each
// schedule's token replays it alone.
class SamplingOptions {
 public:
  enum class Strategy {
    // Each alternative of each decision with the same probability.
    random_walk,
    // Partial order sampling: every event has a random priority, the highest happens, and what may
    // race with it gets new priorities. Nearer to uniform over orders that matter.
    partial_order,
    // Probabilistic concurrency testing: actors have random priorities, which change at a few
    // random moments: `depth` less one. Finds a failure that needs `depth` ordering constraints
    // with a probability that is known.
    priorities,
  };

  SamplingOptions() = default;

  SamplingOptions& strategy(Strategy how) {
    drawn_by = how;
    return *this;
  }
  // Executions. Default 1,000.
  SamplingOptions& runs(std::size_t count) {
    run_count = count;
    return *this;
  }
  // Default: a fixed one, so that a test that passes goes on passing.
  SamplingOptions& seed(std::uint64_t value) {
    first_seed = value;
    return *this;
  }
  // Of Strategy::priorities. Default 3.
  SamplingOptions& depth(std::size_t constraints) {
    constraint_count = constraints;
    return *this;
  }
  // Swarm: each run leaves out a random subset of the faults of the world, so that the rest have
  // room.
  SamplingOptions& swarm(bool on = true) {
    leaves_out_faults = on;
    return *this;
  }

  // "POS, seed 1, 1000 runs"
  std::string to_string() const;

  Strategy drawn_by = Strategy::partial_order;
  std::size_t run_count = 1'000;
  std::uint64_t first_seed = 1;
  std::size_t constraint_count = 3;
  bool leaves_out_faults = false;
};

}  // namespace weft::sim
