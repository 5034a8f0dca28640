#!/usr/bin/env python3
"""Writes tables of docs/performance.md anew, each between the marks that name it.

    document.py RESULT.json...     what compare.py, scale.py and flame_graph.py wrote, or some of it
"""

import json
import pathlib
import re
import sys

from page import conditions

DOCUMENT = pathlib.Path(__file__).resolve().parent.parent / "docs" / "performance.md"
COMPARED = ("core2", "weft", "sync", "queue", "callback", "aio")
COSTS = ("unary", "unary_64", "exchange", "server_stream", "client_stream")
FIGURES = (("instructions_per_op", "instructions", "{:,.0f}"), ("allocs_per_op", "allocations", "{:.2f}"),
           ("batches_per_op", "batches", "{:.2f}"), ("cpu_time", "processor time, us", "{:.1f}"))


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def ratio(row):
    """Its median and interval."""
    return f"{row['ratio_to_core']:.2f} ({row['ratio_low']:.2f}-{row['ratio_high']:.2f})"


def times(result):
    """Ratios to core."""
    rows = {row["name"]: row for row in result["benchmarks"]}
    titles, workloads = result["context"]["titles"], result["context"]["workloads"]

    def cell(name, client):
        row = rows.get(f"{name}/{client}")
        if row is None:
            return "-"
        return f"**{ratio(row)}**" if client == "weft" else ratio(row)

    return table(["one", "core, us", *(titles[client] for client in COMPARED)],
                 [[title, f"{rows[f'{name}/core']['real_time']:.1f}",
                   *(cell(name, client) for client in COMPARED)]
                  for name, title in workloads.items() if f"{name}/core" in rows]
                 ) + "\n\n" + conditions(result["context"])


def costs(result):
    rows = {row["name"]: row for row in result["benchmarks"]}
    titles, workloads = result["context"]["titles"], result["context"]["workloads"]
    lines = []
    for name in COSTS:
        for client in ("core", *COMPARED[1:]):
            row = rows.get(f"{name}/{client}")
            if row is not None:
                lines.append([workloads[name], titles[client],
                              *(form.format(row[key]) if key in row else "-"
                                for key, _, form in FIGURES)])
    return table(["one", "client", *(title for _, title, _ in FIGURES)], lines)


def simulated(result):
    rows = [row for row in result["benchmarks"] if row["name"].startswith(("straight/", "explore/"))]
    return table(["case", "us", "allocations"],
                 [[f"`{row['name'].split('/iterations')[0]}`", f"{row['real_time']:.2f}",
                   f"{row['allocs_per_op']:.2f}"] for row in rows])


def grown(result):
    """Of each series, every value: core's and Weft's figure of one unit."""
    tables = []
    for series in result["context"]["series"]:
        rows = [row for row in result["benchmarks"] if row["series"] == series["name"]]
        core = {row["x"]: row for row in rows if row["client"] == "core"}
        weft = {row["x"]: row for row in rows if row["client"] == "weft"}
        with_bytes = any("bytes" in row for row in rows)
        lines = []
        for x, floor in core.items():
            mine = weft[x]
            lines.append([f"{x:,}", f"{floor['real_time']:,.1f}", f"{mine['real_time']:,.1f}",
                          ratio(mine), f"{mine['cpu_ratio_to_core']:.2f}"])
            if with_bytes:
                lines[-1] += [f"{row['bytes']:,.0f}" if "bytes" in row else "-"
                              for row in (floor, mine)]
        unit = series["unit"]
        head = [series["x"], f"core, us a {unit}", f"Weft, us a {unit}", "Weft to core", "processor time, Weft to core"]
        if with_bytes:
            head += [f"core, bytes a {unit}", f"Weft, bytes a {unit}"]
        tables.append(f"{series['title']}:\n\n{table(head, lines)}")
    return "\n\n".join(tables) + "\n\n" + conditions(result["context"])


def parts(shares):
    names = list(dict.fromkeys(name for client in shares.values() for name in client))
    lines = [[name, *(f"{shares[client].get(name, 0):,.0f}" for client in ("core", "weft"))]
             for name in names]
    return table(["instructions of a unary call", "gRPC core", "Weft"], lines)


def written(text, tables):
    """The document with the tables in their places."""
    for name, content in tables.items():
        pattern = rf"(<!-- table {name} -->\n).*?(<!-- end -->)"
        text, count = re.subn(pattern, lambda found, new=content: f"{found[1]}{new}\n{found[2]}",
                              text, flags=re.DOTALL)
        if count != 1:
            raise SystemExit(f"document.py: {count} places for the table {name}")
    return text


def tables_of(result):
    if "context" not in result:
        return {"parts": parts(result)}
    if "series" in result["context"]:
        return {"scale": grown(result)}
    return {"times": times(result), "costs": costs(result), "simulated": simulated(result)}


def main():
    text = DOCUMENT.read_text()
    for name in sys.argv[1:]:
        text = written(text, tables_of(json.loads(pathlib.Path(name).read_text())))
    DOCUMENT.write_text(text)


if __name__ == "__main__":
    main()
