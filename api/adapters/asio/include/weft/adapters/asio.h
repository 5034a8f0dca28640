#pragma once

// For Asio without Boost.
#include <asio/associated_allocator.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/bind_allocator.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/execution.hpp>
#include <asio/execution_context.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <exception>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "weft/adapters/outcome.h"

namespace weft {

// A loop as Asio knows execution contexts: its executor runs functions on the loop, so that
// asio::co_spawn(context, ...) and handlers bound to it run on the loop's thread, in the simulator
// as well. And the port through which async_call starts work.
//
// Lifetime: as its LoopPort, and it outlives its executors. Functions that were posted and have not
// run when the loop goes are the loop's affair.
// Time: Asio's own timers and sockets may be made with its executor, and complete on the loop; they
// know only real time. In the simulator await weft::sleep_for, through async_call.
class LoopContext : public asio::execution_context {
 public:
  explicit LoopContext(EventLoop& loop) : port_(loop) {}
  // Asio demands both of who derives from it; handlers that it still holds go here.
  ~LoopContext() {
    port_.close();
    shutdown();
    destroy();
  }

  class Executor {
   public:
    explicit Executor(LoopContext& context) noexcept : context_(&context) {}

    LoopContext& query(asio::execution::context_t) const noexcept { return *context_; }
    static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) noexcept {
      return asio::execution::blocking_t::never;
    }

    // Never on this stack. In the simulator that is an event of its own, as every post.
    template <class Function>
    void execute(Function function) const {
      context_->port().loop().post(std::move(function));
    }

    friend bool operator==(const Executor&, const Executor&) noexcept = default;

   private:
    LoopContext* context_;
  };
  using executor_type = Executor;
  Executor get_executor() noexcept { return Executor(*this); }

  LoopPort& port() { return port_; }

 private:
  LoopPort port_;
};

namespace detail {

template <class T, class Handler>
class AsioReceiver {
 public:
  using Executor = std::decay_t<decltype(asio::prefer(
      std::declval<asio::associated_executor_t<Handler, LoopContext::Executor>>(),
      asio::execution::outstanding_work.tracked))>;
  using Slot = asio::associated_cancellation_slot_t<Handler>;

  AsioReceiver(Handler handler, const LoopContext::Executor& fallback)
      : executor_(asio::prefer(asio::get_associated_executor(handler, fallback),
                               asio::execution::outstanding_work.tracked)),
        slot_(asio::get_associated_cancellation_slot(handler)),
        handler_(std::move(handler)) {}

  template <class... Value>
  void set_value(Value&&... value) noexcept {
    if constexpr (sizeof...(Value) == 0) {
      complete(nullptr, absl::OkStatus());
    } else {
      complete(nullptr, Outcome<T>(std::forward<Value>(value)...));
    }
  }
  void set_error(std::exception_ptr error) noexcept { complete(std::move(error), Outcome<T>()); }
  void set_stopped(std::string_view why) noexcept {
    complete(nullptr, failed_outcome<T>(stopped_status(why)));
  }

 private:
  // Where the handler wants it; the slot is touched there alone.
  void complete(std::exception_ptr error, Outcome<T> outcome) {
    auto allocator = asio::get_associated_allocator(handler_);
    auto call_handler = [handler = std::move(handler_), slot = slot_, error = std::move(error),
                         outcome = std::move(outcome)]() mutable {
      if (slot.is_connected()) slot.clear();
      std::move(handler)(std::move(error), std::move(outcome));
    };
    asio::post(executor_, asio::bind_allocator(allocator, std::move(call_handler)));
  }

  // Counts as work, and goes last: the handler's context may go as soon as it has no work, and what
  // is left of a handler that was moved on has copies of executors, too.
  Executor executor_;
  Slot slot_;
  Handler handler_;
};

inline Stop stop_of(asio::cancellation_type asked) {
  const auto has = [asked](asio::cancellation_type type) {
    return (asked & type) != asio::cancellation_type::none;
  };
  return Stop(has(asio::cancellation_type::terminal), has(asio::cancellation_type::partial),
              has(asio::cancellation_type::total));
}

class InitiateCall {
 public:
  explicit InitiateCall(LoopContext& context) : context_(&context) {}

  template <class Handler, class Work>
  void operator()(Handler&& handler, Work work) const {
    using Receiver = AsioReceiver<ResultOf<Work>, std::decay_t<Handler>>;
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto run = make_recycled<RunOf<Work, Receiver>>(
        context_->port().state(), std::move(work),
        Receiver(std::forward<Handler>(handler), context_->get_executor()));
    if (slot.is_connected()) {
      slot.assign([weak = std::weak_ptr<ForeignRun>(run)](asio::cancellation_type type) {
        if (const std::shared_ptr<ForeignRun> held = weak.lock()) {
          held->stop(stop_of(type), "cancelled by Asio");
        }
      });
    }
    run->start();
  }

 private:
  LoopContext* context_;
};

}  // namespace detail

// Runs `work` (see LoopPort) on the loop, as an asynchronous operation of Asio's with the signature
// void(std::exception_ptr, Outcome): any completion token will do.
//
//   absl::StatusOr<Value> value = co_await weft::async_call(
//       context, [&] { return channel.unary_unary(get, key); }, asio::use_awaitable);
//
// Completes on the executor that is associated with the handler, whichever thread that is, or on
// the loop if there is none; posted, never on the stack of the initiation. It counts as work of
// that executor's context until then, and the context must live as long: it may go once it has no
// work left (io_context::run returned, thread_pool::join), or once the port is closed.
// Errors: how a call failed is in the outcome. The exception is what left a task, else null; there
// is no error code, and nothing gives operation_aborted.
// Cancellation: by the handler's slot, on the handler's executor, as Asio has it.
//   terminal       as Running::cancel: ends the call, whose status the outcome then tells. Between
//                  that and an end of the call's own the first wins, and the outcome says which.
//   partial        stops waiting and leaves the call alone: a message that comes later is the next
//                  read's (T39). The outcome is CANCELLED, and the call is not done. A write may
//                  have been sent.
//   total          the same, except for what sends (write, done_writing, exchange), which it
//   leaves.
// A task knows only terminal. Of several types that are asked for together, such as
// cancellation_type::all, the gentlest happens that the work knows.
// Asio's coroutines let only terminal pass, so (read || timer) ends the call, unless they call
// asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation()). One that was
// cancelled throws operation_aborted at its next co_await, which is its own affair.
// An outcome that is on its way to the handler's executor stays as it is: a message has left the
// call then. Asio's || tells of the operation that was first alone; to lose no message, let the
// other leave its outcome where it is seen (docs/adapters.md).
// Threads: any, where work is a function; other work is given on the loop's thread.
template <class Work, class CompletionToken>
auto async_call(LoopContext& context, Work work, CompletionToken&& token) {
  return asio::async_initiate<CompletionToken,
                              void(std::exception_ptr, Outcome<detail::ResultOf<Work>>)>(
      detail::InitiateCall(context), token, std::move(work));
}

}  // namespace weft
