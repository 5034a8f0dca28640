#!/usr/bin/env python3
"""Weft and raw core as there is more of something: calls, streams, bytes, metadata.

    scale.py [--rounds N] [--pin CPU | --no-pin] [--only SERIES...] [--at-most N]
             [--json FILE] [--page FILE] [--programs FOLDER]

Every figure is of one unit: a call, a stream, a message. Growth is linear where a line is level.
See README.md.
"""

import collections
import contextlib
import os

import run
from paired import Spread, ratios
from processes import Client, Order, Server

CLIENTS = ("core", "weft")
# `order` makes one of x. `units` are there at once at x, where memory is measured.
Series = collections.namedtuple("Series", "title x unit values order units", defaults=(None,))

Taken = collections.namedtuple("Taken", "microseconds processor heap")

SERIES = {
    "calls": Series("Unary calls in flight", "calls in flight", "call",
                    (1, 10, 100, 1_000, 10_000, 100_000),
                    lambda x: Order("unary", max(x, 500), x), lambda x: x),
    "streams": Series("Streams open and idle", "open streams", "stream",
                      (1, 10, 100, 1_000, 10_000), lambda x: Order("open_streams", x), lambda x: x),
    "bytes": Series("Size of a message, there and back", "bytes", "call",
                    (0, 16, 256, 4 << 10, 64 << 10, 1 << 20, 16 << 20, 64 << 20),
                    lambda x: Order("unary", max(3, min(300, (16 << 20) // max(x, 1))), 1, x)),
    "metadata": Series("Size of a request's metadata", "bytes", "call",
                       (0, 64, 256, 1 << 10, 2 << 10, 4 << 10, 8 << 10),
                       lambda x: Order("unary", 300, 1, 16, x)),
}


def measure(series, x, clients, rounds):
    """{client: Taken}, of each round, a unit."""
    order = series.order(x)
    taken = {name: Taken([], [], []) for name in clients}
    for client in clients.values():
        client.carry_out(order)
    for number in range(rounds):
        names = list(clients) if number % 2 else list(reversed(clients))
        for name in names:
            answer = clients[name].carry_out(order, with_heap=series.units is not None)
            taken[name].microseconds.append(answer.seconds * 1e6 / order.ops)
            taken[name].processor.append(answer.cpu_seconds * 1e6 / order.ops)
            if series.units is not None:
                taken[name].heap.append(answer.heap_bytes / series.units(x))
    return taken


def rows_of(name, series, x, taken):
    for client, mine in taken.items():
        time, processor = Spread(mine.microseconds), Spread(mine.processor)
        ratio = Spread(ratios(mine.microseconds, taken["core"].microseconds))
        by_processor = Spread(ratios(mine.processor, taken["core"].processor))
        row = {"name": f"{name}/{x}/{client}", "run_name": f"{name}/{x}/{client}",
               "run_type": "iteration", "series": name, "client": client, "x": x,
               "iterations": len(mine.processor) * series.order(x).ops, "time_unit": "us",
               "real_time": time.median, "us_low": time.low, "us_high": time.high,
               "cpu_time": processor.median, **ratio.counters("ratio"),
               **by_processor.counters("cpu_ratio")}
        # A few units are lost in what the process holds besides.
        if mine.heap and x >= 10:
            held = Spread(mine.heap)
            row.update(bytes=held.median, bytes_low=held.low, bytes_high=held.high)
        yield row


def line_of(rows):
    core, weft = rows
    heap = "".join(f" {row['bytes']:12,.0f}" for row in rows if "bytes" in row)
    return (f"{core['x']:>12,} {core['real_time']:>12,.2f} {weft['real_time']:>12,.2f}"
            f" {weft['ratio_to_core']:6.2f} ({weft['ratio_low']:.2f}-{weft['ratio_high']:.2f})"
            f" {core['cpu_time']:>12,.2f} {weft['cpu_time']:>12,.2f}"
            f" {weft['cpu_ratio_to_core']:6.2f}{heap}")


def parse():
    parser = run.parser("scale", rounds=5)
    parser.add_argument("--only", nargs="+", choices=SERIES, default=list(SERIES))
    parser.add_argument("--at-most", type=int, default=1 << 40, metavar="N",
                        help="leave out what there is more of; 100,000 calls take 4 GiB")
    return parser.parse_args()


def main():
    options = parse()
    load_before = os.getloadavg()[0]
    rows = []
    for name in options.only:
        series = SERIES[name]
        print(f"\n{series.title}; {options.rounds} rounds; median of a {series.unit}\n"
              f"{series.x:>14} {'core us':>10} {'Weft us':>12} {'ratio':>6} (95 %)     "
              f" {'core cpu us':>12} {'Weft cpu us':>12} {'ratio':>6}"
              + (f" {'core bytes':>12} {'Weft bytes':>12}" if series.units else ""))
        with contextlib.ExitStack() as stack:
            server = stack.enter_context(Server(options.programs, options.pin))
            clients = {client: stack.enter_context(
                Client(options.programs, client, server.targets["tcp"], options.pin))
                for client in CLIENTS}
            for x in (x for x in series.values if x <= options.at_most):
                taken = measure(series, x, clients, options.rounds)
                found = list(rows_of(name, series, x, taken))
                print(line_of(found), flush=True)
                rows += found
    shown = [{"name": name, "title": SERIES[name].title, "x": SERIES[name].x,
              "unit": SERIES[name].unit} for name in options.only]
    run.write(options, load_before, rows, series=shown)


if __name__ == "__main__":
    main()
