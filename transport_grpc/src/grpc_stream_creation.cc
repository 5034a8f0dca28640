#include <string>
#include <utility>

#include "call_credentials_plugin.h"
#include "convert.h"
#include "grpc_stream.h"
#include "weft/transport/wire_status.h"

// How a stream comes to be, or is refused, and goes.

namespace weft {
namespace {

std::uint32_t start_flags(const std::optional<bool>& wait_for_ready) {
  if (!wait_for_ready.has_value()) return 0;
  return GRPC_INITIAL_METADATA_WAIT_FOR_READY_EXPLICITLY_SET |
         (*wait_for_ready ? GRPC_INITIAL_METADATA_WAIT_FOR_READY : 0u);
}

grpc_metadata to_core_entry(std::string_view key, std::string_view value) {
  grpc_metadata entry = {};
  entry.key = to_slice(key);
  entry.value = to_slice(value);
  return entry;
}

}  // namespace

StreamPtr GrpcStream::create(const std::shared_ptr<GrpcChannel>& channel, GrpcEventLoop& loop,
                             const StreamOptions& options) {
  return StreamPtr(new GrpcStream(channel, loop, options));
}

GrpcStream::GrpcStream(const std::shared_ptr<GrpcChannel>& channel, GrpcEventLoop& loop,
                       const StreamOptions& options)
    : QueueTag(&GrpcStream::batch_arrived),
      channel_(channel),
      loop_(loop),
      deadline_(options.deadline),
      kind_(options.kind),
      response_with_status_(options.response_with_status()),
      separate_headers_(options.early_initial_metadata ||
                        response_cardinality(options.kind) == Cardinality::many ||
                        request_cardinality(options.kind) == Cardinality::many),
      metadata_(loop.spares_->take_received()),
      status_details_(to_slice("")) {
  ++loop_.live_users_;
  IntrusiveLinks<GrpcStream>::insert(loop_.streams_, *this, &GrpcStream::loop_links);
  create_call(options);
  if (call_ != nullptr) channel_->enter(*this);
}

GrpcStream::~GrpcStream() {
  if (call_ != nullptr) {
    channel_->leave(*this);
    grpc_call_unref(call_);
  }
  for (grpc_metadata& entry : request_metadata_) {
    grpc_slice_unref(entry.key);
    grpc_slice_unref(entry.value);
  }
  loop_.spares_->give_back(metadata_);
  grpc_slice_unref(status_details_);
  IntrusiveLinks<GrpcStream>::erase(loop_.streams_, *this, &GrpcStream::loop_links);
  --loop_.live_users_;
}

// Everything that can be wrong with a call is found here, before core sees it (T42, T71, T81).
void GrpcStream::create_call(const StreamOptions& options) {
  const auto refuse_for = [this](const WireCondition& condition) {
    CallStatus status = status_of(condition);
    refuse(status.code, std::move(status.details));
  };
  if (channel_->is_shut_down()) return refuse_for(WireCondition::transport_shut_down());
  if (absl::Status legal = options.metadata.validate(); !legal.ok()) {
    return refuse(legal.code(), std::string(legal.message()));
  }
  if (options.credentials != nullptr && !channel_->capabilities().secure) {
    return refuse_for(WireCondition::insecure_credentials());
  }
  if (!options.deadline.is_infinite() && options.deadline.expired(loop_.time_of_turn())) {
    return refuse_for(WireCondition::deadline_before_start());
  }
  start_flags_ = start_flags(options.wait_for_ready);
  for (const auto& [key, value] : options.metadata) {
    request_metadata_.push_back(to_core_entry(key, value));
  }
  if (options.compression.has_value()) {
    request_metadata_.push_back(
        to_core_entry("grpc-internal-encoding-request", algorithm_name(*options.compression)));
  }
  const gpr_timespec deadline = to_timespec(options.deadline);
  if (options.authority.empty()) {
    call_ = grpc_channel_create_registered_call(
        channel_->core(), nullptr, GRPC_PROPAGATE_DEFAULTS, loop_.completion_queue_,
        loop_.spares_->registered_method(*channel_, options.method), deadline, nullptr);
  } else {
    const grpc_slice method = to_slice(options.method);
    const grpc_slice authority = to_slice(options.authority);
    call_ =
        grpc_channel_create_call(channel_->core(), nullptr, GRPC_PROPAGATE_DEFAULTS,
                                 loop_.completion_queue_, method, &authority, deadline, nullptr);
    grpc_slice_unref(method);
    grpc_slice_unref(authority);
  }
  if (options.credentials != nullptr) {
    grpc_call_credentials* credentials = make_core_credentials(options.credentials);
    grpc_call_set_credentials(call_, credentials);
    grpc_call_credentials_release(credentials);
  }
}

void GrpcStream::refuse(StatusCode code, std::string details) {
  local_status_.emplace(code, std::move(details));
  local_status_->debug_error_string = "refused before it was given to gRPC core";
  local_status_->progress = Progress::never_left;
  ended_in_core_.store(true, std::memory_order_release);
}

}  // namespace weft
