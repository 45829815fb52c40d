#!/usr/bin/env python3
"""What plumbline impact says of small branches, and plumbline digest of a small history. Takes the programs plumbline and
validate_json."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent / "support")]
from throwaway import Server  # noqa: E402

PLUMBLINE, VALIDATE_JSON = (str(Path(word).resolve()) for word in sys.argv[1:3])
DOCS = Path(__file__).resolve().parent.parent / "docs"
BASE = {"000001_orders": "CREATE TABLE orders (id int PRIMARY KEY, note varchar(10), total int);"}


class Impact(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cache = cls.enterClassContext(tempfile.TemporaryDirectory())
        os.chmod(cls.cache, 0o755)

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.write("base", BASE)

    def write(self, folder: str, files: dict):
        for name, sql in files.items():
            for end, text in (("up", sql), ("down", "SELECT 1;")):
                file = self.folder / folder / f"{name}.{end}.sql"
                file.parent.mkdir(exist_ok=True)
                file.write_text(text)

    def run_it(self, *words: str, code: int = 0, **more):
        outcome = subprocess.run([PLUMBLINE, *words], cwd=self.folder, capture_output=True, text=True, timeout=120,
                                 stdin=subprocess.DEVNULL, env={**os.environ, "PLUMBLINE_CACHE_DIR": self.cache, **more})
        self.assertEqual(outcome.returncode, code, outcome.stdout + outcome.stderr)
        return outcome

    def told(self, schema: str, text: str) -> dict:
        (self.folder / "told.json").write_text(text)
        checked = subprocess.run([VALIDATE_JSON, DOCS / f"{schema}.schema.json", self.folder / "told.json"],
                                 capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        return json.loads(text)

    def impact(self, **files: str) -> dict:
        self.write("head", {**BASE, **{f"{2 + at:06}_{name}": sql for at, (name, sql) in enumerate(files.items())}})
        return self.told("impact", self.run_it("impact", "--base", "base", "--head", "head", "--format", "json").stdout)

    def test_locks_and_rewrites_are_measured(self):
        told = self.impact(type="ALTER TABLE orders ALTER COLUMN total TYPE bigint;",
                           wider="ALTER TABLE orders ALTER COLUMN note TYPE varchar(20);",
                           key="CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders);")
        kind, wider, key = told["migrations"]
        self.assertIn("orders", kind["rewritten"])
        self.assertEqual(wider["rewritten"], [])
        self.assertIn({"object": "orders", "mode": "AccessExclusiveLock", "blocks": "reads and writes"}, wider["locks"])
        self.assertIn({"object": "orders", "mode": "ShareRowExclusiveLock", "blocks": "writes"}, key["locks"])
        self.assertEqual(told["step"], "major")
        self.assertEqual([each["check"] for each in told["advice"]], ["foreign_key_without_index"])
        self.assertGreater(kind["seconds"], 0)

    def test_what_is_added_only_is_a_minor_step_and_breaks_nothing(self):
        told = self.impact(more="CREATE TABLE more (id int PRIMARY KEY);")
        self.assertEqual((told["step"], told["breaking"]), ("minor", []))
        self.assertEqual([(each["verb"], each["object"]) for each in told["changes"]], [("added", "public.more")])
        self.assertEqual(told["migrations"][0]["locks"], [])

    def test_what_is_removed_breaks(self):
        told = self.impact(less="ALTER TABLE orders DROP COLUMN note;")
        self.assertEqual((told["step"], told["breaking"]), ("major", ["public.orders.note"]))

    def test_indexes_and_keys_are_looked_at_when_they_are_new(self):
        told = self.impact(indexes="CREATE INDEX a ON orders (note); CREATE INDEX b ON orders (note, total);"
                           "CREATE INDEX c ON orders (note) WHERE total > 0; CREATE UNIQUE INDEX d ON orders (total);"
                           "CREATE TABLE loose (x int);")
        self.assertEqual([(each["check"], each["object"]) for each in told["advice"]],
                         [("redundant_index", "index a"), ("table_without_primary_key", "table loose")])

    def test_statements_outside_a_transaction_are_said(self):
        told = self.impact(index="CREATE INDEX CONCURRENTLY a ON orders (note);")
        self.assertTrue(told["migrations"][0]["outside_transaction"])
        for form in ("text", "markdown"):
            said = self.run_it("impact", "--base", "base", "--head", "head", "--format", form).stdout
            self.assertIn("outside a transaction", said)

    def test_advice_is_told_to_its_end(self):
        name = "a_table_with_a_name_of_more_than_fifty_characters_in_it"
        self.impact(more=f"CREATE TABLE {name} (the_order_that_this_belongs_to int REFERENCES orders, id int PRIMARY KEY);")
        said = self.run_it("impact", "--base", "base", "--head", "head", "--format", "markdown").stdout
        self.assertIn(f"CREATE INDEX CONCURRENTLY ON {name} (the_order_that_this_belongs_to).", said)
        self.assertIn(f"added table public.{name}", said)

    def test_files_that_were_edited_or_are_gone_are_named(self):
        self.write("base", {"000002_gone": "SELECT 1;"})
        self.write("head", {"000001_orders": "CREATE TABLE orders (id int);"})
        told = json.loads(self.run_it("impact", "--base", "base", "--head", "head", "--format", "json").stdout)
        self.assertEqual((told["edited"], told["gone"]), (["000001_orders.up.sql"], ["000002_gone.up.sql"]))

    def test_a_branch_is_held_against_a_revision(self):
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
        (self.folder / "base").rename(self.folder / "db")
        for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "base"]):
            subprocess.run([*git, *words], cwd=self.folder, check=True)
        self.write("db", {"000002_more": "CREATE ROLE reader; GRANT SELECT ON orders TO reader; GRANT SELECT ON orders TO other;"})
        text = self.run_it("impact", "--base", "git:main:db", "--migrations", "db").stdout
        self.assertIn("1 new migration, 1 change", text)
        self.assertIn("privileges", text)
        markdown = self.run_it("impact", "--base", "git:main:db", "--head", "db", "--format", "markdown").stdout
        self.assertIn("| `000002_more.up.sql` |", markdown)
        self.assertEqual(self.run_it("impact", "--base", "git:main:db", "--head", "git:main:db").stdout,
                         "no migrations are new\n")

    def test_beside_nothing_every_migration_is_new(self):
        self.write("base", {"000002_lines": "CREATE TABLE lines (order_id int REFERENCES orders);"})
        told = self.told("impact", self.run_it("impact", "--base", "empty", "--head", "base", "--format", "json").stdout)
        self.assertEqual([each["file"] for each in told["migrations"]], ["000001_orders.up.sql", "000002_lines.up.sql"])
        self.assertEqual({each["check"] for each in told["advice"]}, {"foreign_key_without_index", "table_without_primary_key"})

    def test_a_migration_that_fails_is_an_error_and_says_where(self):
        self.write("head", {**BASE, "000002_bad": "CREATE TABLE a (id int);\nALTER TABLE nobody ADD b int;"})
        said = self.run_it("impact", "--base", "base", "--head", "head", code=1).stderr
        self.assertIn("000002_bad.up.sql:2", said)

    def test_wrong_usage_is_said(self):
        self.run_it("impact", code=64)
        self.run_it("impact", "--base", "base", "--head", "empty", code=64)
        self.run_it("impact", "--base", "base", "--head", "base", "--format", "sarif", code=64)

    def test_a_digest_sums_up_what_the_ledger_has(self):
        with Server() as server:
            server.create_database("shop")
            url = {"PLUMBLINE_URL": f"host={server.root} user=postgres dbname=shop"}
            self.run_it("digest", code=1, **url)
            own = self.folder / "own"
            own.mkdir()
            (own / "20260101_000000_schema_a.sql").write_text(
                "-- Migration: a\n-- Version: 20260101_000000\n-- ============= UP MIGRATION =============\n"
                "CREATE TABLE a (id int);\n-- ============= DOWN MIGRATION ============\nDROP TABLE a;\n")
            self.run_it("up", "--migrations", "own", **url)
            server.psql("shop", sql="ALTER TABLE a ADD b int")
            self.run_it("check", "--migrations", "own", "--record", code=2, **url)
            (self.folder / ".git").mkdir()
            found = self.run_it("check", "--migrations", str(own), "--format", "json", code=2, **url).stdout
            self.assertEqual(json.loads(found)["expected"]["migrations"], "own")  # where annotations point to
            server.psql("shop", sql="ALTER TABLE a DROP b")
            self.run_it("check", "--migrations", "own", "--record", **url)
            told = self.told("digest", self.run_it("digest", "--format", "json", **url).stdout)
            self.assertEqual((told["applied"], told["failed"], told["success_rate"]), (1, 0, 1.0))
            self.assertEqual((told["drift_incidents"], told["open_drift_incidents"]), (1, 0))
            self.assertGreater(told["seconds_to_repair"], 0)
            self.assertIsNone(told["seconds_to_deploy"])  # the migration is older than the ledger
            self.assertEqual((told["rollback_rate"], told["migration_coverage"]), (0, 0.5))
            said = self.run_it("digest", **url).stdout
            self.assertTrue(said.startswith("the last 7 days\n"), said)
            self.assertIn("success rate           100 %", said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
