"""Runs the steps of a GitHub workflow one by one on this machine: what they run, in which folder, with which variables,
outputs, additions to PATH and conditions. Actions of others are skipped, but for caches; one of this repository
("uses: $/") is run step by step."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import yaml


class Outcome:
    def __init__(self):
        self.ran, self.skipped, self.failed, self.log = [], [], [], ""
        self.outputs = {}  # of each step with an id
        self.foreign = {}  # what actions of others would have been given, by name of the step
        self.seen = {}  # the variables that each step had, by its name
        self.seconds = {}  # and how long it took
        self.action = {}  # the outputs of the actions of this repository


class Runner:
    def __init__(self, root: Path, temp: Path, environment: dict, context: dict, cache: dict):
        self.root, self.temp, self.environment = root, temp, environment
        self.context = context  # github, inputs, secrets, vars, runner
        self.cache, self.at_the_end = cache, []  # texts by key, which outlive the runner
        self.outcome = Outcome()
        self.summary = temp / "summary.md"

    # The part of GitHub's expressions that our workflows use.
    def value(self, expression: str, context: dict):
        text = re.sub(r"'([^']*)'", lambda m: f"'''{m[1]}'''" if m[1] else "''", expression.strip())
        text = re.sub(r"(?<![\w.'-])((?:github|inputs|secrets|vars|runner|env|steps)(?:\.[\w-]+)+)(?!['\w])",
                      lambda m: f"look({m[1]!r})", text)
        text = text.replace("&&", " and ").replace("||", " or ")
        text = re.sub(r"!(?!=)", " not ", text)
        failed = bool(self.outcome.failed)

        def look(path):
            place = context
            for part in path.split("."):
                place = place.get(part, "") if isinstance(place, dict) else ""
            return place

        return eval(text, {"look": look, "always": lambda: True, "failure": lambda: failed,
                           "success": lambda: not failed, "true": True, "false": False})

    def filled(self, text, context: dict) -> str:
        if isinstance(text, bool):
            return "true" if text else "false"

        def shown(match):
            value = self.value(match[1], context)
            return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        return re.sub(r"\$\{\{(.*?)\}\}", shown, str(text))

    def wanted(self, step: dict, context: dict) -> bool:
        condition = re.sub(r"^\$\{\{(.*)\}\}$", r"\1", str(step.get("if", "success()")).strip())
        if self.outcome.failed and not re.search(r"\b(always|failure)\(\)", condition):
            return False
        return bool(self.value(condition, context))

    def run_job(self, workflow: Path, job: str) -> Outcome:
        self.job = job
        definition = yaml.safe_load(workflow.read_text())
        work = definition["jobs"][job]
        context = {**self.context, "env": dict(self.context.get("env", {})), "steps": {}}
        for level in (definition, work):
            for name, value in (level.get("env") or {}).items():
                context["env"][name] = self.filled(value, context)
        folder = ((work.get("defaults") or {}).get("run") or {}).get("working-directory", ".")
        self.steps(work["steps"], context, self.filled(folder, context), {})
        if not self.outcome.failed:  # what actions/cache does after the last step; after a failure it does nothing
            for given in self.at_the_end:
                self.save(given)
        return self.outcome

    # A cache keeps what has another key; the newest whose key begins as asked is what one gets.
    def restore(self, given: dict) -> None:
        target = self.root / given["path"]
        beginnings = [given["key"], *given.get("restore-keys", "").split()]
        kept = [(key, data) for key, data in reversed(self.cache.items()) if any(map(key.startswith, beginnings))]
        if kept:
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(kept[0][1])

    def save(self, given: dict) -> None:
        target = self.root / given["path"]
        if target.exists():
            self.cache.setdefault(given["key"], target.read_bytes())

    def run_cache(self, uses: str, given: dict) -> None:
        if not uses.startswith("actions/cache/save@"):
            shutil.rmtree((self.root / given["path"]).parent, ignore_errors=True)  # a new machine has none
            self.restore(given)
        if uses.startswith("actions/cache/save@"):
            self.save(given)
        elif uses.startswith("actions/cache@"):
            self.at_the_end.append(given)

    def steps(self, steps: list, context: dict, folder: str, more: dict) -> None:
        for number, step in enumerate(steps):
            name = step.get("name") or step.get("uses") or step["run"].splitlines()[0]
            if not self.wanted(step, context):
                self.outcome.skipped.append(name)
            elif step.get("uses", "").startswith("$/"):
                self.run_action(step, context)
            elif step.get("uses", "").startswith("actions/cache"):
                self.run_cache(step["uses"], {key: self.filled(value, context) for key, value in step["with"].items()})
            elif "uses" in step or "apt-get" in step.get("run", "") or "git config --global" in step.get("run", ""):
                self.outcome.skipped.append(name)
                self.outcome.foreign[name] = {key: self.filled(value, context) for key, value in step.get("with", {}).items()}
            else:
                self.run_step(step, name, context, folder, {**more, "GITHUB_OUTPUT": str(self.temp / f"output-{number}")})

    def run_action(self, step: dict, context: dict) -> None:
        folder = self.root / step["uses"].removeprefix("$/")
        action = yaml.safe_load((folder / "action.yml").read_text())
        inputs = {key: self.filled(each.get("default", ""), context) for key, each in action.get("inputs", {}).items()}
        given = {key: self.filled(value, context) for key, value in step.get("with", {}).items()}
        unknown = set(given) - set(inputs)
        if unknown:
            raise KeyError(f"action.yml has no inputs {unknown}")
        inner = {**context, "inputs": inputs | given, "steps": {}}
        self.steps(action["runs"]["steps"], inner, ".", {"GITHUB_ACTION_PATH": str(folder)})
        outputs = {key: self.filled(each["value"], inner) for key, each in action.get("outputs", {}).items()}
        context["steps"][step.get("id", "")] = {"outputs": outputs}
        self.outcome.action.update(outputs)

    def run_step(self, step: dict, name: str, context: dict, folder: str, more: dict) -> None:
        output = Path(more["GITHUB_OUTPUT"])
        output.write_text("")
        variables = {key: self.filled(value, context) for key, value in (step.get("env") or {}).items()}
        where = self.root / self.filled(step.get("working-directory", folder), context)
        paths = self.temp / "paths"
        paths.touch()
        # The last that was added comes first.
        path = ":".join([*reversed(paths.read_text().split()), self.environment["PATH"]])
        environment = {**self.environment, **context["env"], **variables, **more, "RUNNER_TEMP": str(self.temp),
                       "GITHUB_STEP_SUMMARY": str(self.summary), "GITHUB_WORKSPACE": str(self.root),
                       "GITHUB_PATH": str(paths), "PATH": path, "GITHUB_JOB": self.job}
        self.outcome.seen[name] = environment
        started = time.monotonic()
        script = self.filled(step["run"], context)
        result = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=where,
                                env=environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, timeout=300)
        self.outcome.seconds[name] = time.monotonic() - started
        self.outcome.log += f"--- {name}\n{result.stdout}"
        outputs = dict(line.split("=", 1) for line in output.read_text().splitlines() if "=" in line)
        outcome = "failure" if result.returncode else "success"
        if "id" in step:
            context["steps"][step["id"]] = {"outputs": outputs, "outcome": outcome}
            self.outcome.outputs[step["id"]] = outputs
        self.outcome.ran.append(name)
        if result.returncode:
            self.outcome.failed.append(name)
