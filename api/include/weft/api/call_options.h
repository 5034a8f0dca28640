#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "weft/transport/call_credentials.h"
#include "weft/transport/deadline.h"
#include "weft/transport/metadata.h"
#include "weft/transport/stream_options.h"

namespace weft {

// What one call wants, given by value when the call is made.
//
//   channel.unary_unary(method, request,
//                       weft::CallOptions().timeout(absl::Seconds(2)).metadata("tenant", "blue"));
class CallOptions {
 public:
  CallOptions() = default;

  // Counted from the moment the call is made (B220). Zero or less: the call ends with
  // DEADLINE_EXCEEDED at once (B227). With a deadline too, the earlier of both holds.
  CallOptions& timeout(absl::Duration duration) & {
    timeout_ = duration;
    return *this;
  }
  // An absolute deadline on the channel's loop, for passing on what is left of another call's.
  CallOptions& deadline(Deadline instant) & {
    deadline_ = instant;
    return *this;
  }
  // Replaces the request metadata; an illegal entry ends the call before it starts (B366, B368).
  CallOptions& metadata(Metadata entries) & {
    metadata_ = std::move(entries);
    return *this;
  }
  // Adds one entry.
  CallOptions& metadata(std::string key, std::string value) & {
    metadata_.add(std::move(key), std::move(value));
    return *this;
  }
  // Whether to wait out failures to connect instead of failing with UNAVAILABLE. Unset: the
  // channel's default, which is to fail fast (B340-B344). The deadline runs all the same (B228).
  CallOptions& wait_for_ready(bool wait = true) & {
    wait_for_ready_ = wait;
    return *this;
  }
  // How this call's messages are compressed, Compression::none included (B471, B473).
  CallOptions& compression(Compression algorithm) & {
    compression_ = algorithm;
    return *this;
  }
  // Only on secure transports (B480).
  CallOptions& credentials(std::shared_ptr<CallCredentials> call_credentials) & {
    credentials_ = std::move(call_credentials);
    return *this;
  }
  // Sent as :authority instead of the target.
  CallOptions& authority(std::string name) & {
    authority_ = std::move(name);
    return *this;
  }
  // Have a unary response's headers as soon as they arrive, for one more batch (B019, D19).
  // Streaming responses have them early anyway.
  CallOptions& early_initial_metadata(bool early = true) & {
    early_initial_metadata_ = early;
    return *this;
  }

  // The same on a temporary, for chains.
  CallOptions&& timeout(absl::Duration duration) && { return std::move(timeout(duration)); }
  CallOptions&& deadline(Deadline instant) && { return std::move(deadline(instant)); }
  CallOptions&& metadata(Metadata entries) && { return std::move(metadata(std::move(entries))); }
  CallOptions&& metadata(std::string key, std::string value) && {
    return std::move(metadata(std::move(key), std::move(value)));
  }
  CallOptions&& wait_for_ready(bool wait = true) && { return std::move(wait_for_ready(wait)); }
  CallOptions&& compression(Compression algorithm) && { return std::move(compression(algorithm)); }
  CallOptions&& credentials(std::shared_ptr<CallCredentials> call_credentials) && {
    return std::move(credentials(std::move(call_credentials)));
  }
  CallOptions&& authority(std::string name) && { return std::move(authority(std::move(name))); }
  CallOptions&& early_initial_metadata(bool early = true) && {
    return std::move(early_initial_metadata(early));
  }

  // For the call layer: these options as of `now`.
  StreamOptions to_stream_options(std::string_view method, CallKind kind, Instant now) &&;
  // Whether the clock is needed.
  bool has_timeout() const { return timeout_.has_value(); }

 private:
  std::optional<absl::Duration> timeout_;
  Deadline deadline_;
  Metadata metadata_;
  std::optional<bool> wait_for_ready_;
  std::optional<Compression> compression_;
  std::shared_ptr<CallCredentials> credentials_;
  std::string authority_;
  bool early_initial_metadata_ = false;
};

inline StreamOptions CallOptions::to_stream_options(std::string_view method, CallKind kind,
                                                    Instant now) && {
  StreamOptions options(method, kind);
  options.authority = std::move(authority_);
  options.metadata = std::move(metadata_);
  options.deadline = timeout_ ? earlier_of(deadline_, Deadline::after(now, *timeout_)) : deadline_;
  options.wait_for_ready = wait_for_ready_;
  options.compression = compression_;
  options.credentials = std::move(credentials_);
  options.early_initial_metadata = early_initial_metadata_;
  return options;
}

}  // namespace weft
