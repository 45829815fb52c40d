#!/usr/bin/env python3
"""Runs the workflows of this repository, step by step, on a copy of the example project: with a live database of its own
and a local server in GitHub's place. Takes the program plumbline."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/support")]
from support.fake_forge import TOKEN, Forge  # noqa: E402
from support.workflow import Runner  # noqa: E402
from throwaway import Server, psql_program  # noqa: E402

PLUMBLINE = Path(sys.argv[1]).resolve()
EXAMPLE = "examples/shop/db/migrations"
NEW = """-- Migration: Notes on orders
-- Version: 20250701_120000
-- ============= UP MIGRATION =============
CREATE TABLE shop.order_notes (id bigint GENERATED ALWAYS AS IDENTITY, order_id bigint REFERENCES shop.orders, note text);
ALTER TABLE shop.stock_movements DROP COLUMN note;
-- ============= DOWN MIGRATION ============
DROP TABLE shop.order_notes;
ALTER TABLE shop.stock_movements ADD COLUMN note text;
"""

NOTES = "20250701_120000_schema_order_notes.sql"


class Workflows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())
        cls.server.create_database("shop")
        cls.forge = Forge()
        cls.addClassCleanup(cls.forge.close)
        cls.cache, cls.runs = {}, [0]
        cls.root = Path(cls.enterClassContext(tempfile.TemporaryDirectory())) / "project"
        # What a fork has: the tracked files, as a repository with a branch main.
        files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True,
                               check=True).stdout.splitlines()
        for name in files:
            if name.startswith(("action.yml", "scripts/", "examples/", ".github/")) and (ROOT / name).is_file():
                (cls.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, cls.root / name)
        cls.git("init", "-q", "-b", "main")
        cls.git("add", ".")
        cls.git("commit", "-qm", "the example")
        cls.git("update-ref", "refs/remotes/origin/main", "main")
        programs = cls.root.parent / "bin"
        programs.mkdir()
        (programs / "plumbline").symlink_to(PLUMBLINE)
        cls.url = f"host={cls.server.root} user=postgres dbname=shop"
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("GITHUB_", "GITLAB_", "CI_", "PG", "PLUMBLINE_")) or name == "PLUMBLINE_PG_BIN"}
        cls.environment = kept | {"PATH": f"{programs}:{os.environ['PATH']}", "GITHUB_API_URL": cls.forge.url,
                                  "GITHUB_REPOSITORY": "o/r", "GITHUB_TOKEN": TOKEN, "GITHUB_RUN_ID": "1",
                                  "GITHUB_ACTOR": "somebody", "GITHUB_SERVER_URL": cls.forge.url}

    @classmethod
    def git(cls, *words):
        cls.root.mkdir(exist_ok=True)
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words], cwd=cls.root, check=True)

    def workflow(self, name: str, job: str, event: str = "workflow_dispatch", inputs: dict | None = None, fails=()):
        with tempfile.TemporaryDirectory() as temp:
            self.runs[0] += 1
            context = {"github": {"event_name": event, "token": TOKEN, "run_id": str(self.runs[0]), "run_attempt": "1", "ref": "refs/heads/x",
                                  "event": {"pull_request": {"head": {"repo": {"fork": False}}}}},
                       "inputs": inputs or {}, "secrets": {"DATABASE_URL": self.url}, "vars": {}, "runner": {"temp": temp}}
            more = {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_BASE_REF": "main"} if event == "pull_request" else {}
            runner = Runner(self.root, Path(temp), self.environment | more, context, self.cache)
            outcome = runner.run_job(self.root / f".github/workflows/{name}.yml", job)
            summary = runner.summary.read_text() if runner.summary.exists() else ""
        self.assertEqual(outcome.failed, list(fails), outcome.log)
        return outcome, summary

    def migrate(self, command: str, dry_run: bool = False, version: str = "", fails=()):
        inputs = {"environment": "staging", "command": command, "dry_run": dry_run, "version": version}
        return self.workflow("db-migrate", "migrate", inputs=inputs, fails=fails)[0]

    def validate(self, event: str, fails=()):
        return self.workflow("schema-validation", "validate", event, fails=fails)

    def count(self, sql: str) -> str:
        return self.server.psql("shop", sql=sql).strip()

    def test_0_the_workflows_need_nothing_of_this_repository_but_its_actions(self):
        for name in ("schema-validation", "db-migrate"):
            text = (self.root / f".github/workflows/{name}.yml").read_text()
            self.assertNotIn("scripts/", text)
            for local in re.findall(r"^ *(?:- )?uses: \./(\S*)$", text, re.M):
                self.assertTrue((self.root / local / "action.yml").exists(), local)

    def test_0_flags_of_the_action_are_words_and_no_patterns_of_files(self):
        with tempfile.TemporaryDirectory() as temp:
            stub = Path(temp) / "bin/plumbline"
            stub.parent.mkdir()
            stub.write_text('#!/bin/sh\nprintf "%s|" "$@"\nexit 1\n')
            stub.chmod(0o755)
            said = subprocess.run([ROOT / "scripts/action", "check"], cwd=temp, text=True, capture_output=True, check=True, env={
                "PATH": f"{temp}/bin:{os.environ['PATH']}", "RUNNER_TEMP": temp, "GITHUB_OUTPUT": f"{temp}/output",
                "INPUT_FORMAT": "junit", "INPUT_SARIF": "true", "INPUT_ARGUMENTS": "--exclude p*.*\n--exclude *\n--at head"}).stdout
            self.assertIn("|--exclude|p*.*|--exclude|*|--at|head|", said)
            for file in ("drift.xml", "drift.sarif", "drift.json"):
                self.assertIn(f"/{file}|", said)
            self.assertIn("verdict=error\nexit-code=1\n", Path(f"{temp}/output").read_text())

    def test_1_migrations_are_applied_by_hand(self):
        self.assertIn("Status", self.migrate("status").ran)
        self.migrate("up", dry_run=True)
        self.assertEqual(self.count("SELECT count(*) FROM pg_namespace WHERE nspname = 'shop'"), "0")
        outcome = self.migrate("up")
        self.assertIn("Backup", outcome.ran)
        self.assertIn("Health check", outcome.ran)
        self.assertEqual(self.count("SELECT count(*) FROM plumbline.schema_migrations WHERE state = 'applied'"), "14")
        self.migrate("rollback")
        self.assertEqual(self.count("SELECT count(*) FROM plumbline.schema_migrations WHERE state = 'applied'"), "13")

    def test_2_the_schedule_is_quiet_without_drift_and_keeps_one_issue_with_it(self):
        self.validate("schedule")
        self.assertEqual(self.forge.issues, [])
        self.server.psql("shop", sql="ALTER TABLE shop.orders DISABLE ROW LEVEL SECURITY")
        outcome, summary = self.validate("schedule", fails=["Verdict"])
        self.assertIn("row security", summary)
        told = outcome.outputs["check"]
        self.assertEqual([told[key] for key in ("verdict", "findings", "critical", "high", "medium", "low", "new", "exit-code")],
                         ["drift", "1", "1", "0", "0", "0", "1", "2"])
        for name, file in (("markdown", "md"), ("html", "html"), ("sarif", "sarif"), ("junit", "xml"), ("json", "json")):
            self.assertEqual(told[name], f"{told['reports']}/drift.{file}")
        self.assertEqual(outcome.foreign["Code scanning"]["sarif_file"], told["sarif"])
        for part in ("what this branch does", "14 new migrations", "rewrites"):
            self.assertIn(part, summary)
        for _ in range(2):  # the same drift is no news: it is looked for, and nobody is told
            self.forge.requests.clear()
            self.validate("schedule")
            self.assertEqual(set(self.forge.methods()), {"GET"})
        self.assertEqual([issue["state"] for issue in self.forge.issues], ["open"])
        self.server.psql("shop", sql="ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY")
        self.validate("schedule")
        self.assertEqual([issue["state"] for issue in self.forge.issues], ["closed"])

    def test_3_a_pull_request_gets_its_impact_and_one_comment(self):
        (self.root / EXAMPLE / NOTES).write_text(NEW)
        for _ in range(2):
            _, summary = self.validate("pull_request")
        self.assertEqual(len(self.forge.comments), 1)  # there is no drift to comment on
        body = self.forge.comments[0]["body"]
        for part in ("1 new migration", "a major step", "shop.orders", "has no index on order&#95;id", "has no primary key"):
            self.assertIn(part.replace("&#95;", "_"), body.replace("&#95;", "_"))
        self.assertIn("what this branch does", summary)

    def add(self, version: str, up: str, down: str):
        (self.root / EXAMPLE / f"{version}_schema_more.sql").write_text(
            f"-- Migration: more\n-- Version: {version}\n-- ============= UP MIGRATION =============\n{up}\n"
            f"-- ============= DOWN MIGRATION ============\n{down}\n")

    def applied(self) -> str:
        return self.count("SELECT count(*) FROM plumbline.schema_migrations WHERE state = 'applied'")

    def test_4_a_failed_migration_takes_the_run_back_and_opens_an_issue(self):
        self.forge.issues.clear()
        (self.root / EXAMPLE / NOTES).write_text(NEW)
        before = self.applied()
        self.add("20250702_120000", "CREATE TABLE shop.orders (id bigint);", "SELECT 1;")
        outcome = self.migrate("up", fails=["Up"])
        self.assertIn("Roll back what this run has applied", outcome.ran)
        self.assertEqual(self.applied(), before)  # without what was applied before the broken one
        self.assertEqual([issue["title"] for issue in self.forge.issues], ["Migrating staging failed: up, by somebody"])
        self.add("20250702_120000", "CREATE TABLE shop.hints (id bigint PRIMARY KEY);", "DROP TABLE shop.hints;")

    def test_5_what_is_not_healthy_is_taken_back(self):
        self.forge.issues.clear()
        self.server.psql("shop", sql="ALTER TABLE shop.orders ALTER currency SET DEFAULT 'USD'")
        self.migrate("up")  # drift of before is no reason to take anything back
        before = self.applied()
        self.add("20250703_120000", "CREATE TABLE shop.ill (id bigint PRIMARY KEY);", "DROP TABLE shop.ill;")
        # Somebody is at work on live while it is migrated.
        program = self.root.parent / "bin/plumbline"
        program.unlink()
        program.write_text(f'#!/bin/sh\n{PLUMBLINE} "$@" || exit\n[ "$1" != up ] || '
                           f'{psql_program()} -qX -d "$PLUMBLINE_URL" -c "ALTER TABLE shop.ill ALTER id TYPE text"\n')
        program.chmod(0o755)
        self.migrate("up", fails=["Health check"])
        self.assertEqual(self.applied(), before)
        self.assertEqual(len(self.forge.issues), 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
