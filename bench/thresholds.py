#!/usr/bin/env python3
"""Holds Weft to what is deterministic: batches, allocations and instructions of an operation.

    thresholds.py [--record] [--programs FOLDER]

Core is measured in the same run, and what Weft adds to it is compared with thresholds.json:
batches as they are; allocations at most so many; instructions so many, give or take 2 % of the
operation. Exits with 1 if one is off, to the better as well: then --record writes the file anew.
No time is looked at.
"""

import argparse
import json
import pathlib
import sys

import instructions
from compare import WORKLOADS, Workload
from processes import HERE, Client, Order, Server

FILE = HERE / "thresholds.json"
HELD = {name: WORKLOADS[name] for name in ("unary", "unary_64", "exchange", "server_stream",
                                           "client_stream")}
# Where Weft is promised to need two batches (D19, D20).
HELD["unary_no_deadline"] = Workload("", Order("unary_no_deadline", 300))
HELD["write_read"] = Workload("", Order("write_read", 500))
CLIENTS = ("core", "weft")
INSTRUCTIONS_TOLERANCE = 0.02
REPETITIONS = 5
# How many of a stream's requests leave together is a matter of time, and changes their cost by 5 %.
INSTRUCTIONS_VARY = ("client_stream",)
# What a process allocates besides: gRPC's other threads, and reads that come in other portions.
ALLOCATIONS_TOLERANCE = 0.1
# The batches of a stream itself, shared by its messages.
BATCHES_TOLERANCE = 0.02


def measured(programs):
    """{workload: {figure: value}}, with core's beside those of Weft."""
    counts = instructions.per_op(programs, HELD, repetitions=REPETITIONS)
    figures = {}
    with Server(programs) as server:
        clients = {name: Client(programs, name, server.targets["tcp"]) for name in CLIENTS}
        for name, workload in HELD.items():
            answers = {}
            for client in CLIENTS:
                clients[client].carry_out(workload.order)
                answers[client] = clients[client].carry_out(workload.order)
            core, weft = (answers[client] for client in CLIENTS)
            ops = workload.order.ops
            figures[name] = {
                "batches_per_op": round(weft.batches / ops, 2),
                "allocs_beyond_core": round((weft.allocations - core.allocations) / ops, 2),
                "instructions_beyond_core": round(counts[name, "weft"] - counts[name, "core"]),
                "core_allocs_per_op": round(core.allocations / ops, 2),
                "core_instructions_per_op": round(counts[name, "core"]),
            }
        for client in clients.values():
            client.close()
    return figures


def findings(figures, thresholds):
    """What is off, in words, for each workload's measured figures against the recorded ones."""
    for name, held in thresholds.items():
        now = figures[name]
        # Nothing counted would be nothing checked.
        if now["core_allocs_per_op"] < 0.5 or now["core_instructions_per_op"] < 1000:
            yield f"{name}: core's figures cannot be: {now}"
        if abs(now["batches_per_op"] - held["batches_per_op"]) > BATCHES_TOLERANCE:
            yield (f"{name}: {now['batches_per_op']} batches an operation, recorded are "
                   f"{held['batches_per_op']}")
        if now["allocs_beyond_core"] > held["allocs_beyond_core"] + ALLOCATIONS_TOLERANCE:
            yield (f"{name}: {now['allocs_beyond_core']} allocations beyond core's, recorded are "
                   f"{held['allocs_beyond_core']}")
        beyond = now["instructions_beyond_core"] - held["instructions_beyond_core"]
        if name in INSTRUCTIONS_VARY:
            continue
        allowed = INSTRUCTIONS_TOLERANCE * now["core_instructions_per_op"]
        if abs(beyond) > allowed:
            yield (f"{name}: {now['instructions_beyond_core']} instructions beyond core's, recorded"
                   f" are {held['instructions_beyond_core']}, which is {abs(beyond)} "
                   f"{'more' if beyond > 0 else 'fewer'} and {allowed:.0f} may be; if it is to be, "
                   "./dev bench check --record")


def main():
    parser = argparse.ArgumentParser(prog="./dev bench check")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--programs", type=pathlib.Path, default="build/release/bench")
    options = parser.parse_args()
    figures = measured(options.programs)
    print(f"{'':16} {'batches':>8} {'allocations':>12} {'instructions':>13}"
          f" {'of core':>12} {'instructions':>13}")
    for name, now in figures.items():
        print(f"{name:16} {now['batches_per_op']:8.2f} {now['allocs_beyond_core']:+12.2f}"
              f" {now['instructions_beyond_core']:+13,} {now['core_allocs_per_op']:12.2f}"
              f" {now['core_instructions_per_op']:13,}")
    if options.record:
        FILE.write_text(json.dumps(figures, indent=2) + "\n")
        return
    off = list(findings(figures, json.loads(FILE.read_text())))
    for finding in off:
        print(f"bench: {finding}", file=sys.stderr)
    sys.exit(1 if off else 0)


if __name__ == "__main__":
    main()
