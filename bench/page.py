#!/usr/bin/env python3
"""One HTML page, with nothing outside of it, of what compare.py and scale.py wrote.

    page.py RESULT.json... > page.html
"""

import html
import json
import pathlib
import sys

from plots import Axis, interval_plot, line_plot

STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #ffffff; --faint: #d0d0d0;
        --soft: #666666; --a: #0b62a4; --b: #b5540a; --band: #0b62a422; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --paper: #161616; --faint: #444444; --soft: #a0a0a0; --a: #6cb6ff;
          --b: #ffab70; --band: #6cb6ff33; } }
@media print {
  :root { --ink: #000000; --paper: #ffffff; --faint: #c0c0c0; --soft: #444444; --a: #004080;
          --b: #a04000; --band: #00408022; }
  section { break-inside: avoid; } body { max-width: none; font-size: 9pt; } }
body { font: 15px/1.45 "DejaVu Sans", sans-serif; color: var(--ink); background: var(--paper);
       max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .3rem; }
p { margin: .4rem 0; } .note { color: var(--soft); font-size: .85rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .8rem; }
th, td { padding: .1rem .6rem; text-align: right; border-bottom: 1px solid var(--faint); }
th:first-child, td:first-child { text-align: left; white-space: nowrap; }
svg { display: block; width: 100%; height: auto; margin: .4rem 0; }
svg text { fill: var(--ink); font: 12px "DejaVu Sans", sans-serif; }
svg .soft { fill: var(--soft); } svg .grid { stroke: var(--faint); }
svg .floor { stroke: var(--ink); stroke-dasharray: 3 3; } svg .band { fill: var(--band); }
svg .a { stroke: var(--a); fill: var(--a); } svg .b { stroke: var(--b); fill: var(--b); }
svg polyline { fill: none !important; stroke-width: 1.8; }
svg .wide-line { stroke-width: 5; } svg .thin-line { stroke-width: 1; }
"""

FIGURES = (("ratio_to_core", "to core", "{:.3f}"), ("real_time", "us", "{:,.2f}"),
           ("cpu_time", "cpu us", "{:,.2f}"),
           ("cpu_ratio_to_core", "to core", "{:.3f}"), ("allocs_per_op", "allocations", "{:.2f}"),
           ("batches_per_op", "batches", "{:.3f}"),
           ("instructions_per_op", "instructions", "{:,.0f}"))
INTERVAL_NOTE = ("A point is the median over the rounds of the ratio of two times of one round; the "
                 "thick line its 95 % confidence interval by order statistics, the thin line the "
                 "extremes; the band is the interval of gRPC core against itself.")


def table(rows, first, title):
    """Only columns that some row has."""
    columns = [figure for figure in FIGURES if any(figure[0] in row for row in rows)]
    head = "".join(f"<th>{html.escape(text)}</th>" for text in (first, *(c[1] for c in columns)))
    body = "".join(
        "<tr><td>" + html.escape(title(row)) + "</td>"
        + "".join(f"<td>{form.format(row[name]) if name in row else ''}</td>"
                  for name, _, form in columns) + "</tr>\n" for row in rows)
    return f'<div class="wide"><table><tr>{head}</tr>\n{body}</table></div>'


def comparison(result):
    context, rows = result["context"], result["benchmarks"]
    parts = [f'<p class="note">{html.escape(INTERVAL_NOTE)}</p>']
    for name, title in context["workloads"].items():
        mine = [row for row in rows if row["name"].rpartition("/")[0] == name]
        if not mine:
            continue
        lines = [(context["titles"][row["name"].rpartition("/")[2]], row) for row in mine]
        parts.append(f'<section data-workload="{html.escape(name)}"><h2>{html.escape(title)}</h2>'
                     + interval_plot(lines, context["titles"]["core2"])
                     + table(mine, "", lambda row: context["titles"][row["name"].rpartition("/")[2]])
                     + "</section>")
    simulated = [row for row in rows if row["name"].startswith(("straight/", "explore/"))]
    if simulated:
        parts.append("<section><h2>The call layer alone, in the simulator</h2>"
                     + table(simulated, "", lambda row: row["name"].split("/iterations")[0])
                     + "</section>")
    return "".join(parts)


def scale(result):
    parts = []
    for series in result["context"]["series"]:
        lines = {client: [row for row in result["benchmarks"] if row["series"] == series["name"]
                          and row["client"] == client] for client in ("core", "weft")}
        parts.append(f'<section data-series="{series["name"]}"><h2>{html.escape(series["title"])}</h2>')
        x = Axis([row["x"] for row in lines["core"]], series["x"])
        parts.append(line_plot(lines, x, "real_time", f"microseconds a {series['unit']}"))
        if any("bytes" in row for row in lines["core"]):
            parts.append(line_plot(lines, x, "bytes", f"bytes of heap a {series['unit']}"))
        parts.append("</section>")
    return "".join(parts)


def conditions(context):
    load = " before and ".join(f"{value:.1f}" for value in context["load_avg"])
    return (f"{context['rounds']} rounds, {'one processor' if context['pinned'] else 'any processor'}"
            f"; load {load} after.")


def of(*results):
    texts = []
    for result in results:
        context = result["context"]
        texts.append(f'<p class="note">{html.escape(context["date"])}; {conditions(context)}</p>')
        texts.append(scale(result) if "series" in context else comparison(result))
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>What a call costs</title><style>{STYLE}</style></head>\n"
            f"<body><h1>What a call costs</h1>{''.join(texts)}</body></html>\n")


if __name__ == "__main__":
    print(of(*(json.loads(pathlib.Path(name).read_text()) for name in sys.argv[1:])), end="")
