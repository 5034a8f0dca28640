#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "weft/api/task.h"

namespace weft {

// A coroutine that yields Ts and may await between them.
//
//   weft::AsyncGenerator<Point> route(weft::EventLoop& loop) {
//     for (Point point : points) {
//       co_yield point;
//       co_await weft::sleep_for(loop, absl::Seconds(1));
//     }
//   }
//
// Lazy: it runs up to the next co_yield when next() is awaited, and no further. Exceptions pass
// through next(); after one, or after the end, next() gives nothing.
// Lifetime: owns its frame; destroying the generator runs the destructors of what it holds (B269).
// Giving up: destroying the frame that awaits next() leaves the generator at work, and its value
// to the next one that asks (T39). A call that it waits for ends with a cancelled task only if the
// task owns the generator, which then goes with it.
template <class T>
class [[nodiscard]] AsyncGenerator {
 public:
  class promise_type;

  AsyncGenerator(AsyncGenerator&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)) {}
  AsyncGenerator& operator=(AsyncGenerator other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~AsyncGenerator() {
    if (handle_) handle_.destroy();
  }

  class NextAwaiter {
   public:
    explicit NextAwaiter(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
    ~NextAwaiter() {
      if (waits_) handle_.promise().forget(*this);
    }
    bool await_ready() const noexcept {
      return handle_.done() || handle_.promise().value_.has_value();
    }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> outer) {
      waits_ = true;
      promise_type& promise = handle_.promise();
      WEFT_ASSERT(promise.waiter_ == nullptr, "a generator is asked for one value at a time");
      promise.waiter_ = this;
      promise.askers_cancellation_.follow(detail::cancellation_of(outer.promise()));
      detail::Handoff& handoff = promise.handoff();
      return handoff.is_running() ? handoff.wait(outer) : handoff.run(handle_, outer);
    }
    std::optional<T> await_resume() {
      waits_ = false;
      handle_.promise().waiter_ = nullptr;
      return handle_.promise().take();
    }

   private:
    friend promise_type;
    std::coroutine_handle<promise_type> handle_;
    bool waits_ = false;
  };

  // The next value, or nothing at the end. One at a time.
  NextAwaiter next() {
    WEFT_ASSERT(handle_ != nullptr, "the generator was moved from");
    return NextAwaiter(handle_);
  }

 private:
  explicit AsyncGenerator(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

template <class T>
class AsyncGenerator<T>::promise_type final : public detail::TaskPromiseBase {
 public:
  promise_type() { this->inherit(&askers_cancellation_); }
  ~promise_type() {
    if (waiter_ != nullptr) waiter_->waits_ = false;  // it may outlive the generator
  }
  AsyncGenerator get_return_object() noexcept {
    return AsyncGenerator(std::coroutine_handle<promise_type>::from_promise(*this));
  }
  FinalAwaiter yield_value(T value) {
    value_.emplace(std::move(value));
    return {};
  }
  void return_void() const noexcept {}

 private:
  friend NextAwaiter;

  void forget(const NextAwaiter& waiter) noexcept {
    if (std::exchange(waiter_, nullptr) == &waiter) this->handoff().forget_outer();
  }
  std::optional<T> take() {
    this->rethrow_if_failed();
    return std::exchange(value_, std::nullopt);
  }

  std::optional<T> value_;
  NextAwaiter* waiter_ = nullptr;
  detail::Cancellation askers_cancellation_;  // the last one's
};

}  // namespace weft
