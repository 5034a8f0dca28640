#pragma once

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "weft/api/detail/cancellation.h"
#include "weft/transport/assert.h"
#include "weft/transport/recycled.h"

namespace weft {

template <class T>
class Task;

namespace detail {

// Who goes on when an inner coroutine is done, decided without stack growth: the outer one runs the
// inner one as an ordinary call, and whichever of the two learns last that the other is finished
// continues. Inner coroutines that complete at once therefore cost no stack, in any build mode, and
// those that complete later pass control on by symmetric transfer.
class Handoff {
 public:
  // Runs `inner`; false if it is done already and the outer coroutine must not suspend.
  bool run(std::coroutine_handle<> inner, std::coroutine_handle<> outer) {
    outer_ = outer;
    state_.store(State::running, std::memory_order_relaxed);
    inner.resume();
    return state_.exchange(State::outer_waits, std::memory_order_acq_rel) == State::running;
  }
  // The inner coroutine is done, or has yielded: whom to resume.
  std::coroutine_handle<> finish() noexcept {
    const State before = state_.exchange(State::inner_done, std::memory_order_acq_rel);
    return before == State::outer_waits ? outer_ : std::noop_coroutine();
  }

  // For inner coroutines that outlive the wait for them. The outer one is gone while it waited.
  void forget_outer() noexcept {
    State waits = State::outer_waits;
    state_.compare_exchange_strong(waits, State::running, std::memory_order_acq_rel);
  }
  // Nobody waits, and the inner one is not done.
  bool is_running() const { return state_.load(std::memory_order_acquire) == State::running; }
  // As run(), of one that is running.
  bool wait(std::coroutine_handle<> outer) {
    outer_ = outer;
    return state_.exchange(State::outer_waits, std::memory_order_acq_rel) == State::running;
  }

 private:
  enum class State : unsigned char { running, outer_waits, inner_done };
  std::coroutine_handle<> outer_;
  std::atomic<State> state_ = State::inner_done;
};

class TaskPromiseBase : public Recycled {
 public:
  class FinalAwaiter {
   public:
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
      return self.promise().handoff().finish();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { error_ = std::current_exception(); }

  Cancellation* cancellation() const { return cancellation_; }
  void inherit(Cancellation* cancellation) { cancellation_ = cancellation; }
  Handoff& handoff() { return handoff_; }

 protected:
  void rethrow_if_failed() {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  Handoff handoff_;
  Cancellation* cancellation_ = nullptr;
  std::exception_ptr error_;
};

template <class T>
class TaskPromise final : public TaskPromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() {
    rethrow_if_failed();
    return *std::move(value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> final : public TaskPromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() { rethrow_if_failed(); }
};

}  // namespace detail

// A coroutine that gives a T: lazy (it does nothing until awaited), move-only, awaited at most
// once.
//
//   weft::Task<int> twice(weft::Task<int> inner) { co_return 2 * co_await std::move(inner); }
//
// Exceptions pass through to whoever awaits.
// Lifetime: a Task owns its frame; awaiting it hands that over to the frame that awaits. Destroying
// either tears it down where it is suspended: destructors run, calls that it owned are dropped
// (D9), nothing else happens. That is also how a task is cancelled, by TaskScope::cancel: then the
// call operations that its frames were waiting for end their calls with the reason given
// (B191-B194, B204). Threads: resumed by whatever it awaits; Weft's awaitables resume on their
// loop's thread. A coroutine that is running must not be destroyed.
template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  class Awaiter {
   public:
    explicit Awaiter(Task task) noexcept : task_(std::move(task)) {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> outer) {
      promise().inherit(detail::cancellation_of(outer.promise()));
      return promise().handoff().run(task_.handle_, outer);
    }
    T await_resume() { return promise().take(); }

   private:
    promise_type& promise() const { return task_.handle_.promise(); }
    Task task_;  // from here on the frame that awaits owns it
  };

  Awaiter operator co_await() && noexcept {
    WEFT_ASSERT(handle_ != nullptr, "the task was moved from; a task can be awaited once");
    return Awaiter(std::move(*this));
  }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
Task<T> TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

}  // namespace detail

}  // namespace weft
