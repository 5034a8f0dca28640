#pragma once

#include <coroutine>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "weft/transport/bytes.h"
#include "weft/transport/loop_task.h"
#include "weft/transport/wait_observer.h"
#include "weft/transport_sim/peer_call.h"

namespace weft::sim {

namespace detail {

// Memory for messages of simulated servers.
class HeapBytes final : public BytesAllocator {
 public:
  Bytes allocate(std::size_t size) override { return Bytes::uninitialized(size); }
};

// What a handler can wait for, without types. One reader, one writer, any number of others.
class HandlerState {
 public:
  explicit HandlerState(PeerCall& peer_call) : call(peer_call) {}

  // Woken through the loop, within the step.
  class Waiter : public LoopTask {
   public:
    Waiter() : LoopTask([](LoopTask& task) noexcept { static_cast<Waiter&>(task).resume(); }) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() { tell_end(); }
    void suspend(HandlerState& state, std::coroutine_handle<> handle, LoopTaskQueue& queue,
                 std::string_view what, const std::source_location& where);

   private:
    void tell_end() noexcept {
      if (observer_ != nullptr) std::exchange(observer_, nullptr)->waits_no_more(handle_.address());
    }
    void resume() {
      tell_end();
      handle_.resume();
    }
    std::coroutine_handle<> handle_;
    WaitObserver* observer_ = nullptr;
  };

  void wake(LoopTaskQueue& queue);
  void wake_all();

  PeerCall& call;
  std::optional<Bytes> message;  // came and was not read yet
  bool half_closed = false;
  absl::Status broken;  // a message did not parse, or could not be serialised
  Metadata trailing_metadata;
  LoopTaskQueue readers;
  LoopTaskQueue writers;
  LoopTaskQueue cancel_watchers;
};

}  // namespace detail

// A call as a typed handler has it in hand: for reading requests and writing responses, as far as
// its kind allows. One read and one write at a time.
// Lifetime: until the handler is done; it dies with the handler.
template <class Request, class Response>
class ServerCall {
 public:
  using RequestParser = absl::Status (*)(Bytes, Request&);
  using ResponseSerializer = absl::StatusOr<Bytes> (*)(const Response&, BytesAllocator&);

  ServerCall(detail::HandlerState& state, RequestParser parser, ResponseSerializer serializer)
      : state_(state), parser_(parser), serializer_(serializer) {}

  World& world() const { return state_.call.world(); }
  const Metadata& metadata() const { return state_.call.metadata(); }
  Deadline deadline() const { return state_.call.deadline(); }
  // The client ended the call, or is gone. Nothing that is sent arrives any more.
  bool cancelled() const { return state_.call.cancelled(); }

  class ReadAwaiter : public detail::HandlerState::Waiter {
   public:
    explicit ReadAwaiter(ServerCall& call) : call_(call) {}
    bool await_ready() const { return call_.readable(); }
    void await_suspend(std::coroutine_handle<> handle,
                       std::source_location where = std::source_location::current()) {
      call_.state_.call.want_message(true);
      suspend(call_.state_, handle, call_.state_.readers, "read", where);
    }
    std::optional<Request> await_resume() { return call_.take(); }

   private:
    ServerCall& call_;
  };
  // Awaits a request: nothing after the last one, or when the call is over.
  ReadAwaiter read() { return ReadAwaiter(*this); }

  class WriteAwaiter : public detail::HandlerState::Waiter {
   public:
    explicit WriteAwaiter(ServerCall& call) : call_(call) {}
    bool await_ready() const { return call_.writable(); }
    void await_suspend(std::coroutine_handle<> handle,
                       std::source_location where = std::source_location::current()) {
      suspend(call_.state_, handle, call_.state_.writers, "write", where);
    }
    bool await_resume() const {
      return call_.state_.broken.ok() && !call_.cancelled() && !call_.state_.call.finished();
    }

   private:
    ServerCall& call_;
  };
  // Sends a response, and awaits room in the client's window. False if the call is over.
  WriteAwaiter write(const Response& response) {
    send(response);
    return WriteAwaiter(*this);
  }

  class CancelAwaiter : public detail::HandlerState::Waiter {
   public:
    explicit CancelAwaiter(ServerCall& call) : call_(call) {}
    bool await_ready() const { return call_.cancelled(); }
    void await_suspend(std::coroutine_handle<> handle,
                       std::source_location where = std::source_location::current()) {
      suspend(call_.state_, handle, call_.state_.cancel_watchers, "until_cancelled", where);
    }
    void await_resume() const {}

   private:
    ServerCall& call_;
  };
  // Awaits that the client cancels the call or is gone.
  CancelAwaiter until_cancelled() { return CancelAwaiter(*this); }

  // Response headers, before the first response; without, they are empty.
  void send_headers(Metadata metadata) { state_.call.send_headers(std::move(metadata)); }
  void set_trailing_metadata(Metadata metadata) { state_.trailing_metadata = std::move(metadata); }
  // For handlers that misbehave.
  PeerCall& frames() { return state_.call; }

 private:
  bool over() const { return cancelled() || state_.call.finished() || !state_.broken.ok(); }
  bool readable() const { return state_.message.has_value() || state_.half_closed || over(); }
  bool writable() const { return state_.call.has_room() || over(); }

  std::optional<Request> take() {
    if (!state_.message.has_value()) return std::nullopt;
    Request request{};
    absl::Status parsed = parser_(*std::exchange(state_.message, std::nullopt), request);
    if (parsed.ok()) return request;
    state_.broken = std::move(parsed);
    return std::nullopt;
  }

  void send(const Response& response) {
    if (over()) return;
    detail::HeapBytes memory;
    absl::StatusOr<Bytes> bytes = serializer_(response, memory);
    if (bytes.ok()) return state_.call.send_message(*std::move(bytes));
    state_.broken = bytes.status();
  }

  detail::HandlerState& state_;
  RequestParser parser_;
  ResponseSerializer serializer_;
};

}  // namespace weft::sim
