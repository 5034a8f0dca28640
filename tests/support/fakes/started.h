#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

#include "weft/api/block_on.h"

namespace weft::test {

// An awaitable that is being awaited by a coroutine of its own, from its construction on.
template <class Awaitable>
class Started {
 public:
  using Awaited = detail::AwaitResult<Awaitable>;
  using Result = std::conditional_t<std::is_void_v<Awaited>, std::monostate, Awaited>;

  explicit Started(Awaitable awaitable)
      : root_(detail::run_into<Result>(std::move(awaitable), result_)) {
    root_.start([](void*) noexcept -> std::coroutine_handle<> { return std::noop_coroutine(); },
                nullptr, nullptr);
  }
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;

  bool done() const { return root_.is_done(); }
  // Only when done.
  Result& value() {
    if (std::exception_ptr error = root_.take_error()) std::rethrow_exception(error);
    return result_.value();
  }
  Result& operator*() { return value(); }
  Result* operator->() { return &value(); }

  // Destroys the waiting frame.
  void abandon() { root_ = detail::RootCoroutine(); }

 private:
  std::optional<Result> result_;
  detail::RootCoroutine root_;
};

}  // namespace weft::test
