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
AHEAD_MAX = 20
MODES = ("levels", "brute_force", "reduced")
CHOOSING = "choosing"  # the program is not told how
SECONDS_MAX = 120
# More than the executions that explaining a failure takes, or a search would never come beyond it.
AFTER_SHRINKING = (50, 90)
# What depends on the process, not on the search.
OF_THE_PROCESS = ("seconds", "resumed_at", "resume_command", "flags")


class Search:
    """One test of PROGRAM with folders of its own."""

    def __init__(self, name, test, mode):
        self.folder = DIRECTORY / f"{name}.{mode}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.checkpoints = self.folder / "checkpoints"
        self.command = [PROGRAM, f"--gtest_filter={test}", f"--weft_report={self.folder}",
                        "--weft_crash_folder=/tmp"]
        if mode != CHOOSING:
            self.command.append(f"--weft_mode={mode}")
        self.kept = [f"--weft_checkpoint={self.checkpoints}"]
        self.always_kept = self.kept + ["--weft_checkpoint_seconds=0"]

    def start(self, *flags, **variables):
        return subprocess.Popen(self.command + list(flags), env=os.environ | variables,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True)

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
            code, _ = search.run(*search.always_kept, WEFT_SAMPLE_KILL_AT=str(body))
            if code != -signal.SIGKILL:
                return search, rounds
        self.fail("it does not get on")

    def killed_from_outside(self, test, mode):
        """Each process is killed when so many executions were heard of, wherever it then is, which
        is not far ahead."""
        search = Search("killed_from_outside", test, mode)
        for rounds in range(ROUNDS_MAX):
            process = search.start(*search.always_kept, WEFT_SAMPLE_ASKS="1")
            heard_of = 4 + 2 * rounds
            # However long it takes until it is killed, it does not come to its end before.
            process.stdin.write("x" * (heard_of + AHEAD_MAX))
            process.stdin.flush()
            for _ in range(heard_of):
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

    def go_on_and_compare(self, search, *flags):
        """Ends it, and gives the report, which is that of a search that was never killed."""
        whole = Search("whole", "Choosing.IsLarge", CHOOSING)
        code, _ = whole.run(*flags)
        ended, _ = search.run(*search.kept, *flags)
        self.assertEqual(ended, code)
        self.assertEqual(search.reports(), whole.reports())
        return json.loads((search.folder / "Choosing.IsLarge.json").read_text())

    def test_a_search_that_chooses_how_goes_on_within_each_of_its_phases(self):
        """10,000 by levels, an estimate from 1,000, the rest by levels."""
        search = Search("phases", "Choosing.IsLarge", CHOOSING)
        search.run(*search.kept, "--weft_executions=9900")
        for moment in (50, 400, 900, 2_000):
            code, _ = search.run(*search.always_kept, WEFT_SAMPLE_KILL_AT=str(moment))
            self.assertEqual(code, -signal.SIGKILL)
        report = self.go_on_and_compare(search)
        self.assertEqual(report["executions"], 15_552)
        # Two were killed within the estimate, and only the last one after it.
        self.assertGreater(report["resumed_at"], 10_500)
        self.assertLess(report["resumed_at"], 11_000)

    def test_a_search_that_is_killed_within_its_sample_draws_it_again(self):
        """The same, but 1,000 by levels, and then the sample of 1,000."""
        search = Search("sampling", "Choosing.IsLarge", CHOOSING)
        for moment in (12_800, 1_500):
            code, _ = search.run(*search.kept, "--weft_executions=12000",
                                 WEFT_SAMPLE_KILL_AT=str(moment))
            self.assertEqual(code, -signal.SIGKILL)
        report = self.go_on_and_compare(search, "--weft_executions=12000")
        self.assertEqual(report["sampled_executions"], 1_000)
        self.assertEqual(report["resumed_at"], 11_000)

    def test_a_part_goes_on_and_fits_the_others(self):
        for mode in MODES:
            whole = self.uninterrupted("Sample.Passes", mode)["Sample.Passes.json"]
            search = Search("parts", "Divided.*", mode)
            for rounds in range(ROUNDS_MAX):
                # Planning the parts' common region takes executions, too.
                code, _ = search.run(*search.always_kept, WEFT_SAMPLE_KILL_AT="400")
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
        code, output = search.run(*search.always_kept, "--weft_executions=100")
        self.assertEqual(code, 1)
        self.assertIn("[ INCOMPLETE ]", output)
        self.assertIn("of the tree weight", output)
        self.assertRegex(output, r"resume with: .*--gtest_filter=Sample.Passes --weft_checkpoint=")
        code, output = search.run(*search.always_kept)
        self.assertEqual(code, 0, output)
        self.assertIn("[ COMPLETE ] Sample.Passes: 216 schedules, all passed", output)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
