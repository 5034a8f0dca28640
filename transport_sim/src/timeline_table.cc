#include "timeline_table.h"

#include <algorithm>

#include "markup.h"
#include "printable.h"
#include "weft/transport/detail/text.h"

namespace weft::sim {
namespace {

using weft::detail::text;

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

}  // namespace

std::string timeline_legend() {
  return text("<ul class=\"legend\" aria-label=\"Marks\"><li>", circle(true),
              "nothing else could happen</li><li>", circle(false),
              "a choice, made as by default</li><li>", off_mark,
              "<span class=\"star\">*</span> a deviation from the default</li></ul>\n");
}

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

std::string TimelinePanel::html(std::string_view heading, std::string_view remark,
                                std::optional<std::size_t> fork, bool shared_is_dim) const {
  return text(
      "<section class=\"panel ", tone(trace_.failed), "\"><header>", verdict_mark(trace_.failed),
      "<h2>", heading, "</h2><span class=\"size muted\">", counted(layout_.rows.size(), "step"),
      ", ", counted(layout_.deviations, "deviation"), ", ", escaped(layout_.duration), "</span><p>",
      shown(trace_.outcome), remark, "</p></header>\n",
      Table(trace_, layout_, lanes_, facts_).html(heading, fork, shared_is_dim), "</section>\n");
}

std::string timeline_panels(const Trace& failing, const Trace* passing,
                            const std::vector<OrderingFact>& facts,
                            const std::vector<std::string>& lanes, TimelineShape& shape) {
  const TimelineLayout layout(failing, lanes, facts);
  fit(layout, shape);
  std::optional<std::size_t> fork;
  if (passing != nullptr) fork = first_difference(failing, *passing);
  const std::string_view heading = failing.failed ? "Failing schedule" : "Schedule";
  std::string panels = TimelinePanel(failing, layout, lanes, facts).html(heading, "", fork, false);
  if (passing == nullptr) return panels;
  const TimelineLayout neighbour(*passing, lanes, facts);
  fit(neighbour, shape);
  return panels +
         TimelinePanel(*passing, neighbour, lanes, facts)
             .html("Nearest passing schedule", reversed_remark(facts, neighbour), fork, true);
}

}  // namespace weft::sim
