#!/usr/bin/env python3
"""Says whether a program that uses the call layer alone needs gRPC or protobuf to run.

    no_grpc_test.py READELF PROGRAM
"""

import re
import subprocess
import sys


def main():
    listing = subprocess.run([sys.argv[1], "-d", sys.argv[2]], check=True, capture_output=True,
                             text=True).stdout
    needed = re.findall(r"NEEDED.*\[(.*)\]", listing)
    foreign = [name for name in needed if re.match(r"lib(grpc|gpr|protobuf)", name)]
    print(f"needs {', '.join(needed)}")
    if not needed or foreign:
        print(f"must not need: {foreign}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
