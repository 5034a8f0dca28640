#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "weft/api/block_on.h"
#include "weft/api/detail/await.h"
#include "weft/api/detail/root_coroutine.h"
#include "weft/api/task.h"

namespace weft {

namespace detail {

// void as a value.
template <class Awaited>
using ValueOf =
    std::conditional_t<std::is_void_v<AwaitResult<Awaited>>, std::monostate, AwaitResult<Awaited>>;

// Counts coroutines down and resumes one when enough of them are done.
class Countdown {
 public:
  explicit Countdown(std::size_t count) : left_(count) {}

  // A RootCoroutine::Done for the coroutines that are counted.
  static std::coroutine_handle<> count(void* context) noexcept {
    auto& self = *static_cast<Countdown*>(context);
    if (self.left_ == 0 || --self.left_ > 0 || !self.waiter_) return std::noop_coroutine();
    return std::exchange(self.waiter_, nullptr);
  }

  bool await_ready() const { return left_ == 0; }
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  void await_resume() const {}
  bool reached() const { return left_ == 0; }

 private:
  std::size_t left_;
  std::coroutine_handle<> waiter_;
};

// Awaits a coroutine's own cancellation, to hand it to coroutines that it starts itself.
class CurrentCancellation {
 public:
  CurrentCancellation() = default;
  bool await_ready() const { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    cancellation_ = cancellation_of(handle.promise());
    return false;
  }
  Cancellation* await_resume() const { return cancellation_; }

 private:
  Cancellation* cancellation_ = nullptr;
};

inline void rethrow_first(std::vector<RootCoroutine>& coroutines) {
  for (RootCoroutine& coroutine : coroutines) {
    if (std::exception_ptr error = coroutine.take_error()) std::rethrow_exception(error);
  }
}

template <class... Awaited, std::size_t... index>
Task<std::tuple<ValueOf<Awaited>...>> when_all_of(std::index_sequence<index...>,
                                                  Awaited... awaited) {
  std::tuple<std::optional<ValueOf<Awaited>>...> results;
  Countdown countdown(sizeof...(Awaited));
  Cancellation* cancellation = co_await CurrentCancellation();
  std::vector<RootCoroutine> coroutines;
  coroutines.reserve(sizeof...(Awaited));
  (coroutines.push_back(run_into<ValueOf<Awaited>>(std::move(awaited), std::get<index>(results))),
   ...);
  for (RootCoroutine& coroutine : coroutines) {
    coroutine.start(&Countdown::count, &countdown, cancellation);
  }
  co_await countdown;
  rethrow_first(coroutines);
  co_return std::tuple<ValueOf<Awaited>...>(*std::move(std::get<index>(results))...);
}

}  // namespace detail

// Awaits all of them, started in order and running side by side; their results in order, void as
// std::monostate. If one throws, the others are still awaited, and the first one's exception in
// order is rethrown. Destroying the waiting frame destroys all of them.
template <class... Awaited>
  requires(detail::Awaitable<Awaited> && ...)
auto when_all(Awaited... awaited) {
  return detail::when_all_of(std::index_sequence_for<Awaited...>(), std::move(awaited)...);
}

// The same for any number of one type.
template <class Awaited>
  requires detail::Awaitable<Awaited>
Task<std::vector<detail::ValueOf<Awaited>>> when_all(std::vector<Awaited> awaited) {
  using Value = detail::ValueOf<Awaited>;
  std::vector<std::optional<Value>> results(awaited.size());
  detail::Countdown countdown(awaited.size());
  detail::Cancellation* cancellation = co_await detail::CurrentCancellation();
  std::vector<detail::RootCoroutine> coroutines;
  coroutines.reserve(awaited.size());
  for (std::size_t i = 0; i < awaited.size(); ++i) {
    coroutines.push_back(detail::run_into<Value>(std::move(awaited[i]), results[i]));
  }
  for (detail::RootCoroutine& coroutine : coroutines) {
    coroutine.start(&detail::Countdown::count, &countdown, cancellation);
  }
  co_await countdown;
  detail::rethrow_first(coroutines);
  std::vector<Value> values;
  values.reserve(results.size());
  for (std::optional<Value>& result : results) values.push_back(*std::move(result));
  co_return values;
}

}  // namespace weft
