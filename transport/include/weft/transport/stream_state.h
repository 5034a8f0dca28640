#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace weft {

// What can happen to a stream: the caller's verbs first, then what the transport delivers.
enum class StreamEvent : std::uint8_t {
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
  enum class Start : std::uint8_t { created, starting, started, failed };
  enum class Headers : std::uint8_t { not_asked, awaited, delivered };
  enum class Send : std::uint8_t { idle, outstanding, failed, failed_outstanding };
  enum class Close : std::uint8_t { open, outstanding, closed };
  enum class Receive : std::uint8_t {
    idle,
    outstanding,
    ended,
    ended_outstanding,
    failed,
    failed_outstanding
  };
  enum class Status : std::uint8_t { not_asked, asked, delivered };

  // Whether the caller may issue this verb now: OK, or the usage error to return, which names the
  // rule. Only for the five verbs.
  absl::Status admit(StreamEvent verb) const {
    return admits(verb) ? absl::OkStatus() : refusal(verb);
  }

  // admit, and apply if it was admitted.
  absl::Status take(StreamEvent verb) {
    if (!admits(verb)) return refusal(verb);
    transition(verb);
    return absl::OkStatus();
  }

  // Null if the event is legal now, else the rule that it breaks ("T12", ...).
  const char* broken_rule(StreamEvent event) const {
    if (event > StreamEvent::request_status) return broken_by_delivery(event);
    return admits(event) ? nullptr : "T25";
  }

  // The transition. An illegal event aborts, printing the rule, the event and the state.
  void apply(StreamEvent event) {
    if (const char* rule = broken_rule(event)) abort_at(event, rule);
    transition(event);
  }

  // apply, unless the event is illegal: then nothing happens, and this is the rule that it breaks.
  const char* try_apply(StreamEvent event) {
    const char* rule = broken_rule(event);
    if (rule == nullptr) transition(event);
    return rule;
  }

  // Every accepted operation but the status was completed.
  bool quiescent() const {
    return start_ != Start::starting && headers_ != Headers::awaited && !send_outstanding() &&
           close_ != Close::outstanding && !receive_outstanding();
  }
  // Quiescent, and the status, if asked for, was delivered: no completion will come.
  bool finished() const { return quiescent() && status_ != Status::asked; }

  Start start() const { return start_; }
  Headers headers() const { return headers_; }
  Send send() const { return send_; }
  Close close() const { return close_; }
  Receive receive() const { return receive_; }
  Status status() const { return status_; }
  bool receive_outstanding() const {
    return receive_ == Receive::outstanding || receive_ == Receive::ended_outstanding ||
           receive_ == Receive::failed_outstanding;
  }
  bool send_outstanding() const {
    return send_ == Send::outstanding || send_ == Send::failed_outstanding;
  }

  std::string to_string() const;

  friend bool operator==(const StreamState&, const StreamState&) = default;

 private:
  bool admits(StreamEvent verb) const;
  // Of a verb that is not admitted.
  absl::Status refusal(StreamEvent verb) const;
  const char* broken_by_delivery(StreamEvent event) const;
  void transition(StreamEvent event);
  [[noreturn]] void abort_at(StreamEvent event, const char* rule) const;

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

#include "weft/transport/detail/stream_transitions.h"
