#!/usr/bin/env python3
"""Compiles every public header of a part alone and says which foreign headers it reaches.

    public_headers_test.py COMPILER INCLUDE_ROOT[:INCLUDE_ROOT...] FORBIDDEN_PATTERN

The first root is the part's own; the rest are what the part may include. Fails if a header does not
compile alone, or reaches a file whose path matches the pattern. Closes with a line that counts.
"""

import concurrent.futures
import pathlib
import re
import subprocess
import sys


def examine(compiler, roots, header):
    flags = [f"-I{root}" for root in roots]
    done = subprocess.run(
        [compiler, "-std=c++20", "-fsyntax-only", "-M", *flags, "-x", "c++", str(header)],
        capture_output=True, text=True)
    return header, done.returncode, done.stdout + done.stderr


def main():
    compiler, roots, forbidden = sys.argv[1], sys.argv[2].split(":"), re.compile(sys.argv[3])
    own = pathlib.Path(roots[0])
    headers = sorted(own.rglob("*.h"))
    failures = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for header, code, output in pool.map(lambda h: examine(compiler, roots, h), headers):
            name = header.relative_to(own)
            if code != 0:
                failures.append(f"{name}: does not compile alone\n{output}")
            failures += [f"{name}: reaches {path}" for path in output.split()
                         if forbidden.search(path)]
    for failure in failures:
        print(failure)
    print(f"{len(headers)} headers, {len(failures)} findings")
    return 1 if failures or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
