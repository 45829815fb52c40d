"""Reads the documents: their blocks, links and headings, and what marks in comments (<!-- test: ... -->) tell the tests.

    <!-- test: situation NAME -->   what follows, up to the next such mark, is run in a new situation of this name
    <!-- test: exit 2 0 -->         exit codes of the commands of the next block; one code alone counts for each of them
    <!-- test: run COMMAND -->      a command that readers do not see, run at this place; its exit code does not matter
    <!-- test: skip REASON -->      the next block is not run (or, when it is text, is no output of a command)
"""

import re
import subprocess
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SHELL = {"sh", "bash"}
FENCE = re.compile(r"^( *)```([\w-]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)  # also inside a list
MARK = re.compile(r"^ *<!-- test: (situation|exit|run|skip) ?(.*?) -->$", re.MULTILINE | re.DOTALL)


@dataclass
class Block:
    language: str
    text: str
    line: int
    codes: list[int] = field(default_factory=list)
    skip: str | None = None  # why
    hidden: bool = False


@dataclass
class Section:
    page: str
    situation: str
    line: int
    blocks: list[Block] = field(default_factory=list)


def pages() -> list[Path]:
    """What people read; the decisions are history, the changelog tells of what was."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").rglob("*.md")]
    return sorted(page for page in found if page.name != "CHANGELOG.md")


def sections(page: Path, situation: str) -> list[Section]:
    """The parts of a page that are run one after the other, each in its situation; the first in the one given."""
    text = page.read_text()
    name = str(page.relative_to(ROOT))
    result = [Section(name, situation, 1)]
    codes, skip = [], None
    for at, match in sorted([(found.start(), found) for pattern in (FENCE, MARK) for found in pattern.finditer(text)]):
        line = text.count("\n", 0, at) + 1
        if match.re is FENCE:
            result[-1].blocks.append(Block(match[2], textwrap.dedent(match[3]), line, codes, skip))
            codes, skip = [], None
        elif match[1] == "situation":
            result.append(Section(name, match[2], line))
        elif match[1] == "exit":
            codes = [int(code) for code in match[2].split()]
        elif match[1] == "run":
            result[-1].blocks.append(Block("sh", match[2] + "\n", line, hidden=True))
        else:
            skip = match[2]
    return [section for section in result if section.blocks]


def commands(script: str) -> list[str]:
    """A block as single commands: a line, or as many as bash needs to find its end. Comments alone are none."""
    result, lines = [], []
    for line in script.splitlines():
        if not lines and (not line.strip() or line.lstrip().startswith("#")):
            continue
        lines.append(line)
        parsed = subprocess.run(["bash", "-n"], input="\n".join(lines) + "\n", capture_output=True, text=True)
        if parsed.returncode == 0 and "here-document" not in parsed.stderr and not line.endswith("\\"):
            result.append("\n".join(lines))
            lines = []
    if lines:
        raise ValueError("bash finds no end of: " + "\n".join(lines))
    return result


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


def links(page: Path) -> list[tuple[str, str]]:
    """The links to other files of the repository and to headings: (file, heading)."""
    targets = re.findall(r"\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"", without_code(page.read_text()))
    found = [first or second for first, second in targets]
    return [tuple((target.split("#") + [""])[:2]) for target in found if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """The headings of a page as GitHub names them in links."""
    text = FENCE.sub("", page.read_text())
    names = set()
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", heading).lower()).replace(" ", "-")
        while name in names:
            name += "-1"
        names.add(name)
    return names
