#!/usr/bin/env python3
"""A real Prometheus scrapes what plumbline writes, and answers every query of the alert rules and of the dashboard in
contrib/. Takes the program plumbline."""

import functools
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
import urllib.request
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support import reports  # noqa: E402

PLUMBLINE = str(Path(sys.argv[1]).resolve())
CONTRIB = reports.ROOT / "contrib"
RULES = CONTRIB / "prometheus/plumbline.rules.yml"


class Quiet(SimpleHTTPRequestHandler):
    extensions_map = {".prom": "text/plain; version=0.0.4"}

    def log_message(self, *arguments):
        pass


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        report = reports.later()
        report["time"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        (folder / "given.json").write_text(json.dumps(report))
        reports.render(PLUMBLINE, folder / "given.json", str(folder / "drift.prom"))
        exporter = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
        threading.Thread(target=exporter.serve_forever, daemon=True).start()
        cls.addClassCleanup(exporter.server_close)
        cls.addClassCleanup(exporter.shutdown)
        (folder / "prometheus.yml").write_text(
            f"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [{RULES}]\nscrape_configs:\n"
            f"- {{job_name: plumbline, metrics_path: /drift.prom, static_configs: [{{targets: ['127.0.0.1:"
            f"{exporter.server_port}']}}]}}\n")
        port = free_port()
        cls.url = f"http://127.0.0.1:{port}"
        process = subprocess.Popen(["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                                    f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.terminate)
        deadline = time.monotonic() + 30
        while not cls.answer("plumbline_drift"):
            if time.monotonic() > deadline:
                raise TimeoutError("Prometheus has not scraped anything")
            time.sleep(0.2)

    @classmethod
    def answer(cls, query: str) -> list:
        try:
            with urllib.request.urlopen(f"{cls.url}/api/v1/query?{urllib.parse.urlencode({'query': query})}", timeout=10) as got:
                return json.load(got)["data"]["result"]
        except OSError:
            return []

    def test_the_rules_are_right_and_alert_when_they_should(self):
        for words in (["check", "rules", RULES], ["test", "rules", CONTRIB / "prometheus/plumbline.rules.test.yml"]):
            outcome = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True)
            self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)

    def test_each_rule_asks_for_something_that_is_there(self):
        for expression in re.findall(r"expr: (.*)", RULES.read_text()):
            metric = re.search(r"plumbline_\w+", expression)[0]
            self.assertTrue(self.answer(metric), metric)
            self.assertIsInstance(self.answer(expression), list)

    def test_the_dashboard_shows_something_in_every_panel(self):
        dashboard = json.loads((CONTRIB / "grafana/plumbline.json").read_text())
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(set(ids)), len(ids))
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                with self.subTest(panel["title"]):
                    self.assertTrue(self.answer(target["expr"].replace("$actual", ".*")))

    def test_a_pushgateway_keeps_the_last_run_of_each_database(self):
        port = free_port()
        process = subprocess.Popen(["prometheus-pushgateway", f"--web.listen-address=127.0.0.1:{port}"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        gateway = f"http://127.0.0.1:{port}"
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        report = reports.later()
        for end, findings in (("/metrics/job/plumbline/instance/staging", 6), ("", 6), ("", 2)):
            report["findings"] = report["findings"][:findings]
            (folder / "drift.json").write_text(json.dumps(report))
            # It may have to be waited for: notify tries again.
            subprocess.run([PLUMBLINE, "notify", "drift.json", "--to", "pushgateway"], cwd=folder, check=True,
                           env={**os.environ, "PLUMBLINE_WEBHOOK_URL": gateway + end})
        with urllib.request.urlopen(f"{gateway}/api/v1/metrics", timeout=10) as got:
            groups = {group["labels"].get("instance", ""): group for group in json.load(got)["data"]}
        found = {name: sum(float(one["value"]) for one in group["plumbline_findings"]["metrics"]) for name, group in groups.items()}
        self.assertEqual(found, {"staging": 6, "": 2})

    def test_counts_are_those_of_the_report(self):
        self.assertEqual(self.answer('plumbline_findings{severity="high"}')[0]["value"][1], "3")
        self.assertEqual(self.answer('plumbline_findings_standing{standing="new"}')[0]["value"][1], "1")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
