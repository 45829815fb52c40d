#!/usr/bin/env python3
"""Prints what CHANGELOG.md says of one version, for its release:
    packaging/release_notes.py VERSION [CHANGELOG]
The section's heading is "## VERSION" or "## VERSION - DATE", with or without brackets around the version."""

import re
import sys
from pathlib import Path


def notes(changelog: str, version: str) -> str:
    """Empty when there is no such section, or nothing in it."""
    heading = re.compile(rf"## \[?v?{re.escape(version)}\]?(\s|$)")
    lines = changelog.splitlines()
    starts = [number for number, line in enumerate(lines) if heading.match(line)]
    if not starts:
        return ""
    rest = lines[starts[0] + 1:]
    end = next((number for number, line in enumerate(rest) if re.match(r"## |\[[^\]]+\]: ", line)), len(rest))
    text = "\n".join(rest[:end]).strip()
    return text if re.search(r"^[-*\w]", re.sub(r"^#+ .*$", "", text, flags=re.M), flags=re.M) else ""


def main(version: str, path: Path) -> int:
    text = notes(path.read_text(), version)
    if not text:
        print(f"release_notes.py: {path.name} has no section with anything in it for {version}; "
              f"rename \"## Unreleased\" to \"## {version} - DATE\"", file=sys.stderr)
        return 1
    print(text)
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: packaging/release_notes.py VERSION [CHANGELOG]")
    root = Path(__file__).resolve().parent.parent
    sys.exit(main(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else root / "CHANGELOG.md"))
