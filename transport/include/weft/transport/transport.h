#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "weft/transport/bytes.h"
#include "weft/transport/completion.h"
#include "weft/transport/deadline.h"
#include "weft/transport/event_loop.h"
#include "weft/transport/stream.h"

namespace weft {

enum class ConnectivityState { idle, connecting, ready, transient_failure, shutdown };
std::string_view to_string(ConnectivityState state);

// What a transport can do (T09). Suites skip by capability, never by a transport's name.
class Capabilities {
 public:
  Capabilities() = default;

  std::string name;                             // for people
  bool real_bytes = true;                       // messages cross as bytes
  bool secure = false;                          // call credentials may be used
  bool compression = false;                     // StreamOptions::compression is honoured
  bool write_hints = false;                     // SendOptions::buffer_hint is honoured
  bool connectivity = false;                    // states other than ready and shutdown are reported
  bool deadline_on_wire = false;                // the peer learns the remaining time (T43)
  bool distinguishes_absent_headers = false;    // InitialMetadata::present is meaningful (T14)
  bool delivers_messages_before_status = true;  // T15; false only for known-broken backends
  std::size_t receive_bytes_max = 0;            // largest message accepted; 0: no limit
  std::size_t send_bytes_max = 0;               // largest message sent; 0: no limit
  std::size_t metadata_bytes_max = 0;           // largest headers or trailers accepted; 0: no limit
};

// Completes a wait for a change of connectivity: the state seen, or the last one again when the
// wait's deadline passed first.
using ConnectivityCompletion = Completion<ConnectivityState>;

// How a transport stops.
enum class ShutdownMode {
  graceful,   // streams run on; new ones end with UNAVAILABLE (T81)
  immediate,  // every live stream gets the given status as its first cause (T82)
};

// Makes streams. The seam between the call layer (weft::api) and whatever carries calls.
//
// Threads: create_stream, connectivity, wait_for_change and cancel_wait on the thread of the loop
// given to them; shutdown, capabilities and allocate on any. Several loops may share one transport.
// Lifetime: a stream keeps its transport alive (T07); the last reference may be dropped anywhere,
// also inside a completion.
class Transport : public BytesAllocator {
 public:
  virtual ~Transport() = default;

  virtual const Capabilities& capabilities() const = 0;

  // A stream that is to be started, never null. It cannot fail: a stream that cannot run is still a
  // stream, whose operations fail and whose status says why (T01): after shutdown UNAVAILABLE
  // (T81), illegal metadata INTERNAL (T71), nobody there UNAVAILABLE unless wait-for-ready (T80), a
  // method that the peer does not know UNIMPLEMENTED (T85), a message over a size limit
  // RESOURCE_EXHAUSTED (T55), an expired deadline DEADLINE_EXCEEDED (T41), a lost connection
  // UNAVAILABLE (T83).
  virtual StreamPtr create_stream(EventLoop& loop, StreamOptions options) = 0;

  // The state now. With `try_to_connect` an idle transport starts connecting after telling its
  // state (B410).
  virtual ConnectivityState connectivity(bool try_to_connect) = 0;

  // Completes on `loop` when the state differs from `last`, or at `deadline` with the state then.
  // After shutdown it completes with ConnectivityState::shutdown (T84, B409).
  virtual void wait_for_change(EventLoop& loop, ConnectivityState last, Deadline deadline,
                               ConnectivityCompletion& changed) = 0;
  // The wait is not wanted any more: `changed` completes promptly, with the state then,
  // but not on this stack (T61).
  virtual void cancel_wait(ConnectivityCompletion& changed) = 0;

  // Stops. Idempotent; an immediate one may follow a graceful one. `status` must not be OK and is
  // used by ShutdownMode::immediate only. Streams end on their loops, afterwards (T31, T86).
  virtual void shutdown(ShutdownMode mode, const CallStatus& status) = 0;
};

}  // namespace weft
