#include "weft/transport_grpc/grpc_transport_options.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <climits>

#include "convert.h"
#include "weft/transport/detail/text.h"

namespace weft {
namespace {

int milliseconds(absl::Duration duration) {
  const std::int64_t value = absl::ToInt64Milliseconds(duration);
  return value > INT_MAX ? INT_MAX : static_cast<int>(value);
}

// Core takes C strings: what is behind a zero byte would be lost silently.
absl::Status legal_argument(std::string_view name, std::string_view value) {
  if (name.empty()) return absl::InvalidArgumentError("channel_argument: the name is empty");
  if (name.find('\0') == name.npos && value.find('\0') == value.npos) return absl::OkStatus();
  return absl::InvalidArgumentError(
      detail::text("channel_argument ", name.substr(0, name.find('\0')), ": has a zero byte"));
}

// Core takes an int.
absl::Status legal_limit(std::string_view option, std::size_t bytes) {
  if (bytes <= INT_MAX) return absl::OkStatus();
  return absl::InvalidArgumentError(detail::text(option, ": ", bytes, " is more than ", INT_MAX));
}

}  // namespace

std::shared_ptr<TlsSessionCache> TlsSessionCache::create(std::size_t sessions_max) {
  return std::shared_ptr<TlsSessionCache>(new TlsSessionCache(sessions_max));
}

TlsSessionCache::TlsSessionCache(std::size_t sessions_max) {
  grpc_init();
  cache_ = grpc_ssl_session_cache_create_lru(sessions_max);
}

TlsSessionCache::~TlsSessionCache() {
  grpc_ssl_session_cache_destroy(cache_);
  grpc_shutdown();
}

TlsOptions& TlsOptions::root_certificates(std::string pem) {
  roots_ = std::move(pem);
  return *this;
}

TlsOptions& TlsOptions::identity(std::string private_key_pem, std::string certificate_chain_pem) {
  private_key_ = std::move(private_key_pem);
  certificate_chain_ = std::move(certificate_chain_pem);
  return *this;
}

TlsOptions& TlsOptions::session_cache(std::shared_ptr<TlsSessionCache> cache) {
  session_cache_ = std::move(cache);
  return *this;
}

TlsOptions& TlsOptions::expected_peer_name(std::string name) {
  expected_peer_name_ = std::move(name);
  return *this;
}

GrpcTransportOptions& GrpcTransportOptions::tls(TlsOptions options) {
  if (!options.expected_peer_name_.empty()) {
    channel_argument(GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, options.expected_peer_name_);
  }
  tls_ = std::move(options);
  return *this;
}

GrpcTransportOptions& GrpcTransportOptions::call_credentials(
    std::shared_ptr<CallCredentials> credentials) {
  call_credentials_ = std::move(credentials);
  return *this;
}

GrpcTransportOptions& GrpcTransportOptions::receive_bytes_max(std::size_t bytes) {
  misuse_.Update(legal_limit("receive_bytes_max", bytes));
  receive_bytes_max_ = bytes;
  return channel_argument(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, static_cast<int>(bytes));
}

GrpcTransportOptions& GrpcTransportOptions::send_bytes_max(std::size_t bytes) {
  misuse_.Update(legal_limit("send_bytes_max", bytes));
  send_bytes_max_ = bytes;
  return channel_argument(GRPC_ARG_MAX_SEND_MESSAGE_LENGTH, static_cast<int>(bytes));
}

GrpcTransportOptions& GrpcTransportOptions::metadata_bytes_max(std::size_t bytes) {
  misuse_.Update(legal_limit("metadata_bytes_max", bytes));
  metadata_bytes_max_ = bytes;
  return channel_argument(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(bytes));
}

GrpcTransportOptions& GrpcTransportOptions::keepalive(absl::Duration interval,
                                                      absl::Duration timeout, bool without_calls) {
  if (interval <= absl::ZeroDuration() || timeout <= absl::ZeroDuration()) {
    misuse_.Update(
        absl::InvalidArgumentError("keepalive: interval and timeout must be more than zero"));
    return *this;
  }
  channel_argument(GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(interval));
  channel_argument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds(timeout));
  return channel_argument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, without_calls ? 1 : 0);
}

GrpcTransportOptions& GrpcTransportOptions::service_config(std::string json) {
  return channel_argument(GRPC_ARG_SERVICE_CONFIG, std::move(json));
}

GrpcTransportOptions& GrpcTransportOptions::authority(std::string name) {
  return channel_argument(GRPC_ARG_DEFAULT_AUTHORITY, std::move(name));
}

GrpcTransportOptions& GrpcTransportOptions::user_agent(std::string prefix) {
  user_agent_ = std::move(prefix);
  return *this;
}

GrpcTransportOptions& GrpcTransportOptions::compression(Compression algorithm) {
  return channel_argument(GRPC_COMPRESSION_CHANNEL_DEFAULT_ALGORITHM,
                          static_cast<int>(to_algorithm(algorithm)));
}

GrpcTransportOptions& GrpcTransportOptions::reconnect_backoff(absl::Duration initial,
                                                              absl::Duration maximum) {
  if (initial <= absl::ZeroDuration() || maximum < initial) {
    misuse_.Update(absl::InvalidArgumentError("reconnect_backoff: wants 0 < initial <= maximum"));
    return *this;
  }
  // Core's "minimum" bounds how long an attempt may take, and is left alone.
  channel_argument(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, milliseconds(initial));
  return channel_argument(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, milliseconds(maximum));
}

GrpcTransportOptions& GrpcTransportOptions::lean() {
  channel_argument(GRPC_ARG_ENABLE_RETRIES, 0);
  return channel_argument(GRPC_ARG_ENABLE_CHANNELZ, 0);
}

GrpcTransportOptions& GrpcTransportOptions::channel_argument(std::string name, int value) {
  misuse_.Update(legal_argument(name, ""));
  return set_argument(std::move(name), value);
}

GrpcTransportOptions& GrpcTransportOptions::channel_argument(std::string name, std::string value) {
  misuse_.Update(legal_argument(name, value));
  return set_argument(std::move(name), std::move(value));
}

// Of two with one name core would take the first.
GrpcTransportOptions& GrpcTransportOptions::set_argument(std::string name, ArgumentValue value) {
  std::erase_if(arguments_, [&](const Argument& argument) { return argument.first == name; });
  arguments_.emplace_back(std::move(name), std::move(value));
  return *this;
}

absl::Status GrpcTransportOptions::validate() const {
  if (!misuse_.ok()) return misuse_;
  if (tls_ && tls_->private_key_.empty() != tls_->certificate_chain_.empty()) {
    return absl::InvalidArgumentError(
        "tls: an identity needs both a private key and a certificate chain");
  }
  if (call_credentials_ != nullptr && !tls_) {
    return absl::InvalidArgumentError("Call credentials are only valid on secure channels");
  }
  return absl::OkStatus();
}

}  // namespace weft
