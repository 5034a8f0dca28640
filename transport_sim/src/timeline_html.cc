#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "markup.h"
#include "printable.h"
#include "timeline_layout.h"
#include "timeline_style.h"
#include "timeline_table.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/timeline.h"

namespace weft::sim {
namespace {

using detail::text;

std::string top(const Timeline& timeline, const TimelineLayout& layout) {
  const bool failed = timeline.failing.failed;
  std::string html = text("<header class=\"top ", tone(failed), "\">\n", verdict_mark(failed),
                          "\n<h1>", shown(timeline.title), "</h1>\n<p class=\"outcome\">",
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

}  // namespace

std::string timeline_html(const Timeline& timeline) {
  const Trace& failing = timeline.failing;
  const Trace* const passing = timeline.passing ? &*timeline.passing : nullptr;
  const std::vector<std::string> lanes = lanes_of(failing, passing);
  TimelineShape shape(lanes.size(), timeline.facts.size());
  const std::string panels = timeline_panels(failing, passing, timeline.facts, lanes, shape);
  return text(page_begin(text(failing.failed ? "FAILED: " : "PASSED: ", timeline.title),
                         timeline_style(shape)),
              top(timeline, TimelineLayout(failing, lanes, timeline.facts)), cards(timeline),
              timeline_legend(), "<main class=\"panels\">\n", panels,
              "</main>\n</body>\n</html>\n");
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
