#include "grpc_channel.h"

#include <grpc/grpc_security.h>

#include <utility>
#include <vector>

#include "call_credentials_plugin.h"
#include "connectivity_watch.h"
#include "convert.h"
#include "grpc_stream.h"
#include "weft/transport/detail/text.h"

namespace weft {
namespace {

constexpr std::string_view own_user_agent = "weft/0.1.0";

grpc_arg to_core_argument(const std::string& name, const int& value) {
  grpc_arg argument;
  argument.type = GRPC_ARG_INTEGER;
  argument.key = const_cast<char*>(name.c_str());
  argument.value.integer = value;
  return argument;
}

grpc_arg to_core_argument(const std::string& name, const std::string& value) {
  grpc_arg argument;
  argument.type = GRPC_ARG_STRING;
  argument.key = const_cast<char*>(name.c_str());
  argument.value.string = const_cast<char*>(value.c_str());
  return argument;
}

grpc_channel_credentials* tls_credentials(const std::string& roots, const std::string& key,
                                          const std::string& chain) {
  grpc_ssl_pem_key_cert_pair identity = {key.c_str(), chain.c_str()};
  return grpc_ssl_credentials_create(roots.empty() ? nullptr : roots.c_str(),
                                     key.empty() ? nullptr : &identity, nullptr, nullptr);
}

// `channel` credentials that add those of every call; takes `channel` over.
grpc_channel_credentials* with_call_credentials(grpc_channel_credentials* channel,
                                                std::shared_ptr<CallCredentials> credentials) {
  grpc_call_credentials* call = make_core_credentials(std::move(credentials));
  grpc_channel_credentials* both =
      grpc_composite_channel_credentials_create(channel, call, nullptr);
  grpc_channel_credentials_release(channel);
  grpc_call_credentials_release(call);
  return both;
}

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> channels_made = 0;
  return channels_made.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

GrpcChannel::GrpcChannel() : number_(next_number()) {}

absl::StatusOr<std::shared_ptr<GrpcChannel>> GrpcChannel::create(
    const std::string& target, const GrpcTransportOptions& options) {
  if (target.empty()) return absl::InvalidArgumentError("the target is empty");
  if (absl::Status status = options.validate(); !status.ok()) return status;
  grpc_init();
  std::shared_ptr<GrpcChannel> channel(new GrpcChannel());

  const std::string user_agent_name = GRPC_ARG_PRIMARY_USER_AGENT_STRING;
  const std::string user_agent = options.user_agent_.empty()
                                     ? std::string(own_user_agent)
                                     : detail::text(options.user_agent_, " ", own_user_agent);
  std::vector<grpc_arg> arguments = {to_core_argument(user_agent_name, user_agent)};
  for (const auto& [name, value] : options.arguments_) {
    arguments.push_back(std::visit(
        [&key = name](const auto& typed) { return to_core_argument(key, typed); }, value));
  }
  if (options.tls_ && options.tls_->session_cache_ != nullptr) {
    arguments.push_back(
        grpc_ssl_session_cache_create_channel_arg(options.tls_->session_cache_->cache_));
  }
  const grpc_channel_args core_arguments = {arguments.size(), arguments.data()};

  grpc_channel_credentials* credentials =
      options.tls_ ? tls_credentials(options.tls_->roots_, options.tls_->private_key_,
                                     options.tls_->certificate_chain_)
                   : grpc_insecure_credentials_create();
  if (options.call_credentials_ != nullptr) {
    credentials = with_call_credentials(credentials, options.call_credentials_);
  }
  channel->channel_ = grpc_channel_create(target.c_str(), credentials, &core_arguments);
  grpc_channel_credentials_release(credentials);

  Capabilities& capabilities = channel->capabilities_;
  capabilities.name = "gRPC core over HTTP/2";
  capabilities.secure = options.tls_.has_value();
  capabilities.compression = true;
  capabilities.write_hints = true;
  capabilities.connectivity = true;
  capabilities.deadline_on_wire = true;
  capabilities.receive_bytes_max = options.receive_bytes_max_;
  capabilities.send_bytes_max = options.send_bytes_max_;
  capabilities.metadata_bytes_max = options.metadata_bytes_max_;
  return channel;
}

// Core watches the connectivity of client channels alone; a channel within the process is none.
std::shared_ptr<GrpcChannel> GrpcChannel::take_over(grpc_channel* core) {
  grpc_init();
  std::shared_ptr<GrpcChannel> channel(new GrpcChannel());
  channel->channel_ = core;
  const bool is_client_channel = grpc_channel_support_connectivity_watcher(core) != 0;
  Capabilities& capabilities = channel->capabilities_;
  capabilities.name = is_client_channel ? "gRPC core" : "gRPC core in-process";
  capabilities.compression = is_client_channel;
  capabilities.write_hints = is_client_channel;
  capabilities.connectivity = is_client_channel;
  capabilities.deadline_on_wire = true;
  capabilities.delivers_messages_before_status = is_client_channel;
  return channel;
}

GrpcChannel::~GrpcChannel() {
  if (channel_ != nullptr) grpc_channel_destroy(channel_);
  grpc_shutdown();
}

ConnectivityState GrpcChannel::core_connectivity(bool try_to_connect) const {
  if (!capabilities_.connectivity) return ConnectivityState::ready;
  return to_connectivity(grpc_channel_check_connectivity_state(channel_, try_to_connect ? 1 : 0));
}

void* GrpcChannel::registered_method(std::string_view method) {
  const std::lock_guard lock(mutex_);
  const auto found = methods_.find(detail::as_absl(method));
  if (found != methods_.end()) return found->second;
  std::string name(method);
  void* handle = grpc_channel_register_call(channel_, name.c_str(), nullptr, nullptr);
  methods_.emplace(std::move(name), handle);
  return handle;
}

// Core runs the credentials of calls on the stack of whoever calls it, and they may use the
// channel: no call of core's is made under the lock.
void GrpcChannel::enter(GrpcStream& stream) {
  bool has_ended = false;
  {
    const std::lock_guard lock(mutex_);
    IntrusiveLinks<GrpcStream>::insert(streams_, stream, &GrpcStream::links);
    has_ended = ended_with_.has_value();
  }
  if (has_ended) stream.cancel(ended_with_->code, ended_with_->details);
}

void GrpcChannel::leave(GrpcStream& stream) {
  const std::lock_guard lock(mutex_);
  IntrusiveLinks<GrpcStream>::erase(streams_, stream, &GrpcStream::links);
}

void GrpcChannel::enter(ConnectivityWatch& watch) {
  const std::lock_guard lock(mutex_);
  IntrusiveLinks<ConnectivityWatch>::insert(watches_, watch, &ConnectivityWatch::links);
}

void GrpcChannel::leave(ConnectivityWatch& watch) {
  const std::lock_guard lock(mutex_);
  IntrusiveLinks<ConnectivityWatch>::erase(watches_, watch, &ConnectivityWatch::links);
}

void GrpcChannel::cancel_wait(ConnectivityCompletion& changed) {
  const std::lock_guard lock(mutex_);
  for (ConnectivityWatch* watch = watches_; watch != nullptr; watch = watch->links.next()) {
    if (watch->is_for(changed)) return watch->cancel();
  }
}

void GrpcChannel::shutdown(ShutdownMode mode, const CallStatus& status) {
  shut_down_.store(true, std::memory_order_release);
  // Streams may die as soon as the lock is gone; their calls are kept.
  std::vector<grpc_call*> cancelled;
  {
    const std::lock_guard lock(mutex_);
    for (ConnectivityWatch* watch = watches_; watch != nullptr; watch = watch->links.next()) {
      watch->channel_was_shut_down();
    }
    if (mode == ShutdownMode::graceful) return;
    if (!ended_with_.has_value()) ended_with_ = status;
    for (GrpcStream* stream = streams_; stream != nullptr; stream = stream->links.next()) {
      grpc_call* call = stream->claim_cancel(status.code, status.details);
      if (call != nullptr) cancelled.push_back(call);
    }
  }
  for (grpc_call* call : cancelled) {
    grpc_call_cancel_with_status(call, static_cast<grpc_status_code>(status.code),
                                 status.details.c_str(), nullptr);
    grpc_call_unref(call);
  }
}

}  // namespace weft
