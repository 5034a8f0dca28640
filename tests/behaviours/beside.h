#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "latch.h"
#include "weft/api/detail/await.h"
#include "weft/api/task_scope.h"

namespace weft::test {

// A task beside the body, which awaits one thing and keeps what it gives.
//
//   Beside reading(setting.loop(), call.read());
//   ...
//   reading.cancel("the page was left");
//   co_await reading.over();
//   EXPECT_FALSE(reading.result());
//
// It begins in the loop's next turn, and before `co_await reading.begun()` goes on. Destroying it
// cancels the task.
template <class Awaitable>
class Beside {
 public:
  using Result = detail::AwaitResult<Awaitable>;

  Beside(EventLoop& loop, Awaitable awaitable) : begun_(loop), scope_(loop) {
    scope_.spawn(keep(std::move(awaitable), begun_, result_));
  }

  // Nothing as long as it waits, and if it was cancelled.
  const std::optional<Result>& result() const { return result_; }
  Latch& begun() { return begun_; }
  void cancel(std::string reason = "") { scope_.cancel(std::move(reason)); }
  // Awaits that it has its result or was cancelled.
  auto over() { return scope_.join(); }

 private:
  static Task<void> keep(Awaitable awaitable, Latch& begun, std::optional<Result>& result) {
    begun.open();
    result.emplace(co_await std::move(awaitable));
  }

  Latch begun_;
  std::optional<Result> result_;
  TaskScope scope_;
};

}  // namespace weft::test
