#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "weft/transport/bytes.h"
#include "weft/transport/call_status.h"
#include "weft/transport/deadline.h"
#include "weft/transport/metadata.h"
#include "weft/transport/method.h"
#include "weft/transport/wire_status.h"

namespace weft::sim {

class World;

// The peer's side of one call: what a server program has in hand. Nothing here waits; what is sent
// takes its turn among the world's events, in the order in which it was sent. After the call has
// ended, on either side, everything has no effect.
class PeerCall {
 public:
  virtual World& world() = 0;
  // Call 3 of the world is "call3" in labels.
  virtual std::uint32_t number() const = 0;
  virtual std::string_view method() const = 0;
  virtual CallKind kind() const = 0;
  // As the client said it, or the server's name.
  virtual std::string_view authority() const = 0;
  virtual const Metadata& metadata() const = 0;
  // As told on the wire (T43).
  virtual Deadline deadline() const = 0;

  // Headers go once; without, empty ones go before the first message.
  virtual void send_headers(Metadata metadata) = 0;
  virtual void send_message(Bytes message) = 0;
  // The end: trailers, or, with nothing sent before, a trailers-only response (T14).
  virtual void finish(CallStatus status) = 0;
  // The end as well, but RST_STREAM: overtakes everything that the client has not received.
  virtual void reset(Http2Error error) = 0;
  virtual bool finished() const = 0;
  // The client has ended the call, or its connection is gone, or its deadline has passed here.
  virtual bool cancelled() const = 0;
  // Whether what was sent and not received leaves room in the window (T51).
  virtual bool has_room() const = 0;

  // The program takes messages now, or does not; a message waits for it otherwise, and fills the
  // client's window.
  virtual void want_message(bool wants) = 0;

 protected:
  ~PeerCall() = default;
};

// What a server does with one call. Owned by the call, and destroyed with it.
class PeerProgram {
 public:
  virtual ~PeerProgram() = default;

  // The call is there. The program is told of nothing before.
  virtual void opened(PeerCall& call) = 0;
  virtual void message(PeerCall& call, Bytes message) = 0;
  // The client has half-closed.
  virtual void half_closed(PeerCall& call) = 0;
  virtual void cancelled(PeerCall& call) = 0;
  // The client has received something.
  virtual void room(PeerCall&) {}
  // False if cancelled() would do nothing any more that anybody can see.
  virtual bool cares_for_cancel() const { return true; }
  // False if it does nothing but what it does to its call.
  virtual bool runs_user_code() const { return true; }
};

}  // namespace weft::sim
