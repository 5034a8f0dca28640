#pragma once

#include <utility>

#include "setting.h"
#include "weft/transport/event_loop.h"

namespace weft::test {

// Happens once, after a delay in real time, unless it is destroyed before.
class DelayedAction final : public Floating, private Timer {
 public:
  DelayedAction(EventLoop& loop, absl::Duration delay, absl::AnyInvocable<void() &&> action)
      : Timer(
            [](Timer& timer) noexcept { std::move(static_cast<DelayedAction&>(timer).action_)(); }),
        action_(std::move(action)) {
    loop.arm(*this, loop.now() + delay);
  }

 private:
  absl::AnyInvocable<void() &&> action_;
};

}  // namespace weft::test
