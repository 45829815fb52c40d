#!/usr/bin/env python3
"""Holds what plumbline renders against what others say of the formats: JSON and SARIF against their JSON Schemas, JUnit
against an XSD by xmllint, Prometheus by promtool, Markdown as cmark-gfm renders it. Takes the programs plumbline and
validate_json."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml
from html.parser import HTMLParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support import reports  # noqa: E402

PLUMBLINE, VALIDATE_JSON = sys.argv[1:3]
CACHE = Path("/var/cache") if os.getuid() == 0 else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
SCHEMAS = CACHE / "plumbline-schemas"
SAMPLES = {"later": reports.later, "large": reports.large, "hostile": reports.hostile}
FILES = ["page.html", "drift.json", "drift.sarif", "drift.xml", "drift.prom", "drift.md", "gitlab=quality.json",
         "github=annotations", "github-summary=summary.md"]
GITHUB_COMMENT = 65_536


def run(*words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in words], input=stdin, capture_output=True, timeout=120)


class Tags(HTMLParser):
    """Whether the tags of a page are closed in the order in which they were opened."""

    VOID = {"meta", "link", "input", "br", "hr", "col", "img", "polygon", "path"}

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.wrong = [], [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not all((SCHEMAS / name).exists() for name in ("sarif-2.1.0.json", "junit.xsd")):
            raise FileNotFoundError(f"no schemas in {SCHEMAS}; run scripts/setup tools")
        cls.folder = tempfile.TemporaryDirectory()
        for name, make in SAMPLES.items():
            place = Path(cls.folder.name) / name
            place.mkdir()
            (place / "given.json").write_text(json.dumps(make()))
            outputs = [f"{o.split('=')[0]}={place / o.split('=')[1]}" if "=" in o else str(place / o) for o in FILES]
            reports.render(PLUMBLINE, place / "given.json", *outputs)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def each(self, file: str):
        return [Path(self.folder.name) / name / file for name in SAMPLES]

    def passes(self, *words, stdin: bytes | None = None) -> str:
        outcome = run(*words, stdin=stdin)
        self.assertEqual(outcome.returncode, 0, outcome.stderr.decode()[:2000])
        return outcome.stdout.decode()

    def test_our_json_is_as_our_schema_says(self):
        for file in self.each("drift.json"):
            self.passes(VALIDATE_JSON, reports.ROOT / "docs/report.schema.json", file)

    def test_sarif_is_as_the_schema_of_oasis_says(self):
        for file in self.each("drift.sarif"):
            self.passes(VALIDATE_JSON, SCHEMAS / "sarif-2.1.0.json", file)
            run_ = json.loads(file.read_text())["runs"][0]
            rules = {rule["id"] for rule in run_["tool"]["driver"]["rules"]}
            self.assertEqual({result["ruleId"] for result in run_["results"]}, rules)

    def test_the_validator_refuses_what_is_wrong(self):
        for file in self.each("drift.sarif"):
            wrong = file.with_suffix(".wrong")
            wrong.write_text(file.read_text().replace('"level": "error"', '"level": "dreadful"'))
            self.assertNotEqual(run(VALIDATE_JSON, SCHEMAS / "sarif-2.1.0.json", wrong).returncode, 0)

    def test_junit_is_as_its_schema_says(self):
        for file in self.each("drift.xml"):
            self.passes("xmllint", "--noout", "--nonet", "--schema", SCHEMAS / "junit.xsd", file)
            suite = xml.parse(file).getroot()[0]
            self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))
            self.assertEqual(int(suite.get("tests")), len(suite.findall("testcase")))

    def test_prometheus_reads_the_metrics(self):
        for file in self.each("drift.prom"):
            self.passes("promtool", "check", "metrics", stdin=file.read_bytes())

    def test_a_comment_fits_and_renders_as_it_is_meant(self):
        for file in self.each("drift.md"):
            text = file.read_text()
            self.assertLess(len(text), GITHUB_COMMENT)
            page = self.passes("cmark-gfm", "--unsafe", "--extension", "table", file)
            tags = Tags()
            tags.feed(page)
            self.assertEqual((tags.wrong, tags.open), ([], []))
            self.assertEqual(tags.seen.count("table"), 1)
            self.assertNotIn("script", tags.seen)
            self.assertNotIn("img", tags.seen)
            self.assertIn("<td>", page)
            self.assertEqual(tags.seen.count("details"), tags.seen.count("summary"))

    def test_a_long_comment_says_what_it_leaves_out(self):
        text = (Path(self.folder.name) / "large/drift.md").read_text()
        self.assertRegex(text, r"\d+ more findings not shown here")
        summary = (Path(self.folder.name) / "large/summary.md").read_text()
        self.assertNotIn("not shown here", summary)

    def test_gitlab_finds_what_it_asks_for(self):
        severities = {"info", "minor", "major", "critical", "blocker"}
        for file in self.each("quality.json"):
            issues = json.loads(file.read_text())
            self.assertTrue(issues)
            for issue in issues:
                self.assertEqual(set(issue), {"description", "check_name", "fingerprint", "severity", "location"})
                self.assertIn(issue["severity"], severities)
                self.assertGreater(issue["location"]["lines"]["begin"], 0)
                self.assertFalse(issue["location"]["path"].startswith(("/", "./")))
            names = [issue["fingerprint"] for issue in issues]
            self.assertEqual(len(set(names)), len(names))

    def test_annotations_are_commands_and_nothing_else(self):
        for file in self.each("annotations"):
            for line in file.read_text().splitlines():
                self.assertRegex(line, r"^::(error|warning|notice) [^:]*::.")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
