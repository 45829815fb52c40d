#!/usr/bin/env python3
"""What packages are made by, as far as it can be tried in seconds: the one version, release notes, missing tools."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SOURCE / "packaging"))
from release_notes import notes  # noqa: E402

# Samples of reports and histories of migrations have numbers of their own, which may happen to be the same.
MAY_REPEAT_IT = ("CHANGELOG.md", "CMakeLists.txt", "tests/")

CHANGELOG = """# Changelog

## Unreleased

## 1.10.0 - 2026-12-01
### Added
- A thing.

## 1.1.0
- Another.

## [1.0.0] - 2026-01-01
### Added

## 0.9.0
"""


def run(*words, **options) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in words], text=True, capture_output=True, cwd=SOURCE, **options)


def version() -> str:
    return run("scripts/package", "version").stdout.strip()


class Version(unittest.TestCase):
    def test_it_is_the_one_of_cmake(self):
        self.assertRegex(version(), r"^\d+\.\d+\.\d+$")
        self.assertIn(f"project(plumbline VERSION {version()} ", (SOURCE / "CMakeLists.txt").read_text())

    def test_no_other_file_repeats_it(self):
        """Prose may say what was so in a version; but not name files, tags or packages of it."""
        literal = re.compile(rf"(?<![\d.]){re.escape(version())}(?![\d.]*\d)")
        file_name = re.compile(rf"(plumbline[-_@=]+v?|\bv){literal.pattern}")
        listed = run("git", "ls-files", "-co", "--exclude-standard").stdout.splitlines()
        if not listed:
            self.skipTest("this is no git checkout, so which files belong to it is not known")
        found = []
        for name in listed:
            if name.startswith(MAY_REPEAT_IT) or not (SOURCE / name).is_file():
                continue
            searched = file_name if name.endswith(".md") else literal
            text = (SOURCE / name).read_bytes().decode("utf-8", "replace")
            found += [f"{name}:{number}" for number, line in enumerate(text.splitlines(), 1) if searched.search(line)]
        self.assertEqual(found, [])


class ReleaseNotes(unittest.TestCase):
    def test_they_are_the_section_of_that_version(self):
        self.assertEqual(notes(CHANGELOG, "1.10.0"), "### Added\n- A thing.")
        self.assertEqual(notes(CHANGELOG, "1.1.0"), "- Another.")

    def test_a_version_without_a_section_or_with_an_empty_one_has_none(self):
        for name in ("1.0.0", "0.9.0", "2.0.0", "1.1", "1x1.0"):
            self.assertEqual(notes(CHANGELOG, name), "", name)

    def test_the_script_refuses_a_version_that_the_changelog_does_not_know(self):
        with tempfile.NamedTemporaryFile("w", suffix=".md") as file:
            file.write(CHANGELOG)
            file.flush()
            self.assertEqual(run("packaging/release_notes.py", "1.1.0", file.name).stdout, "- Another.\n")
            refused = run("packaging/release_notes.py", "3.0.0", file.name)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("has no section", refused.stderr)


class Script(unittest.TestCase):
    def test_it_says_what_it_knows(self):
        for words, said in (([], "which? tarball"), (["rpm"], "unknown kind 'rpm'"), (["deb", "--output"], "needs a directory")):
            outcome = run("scripts/package", *words)
            self.assertEqual(outcome.returncode, 64)
            self.assertIn(said, outcome.stderr)

    def test_a_missing_tool_is_an_error_that_says_what_to_run(self):
        with tempfile.TemporaryDirectory() as folder:
            for tool in ("bash", "cmake", "ninja", "dirname", "git", "sed", "date", "uname"):
                found = run("sh", "-c", f"command -v {tool}").stdout.strip()
                if found:
                    os.symlink(found, f"{folder}/{tool}")
            outcome = run("scripts/package", "deb", env={"PATH": folder})
        self.assertEqual(outcome.returncode, 1)
        self.assertIn("needs help2man. Run: scripts/setup build package", outcome.stderr)


if __name__ == "__main__":
    unittest.main()
