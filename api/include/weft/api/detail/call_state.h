#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "weft/transport/assert.h"
#include "weft/transport/method.h"

namespace weft::detail {

// Why a call ended, for the call layer.
enum class EndCause {
  transport_status,  // the transport delivered its status
  local_cancel,      // cancel()
  dropped,           // the last handle went
  local_failure,     // bad input, an unparsable response, a broken cardinality
};
std::string_view to_string(EndCause cause);

// How the two sides of a call are used (B170-B176).
enum class RequestStyle { message, writes, source };
enum class ResponseStyle { message, undecided, reads, iteration };

// Who writes: the application, or the call's request source on its behalf.
enum class Writer { application, source };

// What the terminal transition has to do besides latching the status, resolving missing headers,
// waking every waiter, stopping the request source and running the done callbacks, which it always
// does, in that order (D8).
class EndPlan {
 public:
  EndPlan(bool cancels, bool discards) : cancel_transport(cancels), discard_messages(discards) {}

  bool cancel_transport;  // the end is ours: the transport must hear of it, first
  bool discard_messages;  // received messages that nobody took are gone (B082)
};

// The rules of a call as a pure state machine: what may be done when, and the one terminal
// transition. Neither input nor output; CallCore does what it says.
class CallState {
 public:
  CallState(RequestStyle request, ResponseStyle response)
      : request_(request), response_(response) {}

  bool done() const { return phase_ == Phase::done; }

  // The terminal transition. Once; aborts on a second.
  EndPlan end(EndCause cause);

  // Whether a write may start: OK or a usage error. A call that is done, half-closed, driven by a
  // request source, or busy with another write refuses it, in this order but for the source, which
  // comes first (B106, B107, B122, B170).
  absl::Status admit_write(Writer writer) const;
  void write_started();
  void write_finished();

  // Whether done_writing may be called at all; it is idempotent (B108).
  absl::Status admit_done_writing(Writer writer) const;
  bool half_closed() const { return writes_ == Writes::half_closed || writes_ == Writes::closing; }
  void half_close();

  // Fixes the style, unless something did before (B176).
  void choose(ResponseStyle style) {
    if (response_ == ResponseStyle::undecided) response_ = style;
  }
  // Whether a read in this style may start. The first one fixes the style (B171-B175); one reader
  // at a time (B083).
  absl::Status admit_read(ResponseStyle style) {
    choose(style);
    const bool admitted = response_ == style && reads_ == Reads::idle;
    return admitted ? absl::OkStatus() : read_refusal(style);
  }
  bool is_reading() const { return reads_ == Reads::reading; }
  void read_started() {
    WEFT_ASSERT(reads_ == Reads::idle, static_cast<int>(reads_));
    reads_ = Reads::reading;
  }
  void read_finished() {
    WEFT_ASSERT(reads_ == Reads::reading, static_cast<int>(reads_));
    reads_ = Reads::idle;
  }

  RequestStyle request_style() const { return request_; }
  ResponseStyle response_style() const { return response_; }

 private:
  enum class Phase { active, done };
  // closing: half-closed with a write still under way; the transport orders the two (D10).
  enum class Writes { idle, writing, closing, half_closed };
  enum class Reads { idle, reading };

  absl::Status read_refusal(ResponseStyle style) const;

  Phase phase_ = Phase::active;
  RequestStyle request_;
  ResponseStyle response_;
  Writes writes_ = Writes::idle;
  Reads reads_ = Reads::idle;
};

}  // namespace weft::detail
