#!/usr/bin/env python3
"""Uses the container image: loads the archive with buildah and runs it (chroot isolation, no daemon), on the example and live
databases of several majors. Needs root.
    tests/packages/image_test.py DIRECTORY_OF_PACKAGES"""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from live import SOURCE, Live  # noqa: E402

if len(sys.argv) < 2 or not Path(sys.argv[1]).is_dir():
    sys.exit("usage: tests/packages/image_test.py DIRECTORY_OF_PACKAGES; scripts/package image makes it")
DIST = Path(sys.argv.pop(1)).resolve()
DRIFT = "orders_customer_placed_idx"


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="plumbline-image-", dir="/var/tmp")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        archives = list(DIST.glob("*-image-linux-x86_64.tar.gz"))
        assert len(archives) == 1, f"{DIST} holds {len(archives)} images"
        # buildah reads archives of layers, not gzipped ones.
        plain = Path(cls.folder) / "image.tar"
        with plain.open("wb") as file:
            subprocess.run(["gzip", "--decompress", "--stdout", archives[0]], check=True, stdout=file)
        cls.container = cls.buildah("from", "--quiet", f"docker-archive:{plain}").stdout.strip()
        plain.unlink()
        shutil.copytree(SOURCE / "examples/shop", f"{cls.folder}/shop")

    @classmethod
    def buildah(cls, *words, code: int = 0):
        command = ["buildah", "--root", f"{cls.folder}/storage", "--runroot", f"{cls.folder}/run", "--storage-driver", "vfs"]
        outcome = subprocess.run([*command, *map(str, words)], text=True, capture_output=True, stdin=subprocess.DEVNULL)
        if outcome.returncode != code:
            raise AssertionError(f"{words}: exit code {outcome.returncode}, not {code}\n{outcome.stdout}\n{outcome.stderr}")
        return outcome

    def inside(self, *words, code: int = 0):
        return self.buildah("run", "--isolation", "chroot", "--volume", f"{self.folder}/shop:/project:ro", self.container,
                            "--", *words, code=code)

    def test_it_runs_as_an_ordinary_user(self):
        self.assertEqual(self.inside("id", "-u").stdout, "10001\n")
        self.inside("sh", "-c", "! touch /usr/local/bin/x 2>/dev/null")

    def test_each_major_is_served_by_its_own(self):
        for major in (14, 15, 18):
            live = Live(major)
            self.addCleanup(live.close)
            said = self.inside("plumbline", "check", "--url", live.url, code=2).stdout
            self.assertIn(DRIFT, said)
            self.assertRegex(self.inside("plumbline", "doctor", "--url", live.url).stdout,
                             rf"throw-away server: PostgreSQL {major}\.\d+, as live")

    def test_all_majors_are_there(self):
        # In one go, and not the last thing before the end: buildah loses what a short program says as its last.
        said = self.inside("sh", "-c", "for each in /usr/lib/postgresql/*/bin/postgres; do $each --version; done; sleep 1").stdout
        self.assertEqual([line.split("(PostgreSQL) ")[1].split(".")[0] for line in said.splitlines()],
                         ["14", "15", "16", "17", "18"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
