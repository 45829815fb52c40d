#!/usr/bin/env python3
"""Runs the workflows of this repository, step by step, on a copy of the example project: with a live database of its own
and a local server in GitHub's place. Takes the program plumbline and, when none shall be made of it, the package that is
installed."""

import re
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/support")]
from support.fake_forge import TOKEN, Forge  # noqa: E402
from support.project import Project  # noqa: E402
from support.workflow import Outcome, Runner  # noqa: E402
from throwaway import Server, psql_program  # noqa: E402

PLUMBLINE = Path(sys.argv[1]).resolve()
PACKAGE = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
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
        project = Project(Path(cls.enterClassContext(tempfile.TemporaryDirectory())), PLUMBLINE, PACKAGE)
        cls.project, cls.root = project, project.root
        cls.url = f"host={cls.server.root} user=postgres dbname=shop"
        # Neither the database nor the token: each step has what it is given.
        cls.environment = project.environment() | {
            "GITHUB_API_URL": cls.forge.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_RUN_ID": "1", "GITHUB_ACTOR": "somebody",
            "GITHUB_SERVER_URL": cls.forge.url}

    def workflow(self, name: str, job: str, event: str = "workflow_dispatch", inputs: dict | None = None, fails=(), url=None):
        with tempfile.TemporaryDirectory() as temp:
            self.runs[0] += 1
            context = {"github": {"event_name": event, "token": TOKEN, "run_id": str(self.runs[0]), "run_attempt": "1", "ref": "refs/heads/x",
                                  "event": {"pull_request": {"head": {"repo": {"fork": False}}}}},
                       "inputs": inputs or {}, "secrets": {"DATABASE_URL": self.url if url is None else url}, "vars": {},
                       "runner": {"temp": temp}, "env": {"PLUMBLINE_RELEASES": self.project.releases.as_uri()}}
            more = {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_BASE_REF": "main"} if event == "pull_request" else {}
            runner = Runner(self.root, Path(temp), self.environment | more, context, self.cache)
            outcome = runner.run_job(self.root / f".github/workflows/{name}.yml", job)
            summary = runner.summary.read_text() if runner.summary.exists() else ""
        self.assertEqual(outcome.failed, list(fails), outcome.log)
        self.assertFalse(self.project.built.exists(), "something was built")
        return outcome, summary

    def migrate(self, command: str, dry_run: bool = False, version: str = "", fails=()):
        inputs = {"environment": "staging", "command": command, "dry_run": dry_run, "version": version}
        outcome, summary = self.workflow("db-migrate", "migrate", inputs=inputs, fails=fails)
        self.assertEqual("### migrate failed" in summary, bool(fails), summary)
        return outcome

    def impact(self, event: str, fails=()) -> tuple[Outcome, str]:
        return self.workflow("schema-validation", "impact", event, fails=fails)

    def drift(self, event: str, fails=(), url=None) -> tuple[Outcome, str]:
        return self.workflow("schema-validation", "drift", event, fails=fails, url=url)

    def has_secrets(self, outcome: Outcome, secret: str) -> set[str]:
        return {name for name, variables in outcome.seen.items() if secret in variables.values()}

    def count(self, sql: str) -> str:
        return self.server.psql("shop", sql=sql).strip()

    def test_0_the_workflows_need_nothing_of_this_repository_but_its_actions(self):
        for name in ("schema-validation", "db-migrate"):
            text = (self.root / f".github/workflows/{name}.yml").read_text()
            self.assertNotIn("scripts/", text)
            for local in re.findall(r"^ *(?:- )?uses: \$/(\S*)$", text, re.M):
                self.assertTrue((self.root / local / "action.yml").exists(), local)

    def test_1_migrations_are_applied_by_hand(self):
        self.assertIn("Status", self.migrate("status").ran)
        self.migrate("up", dry_run=True)
        self.assertEqual(self.count("SELECT count(*) FROM pg_namespace WHERE nspname = 'shop'"), "0")
        outcome = self.migrate("up")
        self.assertIn("Backup", outcome.ran)
        self.assertIn("Health check", outcome.ran)
        self.assertEqual(self.has_secrets(outcome, self.url), {"Status", "Backup", "Up", "Health check"})
        self.assertEqual(self.has_secrets(outcome, TOKEN), set())
        self.assertEqual(self.count("SELECT count(*) FROM plumbline.schema_migrations WHERE state = 'applied'"), "14")
        self.migrate("rollback")
        self.assertEqual(self.count("SELECT count(*) FROM plumbline.schema_migrations WHERE state = 'applied'"), "13")

    def test_2_the_schedule_is_quiet_without_drift_and_keeps_one_issue_with_it(self):
        outcome, _ = self.drift("schedule")
        self.assertEqual(outcome.action["verdict"], "clean")
        self.assertLess(outcome.seconds["Install plumbline"], 20)
        self.assertEqual(self.forge.issues, [])
        self.assertEqual(self.has_secrets(outcome, self.url), {"Check"})
        self.assertEqual(self.has_secrets(outcome, TOKEN), {"Keep the issue"})
        self.server.psql("shop", sql="ALTER TABLE shop.orders DISABLE ROW LEVEL SECURITY")
        outcome, summary = self.drift("schedule", fails=["Verdict"])
        self.assertIn("row security", summary)
        self.assertRegex(outcome.log, r"(?m)^::error .*critical drift")
        told = outcome.outputs["check"]
        self.assertEqual([told[key] for key in ("verdict", "findings", "critical", "high", "medium", "low", "new", "exit-code")],
                         ["drift", "1", "1", "0", "0", "0", "1", "2"])
        for name, file in (("markdown", "md"), ("html", "html"), ("sarif", "sarif"), ("junit", "xml"), ("json", "json")):
            self.assertEqual(told[name], f"{told['reports']}/drift.{file}")
        self.assertEqual(outcome.foreign["Code scanning"]["sarif_file"], told["sarif"])
        for _ in range(2):  # the same drift is no news: it is looked for, nobody is told, and no line of the log is red
            self.forge.requests.clear()
            outcome, _ = self.drift("schedule")
            self.assertEqual(set(self.forge.methods()), {"GET"})
            self.assertEqual(outcome.action["verdict"], "drift")
            self.assertRegex(outcome.log, r"(?m)^::warning .*critical drift")
            self.assertNotIn("::error", outcome.log)
        self.assertEqual([issue["state"] for issue in self.forge.issues], ["open"])
        self.server.psql("shop", sql="ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY")
        self.drift("schedule")
        self.assertEqual([issue["state"] for issue in self.forge.issues], ["closed"])

    def test_2_the_impact_of_everything_is_in_the_summary(self):
        outcome, summary = self.impact("schedule")
        for part in ("what this branch does", "14 new migrations", "rewrites"):
            self.assertIn(part, summary)
        self.assertEqual(self.has_secrets(outcome, self.url), set())
        self.assertEqual(self.has_secrets(outcome, TOKEN), set())

    def test_3_a_pull_request_gets_its_impact_and_one_comment(self):
        (self.root / EXAMPLE / NOTES).write_text(NEW)
        for _ in range(2):
            outcome, summary = self.impact("pull_request")
            self.assertEqual(self.has_secrets(outcome, self.url), set())
            self.assertEqual(self.has_secrets(outcome, TOKEN), {"Tell the pull request"})
            outcome, _ = self.drift("pull_request")
            self.assertEqual(self.has_secrets(outcome, self.url), {"Check"})
            self.assertEqual(self.has_secrets(outcome, TOKEN), {"Comment"})
        self.assertEqual(len(self.forge.comments), 1)  # there is no drift to comment on
        body = self.forge.comments[0]["body"]
        for part in ("1 new migration", "a major step", "shop.orders", "has no index on order&#95;id", "has no primary key"):
            self.assertIn(part.replace("&#95;", "_"), body.replace("&#95;", "_"))
        self.assertIn("what this branch does", summary)

    def test_3_without_the_secret_the_check_is_skipped(self):
        outcome, summary = self.drift("pull_request", url="")
        self.assertNotIn("Install plumbline", outcome.ran)
        self.assertEqual((outcome.action["skipped"], outcome.action["verdict"]), ("true", ""))
        self.assertIn("the check was skipped", summary)

    def test_3_a_migration_that_does_not_replay_is_said_in_annotation_and_summary(self):
        broken = self.root / EXAMPLE / "20250801_120000_schema_broken.sql"
        self.addCleanup(broken.unlink)
        broken.write_text(NEW.replace("20250701_120000", "20250801_120000").replace("bigint", "bigints"))
        outcome, summary = self.impact("pull_request", fails=["Replay and snapshot"])
        for text in (outcome.log[outcome.log.index("\n::error title=plumbline::"):], summary):
            self.assertIn("plumbline: error: ", text)
            self.assertIn("20250801_120000_schema_broken.sql", text)
            self.assertIn('type "bigints" does not exist', text)
        self.assertEqual(summary.count("### "), 1)

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
        self.assertEqual(self.has_secrets(outcome, TOKEN), {"Tell"})
        self.assertNotIn("Tell", self.has_secrets(outcome, self.url))
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
        program = self.root.parent / "stubs/plumbline"
        self.addCleanup(program.unlink)
        program.write_text(f'#!/bin/sh\n{PLUMBLINE} "$@" || exit\n[ "$1" != up ] || '
                           f'{psql_program()} -qX -d "$PLUMBLINE_URL" -c "ALTER TABLE shop.ill ALTER id TYPE text"\n')
        program.chmod(0o755)
        self.migrate("up", fails=["Health check"])
        self.assertEqual(self.applied(), before)
        self.assertEqual(len(self.forge.issues), 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
