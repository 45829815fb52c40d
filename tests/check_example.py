#!/usr/bin/env python3
"""The example's migrations are what they claim to be: on every server here they go up and down and up again with psql,
down leaves nothing behind, and drift.sql runs on top. Nothing of plumbline takes part."""

import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
from throwaway import Server  # noqa: E402

EXAMPLE = ROOT / "examples" / "shop"
UP = "-- ============= UP MIGRATION =============\n"
DOWN = "-- ============= DOWN MIGRATION ============\n"
CONTENT = """
SELECT 'relation', count(*) FROM pg_class UNION ALL SELECT 'type', count(*) FROM pg_type
UNION ALL SELECT 'routine', count(*) FROM pg_proc UNION ALL SELECT 'schema', count(*) FROM pg_namespace
"""


def servers() -> list[Path]:
    printed = subprocess.run([ROOT / "scripts" / "servers"], capture_output=True, text=True, check=True).stdout
    return [Path(directory) for directory in printed.strip().split(":") if directory]


def sections() -> list[tuple[str, str]]:
    result = []
    for file in sorted((EXAMPLE / "db" / "migrations").glob("*.sql")):
        up, down = file.read_text().split(UP)[1].split(DOWN)
        result.append((up, down))
    return result


class Example(unittest.TestCase):
    def run_section(self, server: Server, sql: str) -> None:
        server.psql("shop", sql=sql, one_transaction="CONCURRENTLY" not in sql)

    def test_every_migration_goes_up_and_down_and_up_again_on_every_server(self):
        self.assertTrue(servers(), "no server binaries; run scripts/setup")
        migrations = sections()
        self.assertGreaterEqual(len(migrations), 12)
        for binaries in servers():
            with self.subTest(binaries), Server(binaries) as server:
                server.create_database("shop")
                empty = server.psql("shop", sql=CONTENT)
                for up, _ in migrations:
                    self.run_section(server, up)
                self.assertNotEqual(server.psql("shop", sql=CONTENT), empty)
                for _, down in reversed(migrations):
                    self.run_section(server, down)
                self.assertEqual(server.psql("shop", sql=CONTENT), empty)
                for up, _ in migrations:
                    self.run_section(server, up)
                server.psql("shop", EXAMPLE / "drift.sql")


if __name__ == "__main__":
    unittest.main()
