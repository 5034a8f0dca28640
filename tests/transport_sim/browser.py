"""A page as a browser has it: its document, its picture, what it asks the network for."""

import html.parser
import json
import pathlib
import shutil
import struct
import subprocess
import tempfile
import zlib

BROWSER = shutil.which("chromium")
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
             f"--user-data-dir={profile}", *options, page.as_uri()],
            check=True, capture_output=True, timeout=SECONDS_MAX)
    errors = done.stderr.decode(errors="replace")
    return done.stdout.decode(), [line for line in errors.splitlines() if ":CONSOLE" in line]


def screenshot(page, path, size, *options):
    path.unlink(missing_ok=True)
    browse(page, f"--screenshot={path}", f"--window-size={size}", *options)
    return path.read_bytes()


def asked(page):
    """The addresses that a page wants to have, without its own."""
    with tempfile.TemporaryDirectory() as directory:
        log = pathlib.Path(directory) / "net_log.json"
        browse(page, "--dump-dom", f"--log-net-log={log}")
        requests = [event.get("params", {}) for event in json.loads(log.read_text())["events"]]
    # What the browser wants for itself has no page that began it.
    nobody = "not an origin"
    addresses = {request["url"] for request in requests
                 if "url" in request and request.get("initiator", nobody) != nobody}
    return sorted(url for url in addresses if not url.startswith("file:"))
