#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "weft/transport/recycled.h"
#include "weft/transport_sim/server_call.h"

namespace weft::sim::detail {

// The outermost coroutine of a handler.
class HandlerCoroutine {
 public:
  class promise_type : public Recycled {
   public:
    HandlerCoroutine get_return_object() noexcept {
      return HandlerCoroutine(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }  // the coroutine contains them
  };

  HandlerCoroutine() noexcept = default;
  HandlerCoroutine(HandlerCoroutine&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)) {}
  HandlerCoroutine& operator=(HandlerCoroutine other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~HandlerCoroutine() {
    if (handle_) handle_.destroy();
  }

 private:
  explicit HandlerCoroutine(std::coroutine_handle<promise_type> handle) noexcept
      : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

CallStatus to_call_status(const absl::Status& status, Metadata trailing_metadata);
// UNKNOWN, with what the exception says: that which is being handled.
absl::Status handler_exception();

// Plays one call of a method with a typed handler, which its server keeps.
template <class Method, class Handler>
class HandlerProgram final : public PeerProgram, public Recycled {
 public:
  using Request = typename Method::Request;
  using Response = typename Method::Response;
  using Call = ServerCall<Request, Response>;

  explicit HandlerProgram(Handler& handler) : handler_(handler) {}

  void opened(PeerCall& peer) override {
    state_.emplace(peer);
    call_.emplace(*state_, Method::request_parser(), Method::response_serializer());
    if constexpr (one_request) {
      peer.want_message(true);
    } else {
      begin([this]() -> decltype(auto) { return handler_(*call_); });
    }
  }

  void message(PeerCall& peer, Bytes bytes) override {
    if constexpr (!one_request) peer.want_message(false);
    state_->message = std::move(bytes);
    state_->wake(state_->readers);
  }

  void half_closed(PeerCall& peer) override {
    state_->half_closed = true;
    if constexpr (one_request) {
      begin_with_request(peer);
    } else {
      state_->wake(state_->readers);
    }
  }

  void cancelled(PeerCall&) override { state_->wake_all(); }
  void room(PeerCall& peer) override {
    if (peer.has_room()) state_->wake(state_->writers);
  }
  bool cares_for_cancel() const override { return running_; }

 private:
  static constexpr bool one_request = request_cardinality(Method::kind) == Cardinality::one;
  static constexpr bool one_response = response_cardinality(Method::kind) == Cardinality::one;

  void begin_with_request(PeerCall& peer) {
    if (!state_->message.has_value()) {
      return peer.finish(CallStatus(StatusCode::kUnimplemented, "the request is missing"));
    }
    bool parsed = false;
    try {
      parsed =
          Method::request_parser()(*std::exchange(state_->message, std::nullopt), request_).ok();
    } catch (...) {  // a codec is the user's code
    }
    if (!parsed) {
      return peer.finish(CallStatus(StatusCode::kInternal, "the request does not parse"));
    }
    begin([this]() -> decltype(auto) {
      if constexpr (std::is_invocable_v<Handler&, const Request&, Call&>) {
        return handler_(std::as_const(request_), *call_);
      } else {
        return handler_(std::as_const(request_));
      }
    });
  }

  template <class Invoke>
  void begin(Invoke invoke) {
    using Result = std::invoke_result_t<Invoke>;
    if constexpr (std::is_constructible_v<absl::StatusOr<Response>, Result> ||
                  std::is_same_v<std::remove_cvref_t<Result>, absl::Status>) {
      try {
        end(invoke());
      } catch (...) {
        finish_with(handler_exception());
      }
    } else {
      running_ = true;
      coroutine_ = run(std::move(invoke));
    }
  }

  template <class Invoke>
  HandlerCoroutine run(Invoke invoke) {
    std::optional<absl::Status> thrown;
    try {
      auto awaitable = invoke();
      auto result = co_await std::move(awaitable);
      running_ = false;
      end(std::move(result));
    } catch (...) {
      thrown = handler_exception();
    }
    running_ = false;
    if (thrown.has_value()) finish_with(*thrown);
  }

  template <class Result>
  void end(Result result) {
    if (!state_->broken.ok()) return finish_with(absl::InternalError(state_->broken.message()));
    if constexpr (std::is_same_v<std::remove_cvref_t<Result>, absl::Status>) {
      finish_with(result);
    } else {
      absl::StatusOr<Response> response(std::move(result));
      if (!response.ok()) return finish_with(response.status());
      HeapBytes memory;
      absl::StatusOr<Bytes> bytes = Method::response_serializer()(*response, memory);
      if (!bytes.ok()) return finish_with(absl::InternalError(bytes.status().message()));
      state_->call.send_message(*std::move(bytes));
      finish_with(absl::OkStatus());
    }
  }

  // The end: this status, and whatever was sent before.
  void finish_with(const absl::Status& status) {
    state_->call.finish(to_call_status(status, std::move(state_->trailing_metadata)));
  }

  Handler& handler_;
  std::optional<HandlerState> state_;
  std::optional<Call> call_;
  Request request_{};
  bool running_ = false;
  HandlerCoroutine coroutine_;
};

}  // namespace weft::sim::detail
