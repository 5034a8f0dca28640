#!/usr/bin/env python3
"""Kills searches at many moments, lets them go on, and compares what they report in the end.

    killed_search_test.py PROGRAM MERGE DIRECTORY

PROGRAM is the sample of searches, MERGE what merges reports of parts. Reports and checkpoints are
left in DIRECTORY.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import unittest

PROGRAM, MERGE = sys.argv[1], sys.argv[2]
DIRECTORY = pathlib.Path(sys.argv[3]).resolve()
ROUNDS_MAX = 200
MODES = ("levels", "brute_force", "reduced")
SECONDS_MAX = 120
# More than the executions that explaining a failure takes, or a search would never come beyond it.
AFTER_SHRINKING = (50, 90)
# What depends on the process, not on the search.
OF_THE_PROCESS = ("seconds", "resumed_at", "flags")


class Search:
    """One test of PROGRAM with folders of its own."""

    def __init__(self, name, test, mode):
        self.folder = DIRECTORY / f"{name}.{mode}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.checkpoints = self.folder / "checkpoints"
        self.command = [PROGRAM, f"--gtest_filter={test}", f"--weft_mode={mode}",
                        f"--weft_report={self.folder}", "--weft_crash_folder=/tmp"]
        self.kept = [f"--weft_checkpoint={self.checkpoints}", "--weft_checkpoint_seconds=0"]

    def start(self, *flags, **variables):
        return subprocess.Popen(self.command + list(flags), env=os.environ | variables,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def run(self, *flags, **variables):
        process = self.start(*flags, **variables)
        output, _ = process.communicate(timeout=SECONDS_MAX)
        return process.returncode, output

    def reports(self):
        found = {}
        for path in sorted(self.folder.glob("*.json")):
            report = json.loads(path.read_text())
            for name in OF_THE_PROCESS:
                del report[name]
            found[path.name] = report
        return found


class Killed(unittest.TestCase):
    maxDiff = None

    def uninterrupted(self, test, mode):
        search = Search("whole", test, mode)
        search.run()
        self.assertTrue(search.reports())
        return search.reports()

    def check_finished(self, expected, search, rounds):
        self.assertGreater(rounds, 0, "it was never killed")
        self.assertEqual(search.reports(), expected)
        self.assertEqual(list(search.checkpoints.glob("*.checkpoint*")), [], "it is still there")

    def killed_within(self, body, test, mode):
        """Each process is killed within its so manyth execution, until one ends."""
        search = Search(f"killed_within_{body}", test, mode)
        for rounds in range(ROUNDS_MAX):
            code, _ = search.run(*search.kept, WEFT_SAMPLE_KILL_AT=str(body))
            if code != -signal.SIGKILL:
                return search, rounds
        self.fail("it does not get on")

    def killed_from_outside(self, test, mode):
        """Each process is killed when so many executions were heard of, wherever it then is."""
        search = Search("killed_from_outside", test, mode)
        for rounds in range(ROUNDS_MAX):
            process = search.start(*search.kept)
            for _ in range(4 + 2 * rounds):
                while (line := process.stdout.readline()) and "body" not in line:
                    pass
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=SECONDS_MAX)
            if process.returncode != -signal.SIGKILL:
                return search, rounds
        self.fail("it does not get on")

    def check(self, test, bodies):
        for mode in MODES:
            expected = self.uninterrupted(test, mode)
            for body in bodies:
                with self.subTest(mode=mode, killed_within=body):
                    self.check_finished(expected, *self.killed_within(body, test, mode))
            with self.subTest(mode=mode, killed="from outside"):
                self.check_finished(expected, *self.killed_from_outside(test, mode))

    def test_a_search_that_passes_ends_as_if_it_had_not_been_killed(self):
        self.check("Sample.Passes", (10, 40))

    def test_failures_before_and_after_are_all_counted(self):
        self.check("Sample.FailsHereAndThere", AFTER_SHRINKING)

    def test_the_first_failure_is_found(self):
        self.check("Sample.FailsSomewhere", AFTER_SHRINKING[:1])

    def test_a_part_goes_on_and_fits_the_others(self):
        for mode in MODES:
            whole = self.uninterrupted("Sample.Passes", mode)["Sample.Passes.json"]
            search = Search("parts", "Divided.*", mode)
            for rounds in range(ROUNDS_MAX):
                # Planning the parts' common region takes executions, too.
                code, _ = search.run(*search.kept, WEFT_SAMPLE_KILL_AT="400")
                if code != -signal.SIGKILL:
                    break
            merged = subprocess.run([MERGE, f"--report={search.folder}/all", str(search.folder)],
                                    capture_output=True, text=True, check=False)
            self.assertEqual(merged.returncode, 0, merged.stdout + merged.stderr)
            self.assertIn("[ COMPLETE ] Divided.Passes: 216 schedules, all passed", merged.stdout)
            together = json.loads((search.folder / "all" / "Divided.Passes.json").read_text())
            for name in ("executions", "levels", "sometimes", "open_schedules"):
                self.assertEqual(together[name], whole[name], name)
            self.assertEqual([(o["outcome"], o["count"]) for o in together["outcomes"]],
                             [(o["outcome"], o["count"]) for o in whole["outcomes"]])

    def test_a_budget_leaves_a_checkpoint_and_says_how_to_go_on(self):
        search = Search("budget", "Sample.Passes", "levels")
        code, output = search.run(*search.kept, "--weft_executions=100")
        self.assertEqual(code, 1)
        self.assertIn("[ INCOMPLETE ]", output)
        self.assertIn("of the tree weight", output)
        self.assertRegex(output, r"resume with: .*--gtest_filter=Sample.Passes --weft_checkpoint=")
        code, output = search.run(*search.kept)
        self.assertEqual(code, 0, output)
        self.assertIn("[ COMPLETE ] Sample.Passes: 216 schedules, all passed", output)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
