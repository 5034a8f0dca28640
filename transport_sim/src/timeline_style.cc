#include "timeline_style.h"

#include <string_view>

#include "weft/transport/detail/text.h"

namespace weft::sim {
namespace {

using detail::text;

// Paper is never dark, whatever the reader's screen is.
constexpr std::string_view colour_style = R"css(
:root {
  color-scheme: light;
  --page: #f4f6f8; --paper: #fff; --ink: #171b21; --muted: #59626f; --line: #d3d9e1;
  --faint: #e9edf1; --fail: #ab1f17; --fail-bg: #fdeceb; --pass: #17653a; --pass-bg: #e7f5ec;
  --dev: #854600; --dev-bg: #fff1d9; --fact: #1746b8; --fact-bg: #e6edfd; --code: #eef1f5;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --page: #11141a; --paper: #191d24; --ink: #e7eaef; --muted: #a3adba; --line: #3b4350;
    --faint: #262c35; --fail: #ff9087; --fail-bg: #3b1b1a; --pass: #80d9a0; --pass-bg: #142d1f;
    --dev: #ffc56f; --dev-bg: #35270f; --fact: #9dbdff; --fact-bg: #1c2a4a; --code: #10131a;
  }
}
)css";

constexpr std::string_view text_style = R"css(
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1.25rem; max-width: 120rem; background: var(--page);
  color: var(--ink); font: .875rem/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
h1, h2, p, ol, ul, pre { margin: 0; padding: 0; }
h1 { font-size: 1.4rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: .95rem; }
ol, ul { list-style: none; }
a { color: inherit; }
code, pre, .event, .number, .time, thead th {
  font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Consolas, monospace;
}
code, pre { font-size: .8125rem; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; }
.muted { color: var(--muted); }
.failed { --tone: var(--fail); --tone-bg: var(--fail-bg); }
.passed { --tone: var(--pass); --tone-bg: var(--pass-bg); }
.verdict {
  display: inline-block; padding: .1rem .5rem; border: 1.5px solid var(--tone);
  border-radius: .3rem; color: var(--tone); font-size: .75rem; font-weight: 700;
  letter-spacing: .05em; white-space: nowrap;
}
.top {
  padding: 1rem 1.2rem 1.1rem; background: var(--tone-bg); border: 1px solid var(--tone);
  border-left-width: .4rem; border-radius: .5rem;
}
.top h1 { margin: .45rem 0 .15rem; }
.outcome { font-size: 1.05rem; overflow-wrap: anywhere; }
.facts { margin-top: .8rem; }
.facts h2 { margin-bottom: .25rem; color: var(--muted); font-size: .8rem; font-weight: 600; }
.facts li { display: flex; gap: .55rem; align-items: baseline; padding: .1rem 0; }
.facts code { font-size: .9rem; font-weight: 600; }
.facts li:target, .facts li:target code { background: var(--fact-bg); }
.cards {
  display: flex; flex-wrap: wrap; gap: .8rem; margin: .8rem 0;
}
.card, .panel {
  background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; min-width: 0;
}
.card { flex: 1 1 22rem; padding: .7rem .9rem .8rem; }
.card h2 { margin-bottom: .35rem; }
.card li + li { margin-top: .3rem; }
.replay { flex-basis: 100%; }
.card pre + p { margin-top: .4rem; }
.command { padding: .5rem .65rem; background: var(--code); border-radius: .3rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.3rem; margin: 0 .2rem .7rem; }
.legend li { display: flex; gap: .4rem; align-items: center; color: var(--muted); }
.legend .mark { position: static; }
.badge {
  display: inline-block; flex: none; width: 1.2rem; height: 1.2rem; border-radius: 50%;
  border: 1.5px solid var(--fact); background: var(--fact-bg); color: var(--fact);
  font: 700 .7rem/1.05rem system-ui, sans-serif; text-align: center; text-decoration: none;
}
a:focus-visible { outline: 2px solid var(--fact); outline-offset: 2px; }
)css";

constexpr std::string_view table_style = R"css(
.panels { display: grid; gap: .8rem; align-items: start; }
.panel > header {
  display: flex; flex-wrap: wrap; gap: .1rem .6rem; align-items: center;
  padding: .65rem .9rem; border-bottom: 3px solid var(--tone);
}
.panel > header p { flex-basis: 100%; overflow-wrap: anywhere; }
.panel > header code { line-height: 1; }
.panel > header .size { flex: 1; text-align: right; white-space: nowrap; }
:where(.panel) table {
  width: 100%; border-collapse: separate; border-spacing: 0; table-layout: fixed;
}
:where(.panel) :is(th, td) { padding: .22rem .35rem; text-align: left; vertical-align: top; }
:where(.panel) thead th {
  position: sticky; top: 0; z-index: 2; background: var(--paper); font-size: .8125rem;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere;
}
col.rails { width: calc(var(--facts) * 1.35rem + .7rem); }
col.number { width: 2.85rem; }
col.time { width: var(--time-width); }
.rails { position: relative; }
thead .number, thead .time { color: var(--muted); font-weight: 400; }
.number { color: var(--muted); font-weight: 400; font-size: .8125rem; text-align: right; }
.time { font-size: .8125rem; text-align: right; white-space: nowrap; padding-right: .65rem; }
.same-time .time { color: var(--muted); }
tr.later > * { border-top: 1px solid var(--faint); }
.lane { position: relative; padding-left: .75rem; overflow-wrap: anywhere; }
.lane::before {
  content: ""; position: absolute; left: .2rem; top: 0; bottom: 0;
  border-left: 1px solid var(--line);
}
.event { font-size: .8125rem; font-weight: 600; }
.mark {
  position: absolute; left: calc(.2rem - .34rem); top: .41rem; width: .75rem; height: .75rem;
  overflow: visible; fill: var(--ink); stroke: var(--ink); stroke-width: 1.6;
}
.mark.only { fill: var(--paper); }
.mark.off { fill: var(--dev); stroke: var(--dev); }
.star, .instead { color: var(--dev); }
.deviation > * { background: var(--dev-bg); }
.deviation .event { color: var(--dev); }
.instead, .notes li { font-size: .775rem; line-height: 1.35; }
.instead { font-style: italic; }
.instead code { font-size: .75rem; font-style: normal; }
.notes li { color: var(--muted); padding-top: .1rem; }
.deviation .notes li { color: var(--ink); }
.shared .event { color: var(--muted); font-weight: 400; }
.ended { color: var(--fail); font-weight: 700; }
.fork td {
  padding: .3rem .9rem; border-block: 1.5px dashed var(--ink); font-size: .8rem; font-weight: 600;
}
.after td { border-top: 1px solid var(--line); font-size: .8rem; }
.rail {
  position: absolute; left: calc(.95rem + var(--at) * 1.35rem); top: -1px; bottom: 0;
  border-left: 2px solid var(--fact);
}
.rail.begin { top: 1.44rem; }
.rail.end { bottom: auto; height: .24rem; }
.rails .badge {
  position: absolute; z-index: 1; left: calc(.4rem + var(--at) * 1.35rem); top: .24rem;
}
.after .badge { border-style: dashed; }
)css";

// Each row a block: what happened beneath each other, each with the name of its lane.
constexpr std::string_view list_style = R"css(
  body { padding: .7rem; }
  :where(.panel) :is(table, thead, tbody, tfoot) { display: block; width: 100%; }
  colgroup { display: none; }
  :where(.panel) thead {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  }
  :where(.panel) tr {
    display: grid;
    grid-template-columns:
      calc(var(--facts) * 1.35rem + .7rem) 2.3rem var(--time-width) minmax(0, 1fr);
  }
  tr.fork { display: block; }
  .fork td { display: block; }
  .rails, .number, .time { grid-row: 1 / span 20; }
  .lane { grid-column: 4; }
  .lane.idle { display: none; }
  .after td + td { grid-column: 2 / span 3; }
  .lane::after {
    content: attr(data-lane); position: absolute; right: .6rem; top: .25rem;
    color: var(--muted); font-size: .75rem;
  }
  .lane { padding-right: 5rem; }
  .lane.here { order: -1; }
  tr.later > * { border-top: 0; }
  tr.later { border-top: 1px solid var(--faint); }
  .panel > header code { line-height: 1; }
.panel > header .size { text-align: left; flex-basis: 100%; }
)css";

constexpr std::string_view print_style = R"css(
@page { size: A4 landscape; margin: 11mm; }
@media print {
  :root {
    --page: #fff; --paper: #fff; --ink: #000; --muted: #333; --line: #888; --faint: #ccc;
    --fail: #000; --fail-bg: #fff; --pass: #000; --pass-bg: #fff; --dev: #000; --dev-bg: #fff;
    --fact: #000; --fact-bg: #fff; --code: #fff;
  }
  html { font-size: 11.5px; }
  body { padding: 0; max-width: none; }
  .panels { display: block; }
  .panel { border: 0; }
  .panel + .panel { break-before: page; }
  .panel > header { padding-inline: 0; }
  .command { border: 1px solid #888; }
  thead th { position: static; border-bottom: 1.5px solid #000; }
  tfoot { display: table-row-group; }
  tr, .card, .top { break-inside: avoid; }
  tr.fork, .panel > header, h2 { break-after: avoid; }
  .deviation .event { text-decoration: underline; text-underline-offset: 2px; }
}
)css";

}  // namespace

std::string timeline_style(const TimelineShape& shape) {
  const std::size_t lanes = shape.lane_weights.size();
  std::string columns = text(":root { --facts: ", shape.facts, "; --time-width: calc(",
                             shape.time_columns, " * .5rem + 1.1rem); }\n");
  std::size_t all = 0;
  for (const std::size_t weight : shape.lane_weights) all += weight;
  for (std::size_t i = 0; i < lanes; ++i) {
    columns += text("col.lane", i, " { width: ", shape.lane_weights[i] * 100 / all, "%; }\n");
  }
  const std::size_t beside = 15 * lanes / 2 + 9;
  const std::size_t list_below = 6 * lanes + 7;
  return text(colour_style, text_style, table_style, columns,
              ".panels { grid-template-columns: repeat(auto-fit, minmax(min(100%, ", beside,
              "rem), 1fr)); }\n@media (max-width: ", list_below, "rem) {", list_style, "}",
              print_style);
}

}  // namespace weft::sim
