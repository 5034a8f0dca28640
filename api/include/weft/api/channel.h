#pragma once

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "weft/api/call_options.h"
#include "weft/api/detail/request_pump.h"
#include "weft/api/detail/typed_core.h"
#include "weft/api/interceptor.h"
#include "weft/api/method_descriptor.h"
#include "weft/api/request_source.h"
#include "weft/api/stream_stream_call.h"
#include "weft/api/stream_unary_call.h"
#include "weft/api/task.h"
#include "weft/api/unary_stream_call.h"
#include "weft/api/unary_unary_call.h"
#include "weft/transport/transport.h"

namespace weft {

class ChannelOptions {
 public:
  ChannelOptions() = default;

  // Told of every exception that leaves a done callback. Unset, or if it throws itself: a line on
  // standard error.
  ChannelOptions&& on_callback_exception(absl::AnyInvocable<void(std::exception_ptr)> handler) && {
    callback_exception_handler = std::move(handler);
    return std::move(*this);
  }

  // What every call of the channel goes through, the first outermost; see Interceptor.
  ChannelOptions&& interceptors(std::vector<std::shared_ptr<Interceptor>> list) && {
    call_interceptors = std::move(list);
    return std::move(*this);
  }

  absl::AnyInvocable<void(std::exception_ptr)> callback_exception_handler;
  std::vector<std::shared_ptr<Interceptor>> call_interceptors;
};

// Where calls are made from: a transport, driven by a loop.
//
//   weft::Channel channel(transport, loop);
//   absl::StatusOr<Reply> reply = co_await channel.unary_unary(say_hello, request);
//
// Making a call returns at once with a call that has started (B001). Misuse shows in the call,
// which is then done from the start, and nothing was sent: a closed channel and call credentials on
// an insecure transport are usage errors (B002, B401, B480), an illegal header and a request that
// cannot be serialised are INTERNAL (B053, B366-B368).
//
// Lifetime: the channel owns its calls' registry, not its calls. Destroying it closes it without
// grace, which cancels them (B287, B400, B402). The transport may be shared with other channels and
// is not shut down. The loop must outlive the channel.
// Threads: the loop's thread.
class Channel {
 public:
  Channel(std::shared_ptr<Transport> transport, EventLoop& loop,
          ChannelOptions options = ChannelOptions());
  Channel(Channel&&) noexcept = default;
  Channel& operator=(Channel&& other) noexcept {
    std::swap(core_, other.core_);
    return *this;
  }
  ~Channel();

  template <class Request, class Response>
  UnaryUnaryCall<Request, Response> unary_unary(const UnaryUnaryMethod<Request, Response>& method,
                                                const std::type_identity_t<Request>& request,
                                                CallOptions options = CallOptions()) {
    return UnaryUnaryCall<Request, Response>(
        open<detail::ResponseCore<Response>>(method, request, options));
  }

  template <class Request, class Response>
  UnaryStreamCall<Request, Response> unary_stream(
      const UnaryStreamMethod<Request, Response>& method,
      const std::type_identity_t<Request>& request, CallOptions options = CallOptions()) {
    return UnaryStreamCall<Request, Response>(open<detail::CallCore>(method, request, options),
                                              method.parser());
  }

  // With write() and done_writing().
  template <class Request, class Response>
  StreamUnaryCall<Request, Response> stream_unary(
      const StreamUnaryMethod<Request, Response>& method, CallOptions options = CallOptions()) {
    return StreamUnaryCall<Request, Response>(
        method.serializer(), open<detail::ResponseCore<Response>>(method, options));
  }
  // With a request source, which the call takes over.
  template <class Request, class Response, RequestSource<Request> Source>
  StreamUnaryCall<Request, Response> stream_unary(
      const StreamUnaryMethod<Request, Response>& method, Source source,
      CallOptions options = CallOptions()) {
    return StreamUnaryCall<Request, Response>(
        method.serializer(),
        open_with_source<detail::ResponseCore<Response>>(method, std::move(source), options));
  }

  template <class Request, class Response>
  StreamStreamCall<Request, Response> stream_stream(
      const StreamStreamMethod<Request, Response>& method, CallOptions options = CallOptions()) {
    return StreamStreamCall<Request, Response>(
        method.serializer(), open<detail::CallCore>(method, options), method.parser());
  }
  template <class Request, class Response, RequestSource<Request> Source>
  StreamStreamCall<Request, Response> stream_stream(
      const StreamStreamMethod<Request, Response>& method, Source source,
      CallOptions options = CallOptions()) {
    return StreamStreamCall<Request, Response>(
        method.serializer(), open_with_source<detail::CallCore>(method, std::move(source), options),
        method.parser());
  }

  // The transport's state; SHUTDOWN once closed (B408). With `try_to_connect`, an idle transport
  // starts connecting after telling its state (B410).
  ConnectivityState state(bool try_to_connect = false) const;
  // Awaits a state other than `last`, or the deadline, and gives the state then. SHUTDOWN if the
  // channel is closed meanwhile; a usage error if it was closed before (B409).
  Task<absl::StatusOr<ConnectivityState>> wait_for_state_change(
      ConnectivityState last, Deadline deadline = Deadline::infinite()) const;
  // Awaits READY, connecting as long as it takes (B413). A usage error on a closed channel,
  // DEADLINE_EXCEEDED if it takes too long.
  Task<absl::Status> ready(Deadline deadline = Deadline::infinite()) const;

  // Closes the channel now: no more calls (B401). Live calls have `grace` to end by themselves,
  // then they are cancelled, those that nobody waits for included (B402-B407); with no grace they
  // are cancelled before this returns. Awaiting the task waits until the last one has ended; it
  // need not be awaited unless there is grace. Idempotent: of several, each cancels at the end of
  // its grace.
  Task<void> close(absl::Duration grace = absl::ZeroDuration());
  bool closed() const { return core_->closed(); }

  EventLoop& loop() const { return core_->loop(); }

 private:
  // Makes the call; its request goes with its start.
  template <class Core, class Method>
  detail::CallHandle open(const Method& method, const typename Method::Request& request,
                          CallOptions& options) {
    StreamOptions& prepared = prepare(method.full_name(), Method::kind, options);
    detail::CallHandle handle = make_core<Core>(method, prepared.deadline, false);
    absl::StatusOr<Bytes> bytes =
        detail::serialize_contained(method.serializer(), request, core_->transport());
    launch(handle.core(), prepared, bytes);
    return handle;
  }
  // Makes a call that writes its requests.
  template <class Core, class Method>
  detail::CallHandle open(const Method& method, CallOptions& options, bool has_source = false) {
    StreamOptions& prepared = prepare(method.full_name(), Method::kind, options);
    detail::CallHandle handle = make_core<Core>(method, prepared.deadline, has_source);
    absl::StatusOr<Bytes> nothing = Bytes();
    launch(handle.core(), prepared, nothing);
    return handle;
  }

  template <class Core, class Method, class Source>
  detail::CallHandle open_with_source(const Method& method, Source source, CallOptions& options) {
    detail::CallHandle handle = open<Core>(method, options, true);
    if (!handle.core().done()) {
      handle.core().set_source(detail::pump_requests<typename Method::Request>(
          handle.core(), method.serializer(), std::move(source)));
    }
    return handle;
  }

  template <class Core, class Method>
  detail::CallHandle make_core(const Method& method, Deadline deadline, bool has_source) {
    if constexpr (std::is_same_v<Core, detail::CallCore>) {
      return detail::CallHandle(
          detail::CallReference(*new Core(core_, Method::kind, has_source, deadline)));
    } else {
      return detail::CallHandle(detail::CallReference(
          *new Core(core_, Method::kind, has_source, deadline, method.parser())));
    }
  }

  StreamOptions& prepare(std::string_view method, CallKind kind, CallOptions& options) const;
  // Takes both over.
  void launch(detail::CallCore& call, StreamOptions& options, absl::StatusOr<Bytes>& request);

  std::shared_ptr<detail::ChannelCore> core_;
};

}  // namespace weft
