#pragma once

#include <algorithm>
#include <coroutine>
#include <source_location>

#include "absl/time/time.h"
#include "weft/api/detail/observed_wait.h"
#include "weft/transport/event_loop.h"

namespace weft {

// What sleep_until and sleep_for give: await it once. Destroying the awaiting frame disarms the
// timer.
class [[nodiscard]] Sleep {
 public:
  Sleep(EventLoop& loop, Instant until) : loop_(&loop), until_(until) {}

  class Awaiter final : public Timer {
   public:
    Awaiter(EventLoop& loop, Instant until)
        : Timer([](Timer& timer) noexcept { static_cast<Awaiter&>(timer).handle_.resume(); }),
          loop_(loop),
          until_(until) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle,
                       std::source_location where = std::source_location::current()) {
      handle_ = handle;
      // No earlier than now, or whoever naps in the past again and again would always be first.
      loop_.arm(*this, std::max(until_, loop_.now()));
      wait_.begin(loop_, handle, "sleep", where);
    }
    void await_resume() noexcept { wait_.end(); }

   private:
    EventLoop& loop_;
    Instant until_;
    std::coroutine_handle<> handle_;
    detail::ObservedWait wait_;
  };
  Awaiter operator co_await() const { return Awaiter(*loop_, until_); }

 private:
  EventLoop* loop_;
  Instant until_;
};

// Goes on at that instant of the loop's clock or as soon after as the loop gets to it. If it has
// passed, the loop has a turn all the same: a loop of such sleeps starves nobody.
inline Sleep sleep_until(EventLoop& loop, Instant until) {
  return Sleep(loop, until);
}
inline Sleep sleep_for(EventLoop& loop, absl::Duration duration) {
  return Sleep(loop, loop.now() + duration);
}

}  // namespace weft
