#pragma once

#include <cstddef>
#include <string>

#include "absl/time/time.h"

namespace weft::sim {

// The bounds of a simulated world. They are part of what a schedule means: a token carries a hash
// of them.
class WorldOptions {
 public:
  WorldOptions() = default;

  // How often in a row a chain of timers (each armed when the one before it fired) may overtake the
  // network. Beyond that its timers fire only when nothing else can happen. Keeps orders finite for
  // programs that poll, keep alive or back off. Default 3.
  WorldOptions& timer_bound(std::size_t firings) {
    most_early_firings = firings;
    return *this;
  }
  // Steps after which an execution counts as endless. Default 10,000.
  WorldOptions& step_bound(std::size_t steps) {
    most_steps = steps;
    return *this;
  }
  // Tasks after which a single step counts as endless. Default 100,000.
  WorldOptions& task_bound(std::size_t tasks) {
    most_tasks = tasks;
    return *this;
  }
  // Virtual time beyond which no timer fires. Default 24 hours.
  WorldOptions& horizon(absl::Duration duration) {
    longest_time = duration;
    return *this;
  }

  // "timers 3, steps 10000, ..."; the same text means the same choices.
  std::string to_string() const;

  std::size_t most_early_firings = 3;
  std::size_t most_steps = 10'000;
  std::size_t most_tasks = 100'000;
  absl::Duration longest_time = absl::Hours(24);
};

}  // namespace weft::sim
