#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weft/transport/call_status.h"
#include "weft/transport/timer_queue.h"
#include "weft/transport_sim/detail/step_recorder.h"
#include "weft/transport_sim/event_source.h"
#include "weft/transport_sim/failure.h"
#include "weft/transport_sim/schedule.h"
#include "weft/transport_sim/trace.h"

namespace weft::sim {

// A moment with more than one alternative, as whoever chooses sees it.
class Decision {
 public:
  Decision(std::uint32_t position, std::uint64_t hash_of_history,
           std::span<const std::uint64_t> hashes)
      : number(position), state(hash_of_history), labels(hashes) {}

  std::uint32_t number;                   // of this execution, from 0
  std::uint64_t state;                    // of all that was, and of what may come
  std::span<const std::uint64_t> labels;  // hashes; [0] is the default
};

// Takes the decisions of an execution.
class Chooser {
 public:
  virtual ~Chooser() = default;
  // An index into the alternatives.
  virtual std::size_t choose(const Decision& decision) = 0;
};

namespace detail {

// Something that may happen next: a source's head, or a timer.
class Alternative {
 public:
  explicit Alternative(EventSource& its_source) : source(&its_source) {}
  explicit Alternative(Timer& its_timer) : timer(&its_timer) {}
  EventSource* source = nullptr;
  Timer* timer = nullptr;
};

// What is known of one execution: how its decisions are taken, what it did, what went wrong.
// Reused from one execution to the next, for its memory.
class Execution {
 public:
  Execution();
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  // Null: the default everywhere. With a trace, everything is written down for people; with a
  // recorder, what each step had to do with.
  void begin(Chooser* chooser, Trace* trace, StepRecorder* recorder = nullptr);
  // It is over: who chose and the trace are not used any more. What is known stays.
  void end() {
    chooser_ = nullptr;
    trace_ = nullptr;
    recorder_ = nullptr;
  }
  // The default everywhere, and nothing is kept: it may go on for ever.
  void begin_unrecorded();

  // One of the alternatives with these labels happens: which. With only one there is no choice.
  std::size_t decide(std::span<const std::uint64_t> labels);
  // For what is decided by code and not by a choice, so that it shows in the hash.
  void observe(std::uint64_t value) { hash_ = mix(hash_, value); }

  // The recorder wants to see no more of it: it did not come to its end.
  void give_up() { given_up_ = true; }
  bool given_up() const { return given_up_; }

  void fail(FailureKind kind, std::string text) { failures_.emplace_back(kind, std::move(text)); }

  std::uint64_t hash() const { return hash_; }
  std::uint32_t decisions() const { return static_cast<std::uint32_t>(alternatives_.size()); }
  // By decision: how many alternatives there were, and the state then.
  const std::vector<std::uint32_t>& alternatives() const { return alternatives_; }
  const std::vector<std::uint64_t>& states() const { return states_; }
  const Schedule& schedule() const { return schedule_; }
  std::vector<Failure>& failures() { return failures_; }

  Trace* trace() const { return trace_; }
  StepRecorder* recorder() const { return recorder_; }
  void note(std::string actor, std::string text);

  // Calls in order of their numbers, from 1.
  void call_was_made() {
    const Unrecorded unrecorded;
    if (recorded_) calls_.push_back(unfinished);
  }
  void call_ended(std::uint32_t number, StatusCode code) {
    if (recorded_) calls_[number - 1] = static_cast<signed char>(code);
  }
  // "OK, CANCELLED, unfinished"
  std::string statuses_of_calls() const;

  // Memory for the world.
  std::vector<Alternative> alternatives_scratch;
  std::vector<std::uint64_t> labels_scratch;
  std::vector<Timer*> timers_scratch;
  std::vector<std::uint32_t> generations_scratch;
  std::vector<Candidate> candidates_scratch;

  // What the test says about how it went; empty: nothing.
  std::string outcome;
  std::vector<std::pair<std::string, bool>> sometimes;
  // Of what the test observes: the sum over domains, each in its own order.
  std::uint64_t digest = 0;
  std::size_t expected_schedules = 0;  // 0: not said
  std::size_t steps = 0;
  std::size_t bounded_timers = 0;  // times that a timer was not offered because of its bound

 private:
  static constexpr signed char unfinished = -1;
  static std::uint64_t mix(std::uint64_t seed, std::uint64_t value);

  Chooser* chooser_ = nullptr;
  Trace* trace_ = nullptr;
  StepRecorder* recorder_ = nullptr;
  bool recorded_ = true;
  bool given_up_ = false;
  std::uint64_t hash_ = 0;
  std::vector<signed char> calls_;  // status codes, or unfinished
  std::vector<std::uint32_t> alternatives_;
  std::vector<std::uint64_t> states_;
  Schedule schedule_;
  std::vector<Failure> failures_;
};

}  // namespace detail

}  // namespace weft::sim
