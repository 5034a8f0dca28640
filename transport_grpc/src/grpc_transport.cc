#include "weft/transport_grpc/grpc_transport.h"

#include <typeinfo>
#include <utility>

#include "connectivity_watch.h"
#include "convert.h"
#include "grpc_channel.h"
#include "grpc_stream.h"
#include "weft/transport/assert.h"
#include "weft/transport_grpc/grpc_event_loop.h"

namespace weft {
namespace {

GrpcEventLoop& grpc_loop(EventLoop& loop) {
  WEFT_ASSERT(typeid(loop) == typeid(GrpcEventLoop), "GrpcTransport needs a GrpcEventLoop");
  return static_cast<GrpcEventLoop&>(loop);
}

}  // namespace

absl::StatusOr<std::shared_ptr<GrpcTransport>> GrpcTransport::create(
    const std::string& target, const GrpcTransportOptions& options) {
  absl::StatusOr<std::shared_ptr<GrpcChannel>> channel = GrpcChannel::create(target, options);
  if (!channel.ok()) return channel.status();
  return std::shared_ptr<GrpcTransport>(new GrpcTransport(*std::move(channel)));
}

std::shared_ptr<GrpcTransport> GrpcTransport::over(grpc_channel* channel) {
  return std::shared_ptr<GrpcTransport>(new GrpcTransport(GrpcChannel::take_over(channel)));
}

GrpcTransport::GrpcTransport(std::shared_ptr<GrpcChannel> channel) : channel_(std::move(channel)) {}

GrpcTransport::~GrpcTransport() {
  channel_->shutdown(ShutdownMode::graceful, CallStatus());
}

const Capabilities& GrpcTransport::capabilities() const {
  return channel_->capabilities();
}

StreamPtr GrpcTransport::create_stream(EventLoop& loop, StreamOptions options) {
  return GrpcStream::create(channel_, grpc_loop(loop), options);
}

ConnectivityState GrpcTransport::connectivity(bool try_to_connect) {
  if (channel_->is_shut_down()) return ConnectivityState::shutdown;
  return channel_->core_connectivity(try_to_connect);
}

void GrpcTransport::wait_for_change(EventLoop& loop, ConnectivityState last, Deadline deadline,
                                    ConnectivityCompletion& changed) {
  ConnectivityWatch::start(channel_, grpc_loop(loop), last, deadline, changed);
}

void GrpcTransport::cancel_wait(ConnectivityCompletion& changed) {
  channel_->cancel_wait(changed);
}

void GrpcTransport::shutdown(ShutdownMode mode, const CallStatus& status) {
  WEFT_ASSERT(mode == ShutdownMode::graceful || !status.ok(),
              "an immediate shutdown needs a status");
  channel_->shutdown(mode, status);
}

Bytes GrpcTransport::allocate(std::size_t size) {
  return Bytes::wrap(SliceStorage(grpc_slice_malloc(size)));
}

}  // namespace weft
