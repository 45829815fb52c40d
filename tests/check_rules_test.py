#!/usr/bin/env python3
"""Each rule of check_rules.py fires on a tree that breaks it, and only there."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(__file__).with_name("check_rules.py")
CLEAN = {
    "postgres/text.h": "#pragma once\n",
    "snapshot/kinds/view.cpp": 'const Kind view{\n    .name = "view",\n};\n',
    "report/a.cpp": 'out << "-- a whole line\\n" << visible_line(finding.name) << finding.line << "\\n";\n',
    "diff/compare.cpp": '#include "snapshot/snapshot.h"\nbool changed = a != b;\n',
}
BREACHES = {
    "diff/ must not include report/": ("diff/a.cpp", '#include "report/report.h"\n'),
    "snapshot/ must not include migrations/": ("snapshot/a.cpp", '#include "migrations/parser.h"\n'),
    "belongs behind postgres/connection.cpp": ("snapshot/a.cpp", "#include <libpq-fe.h>\n"),
    "a header of ours includes <nlohmann/": ("snapshot/json.h", "#pragma once\n#include <nlohmann/json.hpp>\n"),
    "generic code names a kind: kinds::view": ("diff/a.cpp", "if (id.kind == &kinds::view) return;\n"),
    'generic code names a kind: == "view"': ("report/a.cpp", 'if (kind.name == "view") return;\n'),
    "asks for a server version": ("diff/a.cpp", "if (connection.version() >= 15) return;\n"),
    "501 lines": ("diff/a.cpp", "\n" * 501),
    "without #pragma once": ("diff/a.h", "int a;\n"),
    "using namespace": ("diff/a.h", "#pragma once\nusing namespace std;\n"),
    "a tab": ("diff/a.cpp", "\tint a;\n"),
    "a path of one machine": ("docs/a.md", "see /" + "home/jane/plumbline\n"),
    "opens a comment of SQL": ("cli/a.cpp", 'text += "SELECT 1;\\n-- " + name;\n'),
    "begins an order to a CI runner": ("cli/a.cpp", 'out << "::error file=" << property(file);\n'),
    "streams finding.name as it is": ("report/a.cpp", 'out << "x " << finding.name << "\\n";\n'),
    "the host of a package registry": ("docs/a.md", "curl https://registry." + "npmjs.org/x\n"),
}


def check(files: dict[str, str]) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = Path(root) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return subprocess.run([sys.executable, PROGRAM, root], capture_output=True, text=True)


class CheckRules(unittest.TestCase):
    def test_a_clean_tree_passes_in_silence(self):
        result = check(CLEAN)
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_each_breach_is_named_with_its_file_and_line(self):
        for message, (name, text) in BREACHES.items():
            with self.subTest(message):
                result = check({**CLEAN, name: text})
                self.assertEqual(result.returncode, 1)
                self.assertRegex(result.stdout, rf"(?m)^{name}:\d+: ")
                self.assertIn(message, result.stdout)
                self.assertEqual(len(result.stdout.splitlines()), 1, result.stdout)


if __name__ == "__main__":
    unittest.main()
