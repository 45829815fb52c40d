"""Empty Debian roots to try packages in. A root is made with mmdebstrap, kept as an archive for a week, and unpacked anew
for each use; nothing of this machine is in it but where apt, pip and npm find their packages. Needs root."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
A_WEEK = 7 * 24 * 3600
SUITES = {"bookworm": "Debian 12", "trixie": "Debian 13"}
# How to get through to a registry is this machine's business, and all that a root is told of it.
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
CERTIFICATES = ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE")


def home_of(user: str) -> str:
    """In a root."""
    return "/root" if user == "root" else f"/home/{user}"


def shared_cache() -> Path:
    words = ["bash", "-c", '. "$1"; shared_cache', "-", SOURCE / "scripts/common.sh"]
    return Path(subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE).stdout.strip())


def is_of_debian(part: str, codename: str) -> bool:
    foreign = re.search(r"signed-by[:=](?!.*debian-archive)", part, re.IGNORECASE)
    return bool(re.search(rf"\b{codename}\b", part)) and not part.startswith("#") and not foreign


def sources_of(suite: str) -> str:
    """This machine's own sources of Debian, with another suite's name in them."""
    codename = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.MULTILINE).group(1)
    folder = Path("/etc/apt/sources.list.d")
    stanzas = [part for file in sorted(folder.glob("*.sources")) for part in file.read_text().split("\n\n")]
    lines = [line for file in (folder.parent / "sources.list", *sorted(folder.glob("*.list"))) if file.exists()
             for line in file.read_text().splitlines()]
    # One of the two forms: a file holds either.
    found = [part for part in stanzas if is_of_debian(part, codename)] or [line for line in lines if is_of_debian(line, codename)]
    if not found:
        sys.exit(f"found no sources of {codename} in /etc/apt")
    return re.sub(rf"\b{codename}\b", suite, "\n\n".join(found)) + "\n"


def archive_of(suite: str, packages: tuple[str, ...]) -> Path:
    """The root with these packages in it; made when there is none, or it is older than a week."""
    folder = shared_cache() / "plumbline-roots"
    folder.mkdir(parents=True, exist_ok=True)
    name = "-".join([suite, *([hashlib.sha256(" ".join(packages).encode()).hexdigest()[:8]] if packages else [])])
    archive = folder / f"{name}.tar"
    if archive.exists() and time.time() - archive.stat().st_mtime < A_WEEK:
        return archive
    if not shutil.which("mmdebstrap"):
        sys.exit("needs mmdebstrap. Run: scripts/setup package")
    print(f"making an empty {SUITES[suite]} with {' '.join(packages) or 'nothing else'}", file=sys.stderr, flush=True)
    part = archive.with_suffix(f".{os.getpid()}.tar")
    with tempfile.NamedTemporaryFile("w", suffix=".sources" if "Types:" in sources_of(suite) else ".list") as sources:
        sources.write(sources_of(suite))
        sources.flush()
        # What other machines have, too: no services started, no cluster made by itself.
        hook = ("printf '#!/bin/sh\\nexit 101\\n' >\"$1/usr/sbin/policy-rc.d\" && chmod 755 \"$1/usr/sbin/policy-rc.d\" && "
                "mkdir -p \"$1/etc/postgresql-common/createcluster.d\" && "
                "echo 'create_main_cluster = false' >\"$1/etc/postgresql-common/createcluster.d/no.conf\"")
        words = ["mmdebstrap", "--quiet", "--variant=minbase", f"--essential-hook={hook}",
                 f"--include={','.join(('ca-certificates', *packages))}", suite, str(part), sources.name]
        outcome = subprocess.run(words, text=True, capture_output=True)
    if outcome.returncode != 0:
        part.unlink(missing_ok=True)
        sys.exit(f"mmdebstrap failed:\n{outcome.stderr[-2000:]}")
    part.rename(archive)
    return archive


# In a mount and process namespace of its own, so that nothing stays mounted or running, whatever happens.
ENTER = r"""
set -eu
root=$1; shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir -m 1777 "$root/dev/shm" && ln -s /proc/self/fd "$root/dev/fd"
exec chroot "$root" "$@"
"""


class Root:
    """Unpacked in a temporary folder, which goes with close()."""

    def __init__(self, suite: str, *packages: str):
        self.suite = suite
        self.folder = tempfile.TemporaryDirectory(prefix="plumbline-root-", dir=os.environ.get("TMPDIR", "/var/tmp"))
        self.path = Path(self.folder.name)
        self.path.chmod(0o755)
        words = ["tar", "--extract", "--file", archive_of(suite, packages), "--directory", self.path, "--numeric-owner",
                 "--exclude=./dev/*"]
        subprocess.run(words, check=True)
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
                            "DEBIAN_FRONTEND": "noninteractive"}
        self.connect()
        self.run("useradd", "--create-home", "--shell", "/bin/bash", "visitor")

    def connect(self):
        shutil.copyfile("/etc/resolv.conf", self.path / "etc/resolv.conf")
        self.environment |= {name: os.environ[name] for name in PROXIES if name in os.environ}
        own = next((Path(os.environ[name]) for name in CERTIFICATES if os.environ.get(name)), None)
        if own:
            shutil.copyfile(own, self.path / "etc/ssl/certs/of-the-network.pem")
            self.network = {name: "/etc/ssl/certs/of-the-network.pem" for name in CERTIFICATES}
        else:
            self.network = {}

    def run(self, *words, user: str = "root", code: int | None = 0, cwd: str = "/", network: bool = False,
            **variables: str) -> subprocess.CompletedProcess:
        """Runs it inside; an exit code other than `code` is a failure (None: any will do)."""
        environment = {**self.environment, "HOME": home_of(user), "USER": user, **(self.network if network else {}), **variables}
        as_user = [] if user == "root" else ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
        inside = ["env", "-i", *(f"{name}={value}" for name, value in environment.items()), *as_user,
                  "sh", "-c", 'cd "$1" && shift && exec "$@"', "-", cwd, *map(str, words)]
        outcome = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "-",
                                  str(self.path), *inside], text=True, capture_output=True, stdin=subprocess.DEVNULL)
        if code is not None and outcome.returncode != code:
            raise AssertionError(f"{' '.join(map(str, words))}: exit code {outcome.returncode}, not {code}\n"
                                 f"{outcome.stdout[-3000:]}\n{outcome.stderr[-3000:]}")
        return outcome

    def copy_in(self, source: Path, target: str, owner: str = "root"):
        place = self.path / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-R", source, place], check=True)
        self.run("chown", "-R", f"{owner}:", target)

    def close(self):
        self.folder.cleanup()
