"""Changes around an incident: mostly innocent, some in the alert's own words, and the guilty one if there is one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from bench.generator.faults import DrawnFault
from bench.generator.system import Role, System

Json = dict[str, Any]

_LOOK_BACK_S = 7200.0
_SUBJECTS = (
    ("docs: describe the release process", "docs/release.md", "", ""),
    ("test: cover pagination of lists", "pkg/list/list_test.go", "", ""),
    ("ci: cache the build", ".github/workflows/build.yml", "", ""),
    ("chore: bump dependencies", "go.mod, go.sum", "-\tlib/uuid v1.3.0", "+\tlib/uuid v1.3.1"),
    ("refactor: extract the decoder", "pkg/http/decode.go", "-\tvar body Body", "+\tbody := decoded(request)"),
    ("feat: export another histogram", "pkg/metrics/export.go", "", "+\tregister(histogram)"),
    ("fix: close the response body", "pkg/http/client.go", "", "+\tdefer response.Body.Close()"),
    ("perf: reuse buffers of the encoder", "pkg/codec/pool.go", "-\tbuffer := Buffer{}", "+\tbuffer := pool.Get()"),
    ("style: sort imports", "cmd/main.go", "", ""),
)
# What somebody writes who tuned the very thing that the alert speaks of, or that its symptoms name, and broke nothing: subject,
# what goes, what comes; by what they set out to do.
_ALIKE = (
    (
        ("fix: lower {kind} of {service}", "", "+\tlogger.Debug()"),
        ("hotfix: {summary}", "", "+\tmetrics.Observe(elapsed)"),
    ),
    (
        ("chore({service}): tune timeout and pool idle settings", "-\tidle: 30s", "+\tidle: 45s"),
        ("{service}: mitigate incident of last week ({summary})", "-\tretries = 2", "+\tretries = 3"),
    ),
    (
        ("perf: {service} {kind} improvements", "-\tfor _, row := range rows {{", "+\tfor i := range rows {{"),
        ("log the reason when we see: {said}", "-\tlogger.Warn(err)", "+\tlogger.Warn(err, reason)"),
    ),
    (
        ("feat: alert on {kind} of {service}", "", "+  expr: {kind}:{service}:rate5m > 0.2"),
        ("handle {said}", "", "+\tif err != nil {{ return wrapped(err) }}"),
    ),
)
_GUILTY: Mapping[str, tuple[str, str, str]] = {
    "bad-deploy": ("refactor: simplify {symbol}", "-\tif input == nil {{ return empty }}\n-\tvalidate{symbol}(input)", "+\tresult := {symbol}(input)"),
    "slow-deploy": ("feat: order by relevance", "-\tLIMIT 50\n-\tindexed lookup of {symbol}", "+\tfor all rows {{ {symbol}(row) }}"),
    "config": ("config: simplify defaults of {symbol}", "-  max_connections: 50\n-  limit: {n}00", "+  max_connections: 5"),
    "flag": ("feature flag {symbol}_v2: off->on", "", ""),
}  # fmt: skip


def around(
    dice: random.Random, system: System, fault: DrawnFault | None, alert: Json, words: Mapping[str, str]
) -> tuple[list[Json], str, list[str]]:
    """Return the changes, the id of the guilty one ("none" if there is none), and the ids that only look guilty."""
    found: list[Json] = []
    fired_at = float(alert["fired_at"])
    onset = fault.onset if fault else fired_at - 300
    services = [each.name for each in system.components if each.role in (Role.SERVICE, Role.ENTRY)]
    for _ in range(dice.randint(2, 25)):
        subject, files, minus, plus = dice.choice(_SUBJECTS)
        text = "\n".join(filter(None, (subject, f"files: {files}", minus, plus)))
        _commit(
            dice,
            found,
            onset - dice.uniform(60, _LOOK_BACK_S),
            text,
            dice.choice(services) if dice.random() < 0.2 else "",
        )
    decoys = list[str]()
    # The words are drawn apart, so that another wording changes nothing else of an incident.
    wording = random.Random(f"{onset} {alert['service']}")
    for _ in range(dice.randint(0, 3)):
        subject, minus, plus = _alike(dice, wording, fault, alert, words)
        target = dice.choice((alert["service"], dice.choice(services)))
        target = target if target in services else dice.choice(services)
        text = "\n".join(filter(None, (subject, f"files: services/{target}/tune.go", minus, plus)))
        decoys.append(_commit(dice, found, onset + dice.uniform(-1800, 240), text, target))
    if dice.random() < 0.5:
        found.append(_flag(dice, dice.choice(services), onset))
    culprit = _guilty(dice, found, fault, words) if fault and fault.kind.change else "none"
    return sorted(found, key=lambda each: each["at"]), culprit, decoys


def _flag(dice: random.Random, target: str, onset: float) -> Json:
    made = {
        "at": onset - dice.uniform(-60, 1200),
        "kind": "flag",
        "service": target,
        "id": f"flag_{dice.randrange(999)}",
    }
    return made | {"text": f"feature flag of {target}: off->on"}


def _alike(
    dice: random.Random, wording: random.Random, fault: DrawnFault | None, alert: Json, words: Mapping[str, str]
) -> list[str]:
    """Return subject, what goes and what comes of an innocent change that speaks of what is wrong."""
    said = _said(wording, fault, words)
    names = {"kind": alert["kind"], "service": alert["service"], "summary": alert["summary"], "said": said}
    return [part.format_map(names) for part in wording.choice(dice.choice(_ALIKE))]


def _said(dice: random.Random, fault: DrawnFault | None, words: Mapping[str, str]) -> str:
    """Return what the symptoms say, in the words of who logs them."""
    said = dice.choice([*fault.kind.says, *fault.kind.heard] or ["timeouts"]) if fault else "timeouts"
    return said.format_map({"n": "3", "id": "7f3a", "root": fault.root if fault else "", "host": "", **words})


def _commit(dice: random.Random, found: list[Json], at: float, text: str, shipped_to: str) -> str:
    name = f"{dice.getrandbits(160):040x}"
    found.append(
        {"at": round(at - dice.uniform(60, 900), 1), "kind": "commit", "service": None, "id": name, "text": text}
    )
    if shipped_to:
        said = f"deploy of {shipped_to}, commit {name}"
        found.append({"at": round(at, 1), "kind": "deploy", "service": shipped_to, "id": name, "text": said})
    return name


def _guilty(dice: random.Random, found: list[Json], fault: DrawnFault, words: Mapping[str, str]) -> str:
    subject, minus, plus = (part.format(n=dice.randrange(2, 9), **words) for part in _GUILTY[fault.name])
    at = fault.onset - dice.choice((5.0, 30.0, 120.0, 400.0))
    if fault.kind.change == "deploy":
        return _commit(
            dice, found, at, f"{subject}\nfiles: services/{fault.root}/handler.go\n{minus}\n{plus}", fault.root
        )
    name = f"{words['symbol']}_v2" if fault.kind.change == "flag" else f"{dice.getrandbits(160):040x}"
    text = "\n".join(filter(None, (subject, minus, plus)))
    found.append({"at": round(at, 1), "kind": fault.kind.change, "service": fault.root, "id": name, "text": text})
    return name
