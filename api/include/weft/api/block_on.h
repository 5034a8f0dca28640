#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "weft/api/detail/await.h"
#include "weft/api/detail/root_coroutine.h"
#include "weft/transport/assert.h"
#include "weft/transport/event_loop.h"
#include "weft/transport/recycled.h"

namespace weft {

namespace detail {

template <class Result, class Awaitable>
RootCoroutine run_into(Awaitable awaitable, std::optional<Result>& result) {
  if constexpr (std::is_same_v<Result, std::monostate>) {
    co_await std::move(awaitable);
    result.emplace();
  } else {
    result.emplace(co_await std::move(awaitable));
  }
}

// Starts a coroutine in the loop's first turn, which is when a loop learns on which thread it runs.
class FirstTurn final : public LoopTask, public Recycled {
 public:
  explicit FirstTurn(RootCoroutine& root)
      : LoopTask([](LoopTask& task) noexcept { static_cast<FirstTurn&>(task).start(); }),
        root_(root) {}
  const bool& done() const { return done_; }

 private:
  void start() {
    root_.start(
        [](void* self) noexcept -> std::coroutine_handle<> {
          static_cast<FirstTurn*>(self)->done_ = true;
          return std::noop_coroutine();
        },
        this, nullptr);
  }
  RootCoroutine& root_;
  bool done_ = false;
};

}  // namespace detail

// Runs `loop` on this thread until `awaitable` is done, and gives its result or rethrows its
// exception. `awaitable` begins in the loop's first turn. For main() and tests; never from inside
// the loop. Aborts if the loop says that nothing can ever happen again, which only a virtual loop
// does.
template <class Awaitable>
  requires detail::Awaitable<Awaitable>
detail::AwaitResult<Awaitable> block_on(EventLoop& loop, Awaitable awaitable) {
  using Value = detail::AwaitResult<Awaitable>;
  using Result = std::conditional_t<std::is_void_v<Value>, std::monostate, Value>;
  std::optional<Result> result;
  detail::RootCoroutine root = detail::run_into<Result>(std::move(awaitable), result);
  // Not on the stack: g++ 12 fears for a local that is in the loop's queue.
  const auto first_turn = std::make_unique<detail::FirstTurn>(root);
  loop.defer(*first_turn);
  const bool done = loop.run_until(first_turn->done());
  WEFT_ASSERT(done, "the task waits for something that can never happen");
  if (std::exception_ptr error = root.take_error()) std::rethrow_exception(error);
  if constexpr (!std::is_void_v<Value>) return *std::move(result);
}

}  // namespace weft
