#pragma once

#include <concepts>
#include <exception>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "weft/adapters/outcome.h"
#include "weft/api/task.h"

namespace weft {

namespace detail {

template <class T, class Done>
class CallbackReceiver {
 public:
  explicit CallbackReceiver(Done done) : done_(std::move(done)) {}

  template <class... Value>
  void set_value(Value&&... value) noexcept {
    if constexpr (sizeof...(Value) == 0) {
      done_(absl::OkStatus());
    } else {
      done_(Outcome<T>(std::forward<Value>(value)...));
    }
  }
  void set_error(std::exception_ptr error) noexcept {
    done_(failed_outcome<T>(status_of(std::move(error))));
  }
  void set_stopped(std::string_view why) noexcept { done_(failed_outcome<T>(stopped_status(why))); }

 private:
  Done done_;
};

// Waits for one call alone, so that ending the call is what ends it.
template <class T>
class TaskOfCall {
 public:
  TaskOfCall(Task<T> task, CallReference call) : task_(std::move(task)), call_(std::move(call)) {}
  const CallReference& call() const { return call_; }
  auto operator co_await() && { return std::move(task_).operator co_await(); }

 private:
  Task<T> task_;
  CallReference call_;
};

template <class TypedCall, class OnMessage>
Task<absl::Status> read_all(TypedCall call, OnMessage on_message) {
  for (;;) {
    auto result = co_await call.read();
    if (!result) co_return result.status();
    on_message(*std::move(result));
  }
}

}  // namespace detail

// Calls without coroutines. Runs `work` and calls `done` with its outcome: for
//
//   weft::on_done(port, [&] { return channel.unary_unary(get, key); },
//                 [](absl::StatusOr<Value> value) { ... });
//
// Exactly once, whatever happens to the call, the handle, or the port, and as a value: CANCELLED if
// it was stopped, an exception that left a task as its status (RpcError) or UNKNOWN.
// Threads: `done` runs on the loop's thread, in a turn of its own; on a port that is closed
// already, here and now. It may start, cancel and drop anything, and must not throw. Lifetime:
// `done` lives until it was called, and is then destroyed on the loop's thread.
template <class Work, class Done>
  requires std::invocable<Done&, OutcomeOfWork<Work>>
Running on_done(LoopPort& port, Work work, Done done) {
  using Receiver = detail::CallbackReceiver<detail::ResultOf<Work>, Done>;
  return start(port, std::move(work), Receiver(std::move(done)));
}

// Reads all messages of a call that has a stream of responses: `on_message` for each, in order,
// then `done` with the call's status, as above.
//
//   weft::on_messages(port, [&] { return channel.unary_stream(list, query); },
//                     [](Item item) { ... }, [](absl::Status status) { ... });
//
// The next message is asked for when `on_message` has returned: a slow one holds the peer back, by
// flow control. An exception that leaves it ends the call with CANCELLED, and is the status.
template <class Make, class OnMessage, class Done>
  requires std::invocable<Done&, absl::Status>
Running on_messages(LoopPort& port, Make make, OnMessage on_message, Done done) {
  auto work = [make = std::move(make), on_message = std::move(on_message)]() mutable {
    auto call = std::move(make)();
    detail::CallReference reference = detail::call_of(call);
    return detail::TaskOfCall<absl::Status>(
        detail::read_all(std::move(call), std::move(on_message)), std::move(reference));
  };
  return on_done(port, std::move(work), std::move(done));
}

}  // namespace weft
