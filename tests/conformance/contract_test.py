#!/usr/bin/env python3
"""Holds docs/contract.md and the conformance suite together.

    contract_test.py SOURCE_ROOT PROGRAM

PROGRAM is a run of the suite; with --list it prints its checks, their rules, and the ids that are
no checks. Fails when a rule has no proof, when a proof does not exist, when a check cites a rule
that there is not, when the two do not name the same checks, or when an id of the list is neither a
check nor excused.
"""

import pathlib
import re
import subprocess
import sys

# The sections of the list of checks.
IDS = [(1, 16), (20, 39), (40, 54), (60, 69), (70, 98), (100, 108), (110, 121), (130, 139),
       (140, 163)]


def all_ids():
    return {f"C{number:03}" for first, last in IDS for number in range(first, last + 1)}


def read_listing(program):
    """Rules by check, and reasons by id."""
    checks, excused = {}, {}
    text = subprocess.run([program, "--list"], check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        kind, name, rest = (line + "  ").split(" ", 2)
        if kind == "check":
            checks[name] = rest.split()
        elif kind == "none":
            excused[name] = rest.strip()
    return checks, excused


def read_document(path):
    """Check ids and names of tests, by rule."""
    proofs = {}
    for line in path.read_text().splitlines():
        row = re.match(r"\| (TG?\d+) \| (.+) \| (.*) \|$", line)
        if row:
            proof = row.group(3)
            proofs[row.group(1)] = (set(re.findall(r"\bC\d{3}\b", proof)),
                                    re.findall(r"`([^`]+)`", proof))
    return proofs


def missing_test(root, name):
    """Why a named proof does not exist; nothing if it does: a file, or `folder/file.Test`."""
    if (root / name).is_file():
        return None
    path, _, test = name.partition(".")
    source = root / "tests" / f"{path}.cc"
    if not source.is_file():
        return f"there is no {source.relative_to(root)}"
    if test and not re.search(rf"TEST\w*\(\s*\w+,\s*{test}\b", source.read_text()):
        return f"{source.relative_to(root)} has no test {test}"
    return None


def findings(root, checks, excused, proofs):
    cited = {}
    for name, rules in checks.items():
        if not rules:
            yield f"{name} cites no rule"
        for rule in rules:
            cited.setdefault(rule, set()).add(name.split("_")[0])
            if rule not in proofs:
                yield f"{name} cites {rule}, which docs/contract.md does not have"
    for rule, (ids, names) in proofs.items():
        if not ids and not names:
            yield f"{rule} has no proof"
        for wrong in sorted(ids - cited.get(rule, set())):
            yield f"{rule} names {wrong}, which does not cite it"
        for wrong in sorted(cited.get(rule, set()) - ids):
            yield f"{rule} does not name {wrong}, which cites it"
        for name in names:
            if why := missing_test(root, name):
                yield f"{rule}: {why}"
    ids = {name.split("_")[0] for name in checks}
    for lost in sorted(all_ids() - ids - set(excused)):
        yield f"{lost} is neither a check nor excused"
    for unknown in sorted((ids | set(excused)) - all_ids()):
        yield f"{unknown} is not in the list of checks"
    for both in sorted(ids & set(excused)):
        yield f"{both} is a check, and excused"
    for id_, reason in excused.items():
        for name in re.findall(r"tests/([\w/.]+\w)", reason):
            if not (root / "tests" / name).is_dir() and (why := missing_test(root, name)):
                yield f"{id_}: {why}"


def main():
    root = pathlib.Path(sys.argv[1])
    checks, excused = read_listing(sys.argv[2])
    proofs = read_document(root / "docs" / "contract.md")
    found = list(findings(root, checks, excused, proofs))
    for finding in found:
        print(finding)
    print(f"{len(proofs)} rules, {len(checks)} checks, {len(excused)} ids excused")
    return 1 if found or not checks or not proofs else 0


if __name__ == "__main__":
    sys.exit(main())
