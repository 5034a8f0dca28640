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
    bool await_ready() const noexcept { return handle_.done(); }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> outer) {
      handle_.promise().inherit(detail::cancellation_of(outer.promise()));
      return handle_.promise().handoff().run(handle_, outer);
    }
    std::optional<T> await_resume() { return handle_.promise().take(); }

   private:
    std::coroutine_handle<promise_type> handle_;
  };

  // The next value, or nothing at the end. One at a time.
  NextAwaiter next() { return NextAwaiter(handle_); }

 private:
  explicit AsyncGenerator(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

template <class T>
class AsyncGenerator<T>::promise_type final : public detail::TaskPromiseBase {
 public:
  AsyncGenerator get_return_object() noexcept {
    return AsyncGenerator(std::coroutine_handle<promise_type>::from_promise(*this));
  }
  FinalAwaiter yield_value(T value) {
    value_.emplace(std::move(value));
    return {};
  }
  void return_void() const noexcept {}

  std::optional<T> take() {
    rethrow_if_failed();
    return std::exchange(value_, std::nullopt);
  }

 private:
  std::optional<T> value_;
};

}  // namespace weft
