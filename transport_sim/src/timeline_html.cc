#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "printable.h"
#include "timeline_layout.h"
#include "timeline_style.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/timeline.h"

namespace weft::sim {
namespace {

using detail::text;

// For between tags and for quoted attributes; of text that is printable.
std::string escaped(std::string_view shown) {
  std::string html;
  for (const char c : shown) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string shown(std::string_view any) {
  return escaped(printable(any));
}

std::string escaped_lines(const std::string& any) {
  std::string html;
  for (const std::string& line : lines_of(any))
    html += text(html.empty() ? "" : "\n", escaped(line));
  return html;
}

std::string verdict(bool failed) {
  return text("<span class=\"verdict\">", failed ? "&#x2717; FAILED" : "&#x2713; PASSED",
              "</span>");
}

std::string_view tone(bool failed) {
  return failed ? "failed" : "passed";
}

std::string code(std::string_view shown_text) {
  return text("<code>", escaped(shown_text), "</code>");
}

constexpr std::string_view off_mark =
    R"(<svg class="mark off" viewBox="0 0 10 10" aria-hidden="true">)"
    R"(<path d="M5-1 11 5 5 11-1 5z"/></svg>)";

std::string circle(bool only) {
  return text("<svg class=\"mark", only ? " only" : "",
              R"(" viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="3.6"/></svg>)");
}

// One execution's table.
class Table {
 public:
  Table(const Trace& trace, const TimelineLayout& layout, const std::vector<std::string>& lanes,
        const std::vector<OrderingFact>& facts)
      : trace_(trace), layout_(layout), facts_(facts) {
    for (const std::string& lane : lanes) lanes_.push_back(shown(lane));
  }

  // Steps before `fork` are shared with the other execution; drawn back if `shared_is_dim`.
  std::string html(std::string_view caption, std::optional<std::size_t> fork, bool shared_is_dim) {
    std::string page = text("<table role=\"table\" aria-label=\"", caption,
                            "\"><colgroup><col class=\"rails\"><col class=\"number\"><col "
                            "class=\"time\">");
    for (std::size_t i = 0; i < lanes_.size(); ++i) page += text("<col class=\"lane", i, "\">");
    page += text("</colgroup>\n", head());
    page += "<tbody role=\"rowgroup\">\n";
    for (std::size_t i = 0; i < layout_.rows.size(); ++i) {
      if (fork == i) page += fork_row();
      page += row(i, fork && i < *fork && shared_is_dim);
    }
    if (fork == layout_.rows.size()) page += fork_row();
    return page + "</tbody>\n" + foot() + "</table>\n";
  }

 private:
  std::size_t all_columns() const { return lanes_.size() + 3; }

  std::string head() const {
    constexpr std::string_view column_cell = "<th role=\"columnheader\" scope=\"col\"";
    std::string html =
        text("<thead role=\"rowgroup\"><tr role=\"row\">", column_cell,
             " title=\"The orders that the failure needs\"></th>", column_cell,
             " class=\"number\">step</th>", column_cell, " class=\"time\">time</th>");
    for (const std::string& lane : lanes_) {
      html += text(column_cell, " class=\"lane\">", lane, "</th>");
    }
    return html + "</tr></thead>\n";
  }

  std::string fork_row() const {
    return text("<tr role=\"row\" class=\"fork\"><td role=\"cell\" colspan=\"", all_columns(),
                "\">The two schedules part here</td></tr>\n");
  }

  std::string row(std::size_t number, bool shared) const {
    const TimelineRow& row = layout_.rows[number];
    std::string classes = row.same_time ? "same-time" : "later";
    if (!row.instead_of.empty()) classes += " deviation";
    if (shared) classes += " shared";
    std::string html =
        text("<tr role=\"row\" data-step=\"", number, "\" class=\"", classes, "\">", rails(number),
             "<th role=\"rowheader\" scope=\"row\" class=\"number\">", number,
             "</th><td role=\"cell\" class=\"time\">", escaped(row.time), "</td>");
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) html += cell(number, lane);
    return html + "</tr>\n";
  }

  std::string cell(std::size_t number, std::size_t lane) const {
    const TimelineRow& row = layout_.rows[number];
    const bool here = lane == row.lane;
    std::string html = here ? event(number) : "";
    std::string notes;
    for (const TimelineNote& note : row.notes) {
      if (note.lane == lane) notes += text("<li>", escaped(note.text), "</li>");
    }
    if (!notes.empty()) html += text("<ul class=\"notes\">", notes, "</ul>");
    return text("<td role=\"cell\" class=\"lane",
                here           ? " here"
                : html.empty() ? " idle"
                               : "",
                "\" data-lane=\"", lanes_[lane], "\">", html, "</td>");
  }

  std::string event(std::size_t number) const {
    const TimelineRow& row = layout_.rows[number];
    const bool deviation = !row.instead_of.empty();
    std::string title = text("Step ", number, " at ", row.time, ": ", row.label);
    if (row.alternatives.size() > 1) {
      title += text(", one of ", row.alternatives.size(), ":");
      for (const std::string& label : row.alternatives) title += text(" ", label);
    }
    std::string html = deviation ? std::string(off_mark) : circle(row.alternatives.size() == 1);
    html += text("<span class=\"event\" title=\"", escaped(title), "\">",
                 deviation ? "<span class=\"star\">* </span>" : "", escaped(row.event), "</span>");
    if (deviation) {
      html += text("<div class=\"instead\">instead of ", code(row.instead_of), "</div>");
    }
    return html;
  }

  // A fact whose second step did not happen reaches to the end of the table.
  std::string rails(std::size_t number) const {
    std::string html;
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      const FactRows& rows = layout_.facts[i];
      if (!rows.happened && !rows.before) continue;
      const std::size_t end = layout_.rows.size();
      const std::size_t a = rows.happened.value_or(end);
      const std::size_t b = rows.before.value_or(end);
      const auto [first, last] = std::minmax(a, b);
      if (number < first || number > last) continue;
      const bool begins = number == first;
      const bool ends = number == last;
      html += rail(i, begins ? "begin" : ends ? "end" : "through");
      if (begins || ends) html += badge(i);
    }
    return text("<td role=\"cell\" class=\"rails\">", html, "</td>");
  }

  std::string rail(std::size_t fact, std::string_view part) const {
    return text("<i class=\"rail ", part, "\" style=\"--at:", fact, "\"></i>");
  }

  std::string badge(std::size_t fact) const {
    return text("<a class=\"badge\" style=\"--at:", fact, "\" href=\"#fact", fact + 1,
                "\" title=\"", shown(facts_[fact].to_string()), "\">", fact + 1, "</a>");
  }

  // Behind the last step: what did not happen, each at the end of its fact's line; what hangs.
  std::string foot() const {
    std::string html;
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      const FactRows& rows = layout_.facts[i];
      if (rows.happened.has_value() == rows.before.has_value()) continue;
      const std::string& absent = rows.happened ? facts_[i].before : facts_[i].happened;
      html += after(absent_rails(i), text(code(printable(absent)), " did not happen"));
    }
    for (const SuspendedCoroutine& coroutine : trace_.suspended) {
      html += after("<td role=\"cell\"></td>", text("<span class=\"ended\">suspended</span> ",
                                                    code(suspended_text(coroutine))));
    }
    return html.empty() ? html : text("<tfoot role=\"rowgroup\">\n", html, "</tfoot>\n");
  }

  std::string after(const std::string& rails_cell, const std::string& html) const {
    return text("<tr role=\"row\" class=\"after\">", rails_cell, "<td role=\"cell\" colspan=\"",
                all_columns() - 1, "\">", html, "</td></tr>\n");
  }

  // The row of one absent step, which the lines of the later ones cross.
  std::string absent_rails(std::size_t fact) const {
    std::string html = rail(fact, "end") + badge(fact);
    for (std::size_t i = fact + 1; i < facts_.size(); ++i) {
      const FactRows& rows = layout_.facts[i];
      if (rows.happened.has_value() != rows.before.has_value()) html += rail(i, "through");
    }
    return text("<td role=\"cell\" class=\"rails\">", html, "</td>");
  }

  const Trace& trace_;
  const TimelineLayout& layout_;
  const std::vector<OrderingFact>& facts_;
  std::vector<std::string> lanes_;  // for HTML
};

std::string top(const Timeline& timeline, const TimelineLayout& layout) {
  const bool failed = timeline.failing.failed;
  std::string html = text("<header class=\"top ", tone(failed), "\">\n", verdict(failed), "\n<h1>",
                          shown(timeline.title), "</h1>\n<p class=\"outcome\">",
                          shown(timeline.failing.outcome), "</p>\n");
  if (!timeline.facts.empty()) {
    html +=
        text("<div class=\"facts\"><h2>", failed ? "The failure needs" : "Orders", "</h2><ol>\n");
    for (std::size_t i = 0; i < timeline.facts.size(); ++i) {
      const OrderingFact& fact = timeline.facts[i];
      html += text("<li id=\"fact", i + 1, "\"><span class=\"badge\">", i + 1, "</span><span>",
                   code(printable(fact.to_string())), " <span class=\"muted\">(",
                   escaped(place_text(fact, layout.facts[i])), ")</span></span></li>\n");
    }
    html += "</ol></div>\n";
  }
  return html + "</header>\n";
}

std::string card(std::string_view heading, const std::string& html, std::string_view kind = "") {
  return text("<section class=\"card", kind, "\"><h2>", heading, "</h2>", html, "</section>\n");
}

std::string cards(const Timeline& timeline) {
  std::string html;
  if (!timeline.summary.empty()) {
    html += card("Report", text("<pre>", escaped_lines(timeline.summary), "</pre>"));
  }
  if (!timeline.failing.suspended.empty()) {
    std::string list;
    for (const SuspendedCoroutine& coroutine : timeline.failing.suspended) {
      list += text("<li>", code(suspended_text(coroutine)), "</li>");
    }
    html += card("Suspended when nothing was left to happen", text("<ul>", list, "</ul>"));
  }
  std::string replay;
  if (!timeline.replay_command.empty()) {
    replay += text("<pre class=\"command\">", escaped_lines(timeline.replay_command), "</pre>");
  }
  if (!timeline.failing.token.empty()) {
    replay += text("<p class=\"muted\">Token: ", code(printable(timeline.failing.token)), "</p>");
  }
  if (!replay.empty()) html += card("Replay", replay, " replay");
  return html.empty() ? html : text("<div class=\"cards\">\n", html, "</div>\n");
}

std::string legend() {
  return text("<ul class=\"legend\" aria-label=\"Marks\"><li>", circle(true),
              "nothing else could happen</li><li>", circle(false),
              "a choice, made as by default</li><li>", off_mark,
              "<span class=\"star\">*</span> a deviation from the default</li></ul>\n");
}

std::string counted(std::size_t number, std::string_view what) {
  return text(number, " ", what, number == 1 ? "" : "s");
}

std::string panel(const Trace& trace, std::string_view heading, std::string_view remark,
                  const std::string& table, const TimelineLayout& layout) {
  return text("<section class=\"panel ", tone(trace.failed), "\"><header>", verdict(trace.failed),
              "<h2>", heading, "</h2><span class=\"size muted\">",
              counted(layout.rows.size(), "step"), ", ", counted(layout.deviations, "deviation"),
              ", ", escaped(layout.duration), "</span><p>", shown(trace.outcome), remark,
              "</p></header>\n", table, "</section>\n");
}

// Which facts are the other way round in the passing schedule.
std::string reversed_remark(const std::vector<OrderingFact>& facts, const TimelineLayout& passing) {
  std::string html;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const FactRows& rows = passing.facts[i];
    const bool reversed = rows.before && (!rows.happened || *rows.before < *rows.happened);
    if (!reversed) continue;
    html += text(html.empty() ? " &#183; here " : ", ",
                 code(printable(facts[i].reversed().to_string())));
  }
  return html;
}

// Widens the lanes and the times for an execution.
void fit(const TimelineLayout& layout, TimelineShape& shape) {
  for (const TimelineRow& row : layout.rows) {
    shape.time_columns = std::max(shape.time_columns, row.time.size());
    const auto widen = [&shape](std::size_t lane, std::size_t columns) {
      shape.lane_weights[lane] =
          std::max<std::size_t>(shape.lane_weights[lane], std::min<std::size_t>(columns, 18));
    };
    widen(row.lane, display_width(row.event) + 2);
    for (const TimelineNote& note : row.notes) widen(note.lane, display_width(note.text) / 3);
  }
}

}  // namespace

std::string timeline_html(const Timeline& timeline) {
  const Trace& failing = timeline.failing;
  const std::vector<OrderingFact>& facts = timeline.facts;
  const Trace* const passing = timeline.passing ? &*timeline.passing : nullptr;
  const std::vector<std::string> lanes = lanes_of(failing, passing);
  const TimelineLayout layout(failing, lanes, facts);
  TimelineShape shape(lanes.size(), facts.size());
  fit(layout, shape);
  std::optional<std::size_t> fork;
  if (passing != nullptr) fork = first_difference(failing, *passing);
  const std::string_view heading = failing.failed ? "Failing schedule" : "Schedule";
  std::string panels =
      panel(failing, heading, "", Table(failing, layout, lanes, facts).html(heading, fork, false),
            layout);
  if (passing != nullptr) {
    const TimelineLayout neighbour(*passing, lanes, facts);
    fit(neighbour, shape);
    constexpr std::string_view passing_heading = "Nearest passing schedule";
    panels += panel(*passing, passing_heading, reversed_remark(facts, neighbour),
                    Table(*passing, neighbour, lanes, facts).html(passing_heading, fork, true),
                    neighbour);
  }
  return text(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      // Whatever the texts try: a page under this policy runs nothing and loads nothing.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<title>",
      failing.failed ? "FAILED: " : "PASSED: ", shown(timeline.title), "</title>\n<style>",
      timeline_style(shape), "</style>\n</head>\n<body>\n", top(timeline, layout), cards(timeline),
      legend(), "<main class=\"panels\">\n", panels, "</main>\n</body>\n</html>\n");
}

absl::Status write_timeline(const Timeline& timeline, const std::string& path) {
  const std::string page = timeline_html(timeline);
  errno = 0;
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  const auto failed = [&](std::string_view verb) {
    const std::string message = text("cannot ", verb, " the timeline ", printable(path));
    return absl::ErrnoToStatus(errno, detail::as_absl(message));
  };
  if (file == nullptr) return failed("open");
  const bool written = std::fwrite(page.data(), 1, page.size(), file) == page.size();
  const absl::Status status = written ? absl::OkStatus() : failed("write");
  // What was written may be refused only now.
  if (std::fclose(file) != 0 && status.ok()) return failed("write");
  return status;
}

}  // namespace weft::sim
