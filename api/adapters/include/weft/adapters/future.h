#pragma once

#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "weft/adapters/outcome.h"

namespace weft {

namespace detail {

template <class T>
class FutureReceiver {
 public:
  explicit FutureReceiver(std::promise<Outcome<T>> promise) : promise_(std::move(promise)) {}

  template <class... Value>
  void set_value(Value&&... value) noexcept {
    if constexpr (sizeof...(Value) == 0) {
      promise_.set_value(absl::OkStatus());
    } else {
      promise_.set_value(Outcome<T>(std::forward<Value>(value)...));
    }
  }
  void set_error(std::exception_ptr error) noexcept { promise_.set_exception(std::move(error)); }
  void set_stopped(std::string_view why) noexcept {
    promise_.set_value(failed_outcome<T>(stopped_status(why)));
  }

 private:
  std::promise<Outcome<T>> promise_;
};

// Throws std::system_error: this thread would wait for what only it can do.
[[noreturn]] void throw_would_wait_for_itself();

}  // namespace detail

// A std::future of what work on a loop gives, for code that blocks.
//
//   auto reply = weft::start_future(port, [&] { return channel.unary_unary(get, key); });
//   absl::StatusOr<Value> value = reply.get();
//
// Failures of calls are values, as everywhere; work that was stopped gives CANCELLED. An exception
// that left a task is rethrown by get().
// Waiting on the loop's own thread, for something that is not ready, could not end: it throws
// std::system_error with resource_deadlock_would_occur, and changes nothing.
// Lifetime: dropping it changes nothing; it may outlive the port, whose end makes it ready.
// Threads: any, one at a time, as std::future; cancel() any at any time.
template <class T>
class [[nodiscard]] LoopFuture {
 public:
  LoopFuture(std::future<T> future, Running running, std::shared_ptr<detail::PortState> port)
      : future_(std::move(future)), running_(std::move(running)), port_(std::move(port)) {}

  // Waits, and gives it once.
  T get() {
    refuse_own_thread();
    return future_.get();
  }
  void wait() const {
    refuse_own_thread();
    future_.wait();
  }
  // Whether it is ready within `timeout`, which changes nothing about the work.
  bool wait_for(absl::Duration timeout) const {
    // What a clock of nanoseconds cannot count to is for ever.
    if (timeout >= absl::Hours(24) * 365 * 100) {
      wait();
      return true;
    }
    if (timeout > absl::ZeroDuration()) refuse_own_thread();
    return future_.wait_for(absl::ToChronoNanoseconds(timeout)) == std::future_status::ready;
  }
  bool ready() const { return wait_for(absl::ZeroDuration()); }

  // As Running::cancel.
  bool cancel(std::string_view reason = "") const { return running_.cancel(reason); }

  // For code that wants one; it waits on any thread, the loop's included, for ever if it must.
  std::future<T> to_std() && { return std::move(future_); }

 private:
  void refuse_own_thread() const {
    if (!ready() && port_->is_own_thread()) detail::throw_would_wait_for_itself();
  }

  std::future<T> future_;
  Running running_;
  std::shared_ptr<detail::PortState> port_;
};

// Runs `work`, on the loop of `port`.
template <class Work>
LoopFuture<OutcomeOfWork<Work>> start_future(LoopPort& port, Work work) {
  using Result = detail::ResultOf<Work>;
  std::promise<Outcome<Result>> promise;
  std::future<Outcome<Result>> future = promise.get_future();
  Running running =
      start(port, std::move(work), detail::FutureReceiver<Result>(std::move(promise)));
  return LoopFuture<Outcome<Result>>(std::move(future), std::move(running), port.state());
}

}  // namespace weft
