#!/usr/bin/env python3
"""Installs a build directory below a prefix, as packages are made, and looks at what came (scripts/test-packages tries
the packages themselves):
    tests/package_test.py BUILD_DIRECTORY"""

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BUILD = Path(sys.argv.pop() if len(sys.argv) > 1 else "build/dev").resolve()
SOURCE = Path(__file__).resolve().parent.parent
if not (BUILD / "cmake_install.cmake").exists():
    sys.exit(f"{BUILD} is no build directory; build there first, or name another")


def run(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, text=True, capture_output=True, **options).stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.root = Path(cls.directory.name) / "root"
        run("cmake", "--install", BUILD, "--prefix", cls.root / "usr")

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def program(self, *words):
        return run(self.root / "usr/bin/plumbline", *words)

    def test_the_program_runs(self):
        self.assertRegex(self.program("--version"), r"^plumbline \d+\.\d+\.\d+\n$")

    def test_without_help2man_installing_is_an_error(self):
        top = Path(self.directory.name)
        build = top / "unbuilt"
        # As on a machine without it: OFF is no program and is not looked for again.
        run("cmake", "-G", "Ninja", "-S", SOURCE, "-B", build, "-DHELP2MAN=OFF")
        shutil.copyfile(BUILD / "plumbline", build / "plumbline")
        refused = subprocess.run(["cmake", "--install", build, "--prefix", top / "nowhere"], text=True, capture_output=True)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("help2man, which writes the manual pages, is not installed", refused.stderr)

    def test_every_command_has_a_manual_page(self):
        commands = [line.split()[0] for line in self.program("--help").split("Commands:\n")[1].split("\n\n")[0].splitlines()]
        self.assertIn("check", commands)
        for name in ["plumbline", *(f"plumbline-{command}" for command in commands)]:
            page = gzip.decompress((self.root / f"usr/share/man/man1/{name}.1.gz").read_bytes()).decode()
            self.assertIn(f".TH {name.upper()} ", page)
            self.assertIn(f"\n{name} \\- ", page)
            self.assertIn("\\-\\-help", page)

    def test_the_settings_file_has_a_manual_page(self):
        page = gzip.decompress((self.root / "usr/share/man/man5/plumbline.toml.5.gz").read_bytes()).decode()
        self.assertTrue(page.startswith(".TH PLUMBLINE.TOML 5 "), page[:80])

    def test_bash_completes_commands_and_flags(self):
        script = self.root / "usr/share/bash-completion/completions/plumbline"
        asked = f"""source {script}
            words() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _plumbline; echo "${{COMPREPLY[*]}}"; }}
            words plumbline che
            words plumbline check --conv
            words plumbline check --url x --no-ca"""
        self.assertEqual(run("bash", "-c", asked).splitlines(), ["check", "--convention", "--no-cache"])

    def test_zsh_and_fish_accept_their_scripts_where_they_are_installed(self):
        for shell, path in (("zsh", "usr/share/zsh/vendor-completions/_plumbline"),
                            ("fish", "usr/share/fish/vendor_completions.d/plumbline.fish")):
            script = self.root / path
            self.assertIn("check", script.read_text())
            run(shell, "-n", script)

    def test_pre_commit_runs_the_hook(self):
        top = Path(self.directory.name)
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
        for name, source in (("hooks", SOURCE / ".pre-commit-hooks.yaml"), ("project", SOURCE / "examples/shop")):
            (top / name).mkdir()
            run("cp", "-r", source, top / name)
            for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
                run(*git, *words, cwd=top / name)
        project = top / "project/shop"
        (project / "plumbline.toml").rename(top / "project/plumbline.toml")
        (project / "db").rename(top / "project/db")
        run(*git, "add", ".", cwd=top / "project")
        hook = ["pre-commit", "try-repo", top / "hooks", "plumbline-validate", "--all-files"]
        surroundings = {**os.environ, "PATH": f"{self.root}/usr/bin:{os.environ['PATH']}", "PRE_COMMIT_HOME": str(top / "kept")}
        self.assertIn("Passed", run(*hook, cwd=top / "project", env=surroundings))
        migration = min((top / "project/db/migrations").iterdir())
        migration.write_text(migration.read_text().replace("CREATE", "CRATE"))
        with self.assertRaises(subprocess.CalledProcessError) as failed:
            run(*hook, cwd=top / "project", env=surroundings)
        self.assertIn(f"{migration.name}:", failed.exception.stdout)

    def test_the_licence_and_the_log_of_changes_come_along(self):
        documents = self.root / "usr/share/doc/plumbline"
        self.assertIn("Apache License", (documents / "copyright").read_text())
        self.assertIn("plumbline", (documents / "CHANGELOG.md").read_text())


if __name__ == "__main__":
    unittest.main()
