#pragma once

#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "weft/api/when_all.h"

namespace weft {

namespace detail {

template <class... Awaited, std::size_t... index>
Task<std::variant<ValueOf<Awaited>...>> when_any_of(std::index_sequence<index...>,
                                                    Awaited... awaited) {
  std::tuple<std::optional<ValueOf<Awaited>>...> results;
  Countdown first(1);
  Cancellation* cancellation = co_await CurrentCancellation();
  std::vector<RootCoroutine> coroutines;
  coroutines.reserve(sizeof...(Awaited));
  (coroutines.push_back(run_into<ValueOf<Awaited>>(std::move(awaited), std::get<index>(results))),
   ...);
  for (RootCoroutine& coroutine : coroutines) {
    coroutine.start(&Countdown::count, &first, cancellation);
    if (first.reached()) break;
  }
  co_await first;
  rethrow_first(coroutines);
  std::optional<std::variant<ValueOf<Awaited>...>> winner;
  (void)((std::get<index>(results).has_value() &&
          (winner.emplace(std::in_place_index<index>, *std::move(std::get<index>(results))),
           true)) ||
         ...);
  co_return *std::move(winner);
}

}  // namespace detail

// Awaits the first of them, started in order; the variant's index tells which, and holds its
// result, void as std::monostate. The others are destroyed where they wait: nothing that they
// waited for is lost or ended by it, unless they owned it (T39, B197), so
//
//   auto first = co_await weft::when_any(call.read(), weft::sleep_for(loop, absl::Seconds(1)));
//
// is a read with a timeout that leaves the call alive and the message for the next read. When one
// is done at once, those after it are not started. An exception of the first is rethrown.
template <class... Awaited>
  requires(detail::Awaitable<Awaited> && ...)
auto when_any(Awaited... awaited) {
  return detail::when_any_of(std::index_sequence_for<Awaited...>(), std::move(awaited)...);
}

}  // namespace weft
