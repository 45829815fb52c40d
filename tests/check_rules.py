#!/usr/bin/env python3
"""Holds the source against the plan of the house: who may include whom, where foreign libraries live, what generic code
must not know, sizes, and texts that belong to one machine only. Prints file:line for each breach and exits 1.
Takes the root of the tree to check, by default the repository this file is in."""

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()

# A folder may include itself and the folders named here; the flow is migrations -> expected -> snapshot -> diff -> report.
MAY_INCLUDE = {
    "postgres": [],
    "snapshot": ["postgres"],
    "diff": ["snapshot", "postgres"],
    "report": ["diff", "snapshot"],
    "publish": ["report", "diff", "snapshot", "postgres"],
    "migrations": ["postgres"],
    "expected": ["migrations", "snapshot", "postgres"],
    "catchup": ["expected", "migrations", "diff", "snapshot", "postgres"],
    "runner": ["expected", "migrations", "diff", "snapshot", "postgres"],
    "cli": ["postgres", "snapshot", "diff", "report", "migrations", "expected", "catchup", "runner",
            "publish"],
    "bench": ["postgres", "snapshot", "diff", "report", "migrations", "expected", "catchup", "runner", "cli"],
    "tests": ["postgres", "snapshot", "diff", "report", "migrations", "expected", "catchup", "runner", "cli"],
}
# Every kind and every report may say what went wrong and quote a name; these headers stand on nothing.
OPEN_HEADERS = {"postgres/error.h", "postgres/text.h", "postgres/visible.h"}

# Each foreign library stands behind the files named here. A header of ours includes none.
SEAMS = [
    (r"<pqxx/", ["postgres/connection.cpp"]),
    (r"<libpq-events\.h>", ["postgres/connection.cpp"]),
    (r"<(libpq-fe|libpq/.*)\.h>", ["postgres/connection.cpp", "postgres/conninfo.cpp"]),
    (r"<openssl/", ["postgres/hash.cpp"]),
    (r"<nlohmann/", ["*json*.cpp", "tests/*"]),
    (r"<toml(\+\+|plusplus)?[/.]", ["cli/config*.cpp", "*toml*.cpp"]),
    (r"[<\"]pg_query\.h", ["migrations/parser.cpp"]),
    (r"<dtl/", ["report/text_diff.cpp"]),
    (r"<curl/", ["publish/http.cpp"]),
    (r"<CLI/", ["cli/*.cpp"]),
    (r"<spdlog/", ["cli/log.cpp"]),
    (r"<fmt/", ["cli/*.cpp"]),
    (r"<catch2/", ["tests/*"]),
    (r"<rapidcheck", ["tests/*"]),
    (r"<valijson/", ["tests/*"]),
    (r"<benchmark/", ["bench/*"]),
]
FOREIGN_HEADER = re.compile(r"<(pqxx/|libpq|openssl/|nlohmann/|toml|pg_query|dtl/|curl/|CLI/|spdlog/|fmt/)")

# Here every kind is like every other; what is special about one stands in its own file as a declared fact.
GENERIC = ["diff/*", "report/*", "catchup/*", "snapshot/query.*", "snapshot/capture.*", "snapshot/json*",
           "snapshot/snapshot.*", "snapshot/filter.*"]
KNOWS_VERSIONS = ["snapshot/query.cpp", "snapshot/unmodelled*.cpp", "snapshot/kinds/*", "postgres/connection.cpp",
                  "tests/*"]
VERSION_CHECK = re.compile(r"version\w*(\(\))?\s*(<|>|<=|>=|==|!=)\s*[1-9]\d+|\b[1-9]\d+\s*(<|>|<=|>=|==|!=)\s*[\w.]*version")

# Text of others becomes a comment, an order to a runner or a line of a terminal in one place each: postgres/visible.h and
# report/escape.h. A literal that opens a comment and does not end it, one that begins an order, a member that is streamed
# as it is: each writes what might be something else. Those that are parts of conventions or of pg_dump are read, not
# written; numbers, and scripts and pages that were made by these functions, may be streamed.
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
MAKES_COMMENTS = ["postgres/visible.cpp", "migrations/conventions/*", "expected/dump_entries.cpp", "tests/*", "bench/*"]
MAKES_ORDERS = ["postgres/visible.cpp", "report/github_report.cpp", "tests/*", "bench/*"]
STREAMS = ["cli/*.cpp", "report/*.cpp", "publish/*.cpp"]
BARE_MEMBER = re.compile(r"<<\s*\*?((?:\w+(?:\.|->))+(\w+))\s*(?=<<|;|$)")
MAY_BE_STREAMED = {"attempts", "line", "created", "changed", "up_script", "down_script", "body", "print", "section.text"}

LINE_LIMIT = 500
SOURCE = (".cpp", ".h")
# Written in pieces, so that this file passes its own test.
ONE_MACHINE = re.compile("(?<![\\w.])/(" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me/\\w+"]) + ")/")
REGISTRY = re.compile(r"registry\.(npmjs|yarn)|pypi\.org|crates\.io/api|repo\.maven", re.IGNORECASE)


def matches(path: str, patterns: list[str]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def tracked_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0 and listed.stdout:
        return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    skipped = ("build/", ".git/")
    names = (str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file())
    return [name for name in names if not name.startswith(skipped)]


def kind_names(files: list[str]) -> set[str]:
    names = set()
    for name in files:
        if fnmatch(name, "snapshot/kinds/*.cpp"):
            text = (ROOT / name).read_text()
            names.update(re.findall(r"\bKind\s+\w+\s*\{\s*\.name\s*=\s*\"([^\"]+)\"", text))
    return names - {"schema"}  # also the first part of every identity


def check_include(path: str, line: str):
    include = re.match(r'\s*#\s*include\s+(["<].*[">])', line)
    if not include:
        return
    target = include.group(1)
    if path.endswith(".h") and not path.startswith("tests/") and FOREIGN_HEADER.match(target):
        yield f"a header of ours includes {target}"
        return
    for pattern, allowed in SEAMS:
        if re.match(pattern, target) and not matches(path, allowed):
            yield f"{target} belongs behind {' or '.join(allowed)}"
    if not target.startswith('"'):
        return
    folder, other = path.split("/")[0], target.strip('"').split("/")[0]
    if folder in MAY_INCLUDE and other in MAY_INCLUDE and other != folder:
        if other not in MAY_INCLUDE[folder] and target.strip('"') not in OPEN_HEADERS:
            yield f"{folder}/ must not include {other}/"


def check_written_text(path: str, code: str):
    for literal in LITERAL.findall(code):
        last = literal.rsplit("\\n", 1)[-1]
        if re.match(r"--\s", last) and not matches(path, MAKES_COMMENTS):
            yield "opens a comment of SQL; sql_comment() of postgres/visible.h writes the whole line"
        if re.match(r"::[a-z]*$|::[a-z]+[ :]", literal) and "<<" in code and not matches(path, MAKES_ORDERS):
            yield "begins an order to a CI runner; report/github_report.cpp writes these"
    if matches(path, STREAMS):
        for whole, name in BARE_MEMBER.findall(code):
            if name not in MAY_BE_STREAMED and whole not in MAY_BE_STREAMED:
                yield f"streams {whole} as it is; visible_line() or markdown_text() makes it text"


def check_source_line(path: str, line: str, kind_test: re.Pattern):
    yield from check_include(path, line)
    code = line.split("//")[0]
    yield from check_written_text(path, code)
    if matches(path, GENERIC) and (found := kind_test.search(code)):
        yield f"generic code names a kind: {found.group(0).strip()}"
    if not matches(path, KNOWS_VERSIONS) and VERSION_CHECK.search(code):
        yield "asks for a server version; declare .since on an attribute or a kind"
    if path.endswith(".h") and re.match(r"\s*using namespace\b", line):
        yield "a header says using namespace"


def check_text_line(path: str, line: str):
    if "\t" in line and path.endswith((*SOURCE, ".py", ".sh", ".sql", ".toml", ".cmake", ".txt")):
        yield "a tab"
    if ONE_MACHINE.search(line):
        yield "a path of one machine"
    if REGISTRY.search(line):
        yield "the host of a package registry"


def check_file(path: str, kind_test: re.Pattern):
    try:
        text = (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    lines = text.splitlines()
    if path.endswith(SOURCE) and len(lines) > LINE_LIMIT:
        yield LINE_LIMIT + 1, f"{len(lines)} lines, the limit is {LINE_LIMIT}"
    if path.endswith(".h") and "#pragma once" not in lines:
        yield 1, "a header without #pragma once"
    # Cases are data for tests: their bytes are the point.
    checked_as_text = not path.startswith(("tests/cases/", "tests/data/", "tests/golden/"))
    for number, line in enumerate(lines, 1):
        problems = list(check_source_line(path, line, kind_test)) if path.endswith(SOURCE) else []
        problems += check_text_line(path, line) if checked_as_text else []
        for problem in problems:
            yield number, problem


def main() -> int:
    files = tracked_files()
    names = "|".join(re.escape(name) for name in sorted(kind_names(files))) or "(?!)"
    kind_test = re.compile(rf'\bkinds::\w+|(==|!=)\s*"({names})"|"({names})"\s*(==|!=)|find_kind\("')
    count = 0
    for path in sorted(files):
        for number, problem in check_file(path, kind_test):
            print(f"{path}:{number}: {problem}")
            count += 1
    if count:
        print(f"{count} breaches of the rules in {len(files)} files", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
