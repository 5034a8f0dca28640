#include "weft/api/channel.h"

#include <utility>

#include "weft/api/sleep.h"
#include "weft/api/usage_error.h"
#include "weft/api/when_any.h"
#include "weft/transport/assert.h"
#include "weft/transport/detail/text.h"
#include "weft/transport/recycled.h"

namespace weft {
namespace {

// Awaits a change of state; a coroutine of its own so that the awaiter has a frame to live in.
Task<absl::StatusOr<ConnectivityState>> state_change(std::shared_ptr<detail::ChannelCore> core,
                                                     ConnectivityState last, Deadline deadline) {
  detail::StateAwaiter change(std::move(core), last, deadline);
  co_return co_await change;
}

Task<absl::Status> become_ready(std::shared_ptr<detail::ChannelCore> core, Deadline deadline) {
  for (;;) {
    if (core->closed()) co_return usage_error(channel_closed_text);
    const ConnectivityState now = core->transport().connectivity(/*try_to_connect=*/true);
    if (now == ConnectivityState::ready) co_return absl::OkStatus();
    if (now == ConnectivityState::shutdown) {
      co_return absl::UnavailableError("the transport is shut down");
    }
    auto change = state_change(core, now, deadline);
    const absl::StatusOr<ConnectivityState> then = co_await std::move(change);
    if (!then.ok()) co_return then.status();
    if (*then == now && deadline.expired(core->loop().now())) {
      co_return absl::DeadlineExceededError(detail::text("the channel is still ", to_string(now)));
    }
  }
}

Task<void> become_idle(std::shared_ptr<detail::ChannelCore> core) {
  detail::IdleAwaiter idle(core);
  co_await idle;
}

Task<void> finish_close(std::shared_ptr<detail::ChannelCore> core, Instant end_of_grace) {
  if (core->live_calls() > 0 && core->loop().now() < end_of_grace) {
    auto first = when_any(become_idle(core), sleep_until(core->loop(), end_of_grace));
    co_await std::move(first);
  }
  core->cancel_calls();
}

}  // namespace

Channel::Channel(std::shared_ptr<Transport> transport, EventLoop& loop, ChannelOptions options)
    : core_(make_recycled<detail::ChannelCore>(
          intercept(std::move(transport), std::move(options.call_interceptors)), loop,
          std::move(options.callback_exception_handler))) {}

Channel::~Channel() {
  if (core_ == nullptr) return;
  core_->close();
  core_->cancel_calls();
}

StreamOptions& Channel::prepare(std::string_view method, CallKind kind,
                                CallOptions& options) const {
  const Instant now = options.has_timeout() ? core_->loop().now() : Instant();
  return options.to_stream_options(method, kind, now);
}

void Channel::launch(detail::CallCore& call, StreamOptions& options,
                     absl::StatusOr<Bytes>& request) {
  WEFT_ASSERT(core_->loop().is_current(), "calls are made on the thread of the channel's loop");
  if (core_->closed()) return call.fail_at_birth(usage_error(channel_closed_text));
  if (options.credentials != nullptr && !core_->transport().capabilities().secure) {
    return call.fail_at_birth(usage_error(insecure_credentials_text));
  }
  if (absl::Status legal = options.metadata.validate(); !legal.ok()) {
    return call.fail_at_birth(std::move(legal));
  }
  if (!request.ok()) {
    return call.fail_at_birth(absl::InternalError(detail::unserialisable_text(request.status())));
  }
  call.start(std::move(options), *std::move(request));
}

ConnectivityState Channel::state(bool try_to_connect) const {
  if (core_->closed()) return ConnectivityState::shutdown;
  return core_->transport().connectivity(try_to_connect);
}

Task<absl::StatusOr<ConnectivityState>> Channel::wait_for_state_change(ConnectivityState last,
                                                                       Deadline deadline) const {
  return state_change(core_, last, deadline);
}

Task<absl::Status> Channel::ready(Deadline deadline) const {
  return become_ready(core_, deadline);
}

Task<void> Channel::close(absl::Duration grace) {
  core_->close();
  if (grace <= absl::ZeroDuration()) core_->cancel_calls();
  return finish_close(core_, core_->loop().now() + grace);
}

}  // namespace weft
