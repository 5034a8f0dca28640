#pragma once

#include "weft/transport/stream_state.h"

// Part of stream_state.h: what happens to every stream several times, so that it costs a few
// instructions where the event is a constant.

namespace weft {

inline bool StreamState::admits(StreamEvent verb) const {
  switch (verb) {
    case StreamEvent::start:
      return start_ == Start::created;
    case StreamEvent::send:
      return start_ != Start::created && close_ == Close::open && !send_outstanding();
    case StreamEvent::close:
      return start_ != Start::created && close_ == Close::open;
    case StreamEvent::receive:
      return start_ != Start::created && !receive_outstanding();
    case StreamEvent::request_status:
      return start_ != Start::created && status_ == Status::not_asked;
    default:
      abort_at(verb, "not a verb");
  }
}

inline const char* StreamState::broken_by_delivery(StreamEvent event) const {
  if (status_ == Status::delivered && quiescent()) return "T10";  // nothing after status
  switch (event) {
    case StreamEvent::started:
    case StreamEvent::start_failed:
      return start_ == Start::starting ? nullptr : "T05";
    case StreamEvent::initial_metadata:
      return headers_ == Headers::awaited ? nullptr : "T10";
    case StreamEvent::sent:
      if (!send_outstanding()) return "T05";
      return send_ == Send::failed_outstanding ? "T17" : nullptr;
    case StreamEvent::send_failed:
      return send_outstanding() ? nullptr : "T05";
    case StreamEvent::closed:
      return close_ == Close::outstanding ? nullptr : "T05";
    case StreamEvent::message:
      if (!receive_outstanding()) return "T50";
      if (receive_ != Receive::outstanding) return "T17";
      if (headers_ != Headers::delivered) return "T11";
      return status_ == Status::delivered ? "T10" : nullptr;
    case StreamEvent::end:
      if (!receive_outstanding()) return "T05";
      if (headers_ != Headers::delivered) return "T11";
      return receive_ == Receive::failed_outstanding ? "T17" : nullptr;
    case StreamEvent::receive_failed:
      if (!receive_outstanding()) return "T05";
      return receive_ == Receive::ended_outstanding ? "T17" : nullptr;
    case StreamEvent::status:
      if (status_ != Status::asked) return "T04";
      return quiescent() ? nullptr : "T12";
    default:
      return nullptr;
  }
}

inline void StreamState::transition(StreamEvent event) {
  switch (event) {
    case StreamEvent::start:
      start_ = Start::starting;
      headers_ = Headers::awaited;
      break;
    case StreamEvent::started:
      start_ = Start::started;
      break;
    case StreamEvent::start_failed:
      start_ = Start::failed;
      break;
    case StreamEvent::initial_metadata:
      headers_ = Headers::delivered;
      break;
    case StreamEvent::send:
      send_ = send_ == Send::failed ? Send::failed_outstanding : Send::outstanding;
      break;
    case StreamEvent::sent:
      send_ = Send::idle;
      break;
    case StreamEvent::send_failed:
      send_ = Send::failed;
      break;
    case StreamEvent::close:
      close_ = Close::outstanding;
      break;
    case StreamEvent::closed:
      close_ = Close::closed;
      break;
    case StreamEvent::receive:
      receive_ = receive_ == Receive::ended    ? Receive::ended_outstanding
                 : receive_ == Receive::failed ? Receive::failed_outstanding
                                               : Receive::outstanding;
      break;
    case StreamEvent::message:
      receive_ = Receive::idle;
      break;
    case StreamEvent::end:
      receive_ = Receive::ended;
      break;
    case StreamEvent::receive_failed:
      receive_ = Receive::failed;
      break;
    case StreamEvent::request_status:
      status_ = Status::asked;
      break;
    case StreamEvent::status:
      status_ = Status::delivered;
      break;
  }
}

}  // namespace weft
