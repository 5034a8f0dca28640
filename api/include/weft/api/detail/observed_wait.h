#pragma once

#include <coroutine>
#include <source_location>
#include <string_view>
#include <utility>

#include "weft/transport/event_loop.h"

namespace weft::detail {

// Part of an awaiter: tells the loop's observer, if there is one, that its coroutine waits, from
// begin() until end() or its destruction.
class ObservedWait {
 public:
  ObservedWait() = default;
  ObservedWait(const ObservedWait&) = delete;
  ObservedWait& operator=(const ObservedWait&) = delete;
  ~ObservedWait() { end(); }

  void begin(EventLoop& loop, std::coroutine_handle<> handle, std::string_view awaitable,
             const std::source_location& where) {
    observer_ = loop.wait_observer();
    if (observer_ == nullptr) return;
    coroutine_ = handle.address();
    observer_->waits(coroutine_, awaitable, "", where);
  }
  void end() noexcept {
    if (observer_ != nullptr) std::exchange(observer_, nullptr)->waits_no_more(coroutine_);
  }

 private:
  WaitObserver* observer_ = nullptr;
  const void* coroutine_ = nullptr;
};

}  // namespace weft::detail
