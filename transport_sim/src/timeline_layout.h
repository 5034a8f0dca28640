#pragma once

// What both drawings of a timeline show, before either draws it. All texts are printable.

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weft/transport_sim/ordering_fact.h"
#include "weft/transport_sim/trace.h"

namespace weft::sim {

// A line beneath a step's event, in some lane.
class TimelineNote {
 public:
  TimelineNote(std::size_t in_lane, std::string of_text)
      : lane(in_lane), text(std::move(of_text)) {}
  std::size_t lane;
  std::string text;
};

class TimelineRow {
 public:
  TimelineRow() = default;

  std::size_t lane = 0;
  std::string event;  // as its lane shows it: the label without its actor
  std::string label;
  std::string time;
  bool same_time = false;  // as the row before
  std::string instead_of;  // the default's label; empty unless the step is a deviation
  std::vector<std::string> alternatives;
  std::vector<TimelineNote> notes;
  std::vector<std::size_t> facts;  // whose steps this is; ascending
};

// Where a fact's two steps are; empty if they did not happen.
class FactRows {
 public:
  FactRows() = default;
  std::optional<std::size_t> happened;
  std::optional<std::size_t> before;
};

// One execution.
class TimelineLayout {
 public:
  // `lanes` has all actors of the trace's steps.
  TimelineLayout(const Trace& trace, const std::vector<std::string>& lanes,
                 const std::vector<OrderingFact>& facts);

  std::vector<TimelineRow> rows;
  std::vector<FactRows> facts;
  std::size_t deviations = 0;
  std::string duration;  // virtual
};

// The lanes of both executions, so that they can be compared: the actors as each trace names them.
std::vector<std::string> lanes_of(const Trace& failing, const Trace* passing);

// The first step in which two executions differ; empty if neither has one that the other has not.
std::optional<std::size_t> first_difference(const Trace& a, const Trace& b);

// "steps 3 and 7", or "step 3; call1.headers did not happen".
std::string place_text(const OrderingFact& fact, const FactRows& rows);

// "read of call1 at client.cc:42 in chat".
std::string suspended_text(const SuspendedCoroutine& coroutine);

// The lines of a text, printable, without empty ones at the end.
std::vector<std::string> lines_of(const std::string& text);

}  // namespace weft::sim
