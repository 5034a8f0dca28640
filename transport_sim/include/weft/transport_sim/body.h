#pragma once

#include <coroutine>
#include <exception>
#include <utility>

#include "weft/transport/recycled.h"

namespace weft::sim {

// The coroutine type of a test body, for those who have no other: starts when it is told to, and is
// awaited by nobody. It awaits whatever any coroutine can await. An exception that leaves it fails
// the execution.
class [[nodiscard]] Body {
 public:
  class promise_type : public Recycled {
   public:
    Body get_return_object() noexcept {
      return Body(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { error_ = std::current_exception(); }

   private:
    friend Body;
    std::exception_ptr error_;
  };

  Body() noexcept = default;
  Body(Body&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Body& operator=(Body other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Body() {
    if (handle_) handle_.destroy();
  }

  // Runs it to its first suspension.
  void start() { handle_.resume(); }
  bool done() const { return handle_.done(); }
  std::exception_ptr take_error() { return std::exchange(handle_.promise().error_, nullptr); }

 private:
  explicit Body(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

}  // namespace weft::sim
