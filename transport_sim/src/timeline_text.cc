#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "printable.h"
#include "timeline_layout.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/timeline.h"

namespace weft::sim {
namespace {

constexpr std::size_t columns_max = 100;
constexpr std::size_t lane_columns_min = 14;
constexpr std::size_t lane_gap = 2;
constexpr std::size_t indent_columns = 2;
constexpr std::size_t note_columns_min = 30;
constexpr std::size_t moved_note_columns = 46;

constexpr std::string_view plain_code = "";
constexpr std::string_view bold_code = "\x1b[1m";
constexpr std::string_view dim_code = "\x1b[2m";
constexpr std::string_view red_code = "\x1b[1;31m";
constexpr std::string_view green_code = "\x1b[1;32m";
constexpr std::string_view yellow_code = "\x1b[1;33m";
constexpr std::string_view cyan_code = "\x1b[1;36m";
constexpr std::string_view reset_code = "\x1b[0m";

// Texts at columns. Colours take none.
class Page {
 public:
  explicit Page(bool with_colour) : colour_(with_colour) {}

  // At `column`, or right behind what is there already. No text, no change.
  void put(std::size_t column, std::string_view text, std::string_view style = plain_code) {
    if (text.empty()) return;
    if (column > column_) text_.append(column - column_, ' ');
    column_ = std::max(column, column_) + display_width(text);
    const bool styled = colour_ && !style.empty();
    if (styled) text_ += style;
    text_ += text;
    if (styled) text_ += reset_code;
  }

  void put_right(std::size_t end, std::string_view text, std::string_view style = plain_code) {
    put(end - std::min(end, display_width(text)), text, style);
  }

  // As many lines as it takes. The last one stays open.
  void put_wrapped(std::size_t column, std::string_view text, std::string_view style = plain_code) {
    const std::vector<std::string> lines = wrapped(text, columns_max - column);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i > 0) end_line();
      put(column, lines[i], style);
    }
  }

  void end_line() {
    text_ += '\n';
    column_ = 0;
  }

  std::size_t column() const { return column_; }
  std::string take() { return std::move(text_); }

 private:
  bool colour_;
  std::string text_;
  std::size_t column_ = 0;  // of the line that is open
};

std::string badges(const std::vector<std::size_t>& facts) {
  std::string text;
  for (const std::size_t fact : facts) {
    detail::append_text(text, detail::text(text.empty() ? "" : " ", "[", fact + 1, "]"));
  }
  return text;
}

// The rows of one execution.
class Rows {
 public:
  Rows(Page& page, const TimelineLayout& layout, const std::vector<std::string>& lanes)
      : page_(page), layout_(layout) {
    for (const std::string& lane : lanes) lanes_.push_back(printable(lane));
    number_end_ =
        indent_columns + std::max<std::size_t>(4, std::to_string(layout.rows.size()).size());
    std::size_t time_width = 4;
    for (const TimelineRow& row : layout.rows) time_width = std::max(time_width, row.time.size());
    time_end_ = number_end_ + lane_gap + time_width;
    place_lanes();
  }

  void draw() {
    page_.put_right(number_end_, "step", dim_code);
    page_.put_right(time_end_, "time", dim_code);
    if (as_list_) {
      page_.put(first_column(), "event", dim_code);
    } else {
      for (std::size_t i = 0; i < lanes_.size(); ++i) page_.put(columns_[i], lanes_[i], bold_code);
    }
    page_.end_line();
    for (std::size_t i = 0; i < layout_.rows.size(); ++i) {
      draw_row(i, layout_.rows[i]);
    }
  }

 private:
  // Behind the time, a space, the mark and another space.
  std::size_t first_column() const { return time_end_ + 3; }

  void place_lanes() {
    std::vector<std::size_t> widths;
    for (const std::string& lane : lanes_) {
      widths.push_back(std::max(lane_columns_min, display_width(lane)));
    }
    for (const TimelineRow& row : layout_.rows) {
      const std::string tail = badges(row.facts);
      const std::size_t gap = tail.empty() ? 0 : 1;
      const std::size_t width = display_width(row.event) + gap + tail.size();
      widths[row.lane] = std::max(widths[row.lane], width);
    }
    std::size_t column = first_column();
    for (const std::size_t width : widths) {
      columns_.push_back(column);
      column += width + lane_gap;
    }
    as_list_ = column - lane_gap > columns_max;
    if (as_list_) return;
    // What is left is shared, so that notes have more room.
    const std::size_t spare = (columns_max - (column - lane_gap)) / lanes_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i)
      columns_[i] += i * std::min<std::size_t>(spare, 8);
  }

  void draw_row(std::size_t number, const TimelineRow& row) {
    const bool deviation = !row.instead_of.empty();
    page_.put_right(number_end_, std::to_string(number), dim_code);
    page_.put_right(time_end_, row.time, row.same_time ? dim_code : plain_code);
    if (deviation) page_.put(time_end_ + 1, "*", yellow_code);
    if (!as_list_) draw_lifelines(0, row.lane);
    page_.put(event_column(row.lane), as_list_ ? row.label : row.event,
              deviation ? yellow_code : plain_code);
    if (!row.facts.empty()) {
      page_.put(page_.column() + 1, badges(row.facts), cyan_code);
    }
    if (!as_list_) draw_lifelines(row.lane + 1, lanes_.size());
    page_.end_line();
    if (deviation) draw_note(row.lane, "instead of " + row.instead_of, yellow_code, false);
    for (const TimelineNote& note : row.notes) {
      const bool elsewhere = as_list_ && note.lane != row.lane;
      draw_note(note.lane, elsewhere ? detail::text(lanes_[note.lane], ": ", note.text) : note.text,
                plain_code, true);
    }
  }

  std::size_t event_column(std::size_t lane) const {
    return as_list_ ? first_column() : columns_[lane];
  }

  // A note that has no room to the right of its lane's line is moved to the left, with the name of
  // its lane unless it belongs to the event just above.
  void draw_note(std::size_t lane, std::string text, std::string_view style, bool named) {
    std::size_t column = event_column(lane) + indent_columns;
    const bool fits = column + std::min(display_width(text), note_columns_min) <= columns_max;
    if (!fits && column + note_columns_min > columns_max) {
      if (named) text = detail::text(lanes_[lane], ": ", text);
      column = columns_max - std::min(display_width(text), moved_note_columns);
    }
    const std::size_t own_lines =
        as_list_
            ? 0
            : static_cast<std::size_t>(std::lower_bound(columns_.begin(), columns_.end(), column) -
                                       columns_.begin());
    for (const std::string& line : wrapped(text, columns_max - column)) {
      if (!as_list_) draw_lifelines(0, own_lines);
      page_.put(column, line, style);
      if (!as_list_) draw_lifelines(own_lines, lanes_.size());
      page_.end_line();
    }
  }

  // Those of the lanes first..last-1 that the text on this line leaves free.
  void draw_lifelines(std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      if (page_.column() == 0 || columns_[i] > page_.column())
        page_.put(columns_[i], "|", dim_code);
    }
  }

  Page& page_;
  const TimelineLayout& layout_;
  std::vector<std::string> lanes_;
  std::vector<std::size_t> columns_;
  std::size_t number_end_ = 0;
  std::size_t time_end_ = 0;
  bool as_list_ = false;
};

void draw_heading(Page& page, const Timeline& timeline) {
  page.put_wrapped(0, printable(timeline.title), bold_code);
  page.end_line();
  const bool failed = timeline.failing.failed;
  page.put(0, failed ? "FAILED:" : "PASSED:", failed ? red_code : green_code);
  page.put_wrapped(page.column() + 1, printable(timeline.failing.outcome));
  page.end_line();
  for (const std::string& line : lines_of(timeline.summary)) {
    page.put_wrapped(indent_columns, line);
    page.end_line();
  }
  page.end_line();
}

void draw_suspended(Page& page, const Trace& trace) {
  if (trace.suspended.empty()) return;
  page.end_line();
  page.put(0, "Suspended when nothing was left to happen:", red_code);
  page.end_line();
  for (const SuspendedCoroutine& coroutine : trace.suspended) {
    page.put_wrapped(indent_columns, suspended_text(coroutine));
    page.end_line();
  }
}

void draw_facts(Page& page, const Timeline& timeline, const TimelineLayout& layout) {
  if (timeline.facts.empty()) return;
  page.end_line();
  page.put(0, timeline.failing.failed ? "The failure needs:" : "Orders:", bold_code);
  page.end_line();
  for (std::size_t i = 0; i < timeline.facts.size(); ++i) {
    page.put(indent_columns, detail::text("[", i + 1, "]"), cyan_code);
    page.put_wrapped(page.column() + 1, printable(timeline.facts[i].to_string()));
    const std::string place =
        detail::text("(", place_text(timeline.facts[i], layout.facts[i]), ")");
    if (page.column() + lane_gap + display_width(place) > columns_max) page.end_line();
    page.put(page.column() == 0 ? indent_columns + 4 : page.column() + lane_gap, place, dim_code);
    page.end_line();
  }
}

void draw_difference(Page& page, const Trace& failing, const Trace& passing) {
  page.end_line();
  page.put(0, "The nearest passing schedule:", bold_code);
  page.end_line();
  const auto step = first_difference(failing, passing);
  std::string text = "has the same steps";
  if (step) {
    const auto at = [&](const Trace& trace) {
      return *step < trace.steps.size() ? printable(trace.steps[*step].label()) : "the end";
    };
    text = detail::text("differs first at ", "step ", *step, ": ", at(passing), " instead of ",
                        at(failing));
  }
  page.put_wrapped(indent_columns, text);
  page.end_line();
  page.put(indent_columns, "outcome:");
  page.put_wrapped(page.column() + 1, printable(passing.outcome), green_code);
  page.end_line();
}

}  // namespace

std::string timeline_text(const Timeline& timeline, bool colour) {
  Page page(colour);
  const std::vector<std::string> lanes = lanes_of(timeline.failing, nullptr);
  const TimelineLayout layout(timeline.failing, lanes, timeline.facts);
  draw_heading(page, timeline);
  if (!layout.rows.empty()) Rows(page, layout, lanes).draw();
  draw_suspended(page, timeline.failing);
  draw_facts(page, timeline, layout);
  if (timeline.passing) draw_difference(page, timeline.failing, *timeline.passing);
  if (!timeline.replay_command.empty()) {
    page.end_line();
    page.put(0, "Replay:", bold_code);
    page.end_line();
    // Never wrapped: it is there to be copied.
    for (const std::string& line : lines_of(timeline.replay_command)) {
      page.put(indent_columns, line);
      page.end_line();
    }
  }
  return page.take();
}

}  // namespace weft::sim
