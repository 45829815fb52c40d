#!/usr/bin/env python3
"""How documents are read for their test: what counts as a command, what the marks say, and that mistakes are found."""

import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path[:0] = [str(Path(__file__).parent / "support")]
sys.argv = [sys.argv[0], "/bin/false"]
import check_documents  # noqa: E402
import documents  # noqa: E402


class Surroundings:
    """A situation without a server: nothing but an empty folder."""

    def enter(self, name: str, folder: Path) -> None:
        assert name == "shop", name

    def environment(self, home: Path) -> dict:
        return {"PATH": "/usr/bin:/bin"}


class Documents(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.object(documents, "ROOT", self.folder))

    def page(self, text: str) -> Path:
        page = self.folder / "page.md"
        page.write_text(text)
        return page

    def problems(self, text: str) -> list[str]:
        [section] = documents.sections(self.page(text), "shop")
        own = self.folder / "run"
        own.mkdir()
        return check_documents.Run(section, Surroundings(), own).problems

    def test_a_command_is_as_many_lines_as_the_shell_needs(self):
        self.assertEqual(documents.commands("# a comment\none\n\ntwo \\\n  three\ncat <<END\nfour\nEND\nfor a in b; do\n  c\ndone\n"),
                         ["one", "two \\\n  three", "cat <<END\nfour\nEND", "for a in b; do\n  c\ndone"])
        with self.assertRaises(ValueError):
            documents.commands("echo 'never closed\n")

    def test_marks_are_about_the_block_after_them(self):
        first, second = documents.sections(self.page(
            "<!-- test: exit 2 0 -->\n```sh\na\nb\n```\n```sh\nc\n```\n<!-- test: situation other -->\n<!-- test: run d -->\n"
            "- a list\n  <!-- test: skip for a reason -->\n  ```sh\n  e\n  ```\n"), "shop")
        self.assertEqual([(each.text, each.codes) for each in first.blocks], [("a\nb\n", [2, 0]), ("c\n", [])])
        self.assertEqual(second.situation, "other")
        self.assertEqual([(each.text, each.hidden, each.skip) for each in second.blocks],
                         [("d\n", True, None), ("e\n", False, "for a reason")])

    def test_an_exit_code_named_in_a_comment_is_the_expected_one(self):
        self.assertEqual(self.problems("```sh\ntrue\nexit_code=1; (exit 3)   # exit code 3\n```\n"), [])

    def test_each_command_has_its_own_exit_code(self):
        [problem] = self.problems("```sh\ntrue\nfalse\n```\n")
        self.assertIn("exit code 1 instead of 0:\nfalse", problem)

    def test_a_command_that_ends_the_shell_leaves_the_others_without_a_result(self):
        self.assertEqual(len(self.problems("```sh\nexit 0\ntrue\n```\n")), 2)

    def test_folder_and_variables_last_from_one_block_to_the_next(self):
        self.assertEqual(self.problems("```sh\nmkdir a; cd a\nexport B=c\n```\n```sh\ntest \"$B\" = c -a \"$(basename \"$PWD\")\" = a\n```\n"), [])

    def test_output_that_no_command_prints_is_a_problem(self):
        self.assertEqual(self.problems("```sh\necho one; echo two in 3.5 s\n```\n```text\none\n...\ntwo in 7 s\n```\n"), [])

    def test_output_in_another_order_is_a_problem(self):
        [problem] = self.problems("```sh\necho one; echo two\n```\n```text\ntwo\none\n```\n")
        self.assertIn("no command before printed the line\none", problem)

    def test_links_and_headings_are_found_as_github_names_them(self):
        page = self.page("# What's `new`?\n## The `a_b` form\n[x](other.md#y) [z](https://example.org) <img src=\"p.svg\">\n`[no](link)`\n")
        self.assertEqual(documents.anchors(page), {"whats-new", "the-a_b-form"})
        self.assertEqual(documents.links(page), [("other.md", "y"), ("p.svg", "")])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
