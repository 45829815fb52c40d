#!/usr/bin/env python3
"""Opens pages that plumbline writes in a headless Chromium and uses them as people do. Takes the program plumbline, and
perhaps a folder for screenshots to look at."""

import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support import reports  # noqa: E402
from support.browser import Browser  # noqa: E402

PLUMBLINE = str(Path(sys.argv[1]).resolve())
PICTURES = Path(sys.argv[2]) if len(sys.argv) > 2 else None
SHOWN = "[...document.querySelectorAll('.finding')].filter(f => !f.hidden).length"
OPEN = "document.querySelectorAll('.finding details[open]').length"


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.browser = Browser()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.addClassCleanup(cls.browser.close)
        cls.browser.open_page()
        for name in ("later", "large", "hostile", "long"):
            given = Path(cls.folder.name) / f"{name}.json"
            given.write_text(json.dumps(getattr(reports, name)()))
            reports.render(PLUMBLINE, given, str(given.with_suffix(".html")))

    def open(self, name: str) -> float:
        self.url = (Path(self.folder.name) / f"{name}.html").as_uri()
        return self.browser.go(self.url)

    def tearDown(self):
        self.assertEqual(self.browser.complaints(), [])
        self.assertEqual(
            [r for r in self.browser.requests() if r.split("#")[0] != self.url and not r.startswith("data:")], [])

    def value(self, expression: str):
        return self.browser.value(expression)

    def test_findings_are_filtered_by_words_and_by_boxes(self):
        self.open("later")
        self.assertEqual(self.value(SHOWN), 6)
        self.browser.click("#search")
        for letter in "currency":
            self.browser.press(letter)
        self.assertEqual(self.value(SHOWN), 1)
        self.assertEqual(self.value("document.querySelector('#shown').textContent"), "1 of 6")
        self.value("document.querySelector('#search').value = ''; "
                   "document.querySelector('#search').dispatchEvent(new Event('input'))")
        self.browser.click("input[value=critical]")
        self.assertEqual(self.value(SHOWN), 5)
        self.browser.click("input[value=known]")
        self.assertEqual(self.value(SHOWN), 2)

    def test_findings_fold_by_clicks_and_by_keys(self):
        self.open("later")
        self.assertEqual(self.value(OPEN), 0)
        self.browser.click(".finding summary")
        self.assertEqual(self.value(OPEN), 1)
        self.browser.click("[data-action=open]")
        self.assertEqual(self.value(OPEN), 6)
        self.browser.click("[data-action=close]")
        self.assertEqual(self.value(OPEN), 0)
        self.value("document.activeElement.blur()")
        self.browser.press("j")
        self.browser.press("j")
        self.browser.press("Enter")
        self.assertTrue(self.value("document.querySelectorAll('.finding')[1].firstElementChild.open"))
        self.browser.press("k")
        self.assertTrue(self.value("document.querySelector('.finding').contains(document.activeElement)"))
        self.browser.press("/")
        self.assertEqual(self.value("document.activeElement.id"), "search")

    def test_values_stand_side_by_side_with_their_changed_words_marked(self):
        self.open("later")
        self.assertEqual(self.value("[...document.querySelectorAll('.sides del')].map(d => d.textContent)")[-1],
                         " * (1 - discount)")
        self.assertGreater(self.value("document.querySelectorAll('.diagram svg .node').length"), 3)
        self.assertEqual(self.value("document.querySelectorAll('.timeline li').length"), 4)

    def test_light_and_dark_follow_the_reader(self):
        self.open("later")
        paper = "getComputedStyle(document.body).backgroundColor"
        seen = {}
        for scheme in ("light", "dark"):
            self.browser.scheme(scheme)
            seen[scheme] = self.value(paper)
            if PICTURES:
                self.value("document.querySelectorAll('.finding details').forEach(d => d.open = true)")
                self.browser.screenshot(str(PICTURES / f"{scheme}.png"))
        self.assertNotEqual(seen["light"], seen["dark"])
        self.value("document.activeElement.blur()")
        self.browser.press("t")
        self.assertEqual(self.value(paper), seen["light"])

    def test_nothing_is_wider_than_the_screen(self):
        for name in ("later", "hostile", "long"):
            for width in (1280, 400):
                with self.subTest(f"{name} at {width}"):
                    self.browser.width(width)
                    self.addCleanup(self.browser.width, 1280)
                    self.open(name)
                    self.browser.click("[data-action=open]")
                    self.assertEqual(self.value("document.documentElement.scrollWidth"), width)

    def test_paper_is_white_whatever_the_screen_is(self):
        self.open("later")
        self.browser.scheme("light")
        self.browser.press("t")
        paper = "getComputedStyle(document.body).backgroundColor"
        self.assertNotEqual(self.value(paper), "rgb(255, 255, 255)")
        self.browser.scheme("dark", "print")
        self.addCleanup(self.browser.scheme, "light")
        self.assertEqual(self.value(paper), "rgb(255, 255, 255)")
        self.assertEqual(self.value("getComputedStyle(document.querySelector('.sides')).printColorAdjust"), "exact")

    def test_everything_is_unfolded_on_paper(self):
        self.open("later")
        self.value("dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(self.value(OPEN), 6)
        self.assertGreater(len(self.browser.call("Page.printToPDF")["data"]), 10_000)
        self.value("dispatchEvent(new Event('afterprint'))")
        self.assertEqual(self.value(OPEN), 0)

    def test_names_in_the_database_run_nothing_and_fetch_nothing(self):
        self.open("hostile")
        self.assertEqual(self.value("document.scripts.length"), 1)
        self.assertEqual(self.value("document.images.length"), 0)
        self.assertGreater(self.value("document.querySelectorAll('.diagram svg .node').length"), 3)

    def test_two_thousand_findings_open_in_under_two_seconds(self):
        seconds = min(self.open("large") for _ in range(3))
        print(f"a page of 2,000 findings opened in {seconds:.2f} s")
        self.assertEqual(self.value(SHOWN), 2000)
        self.assertLess(seconds, 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
