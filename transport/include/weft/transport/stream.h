#pragma once

#include <memory>

#include "absl/status/status.h"
#include "weft/transport/completion.h"
#include "weft/transport/stream_options.h"

namespace weft {

// One call as a transport sees it: six operations and the initial-metadata event (D2).
//
// What the client observes is always `[initial metadata  message*  end]  status`:
//   T10  initial metadata at most once, then messages, then end, then status; nothing after status.
//   T11  the initial metadata event comes before the first message, whatever the backend's order.
//   T12  status comes after the initial metadata event and after the completion of every accepted
//        receive and send.
//   T13  messages are neither lost, duplicated nor reordered within a direction.
//   T15  every message that the peer sent before its status is delivered before that status, for
//        non-OK statuses as well: a status sent by the peer is no transport error.
//   T16  no hybrids: with status OK every message was delivered or is still readable; if messages
//        were dropped after a local error, the status is that error.
//   T04  every started stream ends with exactly one status, whatever happens.
//   T05  every accepted operation completes exactly once, also on cancel, shutdown and drop.
//   T26  operations after the end complete promptly: sends fail, receives give end or failure.
//
// A verb returns OK when the operation was accepted: its completion will be called, later, on the
// loop's thread (see Completion). Otherwise it returns a usage error (FAILED_PRECONDITION, naming
// the rule), the completion will never be called, and nothing has changed (T25, T27).
//
// Threads: cancel() from any thread; all else on the loop's thread (D4). One receive and one send
// may be outstanding together (T23).
class Stream {
 public:
  // Starts the call. Never blocks (T01) and does not wait for the peer: `started` means that the
  // request headers were accepted for sending (T02). `initial_metadata` resolves once, with what
  // the peer sent or as absent when the call ended without (T14). Metadata that is illegal or
  // reserved is refused before anything reaches the wire, through the status (T71). With a deadline
  // that has passed (T42), or after cancel() (T34), nothing reaches the wire and every operation
  // fails.
  // Usage errors: a second start (T03).
  virtual absl::Status start(StartCompletion& started,
                             InitialMetadataCompletion& initial_metadata) = 0;

  // Sends one message, taking the bytes over (T08). Completes when outgoing flow control accepted
  // it, not when it was received (T51); a message larger than any window makes progress (T52). A
  // peer's status completes it too (T53). Once one send has failed, all later ones fail (T17), and
  // reading may go on.
  // Usage errors: before start (T03), while a send is outstanding (T21), after send_close (T22).
  virtual absl::Status send_message(Bytes message, SendOptions options, SendCompletion& sent) = 0;

  // Half-closes. May be issued while a send is outstanding and is ordered behind it. Its success
  // means nothing about the peer (TG4).
  // Usage errors: before start (T03), a second one (T22).
  virtual absl::Status send_close(CloseCompletion& closed) = 0;

  // Asks for one message: demand-driven, one receive yields at most one (T50). After the end every
  // further receive gives end at once; after a failure, failure (T17). A received message stays
  // valid after the stream is gone (T08). A receive cannot be taken back: whoever stops waiting for
  // it leaves it outstanding, and its result to the next (T39).
  // Usage errors: before start (T03), while a receive is outstanding (T20).
  virtual absl::Status recv_message(ReceiveCompletion& received) = 0;

  // Asks for the status; allowed once, at any time after start, and best at once (T24, R1-40).
  // While messages are unread it waits for them (T18): keep receiving, discarding if need be.
  // Timers of the stream have died when it comes (T44).
  // Usage errors: before start (T03), a second one (T24).
  virtual absl::Status status(StatusCompletion& ended) = 0;

  // Ends the call with `code` and `details`, completing everything outstanding without help from
  // the peer (T33). Any thread, any time, also before start; wait-free and idempotent (T30); runs
  // no completion on this stack (T31). The peer learns that the call was cancelled, never why
  // (T35).
  // Races: the first cause to reach the end wins - a cancel, the deadline, the peer's
  // status, a lost connection, a shutdown; later ones change nothing (T32). False if the end was
  // already reached or cancelled; true promises only that the cancel was taken into that race (T36,
  // T37).
  virtual bool cancel(StatusCode code, std::string_view details) noexcept = 0;

  // Gives the stream up. If it has not ended it is cancelled with "Cancelled upon destruction!";
  // its completions still run (T06), and what it needs it keeps alive by itself, its transport
  // included (T07). Called by StreamPtr.
  virtual void drop() noexcept = 0;

 protected:
  virtual ~Stream() = default;
};

struct StreamDropper {
  void operator()(Stream* stream) const noexcept { stream->drop(); }
};
// Owns a stream's handle. May be reset inside a completion of that stream (T63).
using StreamPtr = std::unique_ptr<Stream, StreamDropper>;

}  // namespace weft
