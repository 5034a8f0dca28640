#!/usr/bin/env python3
"""Opens pages of timelines in a browser: are they whole, alone, readable in the dark and on paper?

    timeline_page_test.py PROGRAM DIRECTORY

PROGRAM writes its sample pages into DIRECTORY, and what the browser made of them is left beside
them. Exits with 77 if there is no Chromium (the packages `chromium`, `fonts-dejavu-core`).
"""

import pathlib
import re
import subprocess
import sys
import unittest

from browser import BROWSER, NO_BROWSER, Dom, Png, asked, browse, screenshot

PROGRAM, DIRECTORY = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        subprocess.run([PROGRAM, str(DIRECTORY)], check=True)

    def dom(self, page):
        text, console = browse(DIRECTORY / page, "--dump-dom")
        self.assertEqual(console, [])
        return Dom(text)

    def test_has_every_step_and_every_lane_of_both_schedules(self):
        dom = self.dom("hang.html")
        self.assertEqual(dom.tags.count("table"), 2)
        steps = [str(step) for step in range(25)]
        self.assertEqual(dom.values("data-step"), steps + steps)
        headers = dom.texts["th"]
        for lane in ("body", "call1", "call2", "server", "timer1"):
            self.assertEqual(headers.count(lane), 2, lane)
        self.assertEqual(sum(text == "* " for text in dom.texts["span"]), 4)

    def test_badges_lead_to_their_facts(self):
        dom = self.dom("hang.html")
        links, ids = dom.values("href"), dom.values("id")
        self.assertEqual(len(links), 8)
        self.assertLessEqual({link.removeprefix("#") for link in links}, set(ids))
        self.assertEqual(len(ids), len(set(ids)))

    def test_has_no_resources(self):
        for page in ("hang.html", "lanes.html", "hostile.html"):
            with self.subTest(page):
                dom = self.dom(page)
                for tag in ("script", "link", "img", "iframe", "object", "embed", "base", "form"):
                    self.assertNotIn(tag, dom.tags)
                self.assertEqual(dom.values("src"), [])
                self.assertTrue(all(link.startswith("#") for link in dom.values("href")))
                self.assertNotRegex("".join(dom.texts["style"]), r"url\(|@import|@font-face")

    def test_asks_the_network_for_nothing(self):
        # So that silence means something.
        canary = DIRECTORY / "canary.html"
        canary.write_text("<!DOCTYPE html><img src='http://canary.invalid/a.png'>")
        self.assertEqual(asked(canary), ["http://canary.invalid/a.png"])
        for page in ("hang.html", "hostile.html"):
            self.assertEqual(asked(DIRECTORY / page), [], page)

    def test_takes_no_text_for_markup(self):
        dom = self.dom("hostile.html")
        self.assertEqual("".join(dom.texts["title"]), "FAILED: <script>alert('title')</script>")
        self.assertEqual("".join(dom.texts["h1"]), "<script>alert('title')</script>")
        self.assertIn("<b>body</b>", dom.texts["th"])
        self.assertNotIn("b", dom.tags)

    def test_is_light_or_dark_as_the_reader_wishes(self):
        for name, scheme, inside in (("dark.png", 0, range(60)), ("light.png", 1, range(200, 256))):
            with self.subTest(name):
                option = f"--blink-settings=preferredColorScheme={scheme}"
                path = DIRECTORY / name
                picture = Png(screenshot(DIRECTORY / "hang.html", path, "1600,900", option), 90)
                self.assertEqual((picture.width, picture.height), (1600, 900))
                background = picture.pixel(3, 3)
                self.assertTrue(all(channel in inside for channel in background), background)
                self.assertGreater(len(picture.colours()), 20)

    def test_fits_a_narrow_screen(self):
        picture = Png(screenshot(DIRECTORY / "hang.html", DIRECTORY / "narrow.png", "500,1200"), 40)
        self.assertEqual(picture.width, 500)
        # The page's margin on both sides: nothing sticks out.
        self.assertEqual(picture.pixel(3, 30), picture.pixel(496, 30))
        self.assertNotEqual(picture.pixel(3, 30), picture.pixel(250, 30))

    def test_prints(self):
        path = DIRECTORY / "hang.pdf"
        path.unlink(missing_ok=True)
        browse(DIRECTORY / "hang.html", f"--print-to-pdf={path}", "--no-pdf-header-footer")
        paper = path.read_bytes()
        self.assertTrue(paper.startswith(b"%PDF"))
        pages = len(re.findall(rb"/Type\s*/Page\b", paper))
        self.assertTrue(2 <= pages <= 6, pages)


if __name__ == "__main__":
    if BROWSER is None:
        print("there is no Chromium: apt-get install chromium fonts-dejavu-core")
        sys.exit(NO_BROWSER)
    unittest.main(argv=sys.argv[:1], verbosity=2)
