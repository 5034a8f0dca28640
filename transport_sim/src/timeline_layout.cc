#include "timeline_layout.h"

#include <algorithm>
#include <string_view>

#include "absl/time/time.h"
#include "printable.h"
#include "weft/transport/assert.h"
#include "weft/transport/detail/text.h"

namespace weft::sim {
namespace {

// Notes name "call 1" what lanes name "call1".
std::size_t lane_of(std::string_view actor, const std::vector<std::string>& lanes) {
  std::string name(actor);
  auto lane = std::find(lanes.begin(), lanes.end(), name);
  if (lane == lanes.end()) {
    std::erase(name, ' ');
    lane = std::find(lanes.begin(), lanes.end(), name);
  }
  return static_cast<std::size_t>(lane - lanes.begin());
}

TimelineRow row_of(const TraceStep& step, const std::vector<std::string>& lanes) {
  WEFT_ASSERT(step.choice < step.alternatives.size(), step.choice, step.alternatives.size());
  TimelineRow row;
  row.lane = lane_of(step.actor, lanes);
  WEFT_ASSERT(row.lane < lanes.size(), step.actor);
  row.label = printable(step.label());
  const std::string own_prefix = detail::text(step.actor, ".");
  const bool own = step.label().starts_with(own_prefix) && step.label() != own_prefix;
  row.event = own ? printable(step.label().substr(own_prefix.size())) : row.label;
  row.time = absl::FormatDuration(step.time);
  if (step.is_deviation()) row.instead_of = printable(step.alternatives[0]);
  for (const std::string& label : step.alternatives) row.alternatives.push_back(printable(label));
  for (const TraceNote& note : step.notes) {
    const std::size_t lane = lane_of(note.actor, lanes);
    const bool has_lane = lane < lanes.size();
    const bool named = !has_lane && !note.actor.empty();
    row.notes.emplace_back(
        has_lane ? lane : row.lane,
        printable(named ? detail::text(note.actor, ": ", note.text) : note.text));
  }
  return row;
}

std::optional<std::size_t> step_of(const Trace& trace, const std::string& label) {
  const auto step = std::find_if(trace.steps.begin(), trace.steps.end(),
                                 [&](const TraceStep& taken) { return taken.label() == label; });
  if (step == trace.steps.end()) return std::nullopt;
  return static_cast<std::size_t>(step - trace.steps.begin());
}

void add_lanes(const Trace& trace, std::vector<std::string>& lanes) {
  const auto add = [&lanes](const std::string& actor) {
    if (std::find(lanes.begin(), lanes.end(), actor) == lanes.end()) lanes.push_back(actor);
  };
  for (const std::string& actor : trace.actors) add(actor);
  for (const TraceStep& step : trace.steps) add(step.actor);
}

}  // namespace

TimelineLayout::TimelineLayout(const Trace& trace, const std::vector<std::string>& lanes,
                               const std::vector<OrderingFact>& ordering_facts) {
  for (const TraceStep& step : trace.steps) {
    TimelineRow row = row_of(step, lanes);
    row.same_time = !rows.empty() && rows.back().time == row.time;
    deviations += step.is_deviation() ? 1 : 0;
    rows.push_back(std::move(row));
  }
  duration = rows.empty() ? "0" : rows.back().time;
  for (std::size_t i = 0; i < ordering_facts.size(); ++i) {
    FactRows& fact = facts.emplace_back();
    fact.happened = step_of(trace, ordering_facts[i].happened);
    fact.before = step_of(trace, ordering_facts[i].before);
    if (fact.happened) rows[*fact.happened].facts.push_back(i);
    if (fact.before && fact.before != fact.happened) rows[*fact.before].facts.push_back(i);
  }
}

std::vector<std::string> lanes_of(const Trace& failing, const Trace* passing) {
  std::vector<std::string> lanes;
  add_lanes(failing, lanes);
  if (passing != nullptr) add_lanes(*passing, lanes);
  return lanes;
}

std::optional<std::size_t> first_difference(const Trace& a, const Trace& b) {
  const std::size_t shared = std::min(a.steps.size(), b.steps.size());
  for (std::size_t i = 0; i < shared; ++i) {
    if (a.steps[i].label() != b.steps[i].label()) return i;
  }
  if (a.steps.size() == b.steps.size()) return std::nullopt;
  return shared;
}

std::string place_text(const OrderingFact& fact, const FactRows& rows) {
  if (rows.happened && rows.before) {
    return detail::text("steps ", *rows.happened, " and ", *rows.before);
  }
  const auto place = [](const std::string& label, const std::optional<std::size_t>& row) {
    return row ? detail::text("step ", *row) : detail::text(printable(label), " did not happen");
  };
  return detail::text(place(fact.happened, rows.happened), "; ", place(fact.before, rows.before));
}

std::string suspended_text(const SuspendedCoroutine& coroutine) {
  std::string shown = printable(coroutine.awaitable);
  if (!coroutine.subject.empty()) shown += " of " + printable(coroutine.subject);
  if (!coroutine.location.empty()) shown += " at " + printable(coroutine.location);
  return shown;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(printable(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace weft::sim
