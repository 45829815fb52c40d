"""What a report must say about the databases in shared/real: holds plumbline's JSON against drift-expected.json."""

from dataclasses import dataclass, field

# Our names for the kinds and attributes that drift-expected.json writes in words.
KINDS = {
    "foreign key": {"constraint"},
    "check": {"constraint"},
    "materialized view": {"materialized_view"},
    "function": {"function", "procedure", "aggregate"},
    "composite": {"composite_type"},
    "range": {"range_type"},
    "foreign table": {"foreign_table"},
}
ATTRIBUTES = {
    "not null": {"not_null"},
    "row security": {"row_security", "force_row_security"},
    "storage parameters": {"storage_parameters", "toast_storage_parameters"},
    "body": {"body", "sql_body"},
    "values": {"values"},
}


@dataclass(frozen=True)
class Fact:
    """One line of a report: an object that is missing or unexpected, or one attribute that changed."""

    verb: str
    kind: str
    schema: str
    parent: str
    name: str
    attribute: str
    created: str
    last_changed: str

    def __str__(self) -> str:
        path = ".".join(part for part in (self.schema, self.parent, self.name) if part)
        return f"{self.verb} {self.kind} {path}" + (f" [{self.attribute}]" if self.attribute else "")


@dataclass
class Verdict:
    found: int = 0
    attributed: int = 0
    problems: list = field(default_factory=list)
    notes: list = field(default_factory=list)  # worth a look, no failure


def facts_of(report: dict) -> list[Fact]:
    facts = []
    for finding in report["findings"]:
        attributes = [""]
        if finding["verb"] == "changed":
            attributes = [change["attribute"] for change in finding["changes"]]
        for attribute in attributes:
            facts.append(Fact(
                verb=finding["verb"], kind=finding["kind"], schema=finding["schema"] or "",
                parent=finding["parent"] or "", name=finding["name"], attribute=attribute,
                created=origin(finding, "created"), last_changed=origin(finding, "last_changed")))
    return facts


def origin(finding: dict, which: str) -> str:
    return (finding.get(which) or {}).get("file", "")


def split_arguments(text: str) -> list[str]:
    """The arguments of name(a, b); commas in quotes or brackets do not count."""
    parts, depth, quoted, current = [], 0, False, ""
    for character in text:
        quoted ^= character == '"'
        depth += 0 if quoted else (character in "([") - (character in ")]")
        if character == "," and depth == 0 and not quoted:
            parts.append(current.strip())
            current = ""
        else:
            current += character
    return parts + [current.strip()] if current.strip() else parts


def same_name(wanted: str, found: str) -> bool:
    """drift-expected.json writes routines with the names of their arguments, we write the types."""
    if "(" not in wanted:
        return wanted == found
    wanted_base, wanted_arguments = wanted.rstrip(")").split("(", 1)
    found_base, _, found_arguments = found.removesuffix(")").partition("(")
    wanted_list, found_list = split_arguments(wanted_arguments), split_arguments(found_arguments)
    if wanted_base != found_base.strip('"') or len(wanted_list) != len(found_list):
        return False
    return all(w == f or w.endswith(" " + f) for w, f in zip(wanted_list, found_list))


def same_object(change: dict, fact: Fact) -> bool:
    # An implied difference is listed without its table.
    parent_fits = "table" not in change or (change["table"] or "") == fact.parent
    return (change["verb"] == fact.verb and fact.kind in KINDS.get(change["kind"], {change["kind"]})
            and change["schema"] == fact.schema and parent_fits and same_name(change["name"], fact.name))


def same_attribute(change: dict, fact: Fact) -> bool:
    if change["verb"] != "changed":
        return True
    wanted = change["attribute"]
    return fact.attribute in ATTRIBUTES.get(wanted, {wanted})


def attribution_problem(change: dict, fact: Fact) -> str | None:
    if change["from_prelude"]:
        # The base is not a migration: nobody must be blamed but the prelude.
        fits = fact.created in ("", "prelude") and fact.last_changed in ("", "prelude")
        return None if fits else f"attributed to {fact.last_changed}, but it is the prelude's"
    if change["attribution"] is None:
        return None if not fact.last_changed else f"attributed to {fact.last_changed}, but no migration has it"
    if fact.last_changed != change["attribution"]:
        return f"last changed by {change['attribution']}, the report says {fact.last_changed or 'nothing'}"
    return None


def creation_note(change: dict, fact: Fact) -> str | None:
    """created_by follows the name from file to file; we follow the object, so a type that is made anew and renamed in one
    file has another creator."""
    if change["from_prelude"] or not change["created_by"] or fact.created == change["created_by"]:
        return None
    return f"created by {change['created_by']}, the report says {fact.created or 'nothing'}"


def judge_drift(expected: list[dict], report: dict) -> Verdict:
    facts = facts_of(report)
    verdict = Verdict()
    for change in expected:
        label = f"drift {change['n']} ({change['class']}: {change['schema']}.{change['name']})"
        found = [fact for fact in facts if same_object(change, fact) and same_attribute(change, fact)]
        if len(found) != 1:
            near = [str(fact) for fact in facts if fact.name == change["name"]]
            verdict.problems.append(f"{label}: found {len(found)} times" + (f"; near: {near}" if near else ""))
            continue
        verdict.found += 1
        fact = found[0]
        if problem := attribution_problem(change, fact):
            verdict.problems.append(f"{label}: {problem}")
        else:
            verdict.attributed += 1
        if note := creation_note(change, fact):
            verdict.notes.append(f"{label}: {note}")
    verdict.problems += [f"extra: {fact}" for fact in facts if not is_expected(fact, expected)]
    return verdict


def is_expected(fact: Fact, expected: list[dict]) -> bool:
    for change in expected:
        if same_object(change, fact) and same_attribute(change, fact):
            return True
        for implied in change.get("implied", []):
            if same_object(implied, fact):
                return True
    return False


def pending_problems(behind: list[str], report: dict) -> list[str]:
    """origin.json names a pending migration by its file, its folder or its name without the ending."""
    files = [pending["file"] for pending in report["pending"]]
    problems = []
    for name in behind:
        fits = [file for file in files
                if file in (name, name + ".sql") or file.startswith(name + "/") or file.endswith("/" + name)]
        if len(fits) == 1:
            files.remove(fits[0])
        else:
            problems.append(f"{name} is not among the pending")
    return problems + [f"{file} is called pending" for file in files]
