#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "weft/api/task.h"
#include "weft/transport/transport.h"

namespace weft::conformance {

// What a check asks of a transport. What a fixture cannot give, its needs say (see Need).
class ConnectOptions {
 public:
  ConnectOptions() = default;

  // The connection need not stand yet when the first stream is made.
  ConnectOptions& unconnected() {
    starts_connected = false;
    return *this;
  }
  // Limits of messages and of metadata; 0: the transport's default.
  ConnectOptions& receive_limit(std::size_t bytes) {
    receive_bytes_max = bytes;
    return *this;
  }
  ConnectOptions& send_limit(std::size_t bytes) {
    send_bytes_max = bytes;
    return *this;
  }
  ConnectOptions& metadata_limit(std::size_t bytes) {
    metadata_bytes_max = bytes;
    return *this;
  }
  // Streams that the peer lets run at a time; 0: no limit.
  ConnectOptions& stream_limit(std::size_t streams) {
    streams_max = streams;
    return *this;
  }

  bool starts_connected = true;
  std::size_t receive_bytes_max = 0;
  std::size_t send_bytes_max = 0;
  std::size_t metadata_bytes_max = 0;
  std::size_t streams_max = 0;
};

// Where one run of a check takes place: a loop, a peer, and the way to it. A fixture makes a fresh
// one for every run. Threads: the loop's.
class Site {
 public:
  virtual ~Site() = default;

  virtual EventLoop& loop() = 0;

  // A transport of its own to the peer, as users have it: not wrapped in anything.
  virtual std::shared_ptr<Transport> connect(const ConnectOptions& options) = 0;
  // ... to where nobody listens. Only with Need::nobody.
  virtual std::shared_ptr<Transport> connect_to_nobody() { return nullptr; }

  // Every connection is lost and nobody listens, until the peer starts again at the same place.
  // Only with Need::peer_stops.
  virtual void stop_peer() {}
  virtual void start_peer() {}

  // Lets something happen, whatever it is: a turn of the loop. A fixture that explores orders tries
  // every number of events here.
  virtual Task<> step();

  // Notes on the peer's board, from and for the check: give one, and wait for one. By default calls
  // over `transport`, so that what the peer sent to it before a note is here when the note is.
  virtual Task<> give_note(std::shared_ptr<Transport> transport, std::string note);
  virtual Task<> await_note(std::shared_ptr<Transport> transport, std::string note);

  // Part of the names of notes: differs from run to run where runs share a peer.
  virtual std::string run_name() { return ""; }
};

}  // namespace weft::conformance
