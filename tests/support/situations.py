"""What the commands of the documents find when they are run: a folder, a live database that is called shop on a server that
is called db.internal, roles, a forge. Each situation is made anew."""

import os
import random
import shutil
import socket
import subprocess
from pathlib import Path

import projects
from fake_forge import TOKEN, Forge
from throwaway import DEBIAN_BIN, Server

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples" / "shop"
UP = "-- ============= UP MIGRATION =============\n"
DOWN = "-- ============= DOWN MIGRATION ============\n"
NOT_YET_RELEASED = "20250602_090000_schema_product_reviews.sql"
LEDGER = """CREATE SCHEMA plumbline;
CREATE TABLE plumbline.schema_migrations (version text PRIMARY KEY, name text NOT NULL, state text NOT NULL,
    checksum text, applied_at timestamptz NOT NULL DEFAULT now());
"""
ROLES = """CREATE ROLE owner LOGIN SUPERUSER; CREATE ROLE reader LOGIN; CREATE ROLE newcomer LOGIN;
GRANT pg_read_all_data TO reader;"""


def example_database() -> str:
    """The example's live database as scripts/demo makes it: all but the last migration, and the drift."""
    sql = [LEDGER]
    for file in sorted((EXAMPLE / "db" / "migrations").glob("*.sql")):
        if file.name != NOT_YET_RELEASED:
            sql.append(file.read_text().split(UP)[1].split(DOWN)[0])
            sql.append("INSERT INTO plumbline.schema_migrations (version, name, state) "
                       f"VALUES ('{file.stem[:15]}', '{file.stem[16:]}', 'applied');\n")
    return "".join([*sql, (EXAMPLE / "drift.sql").read_text()])


def server_17() -> str:
    """A server that is not of live's major version."""
    printed = subprocess.run([ROOT / "scripts" / "servers"], capture_output=True, text=True, check=True).stdout
    return next(directory for directory in printed.strip().split(":") if "17" in directory)


def free_port(address: str) -> str:
    """The usual one, unless somebody has it on all addresses."""
    for port in (5432, 0):
        with socket.socket() as trial:
            try:
                trial.bind((address, port))
                return str(trial.getsockname()[1])
            except OSError:
                continue
    raise RuntimeError(f"no port is free at {address}")


class Surroundings:
    """The server, the forge and the programs that all situations share."""

    def __init__(self, plumbline: str, folder: Path):
        self.folder = folder
        # An address of its own, so that the port is the usual one and names in the documents need none.
        self.address = ".".join(["127", *(str(random.randint(2, 250)) for _ in range(3))])
        self.port = free_port(self.address)
        for name in [name for name in os.environ if name.startswith("PG")]:
            del os.environ[name]
        os.environ["PGPORT"] = self.port
        self.server = Server(settings={"listen_addresses": self.address, "port": self.port})
        self.forge = Forge()
        self.bin = folder / "bin"
        self.bin.mkdir()
        (self.bin / "plumbline").symlink_to(plumbline)
        for tool in (Path(__file__).parent.parent / "documents").iterdir():
            (self.bin / tool.name).symlink_to(tool)
        if not shutil.which("psql"):
            (self.bin / "psql").symlink_to(DEBIAN_BIN / "psql")

    def __enter__(self) -> "Surroundings":
        self.server.__enter__()
        self.server.psql("postgres", sql=ROLES)
        self.server.create_database("example")
        self.server.psql("example", sql=example_database())
        return self

    def __exit__(self, *problem) -> None:
        self.server.__exit__(*problem)
        self.forge.close()

    def environment(self, home: Path) -> dict:
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("GITHUB_", "GITLAB_", "CI", "PG", "PLUMBLINE_", "DATABASE_URL"))}
        return {**kept, "PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(home), "PGHOSTADDR": self.address,
                "PGPORT": self.port, "SERVER_17": server_17(),
                "DATABASE_URL": "postgres://owner@db.internal/shop", "SHOP_PASSWORD": "none",
                "PLUMBLINE_CACHE_DIR": str(self.folder / "cache"), "PLUMBLINE_WEBHOOK_URL": f"{self.forge.url}/hook/T0/{TOKEN}",
                "GITHUB_API_URL": self.forge.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_TOKEN": TOKEN,
                "GITHUB_REF": "refs/pull/7/merge", "GIT_CONFIG_GLOBAL": "/dev/null", "NO_COLOR": "1"}

    def enter(self, name: str, folder: Path) -> None:
        """Makes the situation: files in the folder, and the database."""
        for database in ("shop", "shop_staging"):
            self.server.drop_database(database)
        if name == "shop":
            self._example(folder)
        elif name in projects.PROJECTS:
            self._project(name, folder)
        else:
            raise ValueError(f"no situation is called \"{name}\"; known are shop, {', '.join(projects.PROJECTS)}")

    def _example(self, folder: Path) -> None:
        shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
        self.server.create_database("shop", template="example")
        git = ["git", "-C", folder, "-c", "user.name=n", "-c", "user.email=e@example.org"]
        subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", "the shop"], check=True)

    def _project(self, name: str, folder: Path) -> None:
        files, sql = projects.PROJECTS[name]()
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        self.server.create_database("shop")
        self.server.psql("shop", sql=sql)
