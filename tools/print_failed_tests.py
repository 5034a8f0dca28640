#!/usr/bin/env python3
"""Prints what failed tests have said once more, last: print_failed_tests.py RESULTS.xml

A log of which only the end is kept then says why.
"""
import sys
import xml.etree.ElementTree

KEPT_CHARACTERS = 2500  # at each end of a test's output

for case in xml.etree.ElementTree.parse(sys.argv[1]).iter("testcase"):
    if case.get("status") != "fail":
        continue
    output = (case.findtext("system-out") or "").strip()
    if len(output) > 2 * KEPT_CHARACTERS:
        output = f"{output[:KEPT_CHARACTERS]}\n[...]\n{output[-KEPT_CHARACTERS:]}"
    print(f"--- {case.get('name')} failed:\n{output}\n")
