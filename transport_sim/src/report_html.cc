#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "markup.h"
#include "number_text.h"
#include "printable.h"
#include "timeline_layout.h"
#include "timeline_style.h"
#include "timeline_table.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/report_formats.h"

namespace weft::sim {
namespace {

using detail::percent;
using detail::with_commas;
using weft::detail::text;

constexpr std::string_view report_style = R"css(
.plain { width: 100%; border-collapse: collapse; }
.plain :is(th, td) { padding: .25rem .5rem; text-align: left; vertical-align: baseline; }
.plain :is(thead th, td, tbody th) { border-bottom: 1px solid var(--line); }
.plain .number { text-align: right; white-space: nowrap; }
.plain td:first-child { overflow-wrap: anywhere; }
.plain .share { width: 30%; }
.bar {
  display: block; height: .7rem; min-width: 1px; background: var(--fact);
  print-color-adjust: exact; -webkit-print-color-adjust: exact;
}
.example { margin: 1.2rem 0 0; }
.example > h2 { margin: 0 .2rem .4rem; font-size: 1.05rem; overflow-wrap: anywhere; }
@media print { .example { break-before: page; } .bar { background: #555; } }
)css";

std::string outcome_text(const std::string& name) {
  return name.empty() ? std::string("(none)") : name;
}

std::string top(const Report& report) {
  return text("<header class=\"top ", tone(!report.ok()), "\">\n<span class=\"verdict\">",
              to_string(report.verdict), "</span>\n<h1>", shown(report.test_name),
              "</h1>\n<p class=\"outcome\">", shown(report.verdict_line()), "</p>\n</header>\n");
}

std::string row(std::string_view name, const std::string& value) {
  return text("<tr><td>", name, "</td><td class=\"number\">", escaped(value), "</td></tr>\n");
}

std::string numbers(const Report& report) {
  std::string html = text("<table class=\"plain\"><tbody>\n",
                          row("Schedules executed", with_commas(report.executions)),
                          row("failed", with_commas(report.failed_executions)));
  if (report.blocked_executions != 0) {
    html += row("given up as redundant", with_commas(report.blocked_executions));
  }
  html += text(row("known and not executed", with_commas(report.open_schedules)),
               row("weight of the tree", percent(report.tree_weight)),
               row("executed twice, to compare", with_commas(report.checked_twice)),
               row("steps", with_commas(report.steps)));
  if (!report.shard.is_whole()) {
    html += text(row("part", text(report.shard.index, " of ", report.shard.count)),
                 row("prefixes of the part", text(with_commas(report.region.own_prefixes), " of ",
                                                  with_commas(report.region.prefixes))));
  }
  return html + "</tbody></table>\n";
}

std::string list(const std::vector<std::string>& items) {
  std::string html;
  for (const std::string& item : items)
    html += text("<li><pre>", escaped_lines(item), "</pre></li>");
  return text("<ul>", html, "</ul>");
}

std::string cards(const Report& report) {
  std::string html = card("Search", numbers(report));
  if (!report.problems.empty()) html += card("Problems", list(report.problems));
  if (!report.warnings.empty()) html += card("Warnings", list(report.warnings));
  std::string sometimes;
  for (const auto& [name, seen] : report.sometimes) {
    sometimes += row(shown(name), seen ? "seen" : "never seen");
  }
  if (!sometimes.empty()) {
    html +=
        card("Sometimes", text("<table class=\"plain\"><tbody>", sometimes, "</tbody></table>"));
  }
  html +=
      card("Under", text("<p>", shown(report.search), "</p><p class=\"muted\">",
                         shown(report.conditions), "</p><p class=\"muted\">", shown(report.flags),
                         "</p><p class=\"muted\">build ", code(printable(report.build)), "</p>"));
  const auto command = [&html](std::string_view heading, const std::string& line) {
    html +=
        card(heading, text("<pre class=\"command\">", escaped_lines(line), "</pre>"), " replay");
  };
  if (report.counterexample.has_value()) {
    command("Replay", report.replay_command + report.counterexample->token);
  }
  if (!report.resume_command.empty()) command("Resume", report.resume_command);
  return text("<div class=\"cards\">\n", html, "</div>\n");
}

std::string bar(std::size_t part, std::size_t all) {
  const std::size_t thousandths = all == 0 ? 0 : part * 1000 / all;
  return text("<td class=\"share\"><i class=\"bar\" style=\"width:", thousandths / 10, ".",
              thousandths % 10, "%\"></i></td>");
}

std::string head(const std::vector<std::string_view>& columns) {
  std::string html = "<thead><tr>";
  for (const std::string_view column : columns) {
    const bool is_number = column == "schedules" || column == "of";
    html += text("<th scope=\"col\"", is_number ? " class=\"number\"" : "", ">", column, "</th>");
  }
  return text("<table class=\"plain\">", html, "</tr></thead>\n<tbody>\n");
}

std::string outcomes(const Report& report) {
  std::string html = head({"outcome", "schedules", "", "for example"});
  std::size_t number = 0;
  for (const auto& [name, outcome] : report.outcomes) {
    const std::string token = code(printable(outcome.example));
    ++number;
    html +=
        text("<tr data-outcome=\"", shown(name), "\"><td>", shown(outcome_text(name)),
             "</td><td class=\"number\">", with_commas(outcome.count), "</td>",
             bar(outcome.count, report.executions), "<td>",
             outcome.trace.has_value() ? text("<a href=\"#outcome", number, "\">", token, "</a>")
                                       : token,
             "</td></tr>\n");
  }
  if (report.other_outcomes != 0) {
    html += text("<tr><td>others, too many to be listed</td><td class=\"number\">",
                 with_commas(report.other_outcomes), "</td>",
                 bar(report.other_outcomes, report.executions), "<td></td></tr>\n");
  }
  return card("Outcomes", html + "</tbody></table>", " replay");
}

std::string levels(const Report& report) {
  if (report.levels.empty()) return "";
  std::string html = head({"deviations from the default order", "schedules", "of", ""});
  const std::size_t most = *std::max_element(report.levels.begin(), report.levels.end());
  for (std::size_t i = 0; i < report.levels.size(); ++i) {
    const bool is_known = i < report.level_sizes.size();
    html += text("<tr data-deviations=\"", i, "\"><td>", i, "</td><td class=\"number\">",
                 with_commas(report.levels[i]), "</td><td class=\"number\">",
                 is_known ? with_commas(report.level_sizes[i]) : std::string(), "</td>",
                 bar(report.levels[i], most), "</tr>\n");
  }
  return card("Schedules by number of deviations", html + "</tbody></table>", " replay");
}

// All in the same lanes, since one style sheet is for all.
std::vector<std::string> all_lanes(const Report& report) {
  std::vector<std::string> lanes;
  const auto add = [&lanes](const Trace& trace) {
    for (const std::string& lane : lanes_of(trace, nullptr)) {
      if (std::find(lanes.begin(), lanes.end(), lane) == lanes.end()) lanes.push_back(lane);
    }
  };
  if (report.counterexample.has_value()) {
    add(report.counterexample->trace);
    if (report.counterexample->nearest_passing) add(*report.counterexample->nearest_passing);
  }
  for (const auto& [name, outcome] : report.outcomes) {
    if (outcome.trace.has_value()) add(*outcome.trace);
  }
  return lanes;
}

std::string failure(const Counterexample& example, const std::vector<std::string>& lanes,
                    TimelineShape& shape) {
  if (example.trace.steps.empty()) return "";
  std::string told;
  for (const Failure& one : example.failures) {
    told += text("<pre>", to_string(one.kind), ": ", escaped_lines(one.text), "</pre>");
  }
  for (std::size_t i = 0; i < example.facts.size(); ++i) {
    told += text("<p id=\"fact", i + 1, "\"><span class=\"badge\">", i + 1, "</span> ",
                 code(printable(example.facts[i].to_string())), "</p>");
  }
  const Trace* const passing = example.nearest_passing ? &*example.nearest_passing : nullptr;
  return text("<section class=\"example\"><h2>The failure</h2><div class=\"cards\">",
              card("What", told), "</div><div class=\"panels\">",
              timeline_panels(example.trace, passing, example.facts, lanes, shape),
              "</div></section>\n");
}

std::string examples(const Report& report, const std::vector<std::string>& lanes,
                     TimelineShape& shape) {
  std::string html;
  std::size_t number = 0;
  for (const auto& [name, outcome] : report.outcomes) {
    ++number;
    if (!outcome.trace.has_value()) continue;
    html += text("<section class=\"example\" id=\"outcome", number,
                 "\"><h2>Outcome: ", shown(outcome_text(name)), "</h2>",
                 timeline_panels(*outcome.trace, nullptr, {}, lanes, shape), "</section>\n");
  }
  return html;
}

}  // namespace

std::string report_html(const Report& report) {
  const std::vector<std::string> lanes = all_lanes(report);
  const std::size_t facts =
      report.counterexample.has_value() ? report.counterexample->facts.size() : 0;
  TimelineShape shape(lanes.size(), facts);
  std::string timelines;
  if (report.counterexample.has_value()) timelines = failure(*report.counterexample, lanes, shape);
  timelines += examples(report, lanes, shape);
  return text(page_begin(text(to_string(report.verdict), ": ", report.test_name),
                         timeline_style(shape) + std::string(report_style)),
              top(report), cards(report), "<div class=\"cards\">\n", outcomes(report),
              levels(report), "</div>\n", timelines.empty() ? "" : timeline_legend(), "<main>\n",
              timelines, "</main>\n</body>\n</html>\n");
}

}  // namespace weft::sim
