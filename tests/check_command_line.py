#!/usr/bin/env python3
"""Runs plumbline as a newcomer would, without a server: migrations that no setting names, words of other tools, and
what shells offer. Takes the program plumbline."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PLUMBLINE = str(Path(sys.argv[1]).resolve())
MIGRATION = "CREATE TABLE t (id int);\n"


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()

    def write(self, name: str, text: str = MIGRATION) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def run_in(self, *words: str, below: str = ".", **variables: str) -> subprocess.CompletedProcess:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), **variables}
        return subprocess.run([PLUMBLINE, *words], cwd=self.folder / below, env=environment, capture_output=True,
                              text=True, timeout=120)

    def refuse(self, code: int, *words: str) -> str:
        result = self.run_in(*words)
        self.assertEqual((result.returncode, result.stdout), (code, ""), result.stderr)
        return result.stderr

    def test_the_only_directory_is_taken_and_named_once(self):
        self.write("db/migrations/001_a.sql")
        result = self.run_in("validate")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr, "plumbline: using the migrations in db/migrations\n")
        self.assertEqual(self.run_in("validate", "--quiet").stderr, "")
        self.assertEqual(self.run_in("validate", "--migrations", "db/migrations").stderr, "")
        self.assertEqual(self.run_in("validate", PLUMBLINE_MIGRATIONS="db/migrations").stderr, "")

    def test_a_settings_file_above_says_where_the_project_is(self):
        self.write("plumbline.toml", "[check]\nfail_on = \"high\"\n")
        self.write("db/migrations/001_a.sql")
        self.write("cmd/migrations/001_a.sql")
        result = self.run_in("validate", below="cmd")
        self.assertEqual(result.stderr, "plumbline: using the migrations in ../db/migrations\n")

    def test_two_directories_are_a_question_with_answers_to_paste(self):
        self.write("db/migrations/001_a.sql")
        self.write("prisma/migrations/20240131120000_a/migration.sql")
        for command in ("check", "up", "catchup --revert", "status", "list", "validate", "prove", "new x", "init",
                        "impact --base empty"):
            message = self.refuse(64, *command.split())
            self.assertIn("more than one directory", message)
            answer = next(line for line in message.splitlines() if "--migrations prisma" in line).split()
            self.assertEqual(self.run_in("validate", *answer).returncode, 0)
        lines = [line.strip() for line in message.splitlines()]
        place = lines.index('path = "prisma/migrations"')
        self.write("plumbline.toml", "\n".join(lines[place - 1:place + 1]) + "\n")
        result = self.run_in("validate")
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_none_is_an_error_that_says_what_to_do(self):
        for command in ("check", "up", "validate", "down --steps 1", "verify-checksums"):
            message = self.refuse(64, *command.split())
            for part in ("none was found in the working directory", "--migrations DIR", "[migrations]",
                         "plumbline init", "db/migrations, ", "priv/repo/migrations"):
                self.assertIn(part, message)
            self.assertLessEqual(max(map(len, message.splitlines())), 100)

    def test_doctor_shows_what_is_found(self):
        self.write("supabase/migrations/20240131120000_a.sql")
        found = json.loads(self.run_in("doctor", "--format", "json", PGHOST="/nowhere").stdout)
        text = json.dumps(found)
        self.assertIn("1 in supabase/migrations", text)
        self.write("migrations/001_a.sql")
        result = self.run_in("doctor", PGHOST="/nowhere")
        self.assertEqual(result.returncode, 1)
        self.assertIn("          --migrations supabase/migrations\n", result.stdout)

    def test_from_nothing_to_a_valid_migration(self):
        self.assertEqual(self.run_in("init").returncode, 0)
        self.assertIn('path = "migrations"', (self.folder / "plumbline.toml").read_text())
        made = self.run_in("new", "add", "users")
        self.assertEqual(made.returncode, 0, made.stderr)
        path = self.folder / made.stdout.strip()
        self.assertEqual(path.parent, self.folder / "migrations")
        text = path.read_text().replace("-- Write the change here.", "CREATE TABLE users ();")
        path.write_text(text.replace("-- What takes the change back.", "DROP TABLE users;"))
        self.assertEqual(self.run_in("validate").returncode, 0)

    def test_new_uses_what_is_there(self):
        self.write("db/migrations/README.md", "soon\n")
        made = self.run_in("new", "add", "users")
        self.assertTrue(made.stdout.startswith("db/migrations/"), made)
        self.assertEqual(made.stderr, "plumbline: using the directory db/migrations\n")
        again = self.run_in("new", "add", "more")
        self.assertTrue(again.stdout.startswith("db/migrations/"), again)

    def test_words_of_other_tools_lead_to_ours(self):
        for theirs, ours in {"generate": "new", "undo": "down", "apply": "up", "version": "--version", "chekc": "check",
                             "rolback": "rollback"}.items():
            self.assertIn(f'unknown command "{theirs}"\nhint: Did you mean "{ours}"?', self.refuse(64, theirs))

    def test_an_ignore_rule_of_an_unknown_kind_is_refused(self):
        self.write("plumbline.toml", '[[ignore]]\nkind = "tabel"\nobject = "public.*"\n')
        message = self.refuse(1, "check")
        self.assertIn('plumbline.toml:2:8: unknown kind "tabel"\nhint: Did you mean "table"?', message)

    def test_verbose_names_the_settings_and_the_migrations(self):
        self.write("plumbline.toml", "")
        self.write("migrations/001_a.sql")
        lines = self.run_in("validate", "--verbose").stderr.splitlines()
        self.assertRegex(lines[0], r"^plumbline: \[\d\.\d\d s\] settings from plumbline.toml$")
        self.assertRegex(lines[-1], r"^plumbline: \[\d\.\d\d s\] read 1 migration in migrations, convention numbered$")

    def complete(self, *words: str) -> list[str]:
        script = self.run_in("completion", "bash").stdout
        asked = script + """
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _plumbline; printf '%s\\n' "${COMPREPLY[@]}" """
        result = subprocess.run(["bash", "-c", asked, "bash", *words], capture_output=True, text=True, check=True)
        return result.stdout.split()

    def test_bash_offers_values(self):
        self.assertEqual(self.complete("plumbline", "impact", "--format", ""), ["text", "markdown", "json"])
        self.assertIn("sarif", self.complete("plumbline", "check", "--format", ""))
        self.assertEqual(self.complete("plumbline", "check", "--format", "sa"), ["sarif"])
        self.assertEqual(self.complete("plumbline", "check", "--format", "=", "sa"), ["sarif"])
        self.assertEqual(self.complete("plumbline", "check", "--fail-on", "cr"), ["critical"])
        self.assertEqual(self.complete("plumbline", "--quiet", "up", "--convention", "db"), ["dbmate", "db-migrate"])
        self.assertEqual(self.complete("plumbline", "completion", ""), ["bash", "zsh", "fish"])
        self.assertEqual(self.complete("plumbline", "check", "--url", ""), [])
        self.assertEqual(self.complete("plumbline", "che"), ["check"])
        self.assertEqual(self.complete("plumbline", "check", "--conv"), ["--convention"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
