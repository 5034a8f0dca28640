#!/usr/bin/env python3
"""Runs a program against the RouteGuide server, where it lists places, then without one.

    client_test.py SERVER PROGRAM [PLACES_MIN]
"""

import subprocess
import sys


def main():
    server_program, client = sys.argv[1:3]
    places_min = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with subprocess.Popen([server_program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as server:
        target = f"127.0.0.1:{server.stdout.readline().split()[1]}"
        listed = subprocess.run([client, target], capture_output=True, text=True)
        server.stdin.close()
    refused = subprocess.run([client, target], capture_output=True, text=True)
    places = listed.stdout.splitlines()
    print(f"{len(places)} places {listed.stderr}\nwithout a server: {refused.stderr}")
    good = (listed.returncode == 0 and len(places) >= places_min and "Matterhorn" in places
            and refused.returncode == 1 and refused.stderr.startswith("UNAVAILABLE"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
