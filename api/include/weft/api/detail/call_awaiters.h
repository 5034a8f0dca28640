#pragma once

#include <coroutine>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "weft/api/codec.h"
#include "weft/api/detail/call_core.h"
#include "weft/api/read_result.h"
#include "weft/api/rpc_error.h"

namespace weft::detail {

// Waits in one of a call's queues. Destroying it takes it out.
class CallAwaiter : public LoopTask {
 public:
  explicit CallAwaiter(CallReference call)
      : LoopTask([](LoopTask& task) noexcept { static_cast<CallAwaiter&>(task).resume(); }),
        call_(std::move(call)) {}

 protected:
  ~CallAwaiter() {
    if (handle_ != nullptr && observer() != nullptr) observer()->waits_no_more(handle_.address());
  }

  // `what` it waits for, and `where`: for a loop that explains itself.
  template <class Promise>
  void suspend(std::coroutine_handle<Promise> handle, LoopTaskQueue& queue, std::string_view what,
               const std::source_location& where) {
    handle_ = handle;
    cancellation_ = cancellation_of(handle.promise());
    queue.push(*this);
    if (observer() != nullptr) observer()->waits(handle_.address(), what, call_->name(), where);
  }
  // The frame is being destroyed while the operation is pending.
  bool is_waiting() const { return handle_ != nullptr; }
  // If that is because the task was cancelled, the call ends with it (B191-B194).
  void cancel_call_with_task() {
    if (cancellation_ != nullptr && cancellation_->requested()) {
      call_->cancel(cancellation_->reason());
    }
  }

  CallReference call_;

 private:
  WaitObserver* observer() const { return call_->loop().wait_observer(); }
  void resume() {
    if (observer() != nullptr) observer()->waits_no_more(handle_.address());
    std::exchange(handle_, nullptr).resume();
  }

  std::coroutine_handle<> handle_;
  Cancellation* cancellation_ = nullptr;
};

// An awaitable that a call gives out: it can be moved about, and does nothing until it is awaited,
// once, as an rvalue (`co_await call.read()`, `co_await std::move(pending)`).
template <class Awaiter, class... Arguments>
class [[nodiscard]] CallAwaitable {
 public:
  template <class... Given>
    requires(sizeof...(Given) == sizeof...(Arguments))
  explicit CallAwaitable(CallReference call, Given&&... given)
      : call_(std::move(call)), arguments_(std::forward<Given>(given)...) {}

  const CallReference& call() const { return call_; }

  Awaiter operator co_await() && {
    return std::apply(
        [this](Arguments&... arguments) {
          return Awaiter(std::move(call_), std::move(arguments)...);
        },
        arguments_);
  }

 private:
  CallReference call_;
  std::tuple<Arguments...> arguments_;
};

// Something that the call knows sooner or later. Waiting for it never ends the call (B008, B196).
template <class What>
class AccessorAwaiter final : public CallAwaiter {
 public:
  using CallAwaiter::CallAwaiter;
  bool await_ready() const { return What::known(*call_); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> handle,
                     std::source_location where = std::source_location::current()) {
    suspend(handle, What::waiters(*call_), What::name, where);
  }
  decltype(auto) await_resume() const { return What::get(*call_); }
};

class AtEnd {
 public:
  static bool known(const CallCore& call) { return call.done(); }
  static LoopTaskQueue& waiters(CallCore& call) { return call.end_waiters(); }
};
class StatusOf : public AtEnd {
 public:
  static constexpr std::string_view name = "status";
  static absl::Status get(const CallCore& call) { return call.outcome(); }
};
class CodeOf : public AtEnd {
 public:
  static constexpr std::string_view name = "code";
  static StatusCode get(const CallCore& call) { return call.status().code; }
};
class DetailsOf : public AtEnd {
 public:
  static constexpr std::string_view name = "details";
  static std::string get(const CallCore& call) { return call.status().details; }
};
class DebugErrorStringOf : public AtEnd {
 public:
  static constexpr std::string_view name = "debug_error_string";
  static std::optional<std::string> get(const CallCore& call) {
    return call.status().debug_error_string;
  }
};
class TrailingMetadataOf : public AtEnd {
 public:
  static constexpr std::string_view name = "trailing_metadata";
  static Metadata get(const CallCore& call) { return call.status().trailing_metadata; }
};
class RpcErrorOf : public AtEnd {
 public:
  static constexpr std::string_view name = "rpc_error";
  static std::optional<RpcError> get(const CallCore& call) {
    if (call.status().ok()) return std::nullopt;
    return RpcError(call.status(), call.initial_metadata());
  }
};
class InitialMetadataOf {
 public:
  static constexpr std::string_view name = "initial_metadata";
  static bool known(const CallCore& call) { return call.headers_known(); }
  static LoopTaskQueue& waiters(CallCore& call) { return call.headers_waiters(); }
  static Metadata get(const CallCore& call) { return call.initial_metadata(); }
};

class ConnectionAwaiter final : public CallAwaiter {
 public:
  using CallAwaiter::CallAwaiter;
  bool await_ready() const { return call_->start_known(); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> handle,
                     std::source_location where = std::source_location::current()) {
    suspend(handle, call_->start_waiters(), "wait_for_connection", where);
  }
  absl::Status await_resume() const { return call_->done() ? call_->outcome() : absl::OkStatus(); }
};

class WriteAwaiter final : public CallAwaiter {
 public:
  WriteAwaiter(CallReference call, absl::StatusOr<Bytes>&& message, SendOptions options,
               Writer writer)
      : CallAwaiter(std::move(call)),
        message_(std::move(message)),
        options_(options),
        writer_(writer) {}
  ~WriteAwaiter() {
    if (!is_waiting()) return;
    call_->abandon_write();
    cancel_call_with_task();
  }
  bool await_ready() {
    refused_ = message_.ok() ? call_->begin_write(*std::move(message_), options_, writer_)
                             : message_.status();
    return !refused_.ok() || call_->write_known();
  }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> handle,
                     std::source_location where = std::source_location::current()) {
    suspend(handle, call_->write_waiters(), "write", where);
  }
  absl::Status await_resume() { return refused_.ok() ? call_->take_write() : refused_; }

 private:
  absl::StatusOr<Bytes> message_;
  SendOptions options_;
  Writer writer_;
  absl::Status refused_;
};

class DoneWritingAwaiter final : public CallAwaiter {
 public:
  DoneWritingAwaiter(CallReference call, Writer writer)
      : CallAwaiter(std::move(call)), writer_(writer) {}
  ~DoneWritingAwaiter() {
    if (is_waiting()) cancel_call_with_task();
  }
  bool await_ready() {
    was_done_ = call_->done();
    refused_ = call_->half_close(writer_);
    return !refused_.ok() || call_->close_known();
  }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> handle,
                     std::source_location where = std::source_location::current()) {
    suspend(handle, call_->close_waiters(), "done_writing", where);
  }
  absl::Status await_resume() const {
    if (!refused_.ok()) return refused_;
    return call_->done() && !was_done_ ? call_->outcome() : absl::OkStatus();
  }

 private:
  Writer writer_;
  bool was_done_ = false;
  absl::Status refused_;
};

// "cannot parse the peer's message: ..."
std::string unparsable_text(const absl::Status& why);

// Reads one message as bytes; typed readers parse what it gives.
class RawReadAwaiter : public CallAwaiter {
 public:
  RawReadAwaiter(CallReference call, ResponseStyle style)
      : CallAwaiter(std::move(call)), style_(style) {}
  ~RawReadAwaiter() {
    if (!is_waiting()) return;
    call_->abandon_read();
    cancel_call_with_task();
  }
  bool await_ready() {
    refused_ = call_->begin_read(style_);
    return !refused_.ok() || call_->read_known();
  }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> handle,
                     std::source_location where = std::source_location::current()) {
    suspend(handle, call_->read_waiters(), "read", where);
  }

 protected:
  const absl::Status& refused() const { return refused_; }
  // The message, if there was one.
  std::optional<Bytes> take() { return refused_.ok() ? call_->take_read() : std::nullopt; }
  // Why there was none: OK at the end.
  absl::Status without_message() const { return refused_.ok() ? call_->outcome() : refused_; }

 private:
  ResponseStyle style_;
  absl::Status refused_;
};

template <class Response>
class ReadAwaiter : public RawReadAwaiter {
 public:
  using Parser = absl::Status (*)(Bytes, Response&);
  ReadAwaiter(CallReference call, ResponseStyle style, Parser parser)
      : RawReadAwaiter(std::move(call), style), parser_(parser) {}

  ReadResult<Response> await_resume() {
    std::optional<Bytes> bytes = take();
    // One object from here to where the caller has it, which is not moved.
    ReadResult<Response> result = bytes.has_value() ? ReadResult<Response>::unfilled() : nothing();
    if (!bytes.has_value()) return result;
    if (absl::Status parsed = parse_contained(parser_, *std::move(bytes), *result); !parsed.ok()) {
      const std::string text = unparsable_text(parsed);
      call_->fail(StatusCode::kInternal, text);
      result.fail(absl::InternalError(text));
    }
    return result;
  }

 private:
  ReadResult<Response> nothing() const {
    absl::Status why = without_message();
    return why.ok() ? ReadResult<Response>::end() : ReadResult<Response>::failed(std::move(why));
  }

  Parser parser_;
};

// A write and a read in one step (D20). The read's result tells of both.
template <class Response>
class ExchangeAwaiter final : public ReadAwaiter<Response> {
 public:
  ExchangeAwaiter(CallReference call, absl::StatusOr<Bytes>&& message,
                  typename ReadAwaiter<Response>::Parser parser)
      : ReadAwaiter<Response>(std::move(call), ResponseStyle::reads, parser),
        message_(std::move(message)) {}

  bool await_ready() {
    (void)ReadAwaiter<Response>::await_ready();
    if (!this->refused().ok()) return true;
    CallCore& call = *this->call_;
    refused_ = message_.ok() ? call.begin_write(*std::move(message_), SendOptions().with_receive(),
                                                Writer::application)
                             : message_.status();
    if (!refused_.ok()) {
      call.abandon_read();
      return true;
    }
    // Whatever becomes of the write shows in the read: a call that lost one ends.
    call.abandon_write();
    call.reader_waits_for_send();
    return call.read_known();
  }
  ReadResult<Response> await_resume() {
    if (!refused_.ok()) return ReadResult<Response>::failed(refused_);
    return ReadAwaiter<Response>::await_resume();
  }

 private:
  absl::StatusOr<Bytes> message_;
  absl::Status refused_;
};

}  // namespace weft::detail
