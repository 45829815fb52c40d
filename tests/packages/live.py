"""The live database of the example, drifted, on a server of this machine that packages in a root reach by TCP."""

import os
import secrets
import socket
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent


def server_programs() -> dict[int, Path]:
    """Those that scripts/setup has put here, by major."""
    listed = subprocess.run([SOURCE / "scripts/servers"], check=True, text=True, stdout=subprocess.PIPE).stdout
    found = {}
    for folder in filter(None, listed.strip().split(":")):
        version = subprocess.run([f"{folder}/postgres", "--version"], check=True, text=True, stdout=subprocess.PIPE).stdout
        found[int(version.split()[2].split(".")[0])] = Path(folder)
    return found


class Live:
    """Listens on 127.0.0.1 with a password; goes with close()."""

    def __init__(self, major: int):
        self.programs = server_programs()[major]
        self.folder = tempfile.TemporaryDirectory(prefix="plumbline-live-")
        self.path = Path(self.folder.name)
        self.password = secrets.token_hex(12)
        (self.path / "password").write_text(self.password)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "postgres:", self.path], check=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.as_server_user("initdb", "-D", self.path / "data", "-A", "scram-sha-256", "-U", "postgres", "-E", "UTF8",
                            "--locale=C", "--no-sync", f"--pwfile={self.path}/password")
        options = f"-F -k '{self.path}' -c listen_addresses=127.0.0.1 -c port={self.port}"
        self.as_server_user("pg_ctl", "-D", self.path / "data", "-l", self.path / "log", "-w", "start", "-o", options)
        self.psql("postgres", "CREATE DATABASE shop")
        self.psql("shop", subprocess.run([SOURCE / "scripts/example-live"], check=True, text=True,
                                         stdout=subprocess.PIPE).stdout)

    @property
    def url(self) -> str:
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/shop"

    def as_server_user(self, program: str, *words):
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        # Not captured: a server that was started would keep the pipe open.
        with (self.path / "output").open("ab") as output:
            subprocess.run([*user, self.programs / program, *map(str, words)], check=True, stdout=output, stderr=output,
                           stdin=subprocess.DEVNULL, cwd="/")

    def psql(self, database: str, sql: str):
        words = [server_programs()[15] / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", self.port,
                 "-U", "postgres", "-d", database]
        subprocess.run([str(word) for word in words], check=True, text=True, input=sql, stdout=subprocess.DEVNULL,
                       env={**os.environ, "PGPASSWORD": self.password})

    def close(self):
        try:
            self.as_server_user("pg_ctl", "-D", self.path / "data", "-m", "immediate", "-w", "stop")
        finally:
            self.folder.cleanup()
