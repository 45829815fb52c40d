#!/usr/bin/env python3
"""The picture in the README shows what the demo prints today: the text of docs/report.svg is held against a run of scripts/demo.
Takes the program plumbline."""

import os
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLUMBLINE = str(Path(sys.argv[1]).resolve())
PICTURE = ROOT / "docs" / "report.svg"
SVG = "{http://www.w3.org/2000/svg}"


def steady(lines: list[str]) -> list[str]:
    return [re.sub(r"\d+(\.\d+)? (ms|s)$", "N s", line) for line in lines]


class Picture(unittest.TestCase):
    def setUp(self):
        self.tree = xml.etree.ElementTree.parse(PICTURE).getroot()

    def test_it_shows_what_the_demo_prints_today(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLUMBLINE_", "PG", "DATABASE_URL"))}
        printed = subprocess.run([ROOT / "scripts" / "picture", "--print"], capture_output=True, text=True, timeout=300,
                                 env={**kept, "DEMO_PROGRAM": PLUMBLINE})
        self.assertEqual(printed.returncode, 0, printed.stderr)
        shown = ["".join(row.itertext()) for row in self.tree.find(f"{SVG}g").iter(f"{SVG}text")]
        self.assertGreater(len(shown), 30)
        self.assertEqual(steady(shown), steady(printed.stdout.rstrip("\n").split("\n")),
                         "write it anew with scripts/picture, and look at it")

    def test_it_fetches_nothing_and_runs_nothing(self):
        self.assertNotRegex(PICTURE.read_text().replace(SVG[1:-1], ""), r"https?:|url\(|@import|<script|<image|<use|href|\son\w+=")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
