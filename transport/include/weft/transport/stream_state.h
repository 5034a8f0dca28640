#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace weft {

// What can happen to a stream: the caller's verbs first, then what the transport delivers.
enum class StreamEvent {
  start,
  send,
  close,
  receive,
  request_status,
  started,
  start_failed,
  initial_metadata,
  sent,
  send_failed,
  closed,
  message,
  end,
  receive_failed,
  status,
};
std::string_view to_string(StreamEvent event);

// The rules of a stream's life as a pure state machine: no input or output, one transition
// function. Transports use it to admit verbs, CheckedTransport to judge transports, tests to know
// the law.
class StreamState {
 public:
  enum class Start { created, starting, started, failed };
  enum class Headers { not_asked, awaited, delivered };
  enum class Send { idle, outstanding, failed, failed_outstanding };
  enum class Close { open, outstanding, closed };
  enum class Receive { idle, outstanding, ended, ended_outstanding, failed, failed_outstanding };
  enum class Status { not_asked, asked, delivered };

  // Whether the caller may issue this verb now: OK, or the usage error to return, which names the
  // rule. Only for the five verbs.
  absl::Status admit(StreamEvent verb) const;

  // admit, and apply if it was admitted.
  absl::Status take(StreamEvent verb);

  // Null if the event is legal now, else the rule that it breaks ("T12", ...).
  const char* broken_rule(StreamEvent event) const;

  // The transition. An illegal event aborts, printing the rule, the event and the state.
  void apply(StreamEvent event);

  // Every accepted operation but the status was completed.
  bool quiescent() const;
  // Quiescent, and the status, if asked for, was delivered: no completion will come.
  bool finished() const;

  Start start() const { return start_; }
  Headers headers() const { return headers_; }
  Send send() const { return send_; }
  Close close() const { return close_; }
  Receive receive() const { return receive_; }
  Status status() const { return status_; }
  bool receive_outstanding() const;
  bool send_outstanding() const;

  std::string to_string() const;

  friend bool operator==(const StreamState&, const StreamState&) = default;

 private:
  const char* broken_by_delivery(StreamEvent event) const;
  void transition(StreamEvent event);

  Start start_ = Start::created;
  Headers headers_ = Headers::not_asked;
  Send send_ = Send::idle;
  Close close_ = Close::open;
  Receive receive_ = Receive::idle;
  Status status_ = Status::not_asked;
};

std::string_view to_string(StreamState::Start state);
std::string_view to_string(StreamState::Headers state);
std::string_view to_string(StreamState::Send state);
std::string_view to_string(StreamState::Close state);
std::string_view to_string(StreamState::Receive state);
std::string_view to_string(StreamState::Status state);

}  // namespace weft
