#!/usr/bin/env python3
"""Holds docs/behaviours.md and the tests together.

    traceability.py ROOT          prints what is wrong, and exits with 1 if anything is
    traceability.py ROOT --fix    writes the column "shown by" anew, from the tests

A test names the rows that it shows: BEHAVIOUR(suite, name, "B040 R1-24") in its third argument, any
other test in a comment of nothing but rows above it, or at the end of its line, a scenario of tests/seed in its "rows".
"""

import json
import pathlib
import re
import sys

DOCUMENT = "docs/behaviours.md"
ROW = re.compile(r"\b(?:B\d{3}|R[12]-\d{2})\b")
LINE = re.compile(r"^\| (B\d{3}|R[12]-\d{2}) \| ([^|]*) \| ([^|]*) \| (.*) \| ([^|]*) \|$")
TEST = re.compile(r"^(BEHAVIOUR\w*|TEST\w*|WEFT_SIM_TEST|TYPED_TEST)\(\s*(\w+),\s*(\w+)(.*?)\)\s*\{",
                  re.M | re.S)
ROWS_ABOVE = re.compile(r"// ((?:B\d{3}|R[12]-\d{2})(?: (?:B\d{3}|R[12]-\d{2}))*)\n\Z")

CHECK = re.compile(r'"(C\d{3})",\s*"[^"]*",\s*"(\w+)",[^;]*;  // ((?:R[12]-\d{2} ?)+)')

STATES = ("holds", "peer only", "cannot exist")
BOTH = "sim+gRPC"
# Where the tests of a folder run. api and transport: against a transport made for the test.
PLACES = {
    "behaviours": BOTH, "calls": "gRPC", "transport_grpc": "gRPC", "museum": "sim", "canary": "sim",
    "transport_sim": "sim", "api": "unit", "transport": "unit", "fidelity": BOTH,
}
ONLY_GRPC = re.compile(r"if \(setting\.simulated\(\)\) co_return;  // \w")
ONLY_SIM = re.compile(r"if \(!setting\.simulated\(\)\) co_return;  // \w")


class Shown:
    """One test that names rows."""

    def __init__(self, place, name, rows):
        self.place, self.name, self.rows = place, name, rows


def place_of(path, macro, body):
    place = PLACES.get(path.parts[1])
    if macro.startswith("BEHAVIOUR"):
        if ONLY_GRPC.search(body):
            return "gRPC"
        if ONLY_SIM.search(body):
            return "sim"
    return place


def tests_of(path, text):
    matches = list(TEST.finditer(text))
    for match, following in zip(matches, matches[1:] + [None]):
        macro, suite, name, rest = match.groups()
        body = text[match.end():following.start() if following else len(text)]
        if macro.startswith("BEHAVIOUR"):
            rows = ROW.findall(rest)
            if not rows:
                yield f"{path}: {suite}.{name} names no row", None
        else:
            above = ROWS_ABOVE.search(text, 0, match.start())
            behind = re.match(r"  // ((?:B\d{3}|R[12]-\d{2}|[ ,])+)", body)
            rows = above.group(1).split() if above else ROW.findall(behind.group()) if behind else []
        if macro == "WEFT_SIM_TEST" and re.fullmatch(r"Museum(R2_\d\d)", suite):
            rows = rows + [suite[len("Museum"):].replace("_", "-")]
        if rows:
            yield None, Shown(place_of(path, macro, body), f"{suite}.{name}", rows)


def read_tests(root):
    problems, shown = [], []
    for path in sorted((root / "tests").glob("*/*.cc")):
        relative = path.relative_to(root)
        if relative.parts[1] not in PLACES:
            continue
        for problem, test in tests_of(relative, path.read_text()):
            problems += [problem] if problem else []
            shown += [test] if test else []
    # Checks of the conformance suite, which the simulator and gRPC over HTTP/2 both pass.
    for path in sorted((root / "tests/conformance/src").glob("*.cc")):
        for identifier, claim, rows in CHECK.findall(path.read_text()):
            shown.append(Shown(BOTH, f"Conformance.{identifier}_{claim}", ROW.findall(rows)))
    scenarios = root / "tests/seed/scenarios.json"
    if scenarios.exists():
        for scenario in json.loads(scenarios.read_text())["scenarios"]:
            shown.append(Shown("seed", scenario["name"], scenario.get("rows", [])))
    return problems, shown


def column(shown):
    """ "sim+gRPC: `A.B`, `C.D`; unit: `E.F`" """
    parts = []
    for place in (BOTH, "sim", "gRPC", "unit", "seed"):
        names = [f"`{test.name}`" for test in shown if test.place == place]
        if names:
            parts.append(f"{place}: " + ", ".join(sorted(set(names))))
    return "; ".join(parts)


def covers_both(shown):
    places = {test.place for test in shown}
    return BOTH in places or {"sim", "gRPC"} <= places


def check_row(row, verdict, state, text, shown):
    if state not in STATES:
        yield f"{row}: no such state: {state!r}"
    if not text.strip():
        yield f"{row}: does not say what Weft does"
    if state != "holds":
        return
    if not shown:
        yield f"{row}: no test names it"
    elif verdict in ("keep", "fix") and not covers_both(shown) and "Only " not in text:
        yield f"{row}: shown by {column(shown)} alone, and the row does not say why (\"Only ...\")"


def main():
    root = pathlib.Path(sys.argv[1])
    fix = "--fix" in sys.argv[2:]
    problems, shown = read_tests(root)
    by_row = {}
    for test in shown:
        for row in test.rows:
            by_row.setdefault(row, []).append(test)
    path = root / DOCUMENT
    known, lines = set(), []
    for line in path.read_text().split("\n"):
        match = LINE.match(line)
        if match:
            row, verdict, state, text, said = match.groups()
            if row in known:
                problems.append(f"{row}: twice in {DOCUMENT}")
            known.add(row)
            tests = by_row.get(row, [])
            problems += check_row(row, verdict, state, text, tests)
            if said.strip() != column(tests) and not fix:
                problems.append(f"{row}: {DOCUMENT} says \"{said.strip()}\", the tests say "
                                f"\"{column(tests)}\"; run tests/traceability/traceability.py . --fix")
            line = f"| {row} | {verdict} | {state} | {text} | {column(tests)} |"
        elif re.match(r"^\| (B\d|R[12]-)", line):
            problems.append(f"{DOCUMENT}: not a row: {line}")
        lines.append(line)
    problems += [f"{test.name} names {row}, which {DOCUMENT} does not have"
                 for test in shown for row in test.rows if row not in known]
    if fix:
        path.write_text("\n".join(lines))
    print("\n".join(problems) if problems else f"{len(known)} rows, {len(shown)} tests: OK")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
