#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include "weft/api/call.h"
#include "weft/api/detail/await.h"
#include "weft/api/detail/call_awaiters.h"

namespace weft::detail {

// --- what is given as work: an awaitable, or a function that gives one or a plain value ---

template <class Work>
decltype(auto) make_from(Work& work) {
  if constexpr (std::invocable<Work&&>) {
    return std::move(work)();
  } else {
    return std::move(work);
  }
}

template <class Work>
using MadeFrom = std::remove_cvref_t<decltype(make_from(std::declval<Work&>()))>;

template <class Made>
class GivenBy {
 public:
  using Type = Made;
};
template <class Made>
  requires Awaitable<Made>
class GivenBy<Made> {
 public:
  using Type = AwaitResult<Made>;
};
// What the work gives in the end.
template <class Work>
using ResultOf = typename GivenBy<MadeFrom<Work>>::Type;

// --- what stopping means for an awaitable ---

// Waits for something that the call knows sooner or later; that never ends the call (B008).
template <class Awaiter>
inline constexpr bool only_watches = false;
template <class What>
inline constexpr bool only_watches<AccessorAwaiter<What>> = true;
template <>
inline constexpr bool only_watches<ConnectionAwaiter> = true;

// Awaiting it sends something, which giving up does not take back.
template <class Awaiter>
inline constexpr bool sends = false;
template <>
inline constexpr bool sends<WriteAwaiter> = true;
template <>
inline constexpr bool sends<DoneWritingAwaiter> = true;
template <class Response>
inline constexpr bool sends<ExchangeAwaiter<Response>> = true;

// How an awaitable is stopped. A task, and whatever Weft does not know, is torn down.
template <class Made>
class StoppingOf {
 public:
  static constexpr bool can_be_left = false;
  static constexpr bool watches = false;
  static constexpr bool begins_something = true;
};
template <class Made>
  requires std::derived_from<Made, Call>
class StoppingOf<Made> {
 public:
  static constexpr bool can_be_left = true;
  static constexpr bool watches = false;
  static constexpr bool begins_something = false;
};
template <class Awaiter, class... Arguments>
class StoppingOf<CallAwaitable<Awaiter, Arguments...>> {
 public:
  static constexpr bool can_be_left = true;
  static constexpr bool watches = only_watches<Awaiter>;
  static constexpr bool begins_something = sends<Awaiter>;
};

// The call that is waited for, and whose end ends the waiting; none for tasks.
template <class Made>
CallReference call_of(const Made& made) {
  if constexpr (std::derived_from<Made, Call>) {
    return made.status().call();
  } else if constexpr (requires {
                         { made.call() } -> std::convertible_to<const CallReference&>;
                       }) {
    return made.call();
  } else {
    return CallReference();
  }
}

}  // namespace weft::detail
