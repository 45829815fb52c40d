"""Reports for tests of what they are rendered as."""

import copy
import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests/golden/report"


def later() -> dict:
    """A report with something of everything."""
    return json.loads((GOLDEN / "later.json").read_text())


def large(count: int = 2000) -> dict:
    """The same with so many findings."""
    report = later()
    some = report["findings"]
    report["findings"] = []
    for number in range(count):
        finding = copy.deepcopy(some[number % len(some)])
        finding["id"] = f"plb-{number:012x}"
        for key in ("name", "object"):
            finding[key] += f"_{number}"
        report["findings"].append(finding)
    return report


def hostile() -> dict:
    """One whose names want to be something else."""
    report = later()
    name = "</script><script>console.error('x')</script><img src=http://192.0.2.1/x>\\\"'&lt;]]>\\N"
    for finding in report["findings"]:
        finding["name"] = finding["object"] = name
    for number, node in enumerate(report["diagram"]["nodes"]):
        node["name"] = f"{name}{number}"
    report["actual"]["state"] = report["timeline"][0]["file"] = name
    return report


def long() -> dict:
    """One whose texts have no place to break a line."""
    report = later()
    word = "x" * 3000
    for finding in report["findings"]:
        finding["name"] = finding["object"] = finding["hint"] = word
        for change in finding["changes"]:
            change["actual"] = change["actual"] and change["actual"] + word
    report["warnings"] = [word]
    return report


def render(plumbline: str, report: Path, *outputs: str) -> None:
    words = [plumbline, "report", str(report)]
    for output in outputs:
        words += ["--output", output]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, timeout=60)
