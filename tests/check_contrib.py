#!/usr/bin/env python3
"""Holds what contrib/ has for GitLab and Kubernetes against the schemas of both, and runs it: the script of the component and
the command of the CronJob, with a live database. Takes the programs plumbline and validate_json."""

import copy
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
import unittest
from pathlib import Path
from subprocess import PIPE, STDOUT, run

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/support")]
from support.project import Project  # noqa: E402
from throwaway import Server  # noqa: E402

PLUMBLINE, VALIDATE_JSON = (Path(word).resolve() for word in sys.argv[1:3])
CACHE = Path("/var/cache") if os.getuid() == 0 else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
SCHEMAS = CACHE / "plumbline-schemas"
EXAMPLE = ROOT / "examples/shop/db/migrations"


def problems(schema: str, document) -> str:
    """What the schema has against a document; empty: nothing."""
    if not (SCHEMAS / schema).exists():
        raise FileNotFoundError(f"no {schema} in {SCHEMAS}; run scripts/setup test")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(document, file)
        file.flush()
        said = run([VALIDATE_JSON, SCHEMAS / schema, file.name], text=True, stdout=PIPE, stderr=STDOUT)
    return said.stdout or f"exit code {said.returncode}" if said.returncode else ""


def component(**given) -> tuple[dict, dict]:
    """The head of the component, and its jobs with the inputs in their places, as GitLab puts them there."""
    text = (ROOT / "contrib/gitlab/templates/check.yml").read_text()
    head, body = text.split("\n---\n")
    head = yaml.safe_load(head)
    inputs = {name: each["default"] for name, each in head["spec"]["inputs"].items()}
    if unknown := set(given) - set(inputs):
        raise KeyError(f"no inputs {unknown}")
    inputs |= given
    words = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in inputs.items()}
    return head, yaml.safe_load(re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda match: words[match[1]], body))


class Schemas(unittest.TestCase):
    def test_the_gitlab_component(self):
        head, jobs = component()
        for document in (head, jobs):
            self.assertEqual(problems("gitlab-ci.json", document), "")
        for path, value in ((("allow_failure", "exit_codes"), "x"), (("artifacts", "when"), "sometimes"), (("script",), 1)):
            wrong = copy.deepcopy(jobs)
            place = wrong["plumbline"]
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = value
            self.assertNotEqual(problems("gitlab-ci.json", wrong), "", path)
        head["spec"]["inputs"]["stage"]["type"] = "colour"
        self.assertNotEqual(problems("gitlab-ci.json", head), "")

    def test_the_cron_job(self):
        job = yaml.safe_load((ROOT / "contrib/kubernetes/cronjob.yaml").read_text())
        self.assertEqual(problems("kubernetes-cronjob.json", job), "")
        for path in ("spec.concurrencyPolicy", "spec.jobTemplate.spec.template.spec.containers",
                     "spec.jobTemplate.spec.template.spec.securityContext.runAsUser"):
            wrong = copy.deepcopy(job)
            place = wrong
            for step in path.split(".")[:-1]:
                place = place[step]
            place[path.split(".")[-1]] = {"no": "such"}
            self.assertNotEqual(problems("kubernetes-cronjob.json", wrong), "", path)
        job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["restartpolicy"] = "Never"
        self.assertNotEqual(problems("kubernetes-cronjob.json", job), "")

    def test_the_cron_job_runs_with_few_rights(self):
        spec = yaml.safe_load((ROOT / "contrib/kubernetes/cronjob.yaml").read_text())["spec"]
        pod = spec["jobTemplate"]["spec"]["template"]["spec"]
        self.assertEqual(spec["concurrencyPolicy"], "Forbid")
        self.assertTrue(pod["securityContext"]["runAsNonRoot"])
        self.assertFalse(pod["automountServiceAccountToken"])
        for container in pod["initContainers"] + pod["containers"]:
            self.assertTrue(container["securityContext"]["readOnlyRootFilesystem"])
            self.assertFalse(container["securityContext"]["allowPrivilegeEscalation"])
            self.assertEqual(container["securityContext"]["capabilities"], {"drop": ["ALL"]})
            self.assertIn("memory", container["resources"]["limits"])
        secrets = {variable["name"] for container in pod["containers"] + pod["initContainers"] for variable in container["env"]
                   if "valueFrom" in variable}
        self.assertEqual(secrets, {"PLUMBLINE_URL"})


class Runs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())
        cls.server.create_database("shop")
        cls.project = Project(Path(cls.enterClassContext(tempfile.TemporaryDirectory())), PLUMBLINE)
        cls.url = f"host={cls.server.root} user=postgres dbname=shop"
        programs = cls.project.folder / "programs"
        programs.mkdir()
        (programs / "plumbline").symlink_to(PLUMBLINE)
        cls.environment = cls.project.environment()
        cls.environment["PATH"] = f"{programs}:{cls.environment['PATH']}"
        run([PLUMBLINE, "up", "--migrations", EXAMPLE, "--url", cls.url], check=True, stdout=PIPE, stderr=PIPE, env=cls.environment)

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def job(self, environment: dict, **given):
        _, jobs = component(**given)
        (job,) = jobs.values()
        variables = {name: str(value) for name, value in job["variables"].items()}
        script = "\n".join(job["before_script"] + job["script"])
        return run(["sh", "-e", "-c", script], cwd=self.folder, text=True, stdout=PIPE, stderr=STDOUT, stdin=-3,
                   env=self.environment | variables | environment, timeout=300)

    def test_the_component_checks_and_knows_what_it_found_before(self):
        given = {"migrations": str(EXAMPLE), "arguments": "--exclude shop.no*"}
        said = self.job({"DATABASE_URL": self.url}, **given)
        self.assertEqual(said.returncode, 0, said.stdout)
        self.server.psql("shop", sql="ALTER TABLE shop.orders DISABLE ROW LEVEL SECURITY")
        self.addCleanup(self.server.psql, "shop", sql="ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY")
        said = self.job({"DATABASE_URL": self.url}, **given)
        self.assertEqual(said.returncode, 2, said.stdout)
        self.assertIn("row security", said.stdout)
        _, jobs = component()
        artifacts = jobs["plumbline"]["artifacts"]
        for name in [*artifacts["paths"], *artifacts["reports"].values(), *jobs["plumbline"]["cache"]["paths"]]:
            self.assertTrue((self.folder / name).exists(), name)
        said = self.job({"DATABASE_URL": self.url}, **given)
        self.assertEqual(said.returncode, 0, said.stdout)

    def test_the_component_without_its_secret_is_skipped(self):
        said = self.job({"DATABASE_URL": ""})
        self.assertEqual(said.returncode, 77)
        self.assertIn("skipped: the variable DATABASE_URL is empty", said.stdout)
        _, jobs = component()
        self.assertEqual(jobs["plumbline"]["allow_failure"], {"exit_codes": 77})

    def test_the_component_gives_no_secret_to_whom_it_does_not_concern(self):
        stub = self.folder / "bin/plumbline"
        stub.parent.mkdir()
        stub.write_text('#!/bin/sh\necho "$1: ${DATABASE_URL:-none} ${GITLAB_TOKEN:-none}"\ntouch drift.json\n')
        stub.chmod(0o755)
        said = self.job({"DATABASE_URL": "the-database", "GITLAB_TOKEN": "the-token", "CI_MERGE_REQUEST_IID": "7",
                         "PATH": f"{stub.parent}:{os.environ['PATH']}"})
        self.assertEqual(said.stdout, "check: the-database none\ncomment: none the-token\n")

    def test_the_component_installs_nothing_without_a_checksum(self):
        path = ":".join(place for place in self.environment["PATH"].split(":") if not shutil.which("plumbline", path=place))
        said = self.job({"DATABASE_URL": "x", "PATH": path}, package="https://example.org/plumbline.tar.gz")
        self.assertEqual(said.returncode, 1)
        self.assertIn("the image has no plumbline", said.stdout)

    def test_the_command_of_the_cron_job(self):
        job = yaml.safe_load((ROOT / "contrib/kubernetes/cronjob.yaml").read_text())
        (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        words = [word.replace("/migrations/source", str(ROOT / "examples/shop")) for word in container["command"] + container["args"]]
        said = run(words, cwd=self.folder, text=True, stdout=PIPE, stderr=STDOUT, env=self.environment | {"PLUMBLINE_URL": self.url})
        self.assertEqual(said.returncode, 0, f"{shlex.join(words)}\n{said.stdout}")
        self.assertIn("no drift", said.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
