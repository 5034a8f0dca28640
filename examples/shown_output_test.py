#!/usr/bin/env python3
"""shown_output_test.py FILE REGION PROGRAM ARGUMENT...

Runs a program and holds what a document shows of its output, the lines of FILE between "# [REGION]"
and "# [/REGION]", against it: they must be there, one after the other.
"""

import pathlib
import subprocess
import sys


def main():
    file, region, *command = sys.argv[1:]
    text = pathlib.Path(file).read_text()
    shown = text.split(f"# [{region}]\n")[1].split(f"# [/{region}]\n")[0]
    output = subprocess.run(command, capture_output=True, text=True).stdout
    if shown not in output:
        print(f"{file}#{region} shows:\n{shown}\nbut the program says:\n{output}")
    return 0 if shown in output else 1


if __name__ == "__main__":
    sys.exit(main())
