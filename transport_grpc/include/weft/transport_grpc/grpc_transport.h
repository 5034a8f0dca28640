#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "weft/transport/transport.h"
#include "weft/transport_grpc/grpc_transport_options.h"

struct grpc_channel;

namespace weft {

class GrpcChannel;

// The seam over gRPC core: one channel, whose streams may be made for any number of GrpcEventLoops.
//
// What a call costs in core's batches: a unary or stream-unary response is received together with
// the status when the call has a deadline and did not ask for early initial metadata, so a unary
// call is then exactly one batch; otherwise the status has a batch of its own (D19, P27, P28).
// Operations started in one turn of the loop travel together where that changes nothing that can be
// observed (D20).
//
// Lifetime: streams keep the channel alive; the transport may be dropped anywhere (T07).
// Threads: as Transport says. The loops given to it must be GrpcEventLoops.
class GrpcTransport final : public Transport {
 public:
  // Connects lazily, to "host:port", "unix:path" or whatever else gRPC resolves. INVALID_ARGUMENT
  // if an option makes no sense; an unreachable target shows in the calls.
  static absl::StatusOr<std::shared_ptr<GrpcTransport>> create(
      const std::string& target, const GrpcTransportOptions& options = GrpcTransportOptions());

  // Over a channel of core's that you made, which it takes over, such as one within the process.
  // Message limits are those that the channel was made with; the capabilities do not know them.
  // gRPC 1.51's in-process transport loses messages that come before the status (P17, P25), has no
  // connectivity, and knows neither retries nor service configs (TG6): its capabilities say so, and
  // it is no ground truth for tests.
  static std::shared_ptr<GrpcTransport> over(grpc_channel* channel);

  // Shuts down immediately, as far as the transport's own users go: streams run on.
  ~GrpcTransport() override;

  const Capabilities& capabilities() const override;
  StreamPtr create_stream(EventLoop& loop, StreamOptions options) override;
  ConnectivityState connectivity(bool try_to_connect) override;
  void wait_for_change(EventLoop& loop, ConnectivityState last, Deadline deadline,
                       ConnectivityCompletion& changed) override;
  void cancel_wait(ConnectivityCompletion& changed) override;
  void shutdown(ShutdownMode mode, const CallStatus& status) override;

  // Memory that gRPC sends without another copy.
  Bytes allocate(std::size_t size) override;

 private:
  explicit GrpcTransport(std::shared_ptr<GrpcChannel> channel);

  std::shared_ptr<GrpcChannel> channel_;
};

}  // namespace weft
