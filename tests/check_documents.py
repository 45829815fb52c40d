#!/usr/bin/env python3
"""Every command in the documents is run, in a situation made for its section, and must end as the document says; every
output that a document shows is one that its command prints; every link leads somewhere. Takes the program plumbline, and
names of pages when only these are to be looked at. How documents speak to this test: tests/support/documents.py."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent / "support")]
import documents  # noqa: E402
from situations import Surroundings  # noqa: E402
from throwaway import exit_on_signals  # noqa: E402

PLUMBLINE = str(Path(sys.argv[1]).resolve())
ONLY = sys.argv[2:]
EXIT_CODE = re.compile(r"\bexit code (\d+)")
# What differs from run to run and from machine to machine.
VARIES = [(re.compile(r"\d+(\.\d+)? (ms|s)\b"), "N s"), (re.compile(r"(?<!\d)20\d{6}_?\d{6}(?!\d)"), "VERSION"),
          (re.compile(r"\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d \+00"), "TIME"), (re.compile(r"PostgreSQL \d\d(\.\d+)?\b"), "PostgreSQL N"), (re.compile(r"\b\d+ objects"), "N objects"),
          (re.compile(r"\b\d+\.\d+\.\d+\.\d+\b"), "ADDRESS"),
          (re.compile(r"(?<=db\.internal):\d+|(?<=port) \d{4,5}"), " PORT")]


def chosen_pages() -> list[Path]:
    return [page for page in documents.pages() if not ONLY or str(page.relative_to(documents.ROOT)) in ONLY]


def plain(text: str) -> list[str]:
    """Lines as they are compared: blanks and what varies made alike."""
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def expected_codes(block: documents.Block, commands: list[str]) -> list[int | None]:
    if block.hidden:
        return [None] * len(commands)
    codes = block.codes * len(commands) if len(block.codes) == 1 else block.codes or [0] * len(commands)
    if len(codes) != len(commands):
        raise ValueError(f"{len(codes)} exit codes are given for {len(commands)} commands")
    said = [EXIT_CODE.search(command) for command in commands]
    return [int(match[1]) if match else code for code, match in zip(codes, said)]


def script(commands: list[str]) -> str:
    """All commands in one shell, so that cd and export last; each one's output and exit code in files."""
    lines = ["set -o pipefail"]
    for at, command in enumerate(commands):
        lines.append("{ " + command + f"\n}} >\"$RESULTS/{at}.out\" 2>&1 </dev/null; echo \"$?\" >\"$RESULTS/{at}.code\"")
    return "\n".join(lines) + "\n"


class Run:
    """What became of the commands of a section."""

    def __init__(self, section: documents.Section, surroundings: Surroundings, folder: Path):
        self.folder = folder
        self.problems: list[str] = []
        (folder / "results").mkdir()
        (folder / "project").mkdir()
        for each in (folder, folder / "project"):
            each.chmod(0o755)
        surroundings.enter(section.situation, folder / "project")
        self.commands: list[str] = []
        self.counted = 0  # commands that readers see
        expected, ends = [], {}
        for block in section.blocks:
            if block.language in documents.SHELL and block.skip is None:
                found = documents.commands(block.text)
                expected += [(block, code) for code in expected_codes(block, found)]
                self.commands += found
                self.counted += 0 if block.hidden else len(found)
            ends[block.line] = len(self.commands)
        self._run(surroundings.environment(folder))
        self._compare_codes(section, expected)
        self._compare_texts(section, ends)

    def _run(self, environment: dict) -> None:
        subprocess.run(["bash"], input=script(self.commands), cwd=self.folder / "project", text=True, timeout=900, check=False,
                       env={**environment, "RESULTS": str(self.folder / "results")}, capture_output=True)

    def output(self, at: int) -> str:
        return (self.folder / "results" / f"{at}.out").read_text(errors="replace")

    def _compare_codes(self, section: documents.Section, expected: list) -> None:
        for at, (block, code) in enumerate(expected):
            file = self.folder / "results" / f"{at}.code"
            found = int(file.read_text()) if file.exists() else None
            if code is not None and found != code:
                self.problems.append(f"{section.page}:{block.line}: exit code {found} instead of {code}:\n"
                                     f"{self.commands[at]}\n{self.output(at) if found is not None else ''}")

    def _compare_texts(self, section: documents.Section, ends: dict) -> None:
        """A text block is output of the commands between it and the text block before it; "..." stands for any lines."""
        first = 0
        for block in section.blocks:
            if block.language != "text" or block.skip is not None:
                continue
            printed = [line for at in range(first, ends[block.line]) for line in plain(self.output(at))]
            first = ends[block.line]
            at = 0
            for line in plain(block.text):
                if line == "...":
                    continue
                if line not in printed[at:]:
                    self.problems.append(f"{section.page}:{block.line}: no command before printed the line\n{line}\nbut:\n"
                                         + "\n".join(printed))
                    break
                at = printed.index(line, at) + 1


class Documents(unittest.TestCase):
    def test_every_command_ends_as_the_document_says(self):
        commands = 0
        folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="plumbline-documents-")))
        folder.chmod(0o755)
        with Surroundings(PLUMBLINE, folder) as surroundings:
            for number, section in enumerate(part for page in chosen_pages() for part in documents.sections(page, "shop")):
                with self.subTest(f"{section.page}:{section.line}", situation=section.situation):
                    own = folder / str(number)
                    own.mkdir()
                    run = Run(section, surroundings, own)
                    commands += run.counted
                    self.assertFalse(run.problems, "\n\n".join(run.problems))
        print(f"{commands} commands were run", file=sys.stderr)
        self.assertGreater(commands, 0)

    def test_a_block_that_is_not_run_says_why(self):
        skipped = 0
        for page in chosen_pages():
            for section in documents.sections(page, "shop"):
                for block in section.blocks:
                    with self.subTest(f"{section.page}:{block.line}"):
                        self.assertNotIn(block.language, {"", "shell", "console", "zsh"}, "name the language: sh, text, ...")
                        self.assertTrue(block.skip is None or len(block.skip) > 10, "say why it is skipped")
                    skipped += block.skip is not None and block.language in documents.SHELL
        print(f"{skipped} blocks of commands were not run, each with its reason", file=sys.stderr)

    def test_every_fence_is_one_that_the_test_reads(self):
        for page in chosen_pages():
            with self.subTest(page.name):
                text = page.read_text()
                fences = len(re.findall(r"^ *(?:```|~~~)", text, re.MULTILINE))
                blocks = sum(not block.hidden for part in documents.sections(page, "shop") for block in part.blocks)
                self.assertEqual(fences, 2 * blocks)
                self.assertNotRegex(documents.FENCE.sub("", text), r"\n\n    \S", "commands stand between fences")
                self.assertEqual(text.count("<!-- test:"), len(documents.MARK.findall(text)))

    def test_every_link_leads_to_a_file_and_a_heading(self):
        for page in chosen_pages():
            for target, heading in documents.links(page):
                if target == "../../releases":  # a page of GitHub, from where it shows the README
                    continue
                with self.subTest(f"{page.relative_to(documents.ROOT)} -> {target}#{heading}"):
                    file = (page.parent / target).resolve() if target else page
                    self.assertTrue(file.exists())
                    if heading and file.suffix == ".md":
                        self.assertIn(heading, documents.anchors(file))


if __name__ == "__main__":
    exit_on_signals()
    unittest.main(argv=sys.argv[:1])
