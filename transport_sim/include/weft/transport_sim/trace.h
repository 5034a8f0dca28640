#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace weft::sim {

// Something that happened within a step, as one actor saw it: "call 1" "cancel CANCELLED: why".
class TraceNote {
 public:
  TraceNote(std::string who, std::string what) : actor(std::move(who)), text(std::move(what)) {}
  std::string actor;
  std::string text;
};

// One step of an execution: one event, and all that the program did until it waited again.
class TraceStep {
 public:
  TraceStep() = default;

  bool is_decision() const { return alternatives.size() > 1; }
  // Not what the default order would have done.
  bool is_deviation() const { return choice != 0; }
  const std::string& label() const { return alternatives[choice]; }

  std::string actor;                      // the lane: "call1", "server", "timer1", "fault", "body"
  std::vector<std::string> alternatives;  // labels; the first is the default
  std::size_t choice = 0;                 // which one was taken
  absl::Duration time;                    // virtual, since the beginning, after the step's event
  std::vector<TraceNote> notes;           // in order
};

// A coroutine that was suspended when an execution came to its end.
class SuspendedCoroutine {
 public:
  SuspendedCoroutine() = default;
  std::string awaitable;  // "read", "response", "sleep"
  std::string subject;    // "call1", "timer2"; may be empty
  std::string location;   // "client.cc:42 in routeguide::chat"; may be empty
};

// Everything about one execution, for people: what timelines are drawn from.
class Trace {
 public:
  Trace() = default;

  // "completed", or a failure's first line. Text, because it is for people.
  std::string outcome;
  bool failed = false;
  std::string token;                // replays it
  std::vector<std::string> actors;  // lanes, in order of their first appearance
  std::vector<TraceStep> steps;     // the first is the body's beginning, without alternatives but
                                    // its own label "body.start"
  std::vector<SuspendedCoroutine> suspended;  // when it hung
};

}  // namespace weft::sim
