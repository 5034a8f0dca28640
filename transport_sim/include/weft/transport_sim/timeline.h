#pragma once

// A simulated execution, drawn for people: a lane for each actor, a row for each step, virtual time
// at the left. For a terminal or as a page of its own.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "weft/transport_sim/ordering_fact.h"
#include "weft/transport_sim/trace.h"

namespace weft::sim {

// What there is to tell about one failure. Only `title` and `failing` are needed; what is empty is
// left out. Any text may hold anything: control characters, characters that change the direction of
// writing and broken UTF-8 are drawn as "\x1b", "\u{202e}", "\xff".
class Timeline {
 public:
  Timeline(std::string test_name, Trace drawn)
      : title(std::move(test_name)), failing(std::move(drawn)) {}

  std::string title;
  Trace failing;                    // or any other execution; `Trace::failed` says which
  std::optional<Trace> passing;     // the nearest schedule that passes
  std::vector<OrderingFact> facts;  // what the failure needs, numbered from 1 in what is drawn
  std::string summary;              // the verdict or the failure, of several lines
  std::string replay_command;
};

// For a terminal of 100 columns, in ASCII but for what the texts bring along. Steps are counted
// from 0, the body's beginning. `*` marks a deviation, and says what the default would have been;
// [1] marks the steps of the first fact. With too many lanes for 100 columns (from 6 on, or fewer
// with long labels) a list: time, mark, label and notes. Then what is suspended, the facts, how the
// passing schedule differs, and the command that replays. `colour` adds colours, never information.
std::string timeline_text(const Timeline& timeline, bool colour);

// A page that needs nothing but itself: no script, no network. The failing schedule is beside its
// passing neighbour where there is room, and above it elsewhere; light and dark as the reader's
// system is; prints in black and white. Its rows are `<tr data-step="7">`, one in each table.
std::string timeline_html(const Timeline& timeline);

// Writes the page to a file, replacing what is there. The error names the path and says what the
// system said; a file that was begun is then left incomplete.
absl::Status write_timeline(const Timeline& timeline, const std::string& path);

}  // namespace weft::sim
