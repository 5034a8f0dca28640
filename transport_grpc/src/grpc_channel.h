#pragma once

#include <grpc/grpc.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "weft/transport/transport.h"
#include "weft/transport_grpc/grpc_transport_options.h"

namespace weft {

class ConnectivityWatch;
class GrpcStream;

// What a GrpcTransport, its streams and its watches share: core's channel, and who lives on it.
// Threads: any.
class GrpcChannel {
 public:
  static absl::StatusOr<std::shared_ptr<GrpcChannel>> create(const std::string& target,
                                                             const GrpcTransportOptions& options);
  static std::shared_ptr<GrpcChannel> take_over(grpc_channel* channel);
  ~GrpcChannel();

  grpc_channel* core() const { return channel_; }
  // Of no other channel of this process, past or to come; never 0.
  std::uint64_t number() const { return number_; }
  const Capabilities& capabilities() const { return capabilities_; }
  // Ready, for a channel that has no connection. Knows nothing of shutdown().
  ConnectivityState core_connectivity(bool try_to_connect) const;
  bool is_shut_down() const { return shut_down_.load(std::memory_order_acquire); }

  // Core's handle for a method, looked up once (B418).
  void* registered_method(std::string_view method);

  // Streams and watches enter themselves and leave before they die. A stream that enters after an
  // immediate shutdown is cancelled as those that were there.
  void enter(GrpcStream& stream);
  void leave(GrpcStream& stream);
  void enter(ConnectivityWatch& watch);
  void leave(ConnectivityWatch& watch);

  void cancel_wait(ConnectivityCompletion& changed);
  void shutdown(ShutdownMode mode, const CallStatus& status);

 private:
  GrpcChannel();

  const std::uint64_t number_;
  grpc_channel* channel_ = nullptr;
  Capabilities capabilities_;
  std::atomic<bool> shut_down_ = false;

  std::mutex mutex_;
  std::optional<CallStatus> ended_with_;  // by an immediate shutdown; stays as it is then
  absl::flat_hash_map<std::string, void*> methods_;
  GrpcStream* streams_ = nullptr;         // doubly linked through the streams
  ConnectivityWatch* watches_ = nullptr;  // doubly linked through the watches
};

}  // namespace weft
