#pragma once

#include <concepts>
#include <coroutine>
#include <type_traits>
#include <utility>

namespace weft::detail {

template <class Awaitable>
decltype(auto) get_awaiter(Awaitable&& awaitable) {
  if constexpr (requires { std::forward<Awaitable>(awaitable).operator co_await(); }) {
    return std::forward<Awaitable>(awaitable).operator co_await();
  } else if constexpr (requires { operator co_await(std::forward<Awaitable>(awaitable)); }) {
    return operator co_await(std::forward<Awaitable>(awaitable));
  } else {
    return std::forward<Awaitable>(awaitable);
  }
}

// What `co_await` gives for a value of this type.
template <class Awaitable>
using AwaitResult =
    std::remove_cvref_t<decltype(get_awaiter(std::declval<Awaitable>()).await_resume())>;

template <class T>
concept Awaitable = requires(T&& value) {
  { get_awaiter(std::forward<T>(value)).await_ready() } -> std::convertible_to<bool>;
};

}  // namespace weft::detail
