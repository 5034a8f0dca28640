#pragma once

#include <coroutine>
#include <exception>
#include <utility>

#include "weft/api/detail/cancellation.h"
#include "weft/transport/recycled.h"

namespace weft::detail {

// The outermost coroutine of a run: owned by an object that starts it, hears once that it is done,
// and may destroy it whenever it is suspended.
class RootCoroutine {
 public:
  // Called when the coroutine is done; gives the coroutine to go on with, if any. It may destroy
  // the RootCoroutine.
  using Done = std::coroutine_handle<> (*)(void* context) noexcept;

  class promise_type : public Recycled {
   public:
    class FinalAwaiter {
     public:
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        const promise_type& promise = self.promise();
        return promise.done_(promise.context_);
      }
      void await_resume() const noexcept {}
    };

    RootCoroutine get_return_object() noexcept {
      return RootCoroutine(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    FinalAwaiter final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { error_ = std::current_exception(); }
    Cancellation* cancellation() const { return cancellation_; }

   private:
    friend RootCoroutine;
    Done done_ = nullptr;
    void* context_ = nullptr;
    Cancellation* cancellation_ = nullptr;
    std::exception_ptr error_;
  };

  RootCoroutine() noexcept = default;
  RootCoroutine(RootCoroutine&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  RootCoroutine& operator=(RootCoroutine other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~RootCoroutine() {
    if (!handle_) return;
    const TearDown tear_down(handle_.promise().cancellation_);
    handle_.destroy();
  }

  explicit operator bool() const { return handle_ != nullptr; }

  // Runs the coroutine up to its first suspension. Once.
  void start(Done done, void* context, Cancellation* cancellation) {
    promise_type& promise = handle_.promise();
    promise.done_ = done;
    promise.context_ = context;
    promise.cancellation_ = cancellation;
    handle_.resume();
  }

  bool is_done() const { return handle_.done(); }
  std::exception_ptr take_error() { return std::exchange(handle_.promise().error_, nullptr); }

 private:
  explicit RootCoroutine(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

}  // namespace weft::detail
