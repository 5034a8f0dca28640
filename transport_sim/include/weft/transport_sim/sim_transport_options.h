#pragma once

#include <cstddef>
#include <limits>

#include "weft/transport/stream_options.h"

namespace weft::sim {

// What a simulated transport is like.
class SimTransportOptions {
 public:
  SimTransportOptions() = default;

  // The connection stands from the beginning, so that no call waits for it.
  SimTransportOptions& connected(bool on = true) {
    starts_connected = on;
    return *this;
  }
  // Bytes that one direction of a call takes before its reader reads; a larger message passes when
  // the reader asks for it (T51, T52). Default 65,535, as HTTP/2's.
  SimTransportOptions& window(std::size_t bytes) {
    window_bytes = bytes;
    return *this;
  }
  // Messages above these end the call with RESOURCE_EXHAUSTED (T55). Defaults as gRPC's: 4 MiB to
  // receive, no limit to send.
  SimTransportOptions& receive_limit(std::size_t bytes) {
    receive_bytes_max = bytes;
    return *this;
  }
  SimTransportOptions& send_limit(std::size_t bytes) {
    send_bytes_max = bytes;
    return *this;
  }
  // Calls that wait for a connection fail when it cannot be made, unless they say otherwise (T80).
  SimTransportOptions& wait_for_ready(bool on = true) {
    waits_for_ready = on;
    return *this;
  }
  // Calls beyond it wait until another has ended (F31). Default: no limit.
  SimTransportOptions& stream_limit(std::size_t calls) {
    streams_max = calls;
    return *this;
  }
  // What messages of calls that do not say otherwise are compressed with. Nothing is compressed
  // here: a server that refuses it refuses the call.
  SimTransportOptions& compression(Compression algorithm) {
    default_compression = algorithm;
    return *this;
  }
  // Call credentials may be used, as over TLS.
  SimTransportOptions& secure(bool on = true) {
    is_secure = on;
    return *this;
  }
  // Without the rules' watchman, for measurements.
  SimTransportOptions& unchecked() {
    checked = false;
    return *this;
  }

  bool starts_connected = false;
  std::size_t window_bytes = 65'535;
  std::size_t receive_bytes_max = std::size_t{4} * 1024 * 1024;
  std::size_t send_bytes_max = std::numeric_limits<std::size_t>::max();
  bool waits_for_ready = false;
  std::size_t streams_max = std::numeric_limits<std::size_t>::max();
  Compression default_compression = Compression::none;
  bool is_secure = false;
  bool checked = true;
};

}  // namespace weft::sim
