#!/usr/bin/env python3
"""picture_test.py ROOT: the picture in the README is the timeline that found.txt has."""

import pathlib
import subprocess
import sys


def main():
    root = pathlib.Path(sys.argv[1])
    drawn = subprocess.run(
        [sys.executable, root / "tools/timeline_svg.py",
         root / "examples/explore_your_client/found.txt"],
        check=True, capture_output=True, text=True).stdout
    if drawn == (root / "docs/timeline.svg").read_text():
        return 0
    print("stale: tools/timeline_svg.py examples/explore_your_client/found.txt > docs/timeline.svg")
    return 1


if __name__ == "__main__":
    sys.exit(main())
