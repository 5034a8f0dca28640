#pragma once

#include <coroutine>
#include <cstddef>
#include <memory>
#include <source_location>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "weft/api/detail/observed_wait.h"
#include "weft/api/task.h"
#include "weft/transport/completion.h"
#include "weft/transport/transport.h"

namespace weft {

namespace detail {
class InterceptedStream;
class ProceedAwaiter;
}  // namespace detail

// A call on its way through one interceptor, which runs around it: nothing of it has left yet when
// the interceptor is entered, and its caller hears of its end when the interceptor returns.
// Threads: the loop's thread. Lifetime: until the interceptor returns or is torn down.
class InterceptedCall {
 public:
  explicit InterceptedCall(detail::InterceptedStream& stream) : stream_(&stream) {}
  InterceptedCall(const InterceptedCall&) = delete;
  InterceptedCall& operator=(const InterceptedCall&) = delete;

  EventLoop& loop() const;
  // What the next attempt is made with: method, metadata, deadline, credentials, wait-for-ready,
  // compression. Changes count from the next proceed() on. A deadline can be brought forward, not
  // put off: the caller's holds in any case, time in interceptors included (B232-B234).
  StreamOptions& options() const;

  // An attempt: hands the call on to whatever comes next, the other interceptors included, each
  // time (B435). Awaits its status; meanwhile the caller reads and writes as if there were no
  // interceptor (B459). At most one attempt is under way: a further proceed() gives the one before
  // up, as returning does.
  // Gives INTERNAL, with no attempt made, if can_proceed() is false.
  class [[nodiscard]] Proceed {
   public:
    explicit Proceed(detail::InterceptedStream& stream) : stream_(&stream) {}
    detail::ProceedAwaiter operator co_await() const;

   private:
    detail::InterceptedStream* stream_;
  };
  Proceed proceed() const { return Proceed(*stream_); }
  // Whether an attempt can be made: always the first; another one as long as the caller has seen
  // nothing of a response and every request so far was kept.
  bool can_proceed() const;
  // Prepares for further attempts: keeps the requests of a stream, up to so many bytes, beyond that
  // there will be none (a single request is always kept); and holds empty response headers back for
  // up to 5 ms, because to some transports a call that fails at once looks as if it had them.
  void keep_requests(std::size_t bytes_max = std::size_t{256} * 1024) const;

  // Short-circuit: responses that the caller gets before the status that the interceptor returns,
  // if no attempt has sent any.
  void respond(Bytes message) const;
  void respond_headers(Metadata metadata) const;

  // Called with everything that passes, in order, for looking at it or changing it. Of a further
  // attempt, requests are what they were changed to before. An exception ends the call as one of
  // the interceptor's does. A further hook takes the place of the one before, from inside it too.
  void on_request(absl::AnyInvocable<void(Bytes&)> hook) const;
  void on_initial_metadata(absl::AnyInvocable<void(Metadata&)> hook) const;
  void on_response(absl::AnyInvocable<void(Bytes&)> hook) const;

 private:
  detail::InterceptedStream* stream_;
};

// Wraps every call of a channel, of all four kinds (B430-B459): it may observe, change, delay,
// retry, answer or fail it.
//
//   class Retry final : public weft::Interceptor {
//     weft::Task<weft::CallStatus> intercept(weft::InterceptedCall& call) override {
//       weft::CallStatus status = co_await call.proceed();
//       const bool harmless = status.progress != weft::Progress::maybe_processed;
//       if (status.code == weft::StatusCode::kUnavailable && harmless && call.can_proceed()) {
//         co_await weft::sleep_for(call.loop(), absl::Milliseconds(50));  // backs off
//         status = co_await call.proceed();
//       }
//       co_return status;
//     }
//   };
//
// Order: the first in a list is outermost; it sees the call first and its end last (B431).
// Cancel, deadline and drop end a call at once wherever it is: the interceptor's coroutine is then
// destroyed where it waits, and what it would return does not matter (B439, B440, B443).
// Errors: what intercept() returns is how the call ends. Returning OK while an attempt runs is
// INTERNAL, an exception UNKNOWN with its text (B445).
// Threads: intercept() runs on the loop of its call; one interceptor may serve several loops.
class Interceptor {
 public:
  virtual ~Interceptor() = default;
  virtual Task<CallStatus> intercept(InterceptedCall& call) = 0;
};

// An interceptor from a function that does what intercept() does, such as a coroutine lambda. The
// function lives as long as the interceptor, so the lambda may capture.
template <class Function>
std::shared_ptr<Interceptor> make_interceptor(Function function) {
  class FromFunction final : public Interceptor {
   public:
    explicit FromFunction(Function its_function) : function_(std::move(its_function)) {}
    Task<CallStatus> intercept(InterceptedCall& call) override { return function_(call); }

   private:
    Function function_;
  };
  return std::make_shared<FromFunction>(std::move(function));
}

// `transport` with interceptors before it, the first outermost; itself, if there are none. Made for
// Channel, which takes any transport. It serves what `transport` serves, and keeps it alive.
std::shared_ptr<Transport> intercept(std::shared_ptr<Transport> transport,
                                     std::vector<std::shared_ptr<Interceptor>> interceptors);

namespace detail {

class ProceedAwaiter final : public LoopTask {
 public:
  explicit ProceedAwaiter(InterceptedStream& stream);
  ~ProceedAwaiter();
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle,
                     std::source_location where = std::source_location::current());
  CallStatus await_resume();

 private:
  friend InterceptedStream;
  InterceptedStream* stream_;
  std::coroutine_handle<> handle_;
  CallStatus status_;
  ObservedWait wait_;
};

}  // namespace detail

}  // namespace weft
