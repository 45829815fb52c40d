#!/usr/bin/env python3
"""Makes an installed tree independent of the machine it was built on: puts every shared library that the program needs,
but glibc's, into lib/plumbline, with the licence of all that is inside.
    packaging/bundle.py TREE BUILD_DIRECTORY
What was taken is found by looking (ldd, ninja's own records, dpkg), never from a list kept by hand."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

LIBRARIES = Path("lib/plumbline")
DOCUMENTS = Path("share/doc/plumbline")
# What the kernel's and glibc's headers leave in a program is no copy of them.
OF_THE_SYSTEM = {"glibc", "linux"}


def run(*words) -> str:
    return subprocess.run([str(word) for word in words], check=True, text=True, stdout=subprocess.PIPE).stdout


def fail(text: str):
    sys.exit(f"bundle.py: {text}")


class Packages:
    """Which Debian package a file of this machine comes from, asked for many files at once."""

    def __init__(self):
        fields = "${Package}\t${Version}\t${source:Package}\t${source:Version}\t${Architecture}\n"
        self.known = {}
        for line in run("dpkg-query", "--show", f"--showformat={fields}").splitlines():
            values = line.split("\t")
            self.known[values[0]] = dict(zip(("name", "version", "source", "source_version", "architecture"), values))

    def of_files(self, paths: list[Path]) -> dict[Path, dict]:
        # /lib is a link to /usr/lib, and dpkg knows a file by the one name that its package used.
        names = {}
        for path in paths:
            for name in {str(path), str(path.resolve())}:
                for each in (name, re.sub(r"^/usr/lib", "/lib", name), re.sub(r"^/lib", "/usr/lib", name)):
                    names[each] = path
        found = {}
        words = ["dpkg-query", "--search", *sorted(names)]
        for line in subprocess.run(words, text=True, capture_output=True).stdout.splitlines():
            owners, _, file = line.rpartition(": ")
            if file in names and not owners.startswith("diversion by"):
                found[names[file]] = self.known[owners.split(", ")[0].split(":")[0]]
        for path in paths:
            if path not in found:
                fail(f"no Debian package holds \"{path}\", so its licence is not known")
        return found


def needed_libraries(program: Path) -> dict[str, Path]:
    result = {}
    for line in run("ldd", program).splitlines():
        name, arrow, target = line.strip().partition(" => ")
        if not arrow:
            continue
        if target == "not found":
            fail(f"{program} needs {name}, which is not on this machine")
        result[name] = Path(target.split(" (")[0])
    return result


def bundle_libraries(tree: Path, packages: Packages) -> dict[str, list[str]]:
    """Copies them; the files of each package."""
    program = tree / "bin/plumbline"
    folder = tree / LIBRARIES
    folder.mkdir(parents=True)
    taken: dict[str, list[str]] = {}
    needed = needed_libraries(program)
    owners = packages.of_files(list(needed.values()))
    for name, path in sorted(needed.items()):
        package = owners[path]
        if package["source"] in OF_THE_SYSTEM:
            continue
        target = folder / name
        shutil.copyfile(path.resolve(), target)
        target.chmod(0o644)
        run("strip", "--strip-unneeded", target)
        # RPATH, not RUNPATH: it goes before LD_LIBRARY_PATH and holds for what the libraries themselves need.
        run("patchelf", "--force-rpath", "--set-rpath", "$ORIGIN", target)
        taken.setdefault(package["name"], []).append(str(LIBRARIES / name))
    run("strip", program)
    run("patchelf", "--force-rpath", "--set-rpath", f"$ORIGIN/../{LIBRARIES}", program)
    return taken


def compiled_in(build: Path, packages: Packages) -> set[str]:
    """The packages whose headers and static libraries the program was made of, as ninja has recorded it."""
    inputs = run("ninja", "-C", build, "-t", "inputs", "plumbline").splitlines()
    files = {name for name in inputs if name.startswith("/") and name.endswith(".a")}
    objects = [name for name in inputs if name.endswith((".o", ".gch", ".pch"))]
    for line in run("ninja", "-C", build, "-t", "deps", *objects).splitlines():
        name = line.strip()
        if line.startswith(" ") and name.startswith(("/usr/include/", "/usr/lib/")):
            files.add(name)
    if not files:
        fail(f"ninja knows of no headers in \"{build}\"; build there first")
    owners = packages.of_files([Path(name) for name in sorted(files)])
    return {package["name"] for package in owners.values() if package["source"] not in OF_THE_SYSTEM}


def copy_licence(package: str, folder: Path):
    source = Path("/usr/share/doc", package, "copyright")
    if not source.exists():
        fail(f"the package {package} has no copyright file")
    text = source.read_text(encoding="utf-8", errors="replace")
    (folder / package).write_text(text, encoding="utf-8")
    # Debian's files refer to the long texts by where these are on a Debian system.
    for name in sorted(set(re.findall(r"/usr/share/common-licenses/([A-Za-z]+(?:-[0-9]+(?:\.[0-9]+)*)?)", text))):
        common = Path("/usr/share/common-licenses", name)
        if common.exists():
            shutil.copyfile(common, folder / f"common-{name}")


NOTE = """Licences of what this package carries beside plumbline itself, which is under the licence in ../copyright.

One file for each Debian package that a library in lib/plumbline or a compiled-in header comes from; "common-NAME" is the
text that such a file calls /usr/share/common-licenses/NAME. ../bundled.json has the exact versions. The libraries are
Debian's, unchanged but for their search path (RPATH) and stripped; their sources are the Debian source packages of these
names and versions. Each library is a shared one, which you may replace by your own build of it.
"""


def main(tree: Path, build: Path):
    packages = Packages()
    shared = bundle_libraries(tree, packages)
    licences = tree / DOCUMENTS / "licences"
    licences.mkdir(parents=True)
    entries = []
    for name in sorted(set(shared) | compiled_in(build, packages)):
        copy_licence(name, licences)
        files = sorted(shared.get(name, []))
        entries.append({**packages.known[name], "how": "shared library" if files else "compiled in", "files": files})
    (licences / "README").write_text(NOTE)
    (tree / DOCUMENTS / "bundled.json").write_text(json.dumps({"packages": entries}, indent=1) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: packaging/bundle.py TREE BUILD_DIRECTORY")
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
