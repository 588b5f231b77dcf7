#!/usr/bin/env bash
# semver 7.8.6 (npm), semver 3.1.2 and packaging 26.4 (PyPI): whether a Grafana that calls itself "13.0.0-23940.patch1",
# as Grafana Cloud's do, is at least 11.6.0.
# Expected: yes: each number of it is higher.
# Seen: by a range of npm's it is not ("satisfies", which leaves out whatever has a minus sign), by comparison it is;
# Python's semver says yes, packaging raises InvalidVersion, and takes "13.0.0-23940" for a release after 13.0.0. A tool
# that asks "at least 11.6" before it uses an API falls back to the old one, or refuses, in the newest Grafana there is.
. "$(dirname "$0")/lib.sh"
python semver==3.1.2 packaging==26.4 <<'PROGRAM'
from packaging.version import InvalidVersion, Version
from semver import Version as Semver

for told in ("13.0.0", "13.0.0-23940.patch1", "13.0.0-23940"):
    try:
        packaging = f"{Version(told) >= Version('11.6.0')}, after 13.0.0: {Version(told) > Version('13.0.0')}"
    except InvalidVersion:
        packaging = "InvalidVersion"
    print(told, "semver", Semver.parse(told) >= Semver.parse("11.6.0"), "packaging", packaging)
PROGRAM
mv out python.out
node_program semver@7.8.6 <<'PROGRAM'
import semver from "semver";
for (const told of ["13.0.0", "13.0.0-23940.patch1"])
    console.log(told, "satisfies", semver.satisfies(told, ">=11.6.0"), "gte", semver.gte(told, "11.6.0"));
PROGRAM
cat python.out >>out
seen "13.0.0 satisfies true gte true" "13.0.0-23940.patch1 satisfies false gte true" \
    "13.0.0 semver True packaging True, after 13.0.0: False" \
    "13.0.0-23940.patch1 semver True packaging InvalidVersion" \
    "13.0.0-23940 semver True packaging True, after 13.0.0: True"
