#!/usr/bin/env python3
"""Holds a bundled tree against its promise: runs on every Linux with this glibc or a newer one, and needs nothing else.
    packaging/check_tree.py TREE
Prints what is wrong and exits 1; otherwise one line with what it looked at."""

import re
import subprocess
import sys
from pathlib import Path

NEWEST_GLIBC = (2, 36)  # of Debian 12; also in the tag of the wheel and in what the Debian package depends on
PROGRAM = "bin/plumbline"
LIBRARIES = "lib/plumbline"


def run(*words, **options) -> str:
    return subprocess.run([str(word) for word in words], check=True, text=True, capture_output=True, **options).stdout


def of_glibc() -> set[str]:
    listed = run("dpkg-query", "--listfiles", "libc6").splitlines()
    return {Path(name).name for name in listed if re.search(r"\.so\.\d+$", name)}


def is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return path.is_file() and file.read(4) == b"\x7fELF"


def problems_of(path: Path, tree: Path, known: set[str]):
    dynamic = run("readelf", "--wide", "--dynamic", path)
    expected = f"$ORIGIN/../{LIBRARIES}" if path == tree / PROGRAM else "$ORIGIN"
    found = re.findall(r"\((RPATH|RUNPATH)\).*\[(.*)\]", dynamic)
    if found != [("RPATH", expected)]:
        yield f"has the search path {found}, not RPATH {expected}"
    for name in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic):
        if name not in known and not (tree / LIBRARIES / name).exists():
            yield f"needs {name}, which is neither inside nor glibc's"
    versions = {tuple(map(int, version.split("."))) for version in
                re.findall(r"\bGLIBC_(\d+(?:\.\d+)+)", run("readelf", "--wide", "--version-info", path))}
    if versions and max(versions)[:2] > NEWEST_GLIBC:
        yield f"needs glibc {'.'.join(map(str, max(versions)))}, newer than {'.'.join(map(str, NEWEST_GLIBC))}"
    if re.search(r"\.(symtab|debug_\w+)\b", run("readelf", "--wide", "--sections", path)):
        yield "is not stripped"


def resolved_outside(tree: Path, known: set[str]):
    for line in run("ldd", tree / PROGRAM, env={"PATH": "/usr/bin:/bin"}).splitlines():
        name, arrow, target = line.strip().partition(" => ")
        if arrow and name not in known and not Path(target.split(" (")[0]).resolve().is_relative_to(tree.resolve()):
            yield f"{name} comes from {target}"


def main(tree: Path) -> int:
    known = of_glibc()
    # ld.so is named by its full path.
    files = sorted(path for path in tree.rglob("*") if not path.is_symlink() and path.is_file() and is_elf(path))
    if tree / PROGRAM not in files:
        sys.exit(f"check_tree.py: there is no program in {tree}")
    wrong = [f"{path.relative_to(tree)} {problem}" for path in files for problem in problems_of(path, tree, known)]
    wrong += [f"{PROGRAM}: {problem}" for problem in resolved_outside(tree, known)]
    for line in wrong:
        print(line, file=sys.stderr)
    if not wrong:
        print(f"{len(files)} files need nothing but glibc {'.'.join(map(str, NEWEST_GLIBC))}")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: packaging/check_tree.py TREE")
    sys.exit(main(Path(sys.argv[1]).resolve()))
