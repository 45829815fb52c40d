"""A copy of this repository as a fork has it, with a released package that is pinned as scripts/pin-release does it, and an
environment without plumbline and with compilers that fail."""

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PARTS = ("action.yml", "CMakeLists.txt", "scripts/", "packaging/", "examples/", "contrib/", ".github/")
BUILDERS = ("g++", "gcc", "c++", "cc", "clang", "clang++", "cmake", "ninja", "make", "apt-get")


def own_version() -> str:
    return re.search(r"^project\(plumbline VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]


class Project:
    def __init__(self, folder: Path, plumbline: Path, package: Path | None = None):
        self.folder, self.root, self.releases = folder, folder / "project", folder / "releases"
        self.version = own_version()
        self.package = self.releases / f"v{self.version}/plumbline-{self.version}-linux-x86_64.tar.gz"
        self.built = folder / "built"  # what called a compiler
        self.copy()
        self.package.parent.mkdir(parents=True)
        if package:
            shutil.copy(package, self.package)
        else:
            self.make_package(plumbline)
        self.release()
        self.git("init", "-q", "-b", "main")
        self.git("add", ".")
        self.git("commit", "-qm", "the example")
        self.git("update-ref", "refs/remotes/origin/main", "main")

    def copy(self) -> None:
        files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True,
                               check=True).stdout.splitlines()
        for name in files:
            if name.startswith(PARTS) and (ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.root / name)

    def make_package(self, plumbline: Path) -> None:
        """A package with the layout of a real one, made of the program that was built here."""
        name = self.package.name.removesuffix(".tar.gz")
        program = self.folder / "tree" / name / "bin/plumbline"
        for directory in ("bin", "lib", "share"):
            (self.folder / "tree" / name / directory).mkdir(parents=True)
        shutil.copy(plumbline, program)
        subprocess.run(["strip", program], check=True)
        with tarfile.open(self.package, "w:gz", compresslevel=1) as tar:
            tar.add(self.folder / "tree" / name, name)

    def release(self) -> None:
        sum = hashlib.sha256(self.package.read_bytes()).hexdigest()
        (self.package.parent / "SHA256SUMS").write_text(f"{sum}  {self.package.name}\n")
        pins = self.root / "packaging/checksums.txt"
        kept = [line for line in pins.read_text().splitlines(True) if self.package.name not in line]
        pins.write_text("".join(kept))  # the real release of this version is another one
        self.pin(check=True)

    def pin(self, **more) -> subprocess.CompletedProcess:
        return subprocess.run([self.root / "scripts/pin-release", self.package.parent], text=True, capture_output=True, **more)

    def git(self, *words) -> None:
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words], cwd=self.root, check=True)

    def environment(self) -> dict:
        stubs = self.folder / "stubs"
        stubs.mkdir(exist_ok=True)
        for name in BUILDERS:
            (stubs / name).write_text(f'#!/bin/sh\necho "{name} $*" >>{self.built}\nexit 1\n')
            (stubs / name).chmod(0o755)
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("GITHUB_", "GITLAB_", "CI_", "PG", "PLUMBLINE_")) or name == "PLUMBLINE_PG_BIN"}
        kept.pop("DATABASE_URL", None)
        return kept | {"PATH": f"{stubs}:{os.environ['PATH']}"}
