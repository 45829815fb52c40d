#!/usr/bin/env python3
"""Writes what is inside the packages as SPDX 2.3, plumbline-VERSION.spdx.json:
    packaging/sbom.py TREE VERSION OUTPUT_DIRECTORY
The Debian packages and versions come from bundled.json, which packaging/bundle.py has written by looking."""

import datetime
import hashlib
import json
import os
import re
import sys
from pathlib import Path
from urllib.parse import quote


def spdx_id(name: str) -> str:
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def package_of(entry: dict) -> dict:
    where = f"pkg:deb/debian/{quote(entry['name'])}@{quote(entry['version'])}?arch={entry['architecture']}"
    return {
        "SPDXID": spdx_id("Package-" + entry["name"]),
        "name": entry["name"],
        "versionInfo": entry["version"],
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "sourceInfo": f"Debian source package {entry['source']} {entry['source_version']}; {entry['how']}; "
                      f"its copyright file is licences/{entry['name']}",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": where}],
    }


def document(tree: Path, version: str) -> dict:
    entries = json.loads((tree / "share/doc/plumbline/bundled.json").read_text())["packages"]
    program = hashlib.sha256((tree / "bin/plumbline").read_bytes()).hexdigest()
    date = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    root = {
        "SPDXID": "SPDXRef-Package-plumbline",
        "name": "plumbline",
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "Apache-2.0",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": "APPLICATION",
        "checksums": [{"algorithm": "SHA256", "checksumValue": program}],
    }
    links = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": root["SPDXID"]}]
    links += [{"spdxElementId": root["SPDXID"],
               "relationshipType": "CONTAINS" if entry["files"] else "STATIC_LINK",
               "relatedSpdxElement": spdx_id("Package-" + entry["name"])} for entry in entries]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"plumbline-{version}",
        "documentNamespace": f"urn:plumbline:spdx:{version}:{program}",
        "creationInfo": {"created": date.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: plumbline-sbom"]},
        "packages": [root, *map(package_of, entries)],
        "relationships": links,
    }


def main(tree: Path, version: str, output: Path):
    target = output / f"plumbline-{version}.spdx.json"
    target.write_text(json.dumps(document(tree, version), indent=1) + "\n")
    print(target)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: packaging/sbom.py TREE VERSION OUTPUT_DIRECTORY")
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
