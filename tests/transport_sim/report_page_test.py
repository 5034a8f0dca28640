#!/usr/bin/env python3
"""Opens reports of searches in a browser, and reads their XML.

    report_page_test.py PROGRAM DIRECTORY SCHEMA

PROGRAM is the sample of searches; its reports are left in DIRECTORY. SCHEMA describes the JSON. Exits with 77 if there is no
Chromium.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree

import browser

PROGRAM, DIRECTORY = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
SCHEMA = pathlib.Path(sys.argv[3])
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
         "integer": int, "number": (int, float)}
# What Jenkins' schema and that of Ant agree upon.
ATTRIBUTES = {
    "testsuites": set(),
    "testsuite": {"name", "package", "id", "timestamp", "hostname", "tests", "failures", "errors",
                  "time"},
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"name", "classname", "time"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "system-out": set(),
    "system-err": set(),
}
CHILDREN = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase", "system-out", "system-err"],
    "testcase": ["failure", "error"],
    "properties": ["property"],
}


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(DIRECTORY, ignore_errors=True)
        subprocess.run([PROGRAM, f"--weft_report={DIRECTORY}", "--gtest_filter=Sample.*"],
                       check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def dom(self, page):
        text, console = browser.browse(DIRECTORY / page, "--dump-dom")
        self.assertEqual(console, [])
        return browser.Dom(text)

    def test_has_a_row_and_a_timeline_for_each_outcome(self):
        dom = self.dom("Sample.CallsWithADeadline.html")
        outcomes = dom.values("data-outcome")
        self.assertEqual(outcomes, ["DEADLINE_EXCEEDED <after>", "DEADLINE_EXCEEDED <after> one",
                                    "DEADLINE_EXCEEDED <after> one two", "OK <after> one two"])
        links = [link for link in dom.values("href") if link.startswith("#outcome")]
        self.assertEqual(len(links), len(outcomes))
        self.assertLessEqual({link.removeprefix("#") for link in links}, set(dom.values("id")))
        self.assertEqual(dom.values("data-step").count("0"), len(outcomes))

    def test_shows_the_executions_by_number_of_deviations(self):
        dom = self.dom("Sample.Passes.html")
        self.assertEqual(dom.values("data-deviations"), [str(i) for i in range(7)])
        cells = dom.texts["td"]
        for count in ("9", "33", "63", "66", "36", "8"):
            self.assertIn(count, cells)

    def test_draws_a_failure_beside_what_passes(self):
        dom = self.dom("Sample.FailsSomewhere.html")
        self.assertEqual("".join(dom.texts["h1"]), "Sample.FailsSomewhere")
        self.assertIn("Nearest passing schedule", dom.texts["h2"])
        self.assertLessEqual({link.removeprefix("#") for link in dom.values("href")},
                             set(dom.values("id")))
        self.assertEqual(len(dom.values("id")), len(set(dom.values("id"))))

    def test_needs_nothing_but_itself_and_takes_no_text_for_markup(self):
        for page in ("Sample.CallsWithADeadline.html", "Sample.WaitsForEver.html"):
            with self.subTest(page):
                dom = self.dom(page)
                for tag in ("script", "link", "img", "iframe", "object", "form", "after"):
                    self.assertNotIn(tag, dom.tags)
                self.assertEqual(dom.values("src"), [])
                self.assertTrue(all(link.startswith("#") for link in dom.values("href")))
                self.assertEqual(browser.asked(DIRECTORY / page), [])

    def test_fits_a_narrow_screen(self):
        for page in ("Sample.CallsWithADeadline", "Sample.FailsSomewhere"):
            with self.subTest(page):
                picture = browser.Png(
                    browser.screenshot(DIRECTORY / f"{page}.html", DIRECTORY / f"{page}.png",
                                       "500,1200"), 40)
                self.assertEqual(picture.pixel(3, 30), picture.pixel(496, 30))
                self.assertNotEqual(picture.pixel(3, 30), picture.pixel(250, 30))

    def test_prints(self):
        path = DIRECTORY / "calls.pdf"
        browser.browse(DIRECTORY / "Sample.CallsWithADeadline.html", f"--print-to-pdf={path}",
                       "--no-pdf-header-footer")
        paper = path.read_bytes()
        self.assertTrue(paper.startswith(b"%PDF"))
        pages = len(re.findall(rb"/Type\s*/Page\b", paper))
        # The numbers on a page or two, each of four outcomes on one of its own.
        self.assertTrue(5 <= pages <= 7, pages)

    def check_json(self, value, schema, where):
        """As much of JSON Schema as the schema uses."""
        if "const" in schema:
            self.assertEqual(value, schema["const"], where)
        if "enum" in schema:
            self.assertIn(value, schema["enum"], where)
        types = schema.get("type", [])
        for name in [types] if isinstance(types, str) else types:
            if isinstance(value, TYPES[name]):
                break
        else:
            self.assertFalse(types, f"{where}: {value} is none of {types}")
        if isinstance(value, list):
            for item in value:
                self.check_json(item, schema["items"], f"{where}[]")
        if isinstance(value, dict):
            properties, others = schema.get("properties", {}), schema["additionalProperties"]
            self.assertLessEqual(set(schema.get("required", [])), set(value), where)
            for key, item in value.items():
                if others is False:
                    self.assertIn(key, properties, where)
                self.check_json(item, properties.get(key, others), f"{where}.{key}")

    def test_is_json_as_the_schema_says(self):
        schema = json.loads(SCHEMA.read_text())
        reports = list(DIRECTORY.glob("*.json"))
        self.assertEqual(len(reports), 5)
        for path in reports:
            self.check_json(json.loads(path.read_text()), schema, path.name)

    def check_xml(self, element):
        self.assertLessEqual(set(element.attrib), ATTRIBUTES[element.tag])
        tags = [child.tag for child in element]
        allowed = CHILDREN.get(element.tag, [])
        self.assertLessEqual(set(tags), set(allowed))
        self.assertEqual(tags, sorted(tags, key=allowed.index))
        for child in element:
            self.check_xml(child)

    def test_is_junit(self):
        results = {}
        for path in DIRECTORY.glob("*.xml"):
            root = xml.etree.ElementTree.parse(path).getroot()
            self.check_xml(root)
            suite = root.find("testsuite")
            self.assertEqual(set(suite.attrib), ATTRIBUTES["testsuite"])
            results[suite.find("testcase").get("name")] = (suite.get("failures"),
                                                           suite.get("errors"))
        self.assertEqual(results, {
            "Passes": ("0", "0"), "CallsWithADeadline": ("0", "0"), "FailsSomewhere": ("1", "0"),
            "FailsHereAndThere": ("1", "0"), "WaitsForEver": ("1", "0")})


if __name__ == "__main__":
    if browser.BROWSER is None:
        print("there is no Chromium: apt-get install chromium fonts-dejavu-core")
        sys.exit(browser.NO_BROWSER)
    unittest.main(argv=sys.argv[:1], verbosity=2)
