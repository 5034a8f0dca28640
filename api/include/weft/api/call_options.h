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
    stream_.deadline = instant;
    return *this;
  }
  // Replaces the request metadata; an illegal entry ends the call before it starts (B366, B368).
  CallOptions& metadata(Metadata entries) & {
    stream_.metadata = std::move(entries);
    return *this;
  }
  // Adds one entry.
  CallOptions& metadata(std::string key, std::string value) & {
    stream_.metadata.add(std::move(key), std::move(value));
    return *this;
  }
  // Whether to wait out failures to connect instead of failing with UNAVAILABLE. Unset: the
  // channel's default, which is to fail fast (B340-B344). The deadline runs all the same (B228).
  CallOptions& wait_for_ready(bool wait = true) & {
    stream_.wait_for_ready = wait;
    return *this;
  }
  // How this call's messages are compressed, Compression::none included (B471, B473).
  CallOptions& compression(Compression algorithm) & {
    stream_.compression = algorithm;
    return *this;
  }
  // Only on secure transports (B480).
  CallOptions& credentials(std::shared_ptr<CallCredentials> call_credentials) & {
    stream_.credentials = std::move(call_credentials);
    return *this;
  }
  // Sent as :authority instead of the target.
  CallOptions& authority(std::string name) & {
    stream_.authority = std::move(name);
    return *this;
  }
  // Have a unary response's headers as soon as they arrive, for one more batch (B019, D19).
  // Streaming responses have them early anyway.
  CallOptions& early_initial_metadata(bool early = true) & {
    stream_.early_initial_metadata = early;
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

  // For the call layer: these options as of `now`, which are not to be used again.
  StreamOptions& to_stream_options(std::string_view method, CallKind kind, Instant now);
  // Whether the clock is needed.
  bool has_timeout() const { return timeout_.has_value(); }

 private:
  std::optional<absl::Duration> timeout_;
  StreamOptions stream_;
};

inline StreamOptions& CallOptions::to_stream_options(std::string_view method, CallKind kind,
                                                     Instant now) {
  stream_.method = method;
  stream_.kind = kind;
  if (timeout_) stream_.deadline = earlier_of(stream_.deadline, Deadline::after(now, *timeout_));
  return stream_;
}

}  // namespace weft
