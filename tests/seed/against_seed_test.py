"""Plays every scenario with grpc.aio and with Weft, against one server, and compares them.

    against_seed_test.py SCENARIOS WEFT_DRIVER SERVER_COMMAND...

Every observation must be the same, but for those that a scenario lists under "differs", which must
differ exactly as it says. The files are described in README.md.
"""

import itertools
import json
import os
import socket
import subprocess
import sys


def unreachable_target():
    """Bound, so that nobody else gets it, and not listening."""
    place = socket.socket()
    place.bind(("127.0.0.1", 0))
    return place, f"127.0.0.1:{place.getsockname()[1]}"


def play(driver, arguments):
    played = subprocess.run([*driver, *arguments], stdout=subprocess.PIPE, check=True)
    return json.loads(played.stdout)


def differences(scenario, aio, weft):
    name = scenario["name"]
    allowed = scenario.get("differs", {})
    for index, (seed, ours) in enumerate(itertools.zip_longest(aio, weft)):
        expected = allowed.get(str(index))
        if expected is not None and (expected["aio"], expected["weft"]) == (seed, ours):
            continue
        if expected is None and seed == ours:
            continue
        step = scenario["steps"][index]
        yield (f"{name} ({' '.join(scenario['rows'])}), step {index} {json.dumps(step)}:\n"
               f"    grpc.aio: {json.dumps(seed)}\n    Weft:     {json.dumps(ours)}"
               + (f"\n    expected to differ: {json.dumps(expected)}" if expected else ""))


def main(scenarios, weft_driver, *server_command):
    with open(scenarios, encoding="utf-8") as file:
        listed = json.load(file)["scenarios"]
    server = subprocess.Popen(server_command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)
    target = f"127.0.0.1:{server.stdout.readline().split()[1]}"
    place, unreachable = unreachable_target()
    arguments = [scenarios, target, unreachable, *server_command]
    here = os.path.dirname(os.path.abspath(__file__))
    try:
        aio = play([sys.executable, os.path.join(here, "aio_driver.py")], arguments)
        weft = play([weft_driver], arguments)
    finally:
        server.kill()
        place.close()

    found = [line for scenario in listed
             for line in differences(scenario, aio[scenario["name"]], weft[scenario["name"]])]
    for scenario in listed:
        if "hangs" in aio[scenario["name"]] + weft[scenario["name"]]:
            found.append(f"{scenario['name']}: a step did not end")
    print("\n".join(found))
    compared = sum(len(observations) for observations in weft.values())
    rows = {row for scenario in listed for row in scenario["rows"]}
    print(f"{len(listed)} scenarios, {len(rows)} rows, {compared} observations, "
          f"{sum(len(scenario.get('differs', {})) for scenario in listed)} differ on purpose, "
          f"{len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
