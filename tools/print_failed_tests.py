#!/usr/bin/env python3
"""Prints what failed tests have said once more, last: print_failed_tests.py RESULTS.xml

A log of which only the end is kept then says why. Of a program with many cases, that is what
the failed ones have printed.
"""
import re
import sys
import xml.etree.ElementTree

KEPT_CHARACTERS = 2500  # at each end of an output
CASE = re.compile(r"^\[ RUN      \].*?^\[ +(OK|SKIPPED|FAILED) +\].*?$\n?", re.MULTILINE | re.DOTALL)


def shorten(output: str) -> str:
    """The output without the cases that passed or, if all did, its beginning and end."""
    cases = list(CASE.finditer(output))
    if any(case[1] == "FAILED" for case in cases):
        output = CASE.sub(lambda case: case[0] if case[1] == "FAILED" else "", output)
    if len(output) > 2 * KEPT_CHARACTERS:
        output = f"{output[:KEPT_CHARACTERS]}\n[...]\n{output[-KEPT_CHARACTERS:]}"
    return output


for result in xml.etree.ElementTree.parse(sys.argv[1]).iter("testcase"):
    if result.get("status") != "fail":
        continue
    output = (result.findtext("system-out") or "").strip()
    print(f"--- {result.get('name')} failed:\n{shorten(output)}\n")
