#!/usr/bin/env python3
"""Runs the example against its server: it lists every place, and says so when there is no server."""

import subprocess
import sys


def main():
    server_program, client_program = sys.argv[1:]
    server = subprocess.Popen([server_program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)
    port = server.stdout.readline().split()[1]
    listed = subprocess.run([client_program, f"127.0.0.1:{port}"], capture_output=True, text=True)
    server.stdin.close()
    server.wait()
    refused = subprocess.run([client_program, f"127.0.0.1:{port}"], capture_output=True, text=True)
    places = listed.stdout.splitlines()
    print(f"{len(places)} places; without a server: {refused.stderr.strip()[:60]}")
    good = (listed.returncode == 0 and len(places) > 300 and "Matterhorn" in places
            and refused.returncode == 1 and refused.stderr.startswith("UNAVAILABLE"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
