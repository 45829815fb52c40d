#!/usr/bin/env python3
"""Runs scripts/action, by which action.yml installs and checks, as GitHub would: with a package that is pinned, replaced,
not pinned or out of reach, and with what goes wrong in a check. No compiler may be called. Takes the program plumbline and,
when none shall be made of it, the package that is installed."""

import os
import shutil
import stat
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import PIPE, STDOUT, CompletedProcess, run

sys.path.insert(0, str(Path(__file__).resolve().parent))
from support.project import Project  # noqa: E402

PLUMBLINE = Path(sys.argv[1]).resolve()
PACKAGE = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
PASSWORD = "s3cret%2Fword"
URL = f"postgres://reader:{PASSWORD}@127.0.0.1:1/shop"


class Said:
    def __init__(self, result: CompletedProcess, folder: Path):
        self.code, self.log = result.returncode, result.stdout
        self.output, self.path, self.summary = ((folder / name).read_text() for name in ("output", "path", "summary"))

    @property
    def annotations(self) -> list[str]:
        return [line for line in self.log.splitlines() if line.startswith("::")]


class Unreliable(BaseHTTPRequestHandler):
    """Answers with 503 twice, then with the file."""
    file, asked = b"", []

    def do_GET(self):
        self.asked.append(self.path)
        good = len(self.asked) > 2
        self.send_response(200 if good else 503)
        self.send_header("Content-Length", str(len(self.file) if good else 0))
        self.end_headers()
        if good:
            self.wfile.write(self.file)

    def log_message(self, *arguments):
        pass


class Action(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.project = Project(Path(cls.enterClassContext(tempfile.TemporaryDirectory())), PLUMBLINE, PACKAGE)
        cls.pins = cls.project.root / "packaging/checksums.txt"

    def setUp(self):
        self.temp = Path(self.enterContext(tempfile.TemporaryDirectory()))
        pins = self.pins.read_text()
        self.addCleanup(lambda: self.pins.write_text(pins))

    def step(self, *words: str, **more: str) -> Said:
        for name in ("output", "path", "summary"):
            (self.temp / name).write_text("")
        environment = self.project.environment() | {
            "RUNNER_TEMP": str(self.temp), "GITHUB_OUTPUT": f"{self.temp}/output", "GITHUB_PATH": f"{self.temp}/path",
            "GITHUB_STEP_SUMMARY": f"{self.temp}/summary", "PLUMBLINE_RELEASES": self.project.releases.as_uri()} | more
        result = run([self.project.root / "scripts/action", *words], cwd=self.temp, env=environment, text=True, stdout=PIPE,
                     stderr=STDOUT, timeout=120)
        self.assertFalse(self.project.built.exists(), "something was built")
        return Said(result, self.temp)

    def refused(self, *parts: str, **more: str) -> None:
        said = self.step("install", **more)
        self.assertEqual((said.code, said.path), (1, ""), said.log)
        self.assertEqual(len(said.annotations), 1, said.log)
        self.assertTrue(said.annotations[0].startswith("::error title=plumbline%3A the installation failed::"), said.log)
        for part in parts:
            self.assertIn(part, said.annotations[0])
            self.assertIn(part, said.summary)
        self.assertEqual(list(self.temp.glob("plumbline-*-linux*")), [])

    def test_the_released_package_is_on_path_in_seconds(self):
        started = time.monotonic()
        said = self.step("install")
        self.assertLess(time.monotonic() - started, 20)
        self.assertEqual((said.code, said.annotations), (0, []), said.log)
        folder = Path(said.path.strip())
        self.assertTrue(folder.is_relative_to(self.temp))
        version = run([folder / "plumbline", "--version"], text=True, stdout=PIPE).stdout
        self.assertEqual(version, f"plumbline {self.project.version}\n")
        # Once more in the same job: it is there already, and nothing is fetched.
        again = self.step("install", PATH=f"{folder}:{self.project.environment()['PATH']}", PLUMBLINE_RELEASES="file:///nowhere")
        self.assertEqual((again.code, again.path), (0, ""), again.log)
        self.assertIn("is on PATH already", again.log)

    def test_another_version_on_path_is_not_used_and_said(self):
        other = self.temp / "other/plumbline"
        other.parent.mkdir()
        other.write_text("#!/bin/sh\necho plumbline 0.0.1\n")
        other.chmod(0o755)
        said = self.step("install", PATH=f"{other.parent}:{self.project.environment()['PATH']}")
        self.assertEqual(said.code, 0, said.log)
        self.assertIn("plumbline 0.0.1 on PATH is not used", said.annotations[0])
        self.assertIn("linux-x86_64/bin", said.path)

    def test_a_package_that_was_replaced_is_refused(self):
        good = self.project.package.read_bytes()
        self.addCleanup(lambda: self.project.package.write_bytes(good))
        self.project.package.write_bytes(good + b"x")
        self.refused("has another checksum than packaging/checksums.txt pins", "it is not used")

    def test_a_package_that_is_not_pinned_is_refused(self):
        for pins in ("", f"not-a-sum  {self.project.package.name}\n", "# only\n" + "0" * 64 + "  another.tar.gz\n"):
            self.pins.write_text(pins)
            self.refused("pins no checksum of " + self.project.package.name, "build: true")

    def test_a_package_out_of_reach_is_an_error_that_names_it(self):
        self.refused("cannot download file:///nowhere/v", "releases", PLUMBLINE_RELEASES="file:///nowhere")

    def test_a_server_that_fails_twice_is_asked_again(self):
        Unreliable.file = self.project.package.read_bytes()
        server = ThreadingHTTPServer(("127.0.0.1", 0), Unreliable)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        more = {"PLUMBLINE_RELEASES": "", "GITHUB_SERVER_URL": f"http://127.0.0.1:{server.server_port}"}
        said = self.step("install", ACTION_REPOSITORY="owner/action", GITHUB_REPOSITORY="user/project", **more)
        self.assertEqual(said.code, 0, said.log)
        path = f"releases/download/v{self.project.version}/{self.project.package.name}"
        self.assertEqual(Unreliable.asked, [f"/owner/action/{path}"] * 3)
        # Where the runner does not say whose action it is, its folder does; without one it is the repository itself.
        for folder, owner in ((f"{self.temp}/_actions/else/where/v0", "else/where"), (f"{self.temp}/checkout", "user/project")):
            shutil.copytree(self.project.root, folder, ignore=shutil.ignore_patterns(".git"))
            said = run([f"{folder}/scripts/action", "install"], text=True, stdout=PIPE, stderr=STDOUT, env=self.project.environment() |
                       more | {"GITHUB_REPOSITORY": "user/project", "RUNNER_TEMP": str(self.temp), "GITHUB_PATH": f"{self.temp}/path"})
            self.assertEqual(said.returncode, 0, said.stdout)
            self.assertEqual(Unreliable.asked[-1], f"/{owner}/{path}")

    def test_build_must_be_true_or_false(self):
        self.refused('unknown value "yes" of "build"', INPUT_BUILD="yes")

    def test_built_only_when_asked(self):
        # In a project whose scripts/setup and cmake are stand-ins: what is built is not the point here.
        root = self.temp / "project"
        shutil.copytree(self.project.root, root, ignore=shutil.ignore_patterns(".git"))
        for name in (root / "scripts/setup", self.temp / "cmake"):
            name.write_text('#!/bin/sh\necho "$0 $*"\n')
            name.chmod(name.stat().st_mode | stat.S_IXUSR)
        said = run([root / "scripts/action", "install"], text=True, stdout=PIPE, stderr=STDOUT, env=self.project.environment() | {
            "PATH": f"{self.temp}:{os.environ['PATH']}", "INPUT_BUILD": "true", "GITHUB_PATH": f"{self.temp}/path"})
        self.assertEqual(said.returncode, 0, said.stdout)
        for part in ("scripts/setup build", "cmake --preset release\n", "--target plumbline\n"):
            self.assertIn(part, said.stdout)
        self.assertEqual((self.temp / "path").read_text(), f"{root}/build/release\n")

    def test_a_release_is_pinned_once(self):
        self.assertEqual(self.project.pin().returncode, 0)  # the same again changes nothing
        self.assertEqual(self.pins.read_text().count(self.project.package.name), 1)
        good = self.project.package.read_bytes()
        sums = self.project.package.parent / "SHA256SUMS"
        listed = sums.read_text()
        self.addCleanup(lambda: (self.project.package.write_bytes(good), sums.write_text(listed)))
        self.project.package.write_bytes(good + b"x")
        said = self.project.pin()
        self.assertEqual(said.returncode, 1)
        self.assertIn("is not the file that SHA256SUMS lists", said.stderr)
        listing = run(["sha256sum", self.project.package.name], cwd=sums.parent, text=True, stdout=PIPE, check=True).stdout
        sums.write_text(listing)
        said = self.project.pin()
        self.assertEqual(said.returncode, 1)
        self.assertIn("is pinned with another checksum already", said.stderr)
        self.assertEqual(self.pins.read_text().count(self.project.package.name), 1)

    def test_an_empty_secret_skips_the_check_and_says_so(self):
        for more, level in (({"FROM_FORK": "true"}, "notice"), ({"GITHUB_ACTOR": "dependabot[bot]"}, "notice"), ({}, "warning")):
            said = self.step("skip", **more)
            self.assertEqual((said.code, said.output), (0, "skipped=true\n"))
            self.assertTrue(said.annotations[0].startswith(f"::{level} title=plumbline%3A the check was skipped::"), said.log)
            self.assertIn("database-url is empty", said.summary)

    def check(self, **more: str) -> Said:
        folder = self.step("install").path.strip()
        return self.step("check", PATH=f"{folder}:{self.project.environment()['PATH']}", **more)

    def test_an_error_reaches_annotation_and_summary_without_the_password(self):
        migrations = str(self.project.root / "examples/shop/db/migrations")
        said = self.check(PLUMBLINE_URL=URL, INPUT_MIGRATIONS=migrations)
        self.assertEqual(said.code, 0)
        self.assertIn("verdict=error\nexit-code=1\n", said.output)
        self.assertEqual(len(said.annotations), 1)
        self.assertTrue(said.annotations[0].startswith("::error title=plumbline%3A the check failed::plumbline: error: cannot connect"))
        for text in (said.annotations[0], said.summary):
            self.assertIn("Connection refused", text)
            self.assertIn("hint: ", text)
        for secret in (PASSWORD, "s3cret/word"):
            self.assertNotIn(secret, said.log + said.summary + said.output)

    def test_a_password_in_a_message_is_hidden(self):
        stub = self.temp / "bin/plumbline"
        stub.parent.mkdir()
        stub.write_text("#!/bin/sh\nprintf 'plumbline: error: 100%% of s3cret/word and " + PASSWORD.replace("%", "%%") +
                        "\\n::stop-commands::x\\nhint: look\\n' >&2\nexit 3\n")
        stub.chmod(0o755)
        said = self.step("check", PATH=f"{stub.parent}:{os.environ['PATH']}", PLUMBLINE_URL=URL)
        error = next(line for line in said.annotations if line.startswith("::error "))
        self.assertEqual(error, "::error title=plumbline%3A the check failed::plumbline: error: 100%25 of *** and ***%0A"
                         "::stop-commands::x%0Ahint: look")
        self.assertIn("    plumbline: error: 100% of *** and ***\n    ::stop-commands::x\n", said.summary)
        self.assertIn("verdict=error\nexit-code=3\n", said.output)

    def test_an_unknown_format_is_an_error_of_the_check(self):
        said = self.check(PLUMBLINE_URL=URL, INPUT_FORMAT="markdown,pdf")
        self.assertIn('unknown format "pdf"', said.annotations[0])
        self.assertIn('unknown format "pdf"', said.summary)
        self.assertIn("verdict=error\nexit-code=64\n", said.output)

    def test_flags_are_words_and_no_patterns_of_files(self):
        stub = self.temp / "bin/plumbline"
        stub.parent.mkdir()
        stub.write_text('#!/bin/sh\nprintf "%s|" "$@"\nexit 1\n')
        stub.chmod(0o755)
        said = self.step("check", PATH=f"{stub.parent}:{os.environ['PATH']}", INPUT_FORMAT="junit", INPUT_SARIF="true",
                         INPUT_FAIL_ON="never", INPUT_ARGUMENTS="--exclude p*.*\n--exclude *\n--at head")
        self.assertIn("|--fail-on|never|--exclude|p*.*|--exclude|*|--at|head|", said.log)
        for file in ("drift.xml", "drift.sarif", "drift.json"):
            self.assertIn(f"/{file}|", said.log)
        self.assertIn("no reason was given", said.summary)

    def test_a_comment_that_cannot_be_written_says_why(self):
        folder = self.step("install").path.strip()
        said = self.step("comment", PATH=f"{folder}:{self.project.environment()['PATH']}", INPUT_JSON="no-such.json")
        self.assertNotEqual(said.code, 0)
        self.assertTrue(said.annotations[-1].startswith("::error title=plumbline%3A the comment could not be written::"))
        self.assertIn("no-such.json", said.summary)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
