#!/usr/bin/env python3
"""Where the instructions of a unary call go, by library and as a flame graph.

    flame_graph.py [--svg FILE] [--json FILE] [--programs FOLDER]

callgrind knows who calls whom and what that costs, not whole stacks: where a function has several
callers, what it costs below each of them is taken to be in proportion.
"""

import argparse
import collections
import html
import json
import pathlib
import re
import tempfile

from call_graph import CallGraph
from instructions import Counted
from processes import Order, Server

NO_DETECTION = {"WEFT_BENCH_NO_DEADLOCK_DETECTION": "1"}
WITHOUT = "without deadlock detection"
CALLS = Order("unary", 400)
WIDTH, ROW, DEPTH_MAX = 1200, 17, 46
SHARE_MIN = 0.006  # of the whole, for a box of its own

# Part of a call's cost, and its colour, light enough for black letters on any background.
PARTS = {"Weft": "#ffab70", "gRPC core": "#9ecbff", "abseil": "#b5e5b0", "C and C++ library": "#dcdcdc",
         "the benchmark": "#f2e394"}


def part_of(function):
    name, object_name = function.name, pathlib.PurePath(function.object).name
    if object_name.startswith("weft_bench"):
        # What stands in for the C library's and core's functions, to count their calls, too.
        if "weft::bench::" in name.split("(")[0] or "::" not in name:
            return "the benchmark"
        return "Weft"
    if object_name.startswith(("libgrpc", "libgpr", "libupb", "libaddress_sorting")):
        return "gRPC core"
    return "abseil" if object_name.startswith("libabsl") else "C and C++ library"


def short(name):
    """A function's name and its class's, without arguments and namespaces."""
    name = re.sub(r"'\d+$", "", name).replace("(anonymous namespace)::", "")
    mark = " lambda" if "{lambda" in name or "operator()" in name else ""
    while (inner := re.sub(r"<[^<>]*>", "", name)) != name:
        name = inner
    name = name.split("(")[0].split(" [")[0].rpartition(" ")[2]
    return "::".join(name.split("::")[-2:]) + mark if not name.startswith("0x") else "not named"


class Box:
    def __init__(self, function, cost, children):
        self.function, self.cost, self.children = function, cost, children


def box_of(graph, function, cost, least, path=()):
    """The calls below, largest first; those back into the path count as the function's own."""
    path = (*path, function)
    callees = {f: c for f, c in graph.calls[function].items() if f not in path}
    whole = graph.self_cost[function] + sum(callees.values())
    children = []
    if whole and len(path) < DEPTH_MAX:
        for callee, below in sorted(callees.items(), key=lambda pair: -pair[1]):
            if below * cost / whole >= least:
                children.append(box_of(graph, callee, below * cost / whole, least, path))
    return Box(function, cost, children)


def draw(box, x, depth, scale, calls, out):
    width = box.cost * scale
    part, name = part_of(box.function), short(box.function.name)
    out.setdefault(part, []).append(
        f'<g><title>{html.escape(name)}: {box.cost / calls:,.0f} instructions a call</title>'
        f'<rect x="{x:.1f}" y="{depth * ROW}" width="{max(width - 0.5, 0.5):.1f}" '
        f'height="{ROW - 1}"/>'
        + (f'<text x="{x + 3:.1f}" y="{depth * ROW + 12}">{html.escape(name[:int(width / 6.2)])}'
           "</text>" if width > 30 else "") + "</g>")
    deepest = depth
    for child in box.children:
        deepest = max(deepest, draw(child, x, depth + 1, scale, calls, out))
        x += child.cost * scale
    return deepest


def flame(graph, calls):
    """From the top: what runs; below it, what it calls."""
    least = SHARE_MIN * graph.total()
    out, x, deepest = {}, 0.0, 0
    scale = WIDTH / graph.total()
    for function, cost in sorted(graph.roots().items(), key=lambda pair: -pair[1]):
        if cost >= least:
            box = box_of(graph, function, cost, least)
            deepest = max(deepest, draw(box, x, 0, scale, calls, out))
            x += cost * scale
    height = (deepest + 1) * ROW + 26
    legend, at = [], 4
    for part in out:
        legend.append(f'<rect x="{at}" y="{height - 18}" width="12" height="12" '
                      f'fill="{PARTS[part]}"/><text x="{at + 17}" y="{height - 8}" class="key">'
                      f"{part}</text>")
        at += 40 + 8 * len(part)
    boxes = "\n".join(f'<g fill="{PARTS[part]}">' + "\n".join(drawn) + "</g>"
                      for part, drawn in out.items())
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">\n'
            "<style>text{font:10.5px 'DejaVu Sans',sans-serif;fill:#000}.key{fill:#777}</style>\n"
            f"{boxes}\n{''.join(legend)}</svg>\n")


def by_part(graph, calls):
    shares = collections.Counter()
    for function, cost in graph.self_cost.items():
        shares[part_of(function)] += cost / calls
    return shares


def main():
    parser = argparse.ArgumentParser(prog="./dev bench flame")
    parser.add_argument("--svg", type=pathlib.Path, help="of Weft's call")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--programs", type=pathlib.Path, default="build/release/bench")
    options = parser.parse_args()
    shares, graphs = {}, {}
    with Server(options.programs) as server, tempfile.TemporaryDirectory() as folder:
        for name in ("core", "weft"):
            for environment in (NO_DETECTION, {}):
                counted = Counted(options.programs, name, server.targets["tcp"], folder, environment)
                with counted.client:
                    counted.instructions(CALLS)
                    graphs[name, len(environment)] = CallGraph(counted.text(CALLS))
            shares[name] = by_part(graphs[name, 0], CALLS.ops)
            shares[name]["all"] = graphs[name, 0].total() / CALLS.ops
            shares[name][WITHOUT] = graphs[name, 1].total() / CALLS.ops
    print(f"{'instructions of a unary call':28} {'gRPC core':>10} {'Weft':>10}")
    for part in (*PARTS, "all", WITHOUT):
        print(f"{part:28} {shares['core'][part]:10,.0f} {shares['weft'][part]:10,.0f}")
    if options.svg:
        options.svg.write_text(flame(graphs["weft", 0], CALLS.ops))
    if options.json:
        options.json.write_text(json.dumps(shares, indent=1) + "\n")


if __name__ == "__main__":
    main()
