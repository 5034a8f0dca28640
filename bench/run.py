"""What every run of measurements has: its options, its conditions, and the files it writes."""

import argparse
import datetime
import json
import os
import pathlib
import platform

import page


def parser(command, rounds):
    options = argparse.ArgumentParser(prog=f"./dev bench {command}")
    options.add_argument("--rounds", type=int, default=rounds)
    options.add_argument("--pin", type=int, metavar="CPU", default=max(os.sched_getaffinity(0)),
                         help="server and clients run there; unless told, on the last one")
    options.add_argument("--no-pin", dest="pin", action="store_const", const=None)
    options.add_argument("--json", type=pathlib.Path)
    options.add_argument("--page", type=pathlib.Path, help="one HTML file with plots")
    options.add_argument("--programs", type=pathlib.Path, default="build/release/bench")
    return options


def write(options, load_before, rows, **context):
    """The rows with what they were measured under, to the files that were asked for."""
    result = {"context": {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "num_cpus": os.cpu_count(), "machine": platform.machine(),
        "load_avg": [round(load_before, 2), round(os.getloadavg()[0], 2)],
        "rounds": options.rounds, "pinned": options.pin is not None, **context},
        "benchmarks": rows}
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")
    if options.page:
        options.page.write_text(page.of(result))
