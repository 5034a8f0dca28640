#pragma once

#include "weft/transport/timer_queue.h"
#include "weft/transport_sim/label.h"

namespace weft::sim {

// A timer of the simulator's own, which has a name in labels.
class SimTimer : public Timer {
 public:
  SimTimer() : Timer(&SimTimer::fired) {}

  virtual Label label() const = 0;
  virtual void expired() = 0;

  // The timer, if it is one of these.
  static const SimTimer* from(const Timer& timer) {
    return timer.function() == &SimTimer::fired ? static_cast<const SimTimer*>(&timer) : nullptr;
  }

 protected:
  virtual ~SimTimer() = default;

 private:
  static void fired(Timer& timer) noexcept { static_cast<SimTimer&>(timer).expired(); }
};

}  // namespace weft::sim
