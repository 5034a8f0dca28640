#!/usr/bin/env python3
"""Opens the page of results in a browser: is it whole, alone, readable in the dark and on paper?

    page_test.py DIRECTORY

Exits with 77 if there is no Chromium (the packages `chromium`, `fonts-dejavu-core`).
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests" / "transport_sim"))

import page  # noqa: E402
from browser import BROWSER, NO_BROWSER, Dom, Png, asked, browse, screenshot  # noqa: E402
from compare import TITLES  # noqa: E402

DIRECTORY = pathlib.Path(sys.argv[1]).resolve()
PAGE = DIRECTORY / "page.html"
HOSTILE = "<script>alert('call')</script>"
CONTEXT = {"date": "2020-02-02T02:02:02+00:00", "load_avg": [0.5, 1.5], "rounds": 15,
           "pinned": True, "titles": TITLES,
           "workloads": {"unary": "unary call", "exchange": HOSTILE, "unary_unix": "not measured"}}


def compared(workload, client, ratio):
    return {"name": f"{workload}/{client}", "real_time": 60 * ratio, "cpu_time": 30 * ratio,
            "ratio_to_core": ratio, "ratio_low": ratio * 0.95, "ratio_high": ratio * 1.05,
            "ratio_min": ratio * 0.7, "ratio_max": ratio * 1.6, "cpu_ratio_to_core": ratio,
            "allocs_per_op": 12.0, "batches_per_op": 1.0}


def scaled(series, client, x, us):
    return {"series": series, "client": client, "x": x, "real_time": us, "us_low": us * 0.9,
            "us_high": us * 1.1, "bytes": 20000.0 + us}


COMPARED = {"context": CONTEXT, "benchmarks": [
    compared(workload, client, 1 + index / 8) for workload in ("unary", "exchange")
    for index, client in enumerate(("core", "core2", "weft", "sync", "queue", "callback"))
] + [{"name": "straight/unary_deadline/iterations:4/manual_time", "real_time": 0.4,
      "cpu_time": 0.4, "allocs_per_op": 0.0}]}
SCALED = {"context": {**CONTEXT, "series": [
    {"name": "streams", "title": "Streams open", "x": "open streams", "unit": "stream"}]},
    "benchmarks": [scaled("streams", client, x, 50 + x / 100) for client in ("core", "weft")
                   for x in (0, 1, 10, 1000)]}


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page.of(COMPARED, SCALED))
        text, cls.console = browse(PAGE, "--dump-dom")
        cls.dom = Dom(text)

    def test_has_a_plot_and_a_table_for_each_workload_that_was_measured(self):
        self.assertEqual(self.console, [])
        self.assertEqual(self.dom.values("data-workload"), ["unary", "exchange"])
        self.assertEqual(self.dom.tags.count("svg"), 2 + 2)
        self.assertEqual(self.dom.tags.count("table"), 2 + 1)

    def test_shows_every_clients_interval_and_extremes(self):
        kinds = self.dom.values("class")
        self.assertEqual(kinds.count("a wide-line") + kinds.count("b wide-line"), 12)
        self.assertEqual(kinds.count("b wide-line"), 2)
        self.assertEqual(kinds.count("band"), 2)
        for title in ("gRPC core", "Weft", "grpc++ callback"):
            self.assertEqual(self.dom.texts["td"].count(title), 2, title)

    def test_says_under_what_load_it_was_measured(self):
        self.assertIn("load 0.5 before and 1.5 after", "".join(self.dom.texts["p"]))

    def test_takes_no_text_for_markup(self):
        self.assertNotIn("script", self.dom.tags)
        self.assertIn(HOSTILE, self.dom.texts["h2"])

    def test_has_no_resources_and_asks_the_network_for_nothing(self):
        self.assertEqual(self.dom.values("src") + self.dom.values("href"), [])
        self.assertNotRegex("".join(self.dom.texts["style"]), r"url\(|@import|@font-face")
        self.assertEqual(asked(PAGE), [])

    def test_is_light_or_dark_as_the_reader_wishes(self):
        for name, scheme, inside in (("dark.png", 0, range(60)), ("light.png", 1, range(200, 256))):
            with self.subTest(name):
                option = f"--blink-settings=preferredColorScheme={scheme}"
                picture = Png(screenshot(PAGE, DIRECTORY / name, "1000,2400", option), 400)
                self.assertTrue(all(channel in inside for channel in picture.pixel(3, 3)))
                self.assertGreater(len(picture.colours()), 20)

    def test_fits_a_narrow_screen(self):
        picture = Png(screenshot(PAGE, DIRECTORY / "narrow.png", "500,1200"), 400)
        for y in (100, 250, 390):
            self.assertEqual(picture.pixel(497, y), picture.pixel(3, 3))

    def test_prints(self):
        path = DIRECTORY / "page.pdf"
        path.unlink(missing_ok=True)
        browse(PAGE, f"--print-to-pdf={path}", "--no-pdf-header-footer")
        paper = path.read_bytes()
        self.assertTrue(paper.startswith(b"%PDF"))
        self.assertIn(len(re.findall(rb"/Type\s*/Page\b", paper)), range(1, 6))


if __name__ == "__main__":
    if BROWSER is None:
        print("there is no Chromium: apt-get install chromium fonts-dejavu-core")
        sys.exit(NO_BROWSER)
    unittest.main(argv=sys.argv[:1], verbosity=2)
