#!/usr/bin/env python3
"""Packs a bundled tree as plumbline-VERSION-linux-x86_64.tar.gz:
    packaging/tarball.py TREE VERSION OUTPUT_DIRECTORY"""

import sys
from pathlib import Path

from archive import Folder

SOURCE = Path(__file__).resolve().parent.parent


def main(tree: Path, version: str, output: Path):
    name = f"plumbline-{version}-linux-x86_64"
    folder = Folder(name)
    folder.tree("", tree)
    for document in ("README.md", "LICENSE"):
        folder.text(document, (SOURCE / document).read_text())
    print(folder.write_tar(output / f"{name}.tar.gz"))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: packaging/tarball.py TREE VERSION OUTPUT_DIRECTORY")
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
