#!/usr/bin/env python3
"""Opens pages of timelines in a browser: are they whole, alone, readable in the dark and on paper?

    timeline_page_test.py PROGRAM DIRECTORY

PROGRAM writes its sample pages into DIRECTORY, and what the browser made of them is left beside
them. Exits with 77 if there is no Chromium (the packages `chromium`, `fonts-dejavu-core`).
"""

import html.parser
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

BROWSER = shutil.which("chromium")
PROGRAM, DIRECTORY = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
SECONDS_MAX = 120
NO_BROWSER = 77


class Dom(html.parser.HTMLParser):
    """What is asked of a document, without its structure."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts, self.open = [], [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))
        if tag not in ("meta", "col", "link", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def values(self, name):
        return [attributes[name] for _, attributes in self.attributes if name in attributes]


class Png:
    """The first rows of a picture as Chromium writes it: 8 bits a channel, not interlaced."""

    def __init__(self, data, rows):
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        at, packed = 8, b""
        while at < len(data):
            length, kind = struct.unpack(">I4s", data[at:at + 8])
            body = data[at + 8:at + 8 + length]
            if kind == b"IHDR":
                self.width, self.height, depth, colours = struct.unpack(">2I2B", body[:10])
                assert depth == 8 and body[12] == 0 and colours in (2, 6)
                self.channels = 3 if colours == 2 else 4
            if kind == b"IDAT":
                packed += body
            at += length + 12
        self.rows = self._rows(zlib.decompress(packed), rows)

    def _rows(self, raw, count):
        stride, before, rows = self.width * self.channels, bytes(self.width * self.channels), []
        for number in range(min(count, self.height)):
            begin = number * (stride + 1)
            line = bytearray(raw[begin + 1:begin + 1 + stride])
            for i in range(stride):
                left = line[i - self.channels] if i >= self.channels else 0
                corner = before[i - self.channels] if i >= self.channels else 0
                line[i] = (line[i] + self._predicted(raw[begin], left, before[i], corner)) % 256
            rows.append(bytes(line))
            before = rows[-1]
        return rows

    @staticmethod
    def _predicted(how, left, above, corner):
        if how < 4:
            return (0, left, above, (left + above) // 2)[how]
        guess = left + above - corner
        return min((left, above, corner), key=lambda value: abs(guess - value))

    def pixel(self, x, y):
        return tuple(self.rows[y][x * self.channels:x * self.channels + 3])

    def colours(self):
        return {self.pixel(x, y) for y in range(len(self.rows)) for x in range(self.width)}


def browse(page, *options):
    """Standard output of the browser, and what the page's console said."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--disable-default-apps",
             "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--log-level=0",
             f"--user-data-dir={profile}", *options, (DIRECTORY / page).as_uri()],
            check=True, capture_output=True, timeout=SECONDS_MAX)
    errors = done.stderr.decode(errors="replace")
    return done.stdout.decode(), [line for line in errors.splitlines() if ":CONSOLE" in line]


def screenshot(page, name, size, *options):
    path = DIRECTORY / name
    path.unlink(missing_ok=True)
    browse(page, f"--screenshot={path}", f"--window-size={size}", *options)
    return path.read_bytes()


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        subprocess.run([PROGRAM, str(DIRECTORY)], check=True)

    def dom(self, page):
        text, console = browse(page, "--dump-dom")
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
        self.assertEqual(self.asked("canary.html"), ["http://canary.invalid/a.png"])
        for page in ("hang.html", "hostile.html"):
            self.assertEqual(self.asked(page), [], page)

    def asked(self, page):
        """The addresses that a page wants to have, without its own."""
        log = DIRECTORY / "net_log.json"
        browse(page, "--dump-dom", f"--log-net-log={log}")
        requests = [event.get("params", {}) for event in json.loads(log.read_text())["events"]]
        # What the browser wants for itself has no page that began it.
        nobody = "not an origin"
        addresses = {request["url"] for request in requests
                     if "url" in request and request.get("initiator", nobody) != nobody}
        return sorted(url for url in addresses if not url.startswith("file:"))

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
                picture = Png(screenshot("hang.html", name, "1600,900", option), 90)
                self.assertEqual((picture.width, picture.height), (1600, 900))
                background = picture.pixel(3, 3)
                self.assertTrue(all(channel in inside for channel in background), background)
                self.assertGreater(len(picture.colours()), 20)

    def test_fits_a_narrow_screen(self):
        picture = Png(screenshot("hang.html", "narrow.png", "500,1200"), 40)
        self.assertEqual(picture.width, 500)
        # The page's margin on both sides: nothing sticks out.
        self.assertEqual(picture.pixel(3, 30), picture.pixel(496, 30))
        self.assertNotEqual(picture.pixel(3, 30), picture.pixel(250, 30))

    def test_prints(self):
        path = DIRECTORY / "hang.pdf"
        path.unlink(missing_ok=True)
        browse("hang.html", f"--print-to-pdf={path}", "--no-pdf-header-footer")
        paper = path.read_bytes()
        self.assertTrue(paper.startswith(b"%PDF"))
        pages = len(re.findall(rb"/Type\s*/Page\b", paper))
        self.assertTrue(2 <= pages <= 6, pages)


if __name__ == "__main__":
    if BROWSER is None:
        print("there is no Chromium: apt-get install chromium fonts-dejavu-core")
        sys.exit(NO_BROWSER)
    unittest.main(argv=sys.argv[:1], verbosity=2)
