#pragma once

#include <optional>
#include <utility>

#include "weft/api/task.h"

namespace weft::test {

// A task that awaits one thing and keeps the result; `result` stays empty while it waits, and when
// it is torn down. For operations that run beside the test's body:
//
//   scope.spawn(keep(call.write("hello"), written));
template <class Awaitable, class Result>
Task<void> keep(Awaitable awaitable, std::optional<Result>& result) {
  result.emplace(co_await std::move(awaitable));
}

}  // namespace weft::test
