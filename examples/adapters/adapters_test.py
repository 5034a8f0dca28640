#!/usr/bin/env python3
"""Runs an example against the RouteGuide server, then without one.

    adapters_test.py SERVER EXAMPLE
"""

import subprocess
import sys


def main():
    server_program, example = sys.argv[1:]
    with subprocess.Popen([server_program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as server:
        port = server.stdout.readline().split()[1]
        found = subprocess.run([example, f"127.0.0.1:{port}"], capture_output=True, text=True)
        server.stdin.close()
    refused = subprocess.run([example, f"127.0.0.1:{port}"], capture_output=True, text=True)
    print(f"with a server: {found.stdout}{found.stderr}without: {refused.stderr}")
    good = (found.returncode == 0 and found.stdout == "Matterhorn\n"
            and refused.returncode == 1 and refused.stderr.startswith("UNAVAILABLE"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
