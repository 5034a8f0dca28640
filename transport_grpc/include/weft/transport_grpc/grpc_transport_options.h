#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "weft/transport/call_credentials.h"
#include "weft/transport/stream_options.h"

struct grpc_ssl_session_cache;

namespace weft {

// Sessions of TLS connections: a channel that shares it resumes the session that another one had
// with the same peer, which saves most of the handshake (B484). Threads: any.
class TlsSessionCache {
 public:
  // Keeps so many sessions, those used last.
  static std::shared_ptr<TlsSessionCache> create(std::size_t sessions_max);
  TlsSessionCache(const TlsSessionCache&) = delete;
  TlsSessionCache& operator=(const TlsSessionCache&) = delete;
  ~TlsSessionCache();

 private:
  friend class GrpcChannel;
  explicit TlsSessionCache(std::size_t sessions_max);
  grpc_ssl_session_cache* cache_;
};

// TLS for a channel. PEM texts, not file names.
class TlsOptions {
 public:
  TlsOptions() = default;

  // Whom to trust. Unset: gRPC's default roots.
  TlsOptions& root_certificates(std::string pem);
  // This side's identity, for mutual TLS: both or neither.
  TlsOptions& identity(std::string private_key_pem, std::string certificate_chain_pem);
  // The name to expect in the peer's certificate instead of the target's host. For tests.
  TlsOptions& expected_peer_name(std::string name);
  TlsOptions& session_cache(std::shared_ptr<TlsSessionCache> cache);

 private:
  friend class GrpcTransportOptions;
  friend class GrpcChannel;
  std::string roots_;
  std::string private_key_;
  std::string certificate_chain_;
  std::string expected_peer_name_;
  std::shared_ptr<TlsSessionCache> session_cache_;
};

// How a GrpcTransport connects and behaves. What is not set is gRPC core's default.
//
//   weft::GrpcTransportOptions().tls(weft::TlsOptions().root_certificates(pem))
//                               .receive_bytes_max(64 << 20)
class GrpcTransportOptions {
 public:
  GrpcTransportOptions() = default;

  // Plaintext unless tls() is called.
  GrpcTransportOptions& tls(TlsOptions options);
  // Added to every call. Needs TLS.
  GrpcTransportOptions& call_credentials(std::shared_ptr<CallCredentials> credentials);

  // Largest message taken from the peer (core: 4 MiB) and sent to it (core: no limit). A call that
  // exceeds one ends with RESOURCE_EXHAUSTED (T55).
  GrpcTransportOptions& receive_bytes_max(std::size_t bytes);
  GrpcTransportOptions& send_bytes_max(std::size_t bytes);
  // Largest response headers or trailers taken (core: 8 KiB).
  GrpcTransportOptions& metadata_bytes_max(std::size_t bytes);

  // Pings after `interval` without traffic; the connection is given up when no answer comes within
  // `timeout`. Servers refuse short intervals unless they were told otherwise. Without, only
  // deadlines notice a peer that vanished, or a reset that core overlooks: core 1.51 does when the
  // reset comes while bytes before it are unread and their reader is busy.
  GrpcTransportOptions& keepalive(absl::Duration interval, absl::Duration timeout,
                                  bool without_calls = false);
  // A service config as JSON: retries, timeouts, load balancing.
  GrpcTransportOptions& service_config(std::string json);
  // What the peer sees as :authority instead of the target.
  GrpcTransportOptions& authority(std::string name);
  // Put before gRPC's own user agent and Weft's.
  GrpcTransportOptions& user_agent(std::string prefix);
  // Default compression of sent messages.
  GrpcTransportOptions& compression(Compression algorithm);
  // The time between attempts to connect: the first pause, and the longest.
  GrpcTransportOptions& reconnect_backoff(absl::Duration initial, absl::Duration maximum);
  // Has core leave out what a call can do without, for about an eighth of a unary call's
  // instructions (bench/README.md). Given up:
  //   - retries: those of a service config's retryPolicy, and core's transparent one. A call that
  //     the peer or a closing connection refused unprocessed ends with UNAVAILABLE at once; its
  //     Progress says that trying again is safe, which an Interceptor may do.
  //   - channelz: the channel and its calls do not show in it.
  // A channel_argument() given later overrides either ("grpc.enable_retries").
  GrpcTransportOptions& lean();
  // Any other of core's channel arguments, by its name ("grpc.http2.bdp_probe"). The last one of a
  // name counts.
  GrpcTransportOptions& channel_argument(std::string name, int value);
  GrpcTransportOptions& channel_argument(std::string name, std::string value);

  // OK, or INVALID_ARGUMENT naming the option that makes no sense.
  absl::Status validate() const;

 private:
  friend class GrpcChannel;
  using ArgumentValue = std::variant<int, std::string>;
  using Argument = std::pair<std::string, ArgumentValue>;

  GrpcTransportOptions& set_argument(std::string name, ArgumentValue value);

  std::optional<TlsOptions> tls_;
  std::shared_ptr<CallCredentials> call_credentials_;
  std::string user_agent_;
  std::vector<Argument> arguments_;
  std::size_t receive_bytes_max_ = std::size_t{4} * 1024 * 1024;
  std::size_t send_bytes_max_ = 0;  // no limit
  std::size_t metadata_bytes_max_ = std::size_t{8} * 1024;
  absl::Status misuse_;  // the first option that made no sense
};

}  // namespace weft
