#!/usr/bin/env python3
"""Whatever a database holds stays text in all that plumbline writes: names, values and bodies that want to be something
else, in objects of many kinds, and each output read by a real reader: psql, cmark-gfm, the JSON, XML and HTML of Python,
JSON Schema, and our own reader of migrations. Takes the programs plumbline and validate_json; TEXT_ROUNDS and TEXT_SEED
say how many databases and which."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import unittest
import xml.etree.ElementTree as xml
from html.parser import HTMLParser
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent / "support")]
from fake_forge import Forge  # noqa: E402
from throwaway import DEBIAN_BIN, Server, psql_program  # noqa: E402

PLUMBLINE, VALIDATE_JSON = (str(Path(word).resolve()) for word in sys.argv[1:3])
DOCS = Path(__file__).resolve().parent.parent / "docs"
ROUNDS, SEED = int(os.environ.get("TEXT_ROUNDS", "3")), int(os.environ.get("TEXT_SEED", "1"))
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if not name.startswith(("GITHUB_", "GITLAB_", "CI", "PLUMBLINE_", "PG", "DATABASE_URL"))}
EXECUTED = "executed-by-a-reader"
# Each wants to be something for some reader; the first two are of a report about an earlier version.
HOSTILE = [f"x\n\\! touch {EXECUTED}\n", "y\nDROP TABLE victim; --", f"\r\\! touch {EXECUTED}\r", "\r\nDROP TABLE victim;\r\n",
           "\u2028DROP TABLE victim;\u2028", "\x85DROP TABLE victim;", "\x0bDROP TABLE victim;\x0c", "*/ DROP TABLE victim; /*",
           "';DROP TABLE victim;--", "$$;DROP TABLE victim;$$",
           "a | b | c", "`code`", "``` \n```", "<b>x</b><!-- ", "--><img src=x>", "]]><a/>", "&lt;&#64;", "%0A::error::x",
           "\n::error::x", "\n::stop-commands::x\n", "##[error]x", "@everyone", "#1 GH-1 !1", "[a](http://x.example)",
           "http://www.example.com", "![i](x)", "# head", "1. one", "- item", "\n\n---\n", "{{title}}", "${HOME}",
           "\x1b]0;t\x07", "\x1b[2J", "\x9b2J", "\u202eabc", "\u2066\u200b\ufeff", "\u00ad\u061c", "\U000e0041", "\uffff", "\x7f\x01",
           "\\", "\"\"", "\tx", "<script>alert(1)</script>", "~~x~~", "$x$", "=1+1", "\n=== \n", "<https://x.example>"]
RAW_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\uffff]"
                         "|[\U000e0000-\U000e0fff]")


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


class Names:
    """Names of at most 63 bytes; each is used once."""

    def __init__(self, seed: int):
        self.random, self.used, self.left = random.Random(seed), set(HOSTILE[:2]), list(HOSTILE)
        self.random.shuffle(self.left)

    def one(self) -> str:
        parts = [self.left.pop()] if self.left else self.random.choices(HOSTILE, k=self.random.randint(1, 2))
        name = "".join(parts).encode()[:58].decode(errors="ignore")
        while name in self.used or not name:
            name += self.random.choice("abcdefgh")
        self.used.add(name)
        return name

    def text(self) -> str:
        return "".join(self.random.choices(HOSTILE, k=3))


def objects(names: Names) -> list[str]:
    """One statement or a few for each kind, each with names and values of its own."""
    def name() -> str:
        return identifier(names.one())

    schema, table, other, column = name(), name(), name(), name()
    made = ["SET check_function_bodies = off", f"CREATE SCHEMA {schema}", f"CREATE TABLE {table} ({column} int PRIMARY KEY, {name()} text DEFAULT {literal(names.text())})",
            f"CREATE TABLE {schema}.{other} (a int, {name()} int, CONSTRAINT {name()} CHECK (a <> 7))",
            f"COMMENT ON TABLE {table} IS {literal(names.text())}", f"COMMENT ON COLUMN {table}.{column} IS {literal(names.text())}",
            f"CREATE INDEX {name()} ON {table} ({column})", f"CREATE VIEW {name()} AS SELECT {column} AS {name()} FROM {table}",
            f"CREATE MATERIALIZED VIEW {name()} AS SELECT {literal(names.text())}::text AS {name()}",
            f"CREATE TYPE {name()} AS ENUM ({literal(names.one())}, {literal(names.one())})",
            f"CREATE DOMAIN {name()} AS text CONSTRAINT {name()} CHECK (VALUE <> {literal(names.text())})",
            f"CREATE SEQUENCE {name()}", f"CREATE TYPE {name()} AS ({name()} int)", f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY {name()} ON {table} USING ({column} > 0)", f"CREATE AGGREGATE {name()} (int) (sfunc = int4pl, stype = int)",
            f"CREATE STATISTICS {name()} ON id, note FROM victim"]
    body = literal("SELECT 1; " + names.text())
    function = name()
    made += [f"CREATE FUNCTION {function}({name()} int) RETURNS int LANGUAGE sql AS {body}",
             f"CREATE FUNCTION {schema}.trigger_() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
             f"CREATE TRIGGER {name()} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {schema}.trigger_()",
             f"CREATE RULE {name()} AS ON DELETE TO {table} DO INSTEAD NOTHING", f"CREATE COLLATION {name()} (provider = libc, locale = 'C')",
             f"ALTER TABLE victim ADD COLUMN {name()} int", f"ALTER TABLE victim ALTER COLUMN note SET DEFAULT {literal(names.text())}",
             f"COMMENT ON TABLE victim IS {literal(names.text())}"]
    return made


class Page(HTMLParser):
    VOID = {"meta", "link", "input", "br", "hr", "col", "img", "polygon", "path"}

    def __init__(self, text: str):
        super().__init__()
        self.open, self.seen, self.wrong, self.texts = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)

    def handle_data(self, data):
        if not set(self.open) & {"code", "pre", "style", "script"}:
            self.texts.append(data)


class Text(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        os.chmod(self.folder, 0o755)
        self.server = self.enterContext(Server())
        self.forge = Forge()

    def run_it(self, *words: str, codes=(0, 2), stdout_is_text=True, **environment: str) -> str:
        outcome = subprocess.run([PLUMBLINE, *words], cwd=self.folder, capture_output=True, timeout=300, stdin=subprocess.DEVNULL,
                                 env=ENVIRONMENT | {"PLUMBLINE_PG_BIN": str(DEBIAN_BIN), "PLUMBLINE_CACHE_DIR": str(self.folder / "cache"),
                                                    "DATABASE_URL": self.server.url("live")} | environment)
        said = outcome.stderr.decode()
        self.assertIn(outcome.returncode, codes, f"{words}\n{said}\n{outcome.stdout.decode()[:2000]}")
        self.is_text(said, f"stderr of {words}")
        if stdout_is_text:
            self.is_text(outcome.stdout.decode(), f"stdout of {words}")
        return outcome.stdout.decode()

    def is_text(self, text: str, what: str):
        """For a terminal and a log."""
        found = RAW_CONTROL.search(text)
        self.assertIsNone(found, f"{what}: {found and text[max(0, found.start() - 80):found.end() + 20]!r}")
        for line in text.split("\n"):
            self.assertFalse(line.strip().startswith("::"), f"{what}: {line!r}")
            self.assertNotIn("##[", line, what)

    def live(self, database: str = "live") -> set[str]:
        """The names of the tables."""
        return set(self.server.psql(database, sql="SELECT encode(convert_to(relname, 'UTF8'), 'hex') FROM pg_class").split())

    def make(self, seed: int):
        names = Names(seed)
        self.server.create_database("live")
        victim = "CREATE TABLE victim (id int PRIMARY KEY, note text)"
        self.server.psql("live", sql=victim + ";CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);"
                         "INSERT INTO schema_migrations VALUES (1, false); INSERT INTO victim VALUES (1, 'here')")
        unexpected, expected = objects(names), objects(names)
        file = self.folder / "db/000001_all.up.sql"
        file.parent.mkdir(exist_ok=True)
        file.write_text(";\n".join([victim, *expected]) + ";\n", newline="")
        self.server.create_database("expected")
        self.server.psql("expected", file, sql=None)
        self.server.psql("expected", sql="INSERT INTO victim VALUES (1, 'here')")
        tables = [f"CREATE TABLE {identifier(name)} (a int)" for name in HOSTILE[:2]]
        self.server.psql("live", sql=";\n".join(tables + unexpected) + ";\n")

    def test_text_stays_text(self):
        for seed in range(SEED, SEED + ROUNDS):
            with self.subTest(seed=seed):
                self.make(seed)
                self.check_reports("check", "--migrations", "db", "--no-cache")
                self.check_reports("diff", self.server.url("live"), "db")
                self.check_published()
                for command in ("status", "list", "history", "doctor"):
                    self.run_it(command, "--migrations", "db", codes=(0, 1, 2, 3))
                self.check_scripts()
            for database in ("live", "expected"):
                self.server.drop_database(database)
            shutil.rmtree(self.folder / "db")

    # --- reports

    def check_reports(self, *words: str):
        files = ["text=drift.txt", "drift.html", "drift.json", "drift.sarif", "drift.xml", "drift.prom", "drift.md",
                 "gitlab=quality.json", "github=annotations", "github-summary=summary.md"]
        self.run_it(*words, *[word for file in files for word in ("--output", file)])
        self.is_text((self.folder / "drift.txt").read_text(), "drift.txt")
        report = json.loads((self.folder / "drift.json").read_text())
        findings = len(report["findings"])
        self.assertGreater(findings, 20)
        outcome = subprocess.run([VALIDATE_JSON, DOCS / "report.schema.json", self.folder / "drift.json"], capture_output=True)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertEqual(len(json.loads((self.folder / "drift.sarif").read_text())["runs"][0]["results"]), findings)
        self.assertEqual(len(json.loads((self.folder / "quality.json").read_text())), findings)
        self.assertEqual(len(xml.parse(self.folder / "drift.xml").getroot().findall(".//failure")), findings)
        page = Page((self.folder / "drift.html").read_text())
        self.assertEqual((page.wrong, page.open), ([], []))
        self.check_annotations()
        for file in ("drift.md", "summary.md"):
            self.check_markdown((self.folder / file).read_text(), findings)

    def check_annotations(self):
        text = (self.folder / "annotations").read_text()
        self.assertIsNone(RAW_CONTROL.search(text))
        for line in text.removesuffix("\n").split("\n"):
            self.assertRegex(line, r"^::(error|warning|notice) (file=[^:,]*,line=\d+,)?title=[^:,]*::[^\n]+$")

    def check_markdown(self, text: str, findings: int):
        found = RAW_CONTROL.search(text)
        self.assertIsNone(found, found and text[found.start() - 60:found.end() + 20])
        outcome = subprocess.run(["cmark-gfm", "--unsafe", "--validate-utf8", *[word for extension in (
            "table", "autolink", "strikethrough", "tasklist", "tagfilter") for word in ("--extension", extension)]],
            input=text.encode(), capture_output=True, timeout=120)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        page = Page(outcome.stdout.decode())
        self.assertEqual((page.wrong, page.open), ([], []))
        may_be = {"table", "thead", "tbody", "tr", "th", "td", "p", "strong", "em", "code", "pre", "details", "summary", "ul", "li", "sub"}
        self.assertEqual(set(page.seen) - may_be, set())
        self.assertEqual(page.seen.count("table"), 1)
        left_out = re.search(r"^(\d+) more findings? not shown here", text, re.M)
        self.assertEqual(page.seen.count("tr"), 1 + findings - int(left_out[1] if left_out else 0))
        self.assertEqual(page.seen.count("td") + page.seen.count("th"), 4 * page.seen.count("tr"))
        self.assertEqual(page.seen.count("details"), page.seen.count("summary"))
        for part in page.texts:
            self.assertNotRegex(part, r"(^|[^\w])@\w|(^|\W)#\d|GH-\d|(^|\W)!\d|https?://|www\.\w", "a mention or link")

    def check_published(self):
        for service in ("slack", "teams"):
            self.run_it("notify", "drift.json", "--to", service, "--always", PLUMBLINE_WEBHOOK_URL=self.forge.url + "/hook/T0/t0ken-s3cret")
            body = json.loads(self.forge.requests[-1][3])
            said = "\n".join(text for text in strings(body) if not text.startswith("http://adaptivecards.io/"))
            self.assertNotRegex(said, r"<" if service == "slack" else r"(?<!\\)[<\[*`]")
            self.is_text(said, service)
        self.run_it("comment", "drift.json", "--pull-request", "7", GITHUB_API_URL=self.forge.url, GITHUB_REPOSITORY="o/r",
                    GITHUB_TOKEN="t0ken-s3cret")
        self.check_markdown(self.forge.comments[-1]["body"], len(json.loads((self.folder / "drift.json").read_text())["findings"]))
        self.forge.comments.clear()

    # --- scripts

    def check_scripts(self):
        hazards = ["--allow-hazards", "DELETES_DATA,MAY_FAIL_ON_ROWS,REWRITES_TABLE,ACQUIRES_ACCESS_EXCLUSIVE_LOCK,AUTHZ_UPDATE,CORRECTNESS,"
                   "ACQUIRES_SHARE_LOCK,ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK,SCANS_TABLE,INDEX_BUILD,INDEX_DROPPED,HAS_UNTRACKABLE_DEPENDENCIES"]
        for command in (["catchup", "--revert"], ["catchup", "--adopt"]):
            for more in ([], hazards):
                script = self.run_it(*command, "--migrations", "db", *more, codes=(0, 2), stdout_is_text=False)
                self.check_sql(script, f"{command} {more}", "live" if "--revert" in command else "expected")
        script = self.run_it("diff", self.server.url("live"), "db", "--sql", codes=(0, 2), stdout_is_text=False)
        self.check_sql(script, "diff --sql", "live")

    def check_sql(self, script: str, what: str, template: str):
        self.assertGreater(script.count("\n"), 40, what)
        self.check_comments(script, what)
        place = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (place / "script.sql").write_text(script, newline="")
        for stop in ("0", "1"):
            self.server.drop_database("copy")
            self.server.create_database("copy", template=template)
            outcome = subprocess.run([psql_program(), "-X", "-v", f"ON_ERROR_STOP={stop}", "-d", self.server.url("copy"), "-f", "script.sql"],
                                     cwd=place, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
            self.assertEqual((outcome.returncode, "ERROR" in outcome.stderr), (0, False), f"{what}: {outcome.stderr[:1500]}")
            self.assertEqual([file.name for file in place.iterdir()], ["script.sql"], f"{what}: psql ran a command")
            self.assertEqual(self.server.psql("copy", sql="SELECT note FROM victim").strip(), "here", what)

    def check_comments(self, script: str, what: str):
        """A line of comment is one for those, too, who end lines elsewhere."""
        for line in script.split("\n"):
            if line.startswith("--"):
                self.assertIsNone(RAW_CONTROL.search(line), f"{what}: {line!r}")
                self.assertEqual(line.splitlines(), [line], what)

    def test_a_database_without_an_encoding_is_read_or_refused_in_words(self):
        self.server.psql("postgres", sql="CREATE DATABASE live TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
        sql = b'CREATE TABLE "t\xff\xc3(\x85\xe2\x80" (a int); CREATE TABLE victim (id int)'
        subprocess.run([psql_program(), "-X", "-q", "-d", self.server.url("live"), "-f", "-"], input=sql, check=True, capture_output=True,
                       env=os.environ | {"PGCLIENTENCODING": "SQL_ASCII"})
        (self.folder / "db").mkdir()
        (self.folder / "db/000001_all.up.sql").write_text("CREATE TABLE victim (id int);")
        for output in ("text", "json", "markdown", "github"):
            self.run_it("check", "--migrations", "db", "--at", "head", "--format", output, codes=(1, 2), stdout_is_text=output != "github")
        self.run_it("snapshot", self.server.url("live"), codes=(0, 1), stdout_is_text=False)


def strings(value) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in strings(part)]


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
