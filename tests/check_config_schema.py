#!/usr/bin/env python3
"""Holds docs/plumbline.schema.json against the program: each table knows the same keys, each key the same type, each list
of words the same words; every TOML in the documents is valid for both. Takes the programs plumbline and validate_json."""

import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLUMBLINE, VALIDATE_JSON = (str(Path(word).resolve()) for word in sys.argv[1:3])
SCHEMA_FILE = ROOT / "docs" / "plumbline.schema.json"
SCHEMA = json.loads(SCHEMA_FILE.read_text())
NOBODYS_KEY = "zzqqxx"  # like no key at all, so that the program lists all of them
WRONG = {"string": "1979", "integer": '"text"', "boolean": '"text"', "array": '"text"', "object": '"text"'}


def resolved(node: dict) -> dict:
    if "$ref" not in node:
        return node
    return SCHEMA["definitions"][node["$ref"].rsplit("/", 1)[1]]


def tables():
    """Each table with fixed keys: its header in TOML, the path of its names, its part of the schema."""
    def walk(path: tuple, node: dict):
        node = resolved(node)
        if node["type"] == "array" and node["items"]["type"] == "object":
            yield "[[" + ".".join(path) + "]]", path, node["items"]
        elif node["type"] == "object" and "properties" in node:
            yield ("[" + ".".join(path) + "]" if path else ""), path, node
            for key, inner in node["properties"].items():
                yield from walk((*path, key), inner)
        elif path == ("env",):
            yield from walk(("env", "some"), node["additionalProperties"])
    yield from walk((), SCHEMA)


def common_tables():
    """Without those of an environment, which are the same definitions."""
    return (table for table in tables() if table[1][:1] != ("env",))


def toml_blocks():
    for page in [*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*.md"))]:
        for at, block in enumerate(re.findall(r"^```toml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)):
            yield f"{page.relative_to(ROOT)}, toml block {at + 1}", block
    for example in sorted((ROOT / "examples").rglob("plumbline.toml")):
        yield str(example.relative_to(ROOT)), example.read_text()


def as_json(value):
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


class ConfigSchema(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "migrations").mkdir()
        (self.folder / "migrations" / "1_first.sql").write_text("SELECT 1;\n")

    def program(self, text: str) -> str:
        """What the program says of a settings file; empty when it accepts it."""
        file = self.folder / "plumbline.toml"
        file.write_text(text)
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PLUMBLINE_", "PG"))}
        outcome = subprocess.run(
            [PLUMBLINE, "validate", "--config", file, "--migrations", "migrations", "--convention", "numbered"],
            cwd=self.folder, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
            env={**environment, "DATABASE_URL": "", "SHOP_PASSWORD": "x"})
        self.assertIn(outcome.returncode, (0, 1), outcome.stderr)
        return outcome.stderr if "plumbline.toml:" in outcome.stderr else ""

    def schema(self, document) -> str:
        """What the schema says of a document; empty when it is valid."""
        file = self.folder / "document.json"
        file.write_text(json.dumps(as_json(document)))
        outcome = subprocess.run([VALIDATE_JSON, SCHEMA_FILE, file], capture_output=True, text=True)
        self.assertIn(outcome.returncode, (0, 1))
        return "" if outcome.returncode == 0 else outcome.stderr or "invalid"

    def both(self, text: str):
        return self.program(text), self.schema(tomllib.loads(text))

    def test_every_table_knows_the_keys_that_the_program_reads(self):
        self.assertEqual(len(list(tables())), 14)
        for header, path, node in tables():
            with self.subTest(header):
                said, schema = self.both(f"{header}\n{NOBODYS_KEY} = 1\n")
                self.assertIn(f'unknown key "{NOBODYS_KEY}"', said)
                self.assertNotEqual(schema, "")
                known = re.search(r"Known are: (.*)\.$", said, re.MULTILINE).group(1).split(", ")
                self.assertEqual(sorted(known), sorted(node["properties"]))

    def test_a_misspelt_key_is_refused_by_both(self):
        for header, path, node in common_tables():
            for key in node["properties"]:
                with self.subTest(f"{header} {key}"):
                    said, schema = self.both(f"{header}\n{key}_ = 1\n")
                    self.assertIn(f'unknown key "{key}_"', said)
                    self.assertNotEqual(schema, "")

    def test_a_value_of_another_type_is_refused_by_both(self):
        for header, path, node in common_tables():
            for key, inner in node["properties"].items():
                if key == "env":
                    continue
                with self.subTest(f"{header} {key}"):
                    said, schema = self.both(f"{header}\n{key} = {WRONG[resolved(inner)['type']]}\n")
                    self.assertTrue("must be" in said or "is no date" in said, said)
                    self.assertNotEqual(schema, "")

    def test_every_default_and_example_is_accepted_by_both(self):
        for header, path, node in common_tables():
            for key, inner in node["properties"].items():
                inner = resolved(inner)
                values = inner.get("examples", []) + inner.get("enum", []) + ([inner["default"]] if "default" in inner else [])
                for value in values:
                    with self.subTest(f"{header} {key}", value=value):
                        self.assertEqual(self.both(f"{header}\n{key} = {in_toml(value)}\n{rest(path, key)}"), ("", ""))

    def test_a_word_that_is_not_in_a_list_is_refused_by_the_schema_and_by_the_program(self):
        for header, key in (("[check]", "format"), ("[check]", "fail_on"), ("[runner]", "schema_versions")):
            with self.subTest(key):
                said, schema = self.both(f'{header}\n{key} = "{NOBODYS_KEY}"\n')
                self.assertIn(NOBODYS_KEY, said)
                self.assertNotEqual(schema, "")

    def test_the_lists_of_words_are_those_of_the_program(self):
        def listed(text: str, after: str, *flags: str) -> list[str]:
            (self.folder / "plumbline.toml").write_text(text)
            said = subprocess.run([PLUMBLINE, "list", *flags], cwd=self.folder, capture_output=True, text=True).stderr
            return sorted(re.split(", | or ", re.search(after + r" (.*)\.$", said, re.MULTILINE).group(1)))

        migrations = SCHEMA["definitions"]["migrations"]["properties"]
        check = SCHEMA["definitions"]["check"]["properties"]
        path = '[migrations]\npath = "migrations"\n'
        custom = path + 'convention = "custom"\n[migrations.custom]\nfile_pattern = "(?<version>.*)"\n'
        for expected, text, after in (
                (migrations["convention"]["enum"], path + 'convention = "?"', "Known are:"),
                (check["presets"]["items"]["enum"], '[check]\npresets = ["?"]', "Known are:"),
                (SCHEMA["definitions"]["ignore"]["items"]["properties"]["kind"]["enum"], '[[ignore]]\nkind = "?"', "Known are:"),
                (check["format"]["enum"], '[check]\nformat = "?"', "Use one of:"),
                (migrations["custom"]["properties"]["order"]["enum"], custom + 'order = "?"', "Use one of"),
                (migrations["custom"]["properties"]["transaction"]["enum"], custom + 'transaction = "?"', "Use one of")):
            self.assertEqual(listed(text, after), sorted(expected))

    def test_an_ignore_rule_that_hides_everything_is_refused_by_both(self):
        said, schema = self.both('[[ignore]]\nreason = "none"\n')
        self.assertIn("would hide everything", said)
        self.assertNotEqual(schema, "")

    def test_every_settings_file_in_the_documents_is_valid_for_both(self):
        found = list(toml_blocks())
        self.assertGreater(len(found), 8)
        for name, text in found:
            with self.subTest(name):
                self.assertEqual(self.both(text), ("", ""))

    def test_every_key_has_a_title_and_a_description(self):
        for header, path, node in tables():
            for key, inner in node["properties"].items():
                with self.subTest(f"{header} {key}"):
                    self.assertTrue(resolved(inner)["title"] and resolved(inner)["description"].endswith("."))


class ManualPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = subprocess.run([ROOT / "scripts" / "manual-settings", "1.2"], capture_output=True, text=True, check=True).stdout

    def test_it_has_every_table_and_every_key(self):
        for header, path, node in common_tables():
            self.assertIn(f'.SS "{header or "Top level"}"\n'.replace("-", "\\-"), self.page)
            for key, inner in node["properties"].items():
                if key != "env" and "properties" not in resolved(inner) and key != "ignore":
                    self.assertIn(f"\n.BR {key} ", self.page)

    @unittest.skipUnless(shutil.which("man"), "man is not installed: the page was not formatted")
    def test_man_formats_it_without_a_warning(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "plumbline.toml.5"
            file.write_text(self.page)
            outcome = subprocess.run(["man", "--warnings", "-l", file], capture_output=True, text=True,
                                     env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ""))
        self.assertIn("[migrations.custom]", outcome.stdout)
        self.assertIn("plumbline 1.2", outcome.stdout)

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed: the page was not looked at by it")
    def test_mandoc_has_nothing_to_say(self):
        outcome = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=self.page, capture_output=True, text=True)
        self.assertEqual(outcome.stdout, "")


def in_toml(value) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {in_toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value)


def rest(path: tuple, key: str) -> str:
    """What an ignore rule needs besides the key in question."""
    needed = path and path[-1] == "ignore" and key not in ("kind", "object", "attribute")
    return 'object = "a.b"\n' if needed else ""


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
