#pragma once

#include <source_location>
#include <string>
#include <string_view>

namespace weft {

// Hears which coroutines wait, and for what, so that a loop on which nothing happens any more can
// say who waits in vain. A loop has none in production; a simulator sets one for the execution that
// it explains. Awaiters tell it on the loop's thread.
class WaitObserver {
 public:
  // The coroutine at this address is suspended: in `awaitable` ("read"), of `subject` ("call1", or
  // nothing), at the `co_await` that is at `where`.
  virtual void waits(const void* coroutine, std::string_view awaitable, std::string subject,
                     const std::source_location& where) = 0;
  // It is resumed or destroyed.
  virtual void waits_no_more(const void* coroutine) noexcept = 0;

 protected:
  ~WaitObserver() = default;
};

}  // namespace weft
