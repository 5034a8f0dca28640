#!/usr/bin/env python3
"""Weft against every other way to call a gRPC server from here, in one run.

    compare.py [--rounds N] [--pin CPU | --no-pin] [--only WORKLOAD...] [--clients CLIENT...]
               [--instructions] [--json FILE] [--page FILE] [--programs FOLDER]

One server and one process a client, all on one processor: on several, which of them a process
happens to be woken on changes its times tenfold for seconds on end. Every round has processes of
its own: how a process lies in memory changes its times by a tenth, for as long as it lives. In a
round each client does the same number of operations some times, one client after the other, in an
order that changes; `core2` is raw core once more, whose ratio to core shows what a ratio is worth.
See README.md.
"""

import collections
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import instructions
import run
from paired import Spread, ratios
from processes import Client, Order, Server

CLIENTS = ("core", "core2", "weft", "sync", "queue", "callback", "aio")
TITLES = {"core": "gRPC core", "core2": "gRPC core again", "weft": "Weft", "sync": "grpc++ sync",
          "queue": "grpc++ queue", "callback": "grpc++ callback", "aio": "grpc.aio",
          "sim": "Weft, no transport"}

# `where` is "pinned" unless one processor would be against its point.
Workload = collections.namedtuple("Workload", "title order socket where",
                                  defaults=("tcp", "pinned"))

WORKLOADS = {
    "unary": Workload("unary call", Order("unary", 300)),
    "unary_64": Workload("unary call, 64 in flight", Order("unary", 1000, 64)),
    "unary_1000": Workload("unary call, 1,000 in flight", Order("unary", 3000, 1000)),
    "unary_1mib": Workload("unary call, 1 MiB there and back", Order("unary", 20, 1, 1 << 20)),
    "exchange": Workload("round trip on an open stream", Order("exchange", 500)),
    "server_stream": Workload("message of a stream of responses, sent 64 at a time",
                              Order("server_stream", 5000)),
    "server_stream_unbuffered": Workload("message of a stream of responses, sent one by one",
                                         Order("server_stream_unbuffered", 1500)),
    "client_stream": Workload("message of a stream of requests",
                              Order("client_stream", 1500, 1, 64)),
    "unary_64_two_loops": Workload("unary call, 64 in flight in each of two loops",
                                   Order("unary", 2000, 64, 16, 0, 2), "tcp", "anywhere"),
    "unary_unix": Workload("unary call, unix socket", Order("unary", 300), "unix"),
    "exchange_unix": Workload("round trip on an open stream, unix socket",
                              Order("exchange", 500), "unix"),
}
TURNS = 3  # of each client in a round, whose median counts
# The simulator's cases that are the call layer alone.
SIMULATED = {"unary": "straight/unary_deadline", "server_stream": "straight/stream_message"}


class World:
    """A server and its clients, on one processor or on any."""

    def __init__(self, stack, options, pin):
        self.stack, self.options, self.pin = stack, options, pin
        self.server = stack.enter_context(Server(options.programs, pin))
        self.by_socket = {}

    def clients(self, socket):
        if socket not in self.by_socket:
            target = self.server.targets[socket]
            self.by_socket[socket] = {
                name: self.stack.enter_context(
                    Client(self.options.programs, name, target, self.pin))
                for name in self.options.clients}
        return self.by_socket[socket]


class Comparison:
    """The rounds of one workload."""

    def __init__(self, workload):
        self.order = workload.order
        self.answers = {}  # of each client, those of each round

    def add_round(self, clients):
        able = [name for name in clients if clients[name].carry_out(self.order) is not None]
        rounds = len(self.answers.get("core", ()))
        for name in able:
            self.answers.setdefault(name, []).append([])
        for number in range(rounds * TURNS, (rounds + 1) * TURNS):
            first = number % len(able)
            order = able[first:] + able[:first]
            for name in reversed(order) if number % 2 else order:
                self.answers[name][-1].append(clients[name].carry_out(self.order))

    def per_op(self, name, figure):
        return [statistics.median(getattr(answer, figure) for answer in answers) / self.order.ops
                for answers in self.answers[name]]

    def ratios(self, name, figure):
        return ratios(self.per_op(name, figure), self.per_op("core", figure))

    def ratio(self, name):
        return Spread(self.ratios(name, "seconds"))

    def counters(self, name):
        ratio = self.ratio(name)
        counters = {**ratio.counters("ratio"), "ratio_min": ratio.min, "ratio_max": ratio.max,
                    **Spread(self.ratios(name, "cpu_seconds")).counters("cpu_ratio")}
        for counter, figure in (("allocs_per_op", "allocations"), ("batches_per_op", "batches")):
            values = self.per_op(name, figure)
            if values[0] == values[0]:  # counted
                counters[counter] = sum(values) / len(values)
        return counters


def row(name, workload, client, counters, microseconds, processor, rounds, ops):
    """A benchmark as Google Benchmark's JSON has it."""
    return {"name": f"{name}/{client}", "run_name": f"{name}/{client}", "run_type": "iteration",
            "repetitions": 1, "repetition_index": 0, "threads": 1, "iterations": rounds * TURNS * ops,
            "real_time": microseconds, "cpu_time": processor, "time_unit": "us",
            "label": f"{TITLES[client]}: {workload}", **counters}


def report(name, workload, comparison, rounds, counted):
    """The rows of a workload, printed as they are made."""
    print(f"\n{name}: {workload.title}; {rounds} rounds, {TURNS} times {workload.order.ops}")
    print(f"{'':16} {'us':>8} {'to core':>7} {'95 %':11} {'extremes':11} {'cpu us':>8}"
          f" {'to core':>7} {'95 %':11} {'allocs':>7} {'batches':>7} {'instr.':>9}")
    rows = []
    for client in comparison.answers:
        counters = comparison.counters(client)
        floor = counted.get((name, client.rstrip("2")))
        if floor is not None:
            counters["instructions_per_op"] = floor
        real = Spread(comparison.per_op(client, "seconds")).median * 1e6
        processor = Spread(comparison.per_op(client, "cpu_seconds")).median * 1e6
        rows.append(row(name, workload.title, client, counters, real, processor, rounds,
                        workload.order.ops))
        print(line_of(TITLES[client], real, processor, counters), flush=True)
    return rows


def line_of(title, real, processor, counters):
    def figure(name, form, width):
        value = counters.get(name)
        return "-".rjust(width) if value is None else form.format(value).rjust(width)

    def interval(low, high):
        return f"{counters[low]:.2f}-{counters[high]:.2f}".ljust(11)

    return (f"{title:16} {real:8.2f} {counters['ratio_to_core']:7.3f}"
            f" {interval('ratio_low', 'ratio_high')} {interval('ratio_min', 'ratio_max')}"
            f" {processor:8.2f} {counters['cpu_ratio_to_core']:7.3f}"
            f" {interval('cpu_ratio_low', 'cpu_ratio_high')}"
            f" {figure('allocs_per_op', '{:.2f}', 7)} {figure('batches_per_op', '{:.3f}', 7)}"
            f" {figure('instructions_per_op', '{:,.0f}', 9)}")


def verdicts(comparisons):
    """What the run says about Weft, in words. Nothing is judged by it: times are the machine's."""
    for name, comparison in comparisons.items():
        weft, again = comparison.ratio("weft"), comparison.ratio("core2")
        relation = "overlaps" if weft.overlaps(again) else "does not overlap"
        slower = [TITLES[other] for other in ("sync", "queue", "callback", "aio")
                  if other in comparison.answers and comparison.ratio(other).median > weft.median]
        print(f"{name}: Weft {weft.median:.3f} ({weft.low:.3f}-{weft.high:.3f}) {relation} core "
              f"against itself {again.median:.3f} ({again.low:.3f}-{again.high:.3f}); "
              f"above Weft's median: {', '.join(slower) or 'none'}")


def simulated(programs):
    """The rows of the simulator: the call layer with no transport under it, and executions."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "sim.json"
        cases = [f"^{case}/" for case in (*SIMULATED.values(), "explore/two_calls")]
        subprocess.run([programs / "weft_bench_sim", "--rounds", "5", "--json", file,
                        f"--benchmark_filter={'|'.join(cases)}"], check=True)
        return json.loads(file.read_text())["benchmarks"]


def parse():
    parser = run.parser("clients", rounds=21)
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--clients", nargs="+", choices=CLIENTS, default=list(CLIENTS))
    parser.add_argument("--instructions", action="store_true", help="count them, with callgrind")
    options = parser.parse_args()
    if not {"core", "core2", "weft"} <= set(options.clients):
        parser.error("core, core2 and weft are what is compared")
    return options


def add_round(comparisons, workloads, options):
    with contextlib.ExitStack() as stack:
        worlds = {where: World(stack, options, pin)
                  for where, pin in (("pinned", options.pin), ("anywhere", None))
                  if any(w.where == where for w in workloads.values())}
        for name, workload in workloads.items():
            comparisons[name].add_round(worlds[workload.where].clients(workload.socket))


def main():
    options = parse()
    load_before = os.getloadavg()[0]
    workloads = {name: WORKLOADS[name] for name in options.only}
    counted = {}
    if options.instructions:
        # A thousand in flight have to be filled and emptied many times: minutes under callgrind.
        few = {name: w for name, w in workloads.items() if w.order.in_flight < 1000}
        counted = instructions.per_op(options.programs, few,
                                      [c for c in options.clients if c not in ("core2", "aio")])
    comparisons = {name: Comparison(workload) for name, workload in workloads.items()}
    for number in range(options.rounds):
        add_round(comparisons, workloads, options)
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
    rows = []
    for name, workload in workloads.items():
        rows += report(name, workload, comparisons[name], options.rounds, counted)
    print()
    verdicts(comparisons)
    print("\nthe simulator: what the call layer alone costs, and executions of an exploration")
    sys.stdout.flush()
    rows += simulated(options.programs)
    run.write(options, load_before, rows, titles=TITLES,
              workloads={name: w.title for name, w in WORKLOADS.items()})


if __name__ == "__main__":
    main()
