#!/usr/bin/env python3
"""Runs plumbline comment and notify against a local server that behaves like GitHub's and GitLab's API and like a
webhook. Takes the program plumbline."""

import copy
import email.utils
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support import reports  # noqa: E402
from support.fake_forge import TOKEN, Forge  # noqa: E402

PLUMBLINE = str(Path(sys.argv[1]).resolve())
NO_CONFIG = {name: value for name, value in os.environ.items()
             if not name.startswith(("GITHUB_", "GITLAB_", "CI_", "GH_", "PLUMBLINE_", "PG"))}


class Publish(unittest.TestCase):
    def setUp(self):
        self.forge = Forge()
        self.addCleanup(self.forge.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.github = {"GITHUB_API_URL": self.forge.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_TOKEN": TOKEN}
        self.gitlab = {"CI_API_V4_URL": self.forge.url, "CI_PROJECT_ID": "42", "GITLAB_TOKEN": TOKEN}
        self.report = self.write("drift.json", reports.later())

    def write(self, name: str, report: dict) -> str:
        (self.folder / name).write_text(json.dumps(report))
        return str(self.folder / name)

    def changed(self) -> str:
        report = reports.later()
        report["findings"] = report["findings"][:2]
        return self.write("changed.json", report)

    def quiet(self) -> str:
        report = reports.later()
        report["findings"], report["fixed"], report["drift"] = [], [], False
        return self.write("quiet.json", report)

    def run_it(self, *words: str, code: int = 0, env: dict | None = None) -> subprocess.CompletedProcess:
        outcome = subprocess.run([PLUMBLINE, *words], env=NO_CONFIG | (self.github if env is None else env), text=True,
                                 cwd=self.folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual(outcome.returncode, code, outcome.stderr)
        self.assertNotIn(TOKEN, outcome.stdout + outcome.stderr)
        return outcome

    def comment(self, file: str, *more: str, **options):
        return self.run_it("comment", file, "--pull-request", "7", *more, **options)

    def test_ten_runs_leave_one_comment(self):
        for number in range(10):
            outcome = self.comment(self.report if number % 2 == 0 else self.changed())
            self.assertEqual(outcome.stdout, f"{self.forge.url}/seen/0\n")
        self.assertEqual(len(self.forge.comments), 1)
        self.assertIn("2 findings", self.forge.comments[0]["body"])

    def test_the_same_report_again_is_silence(self):
        self.comment(self.report)
        self.forge.requests.clear()
        report = reports.later()
        report["previous"] = "2026-03-03T06:00:00Z"  # another run that found the same
        self.assertIn("comment unchanged", self.comment(self.write("again.json", report)).stderr)
        self.assertEqual(self.forge.methods(), ["GET"])

    def test_without_drift_there_is_no_comment_unless_one_is_there(self):
        self.comment(self.quiet())
        self.assertEqual(self.forge.comments, [])
        self.comment(self.report)
        self.comment(self.quiet())
        self.assertIn("no drift", self.forge.comments[0]["body"])

    def test_our_comment_is_found_behind_hundreds_of_others(self):
        self.forge.comments += [{"id": number, "body": "<!-- plumbline --> quoted"} for number in range(250)]
        self.comment(self.report)
        self.comment(self.changed())
        self.assertEqual(len(self.forge.comments), 251)

    def test_two_keys_are_two_comments(self):
        (self.folder / "impact.md").write_text("what this branch does\n")
        self.comment(self.report)
        self.comment("impact.md", "--key", "impact")
        self.comment("impact.md", "--key", "impact")
        self.assertEqual(len(self.forge.comments), 2)

    def test_a_limit_is_waited_for(self):
        for status, headers in ((403, [("Retry-After", "1")]), (429, [("Retry-After", "1")]),
                                (403, [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "1")])):
            self.forge.moods = [(status, headers, "before")]
            self.assertIn("limits how often", self.comment(self.report).stderr)
        self.assertEqual(len(self.forge.comments), 1)

    def test_who_asks_for_an_hour_is_given_up_and_nothing_is_lost(self):
        in_an_hour = email.utils.formatdate(time.time() + 3601, usegmt=True)
        for asked in ("3600", in_an_hour):
            self.forge.moods = [(429, [("Retry-After", asked)], "before")]
            outcome = self.comment(self.report, code=1)
            self.assertRegex(outcome.stderr, "asks to wait 3[56][0-9][0-9] s")
            self.assertIn("plumbline: drift", outcome.stdout)

    def test_a_date_is_waited_for_too(self):
        self.forge.moods = [(503, [("Retry-After", email.utils.formatdate(time.time() + 4, usegmt=True))], "before")]
        start = time.monotonic()
        self.comment(self.report)
        self.assertGreater(time.monotonic() - start, 2)

    def test_a_comment_that_was_deleted_in_between_is_written_anew(self):
        self.comment(self.report)
        self.forge.moods = [None, lambda: self.forge.comments.clear()]
        self.assertIn("comment added", self.comment(self.changed()).stderr)
        self.assertEqual(len(self.forge.comments), 1)

    def test_what_somebody_else_wrote_with_our_mark_is_left_alone(self):
        theirs = [{"id": 5, "body": "> drift\n> <!-- plumbline -->"}, {"id": 6, "body": "mine\n<!-- plumbline -->"}]
        self.forge.comments += copy.deepcopy(theirs)
        for file in (self.report, self.changed()):
            self.forge.moods = [None, (403, [], "before")]  # it is not ours to edit
            self.comment(file)
        self.assertEqual(self.forge.comments[:2], theirs)
        self.assertEqual(len(self.forge.comments), 3)
        self.assertIn("2 findings", self.forge.comments[2]["body"])

    def test_a_repository_that_has_moved_is_followed_on_its_host_only(self):
        for status in (301, 307):
            self.run_it("comment", self.report, "--pull-request", "7", env=self.github | {"GITHUB_REPOSITORY": f"moved{status}/r"})
        self.assertEqual(len(self.forge.comments), 1)
        self.forge.moods = [(302, [("Location", f"http://localhost:{self.forge.server.server_port}/")], "before")]
        self.assertIn("moved to another host", self.comment(self.report, code=1).stderr)

    def test_a_text_without_end_is_cut_where_the_service_would_refuse_it(self):
        text = "**what this branch does**\n<details><summary>all</summary>\n\n" + "- a line\n" * 10_000 + "\n</details>\n"
        (self.folder / "long.md").write_text(text)
        self.comment("long.md")
        body = self.forge.comments[0]["body"]
        self.assertLess(len(body), 65_536)
        self.assertEqual(body.count("<details>"), body.count("</details>"))
        self.assertRegex(body[-80:], r"\d+ lines more not shown here\.\n<!-- plumbline -->\n$")

    def test_a_text_may_be_plain_but_not_empty(self):
        (self.folder / "week.txt").write_text("the last 7 days\n  drift  @nobody\n")
        self.comment("week.txt")
        self.assertTrue(self.forge.comments[0]["body"].startswith("```\nthe last 7 days\n"))
        (self.folder / "empty.md").write_text("\n")
        self.assertIn("nothing in", self.comment("empty.md", code=1).stderr)

    def test_a_broken_service_is_asked_again(self):
        self.forge.moods = [(502, [], "before"), (500, [], "before")]
        self.comment(self.report)
        self.assertEqual(len(self.forge.comments), 1)

    def test_a_comment_that_was_written_without_our_hearing_of_it_is_not_written_twice(self):
        self.forge.moods = [None, (502, [], "after")]
        self.comment(self.report)
        self.assertEqual(len(self.forge.comments), 1)
        self.forge.comments.clear()
        rewritten = lambda: self.forge.comments[0].update(body=self.forge.comments[0]["body"].replace("**", "__"))  # noqa: E731
        self.forge.moods = [None, (502, [], "after"), rewritten]
        self.comment(self.report)
        self.assertEqual(len(self.forge.comments), 1)
        self.forge.comments.clear()
        self.forge.moods = [None, 3]
        self.comment(self.report, "--timeout", "1")
        self.assertEqual(len(self.forge.comments), 1)

    def test_who_may_not_write_is_told_what_to_do(self):
        outcome = self.comment(self.report, code=1, env=self.github | {"GITHUB_TOKEN": "wrong"})
        self.assertIn("Check the token", outcome.stderr)
        self.forge.moods = [None, (403, [], "before")]
        self.assertIn("permissions", self.comment(self.report, code=1).stderr)
        self.assertIn("no token", self.comment(self.report, code=1, env=self.github | {"GITHUB_TOKEN": ""}).stderr)

    def test_the_number_comes_from_the_event(self):
        event = self.folder / "event.json"
        event.write_text(json.dumps({"pull_request": {"number": 7}}))
        self.run_it("comment", self.report, env=self.github | {"GITHUB_EVENT_PATH": str(event)})
        self.run_it("comment", self.report, env=self.github | {"GITHUB_REF": "refs/pull/7/merge"})
        self.assertEqual(len(self.forge.comments), 1)
        self.assertIn("--pull-request", self.run_it("comment", self.report, code=1).stderr)

    def test_gitlab_has_notes(self):
        env = self.gitlab | {"CI_MERGE_REQUEST_IID": "7"}
        for file in (self.report, self.changed(), self.changed()):
            self.run_it("comment", file, env=env)
        self.assertEqual(len(self.forge.comments), 1)
        self.assertEqual(self.forge.methods().count("PUT"), 1)

    def test_one_issue_is_opened_kept_and_closed(self):
        for env in (self.github, self.gitlab):
            self.forge.issues.clear()
            self.run_it("comment", self.report, "--issue", "schema-drift", env=env)
            self.run_it("comment", self.changed(), "--issue", "schema-drift", env=env)
            self.assertEqual(len(self.forge.issues), 1)
            self.assertEqual(self.forge.issues[0]["state"], "open")
            self.assertIn("2 findings", self.forge.issues[0]["title"])
            self.run_it("comment", self.quiet(), "--issue", "schema-drift", env=env)
            self.run_it("comment", self.quiet(), "--issue", "schema-drift", env=env)
            self.assertEqual([issue["state"] for issue in self.forge.issues], ["closed"])
            self.run_it("comment", self.report, "--issue", "schema-drift", env=env)
            self.assertEqual(len(self.forge.issues), 2)

    def test_issues_of_several_keys_and_of_texts_are_kept_apart(self):
        (self.folder / "failure.md").write_text("**Migrations of staging** failed\n\nat 3\n")
        for _ in range(2):
            self.run_it("comment", self.report, "--issue", "database")
            self.run_it("comment", self.report, "--issue", "database", "--key", "second")
            self.run_it("comment", "failure.md", "--issue", "database", "--key", "migrations")
        self.assertEqual(len(self.forge.issues), 3)
        self.assertEqual(self.forge.issues[2]["title"], "Migrations of staging failed")

    def notify(self, *words: str, code: int = 0, report: str = ""):
        address = {"PLUMBLINE_WEBHOOK_URL": f"{self.forge.url}/hook/T0/{TOKEN}"}
        return self.run_it("notify", report or self.report, *words, code=code, env=address)

    def sent(self) -> dict:
        return json.loads(self.forge.requests[-1][3])

    def test_slack_and_teams_get_what_is_new(self):
        self.notify("--to", "slack")
        self.assertIn("drift: 6 findings", self.sent()["blocks"][0]["text"]["text"])
        self.assertIn("new, missing table public.invoices", self.sent()["blocks"][1]["text"]["text"])
        self.notify("--to", "teams")
        self.assertEqual(self.sent()["attachments"][0]["content"]["type"], "AdaptiveCard")

    def test_what_is_new_comes_before_what_is_graver_and_known(self):
        report = reports.large(100)
        for finding in report["findings"]:
            finding["standing"]["state"] = "known"
        news = min(report["findings"], key=lambda finding: ["info", "low"].index(finding["severity"])
                   if finding["severity"] in ("info", "low") else 9)
        news["standing"]["state"] = "new"
        report["fixed"] = [{**report["fixed"][0], "id": f"plb-{number:012x}"} for number in range(500)]
        self.notify("--to", "teams", report=self.write("news.json", report))
        texts = [block["text"] for block in self.sent()["attachments"][0]["content"]["body"]]
        self.assertLess(len(json.dumps(self.sent())), 28_000)
        self.assertTrue(any("info: new, " in text for text in texts), texts)
        self.assertIn("and 90 more findings", texts)

    def test_a_template_says_what_a_webhook_gets(self):
        (self.folder / "t.json").write_text('{"summary": "{{title}}: \\"{{list}}\\"", "n": 3, "deep": [{"at": "{{ at }}"}]}')
        self.notify("--to", "webhook", "--template", "t.json")
        self.assertIn("public.invoices", self.sent()["summary"])
        self.assertEqual(self.sent()["deep"], [{"at": "20250602_090000"}])
        (self.folder / "t.json").write_text('{"x": "{{pasword}}"}')
        self.assertIn("which there is not", self.notify("--to", "webhook", "--template", "t.json", code=1).stderr)
        self.notify("--to", "webhook", code=64)
        self.notify("--to", "carrier-pigeon", code=64)

    def test_a_digest_is_sent_as_the_text_that_it_is(self):
        (self.folder / "week.txt").write_text("the last 7 days\n  drift   1 incident, 0 open\n")
        self.notify("--to", "slack", report="week.txt")
        self.assertEqual(self.sent()["text"], "the last 7 days")
        self.assertEqual(self.sent()["blocks"][1]["text"]["text"], "drift   1 incident, 0 open")

    def test_nobody_is_told_what_everybody_knows(self):
        report = reports.later()
        report["fixed"] = []
        for finding in report["findings"]:
            finding["standing"]["state"] = "known"
        known = self.write("known.json", report)
        self.assertIn("no new findings; notification skipped", self.notify("--to", "slack", report=known).stderr)
        self.assertEqual(self.forge.requests, [])
        self.notify("--to", "slack", "--always", report=known)
        self.assertEqual(len(self.forge.requests), 1)

    def test_a_webhook_is_tried_again_and_its_address_stays_secret(self):
        self.forge.moods = [(500, [], "before"), 3]
        self.notify("--to", "slack", "--timeout", "1")
        self.forge.moods = [(404, [], "before")]
        self.assertIn("answered 404", self.notify("--to", "slack", code=1).stderr)
        # Some say what they were asked for, and what they say is in the log of a job.
        self.forge.moods = [(404, [("X-Echo", "yes")], "before")]
        self.assertIn("answered 404", self.notify("--to", "slack", code=1).stderr)
        self.forge.moods = [(302, [("Location", f"http://localhost/hook/T0/{TOKEN}")], "before")]
        self.notify("--to", "slack", code=1)

    def test_a_pushgateway_gets_metrics(self):
        self.run_it("notify", self.report, "--to", "pushgateway", env={"PLUMBLINE_WEBHOOK_URL": self.forge.url})
        method, path, _, body = self.forge.requests[-1]
        self.assertEqual((method, path), ("PUT", "/metrics/job/plumbline"))
        checked = subprocess.run(["promtool", "check", "metrics"], input=body, text=True, capture_output=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
