#pragma once

#include <coroutine>
#include <source_location>
#include <utility>

#include "absl/status/statusor.h"
#include "weft/api/detail/call_awaiters.h"
#include "weft/api/detail/call_core.h"

namespace weft::detail {

// A call with one response, which is parsed once, when the call ends well (B041, B058).
template <class Response>
class ResponseCore final : public CallCore {
 public:
  using Parser = absl::Status (*)(Bytes, Response&);

  ResponseCore(std::shared_ptr<ChannelCore> channel, CallKind kind, bool has_source,
               Deadline deadline, Parser parser)
      : CallCore(std::move(channel), kind, has_source, deadline), parser_(parser) {}

  // Of a call that is done: the response, or how it failed.
  absl::StatusOr<Response>& response() {
    if (absl::Status how = outcome(); !how.ok()) response_ = std::move(how);
    return response_;
  }

 private:
  absl::Status accept_response(Bytes&& bytes) override {
    Response& message = response_.emplace();
    if (absl::Status parsed = parse_contained(parser_, std::move(bytes), message); !parsed.ok()) {
      return absl::InternalError(unparsable_text(parsed));
    }
    return absl::OkStatus();
  }

  Parser parser_;
  absl::StatusOr<Response> response_;
};

// How a response is handed out: a reference into the call, moved out of a call that nobody else
// holds, or a value that throws RpcError when there is none.
enum class Take { reference, move, value_or_throw };

// Awaits the one response.
template <class Response, Take take>
class ResponseAwaiter final : public CallAwaiter {
 public:
  ResponseAwaiter(CallReference call, bool sole_owner)
      : CallAwaiter(std::move(call)), sole_owner_(sole_owner) {}
  ~ResponseAwaiter() {
    if (is_waiting()) cancel_call_with_task();
  }
  bool await_ready() const { return call_->done(); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> handle,
                     std::source_location where = std::source_location::current()) {
    suspend(handle, call_->end_waiters(), "response", where);
  }
  using Result = std::conditional_t<
      take == Take::reference, const absl::StatusOr<Response>&,
      std::conditional_t<take == Take::move, absl::StatusOr<Response>, Response>>;
  Result await_resume() {
    auto& response = static_cast<ResponseCore<Response>&>(*call_).response();
    if constexpr (take == Take::reference) {
      return response;
    } else if constexpr (take == Take::move) {
      return sole_owner_ ? absl::StatusOr<Response>(std::move(response))
                         : absl::StatusOr<Response>(response);
    } else {
      if (!response.ok()) throw RpcError(call_->status(), call_->initial_metadata());
      return Response(*response);
    }
  }

 private:
  bool sole_owner_;
};

}  // namespace weft::detail
