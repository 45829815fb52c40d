"""A private PostgreSQL server for scripts that test or measure plumbline: started with PostgreSQL's own tools, reached over
a unix socket in its own temporary directory, gone afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

DEBIAN_BIN = Path("/usr/lib/postgresql/15/bin")
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "50",
}


def psql_program() -> str:
    return str(DEBIAN_BIN / "psql") if (DEBIAN_BIN / "psql").exists() else "psql"


def unprivileged_user() -> dict:
    """Servers refuse root: arguments for subprocess that run a program as the user postgres instead."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        sys.exit("root cannot run a server and there is no user postgres; run scripts/setup")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class Server:
    """with Server() as server: server.psql("mydb", sql="SELECT 1")"""

    def __init__(self, binaries: Path = DEBIAN_BIN, settings: dict | None = None):
        self.binaries = Path(binaries)
        self.settings = {**SETTINGS, **(settings or {})}
        self.root = Path(tempfile.mkdtemp(prefix="plumbline-test-"))
        self.data = self.root / "data"
        self.log = self.root / "log"

    def __enter__(self) -> "Server":
        try:
            self._start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "stop", check=False)
        self._remove()

    def _start(self) -> None:
        owner = unprivileged_user()
        if owner:
            os.chown(self.root, owner["user"], owner["group"])
        os.chmod(self.root, 0o755)
        self._run("initdb", "-D", self.data, "-N", "-A", "trust", "-U", "postgres", "-E", "UTF8",
                  "--locale=C.UTF-8")
        options = " ".join(f"-c {name}='{value}'" for name, value in self.settings.items())
        self._run("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-o", f"-k {self.root} {options}", "start")

    def _remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    def _run(self, program: str, *arguments, check: bool = True) -> None:
        # The server must not take part in a Ctrl-C of ours: we stop it ourselves.
        result = subprocess.run(
            [str(self.binaries / program), *map(str, arguments)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/", start_new_session=True,
            **unprivileged_user())
        if check and result.returncode != 0:
            log = self.log.read_text(errors="replace") if self.log.exists() else ""
            raise RuntimeError(f"{program} failed:\n{result.stdout}{log}")

    def url(self, database: str) -> str:
        return f"postgresql:///{database}?host={self.root}&user=postgres"

    def psql(self, database: str, *files, sql: str | None = None, one_transaction: bool = False,
             environment: dict | None = None) -> str:
        """Runs files or a text and returns what psql prints, unaligned; raises RuntimeError on the first error."""
        command = [psql_program(), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url(database)]
        command += ["-1"] if one_transaction else []
        for file in files:
            command += ["-f", str(file)]
        if sql is not None:
            command += ["-f", "-"]
        result = subprocess.run(command, input=sql, capture_output=True, text=True,
                                env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning",
                                     **(environment or {})})
        if result.returncode != 0:
            raise RuntimeError(f"psql failed: {result.stderr.strip()}")
        return result.stdout

    def create_database(self, name: str, template: str = "template0") -> None:
        self.psql("postgres", sql=f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def drop_database(self, name: str) -> None:
        self.psql("postgres", sql=f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def exit_on_signals() -> None:
    """A kill becomes an exception, so that `with` blocks clean up."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
