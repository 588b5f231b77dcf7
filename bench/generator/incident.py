"""One incident from a seed: a system, a fault (or none), the alert that it raised, and what was recorded around it."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.generator.changes import around
from bench.generator.course import Course, run
from bench.generator.faults import KINDS, DrawnFault, chosen, drawn
from bench.generator.records import Scribe, walked
from bench.generator.series import FLAVOURS, Sampling, Table, table
from bench.generator.system import RATES, SIZES, Role, System, grown

Json = dict[str, Any]

_NOW = 1_790_000_000.0
# What an alert needs: so many times its usual latency, or so much more failing.
_FELT_LATENCY, _FELT_FAILING = 1.4, 0.02
_TRIES = 60
_SECOND = 0.5
# Shares of incidents with lines, with spans, with known changes; of those with both, that are not felt at the entry, and that
# are poor in metrics; and of all others, that are not felt there.
_RECORDED, _CHANGED, _UNFELT, _POOR, _UNFELT_ELSE = 0.5, 0.45, 0.4, 0.6, 0.2


@dataclass(frozen=True, slots=True)
class Family:
    """Which systems are made, how they are measured, and what befalls them; without `kinds` anything may.

    With `watched_s` nothing was recorded until so long before the fault (seconds, one of these).
    """

    sizes: tuple[int, int] = SIZES
    rates: tuple[float, float] = RATES
    flavours: tuple[str, ...] = tuple(each.name for each in FLAVOURS)
    step_s: float = 0.0
    rows: tuple[int, int] = (0, 0)
    recorded: float = _RECORDED
    kinds: tuple[str, ...] = ()
    changed: float = _CHANGED
    unfelt: float = _UNFELT_ELSE
    watched_s: tuple[float, ...] = ()


_CODE = ("bad-deploy", "poison-input", "clock", "flag")
# The weights are set on "any" and on "series", of which nothing else is known. The others are held out, to judge on: a shop of eleven services of which only series are known, a
# boutique that is tried with stress, bad networks and pods that go, half of it felt by nobody yet,
# many managed services that are seldom asked and measured every five minutes, and small systems that are changed all the time and
# fail for other reasons as often.
FAMILIES: Mapping[str, Family] = {
    "any": Family(),
    "series": Family((6, 40), recorded=0.0),
    "shop": Family((10, 12), (5.0, 80.0), ("mesh",), 60.0, (15, 70), 0.0, ("cpu", "cpu", "network-delay", "network-delay", *_CODE)),
    "boutique": Family((9, 13), (2.0, 60.0), ("mesh",), 60.0, (20, 90), 0.0, ("cpu", "memory-stress", "network-delay", "network-loss", "pod-failure", "pod-kill"), 0.0, 0.5),
    # Young: they are watched since the fault began, or hardly longer.
    "young": Family(unfelt=0.0, watched_s=(0.0, 0.0, 60.0, 180.0)),
    "changes": Family((4, 9), (1.0, 8.0), ("mesh", "exporters"), 60.0, (20, 60), 0.8, ("bad-deploy", "slow-deploy", "config", "flag", "bad-deploy", "poison-input", "certificate", "third-party", "dns", "cpu", "pool", "clock"), 1.0),
    "cloud": Family((30, 45), (0.03, 0.6), ("graph",), 300.0, (200, 600), 0.0, ("third-party", "network-delay", "slow-deploy", "cpu", "lock", "traffic-surge", *_CODE)),
}  # fmt: skip


@dataclass(slots=True)
class CaseFiles:
    """A case as its files hold it."""

    alert: Json
    truth: Json
    times: Sequence[float]
    metrics: Table
    edges: list[tuple[str, str]]
    lines: list[Json] = field(default_factory=list[Json])
    spans: list[Json] = field(default_factory=list[Json])
    changes: list[Json] = field(default_factory=list[Json])


def made(seed: int, number: int, family: str = "any") -> CaseFiles:
    """Make the incident with this number; the same seed, number and family always make the same."""
    dice, kin = random.Random(f"{seed} {number}"), FAMILIES[family]
    name = chosen(dice, kin.kinds)
    # A fault that nobody felt raised no alert; where it is so often, there is none.
    found = next(filter(None, (_attempt(dice, name, kin) for _ in range(_TRIES))), None)
    found = found or next(filter(None, (_attempt(dice, "nothing", kin) for _ in range(_TRIES))))
    if not kin.watched_s:
        return found
    fired_at = float(found.alert["fired_at"])
    # Where nothing is wrong the alert of a young system is a false one.
    began = min(fired_at, found.truth.get("inject_at", fired_at - dice.uniform(60, 400)))
    return begun(found, began - dice.choice(kin.watched_s))


def begun(incident: CaseFiles, since: float) -> CaseFiles:
    """Return it as if nothing had been recorded before a moment."""
    first = next((place for place, at in enumerate(incident.times) if at >= since), len(incident.times))
    return replace(
        incident,
        times=incident.times[first:],
        metrics={name: column[first:] for name, column in incident.metrics.items()},
        lines=[each for each in incident.lines if each["ts"] >= since],
        spans=[each for each in incident.spans if each["start"] >= since],
        changes=[each for each in incident.changes if each["at"] >= since],
    )


def _attempt(dice: random.Random, name: str, kin: Family) -> CaseFiles | None:
    system = grown(dice, kin.sizes, kin.rates)
    flavour = dice.choice([each for each in FLAVOURS if each.name in kin.flavours])
    if name != "nothing" and not any(each.role in KINDS[name].roles for each in system.components):
        return None
    recorded = dice.random() < kin.recorded, dice.random() < kin.recorded
    step, rows = kin.step_s or dice.choice(flavour.steps_s), dice.randint(*(kin.rows if kin.step_s else flavour.rows))
    if all(recorded) and flavour.name == "mesh" and dice.random() < _POOR:
        # Who has traces and lines often has little else.
        step, rows = 60.0, dice.randint(12, 40)
    rows = max(rows, 20 if step < 60 else 12)
    fired_at = _NOW + dice.randrange(86_400)
    late, waits = dice.choice((0.0, 60.0, 180.0, 360.0, 600.0)), dice.choice((60.0, 120.0, 300.0))
    # Some alerts are raised by a rule of their own (a probe, a customer): then nothing of the entry need have moved.
    felt = name == "nothing" or dice.random() >= (_UNFELT if all(recorded) else kin.unfelt)
    onset = fired_at - late - (max(waits, 2 * step) if felt else waits)
    ends = fired_at + dice.choice((0.0, step, 2 * step, 5 * step))
    times = [ends - step * back + dice.uniform(-0.02, 0.02) * step for back in range(rows)][::-1]
    fault = _fault(dice, system, name, onset, times) if name != "nothing" else None
    courses = run(dice, system, times, fault)
    alert = (
        _alert(dice, system, courses, times, fault, fired_at)
        if felt
        else _worded(dice, system.components[0].name, "latency", fired_at)
    )
    if alert is None or (not felt and fault and not set(system.by_name) & set(fault.at)):
        return None
    sampling = Sampling(times, step, fault, dice, dice.random() < 0.3)
    incident = CaseFiles(alert, _truth(fault), times, table(flavour, sampling, system, courses), system.edges)
    _records(dice, system, courses, recorded, kin.changed, fault, incident)
    return incident


def _fault(dice: random.Random, system: System, name: str, onset: float, times: Sequence[float]) -> DrawnFault:
    kind = KINDS[name]
    able = [each for each in system.components if each.role in kind.roles]
    root = dice.choice(able)
    at = tuple(each.name for each in system.components if each.host == root.host) if kind.at_host else (root.name,)
    # What is started again is over soon.
    lasts = dice.uniform(60, 300) if kind.shape == "pulse" else times[-1] - onset + 3600
    ramp, period = {
        "step": (0.0, 0.0),
        "ramp": (dice.uniform(60, 600), 0.0),
        "flap": (0.0, dice.choice((60.0, 120.0))),
    }.get(kind.shape, (0.0, 0.0))
    if kind.shape == "hours":
        ramp = 0.9 * (times[-1] - times[0])
        onset = times[0] + 0.1 * ramp
        lasts += times[-1] - times[0]
    found = DrawnFault(
        name,
        kind,
        root.host if kind.at_host else root.name,
        at,
        drawn(dice, kind),
        onset,
        onset + lasts,
        ramp,
        period,
    )
    if name == "two-at-once" and len(able) > 1:
        other = dice.choice([each for each in able if each is not root])
        found = replace(found, second=replace(found, root=other.name, at=(other.name,), force=_SECOND, second=None))
    return found


def _alert(
    dice: random.Random,
    system: System,
    courses: Mapping[str, Course],
    times: Sequence[float],
    fault: DrawnFault | None,
    fired_at: float,
) -> Json | None:
    """Have the entry alert if it feels it, else somebody on the way to the root, else nobody."""
    if fault is None:
        service, kind = system.components[0].name, dice.choice(("latency", "errors", "availability"))
        return _worded(dice, service, kind, fired_at)
    before = [index for index, at in enumerate(times) if at < fault.onset] or [0]
    after = [index for index, at in enumerate(times) if fault.onset <= at <= fired_at]
    suffering = set[str]().union(*(system.upstream(name) for name in fault.at)) | set(fault.at)
    # The entry first; of the others whoever is nearest to it.
    for each in system.components:
        if each.name not in suffering or not after or each.role not in (Role.ENTRY, Role.SERVICE):
            continue
        own = courses[each.name]
        failing = _mean(own.failing, after) - _mean(own.failing, before)
        slower = _mean(own.total_ms, after) / max(_mean(own.total_ms, before), 1e-9)
        if failing > _FELT_FAILING:
            return _worded(dice, each.name, dice.choice(("errors", "availability")), fired_at)
        if slower > _FELT_LATENCY:
            return _worded(dice, each.name, "latency", fired_at)
    return None


def _mean(track: Sequence[float], places: Sequence[int]) -> float:
    return sum(track[place] for place in places) / len(places)


def _worded(dice: random.Random, service: str, kind: str, fired_at: float) -> Json:
    title = {"latency": "Latency", "errors": "ErrorRate", "availability": "Availability"}[kind]
    labels = {"alertname": f"{title}SLO", "severity": dice.choice(("critical", "warning")), "service": service}
    said = {
        "latency": "Latency of {} is above its threshold.",
        "errors": "{} fails more requests than usual.",
        "availability": "Availability of {} is below its objective.",
    }
    return {
        "service": service,
        "kind": kind,
        "fired_at": fired_at,
        "labels": labels,
        "summary": said[kind].format(service),
    }


def _truth(fault: DrawnFault | None) -> Json:
    if fault is None:
        return {"root_service": None, "fault_kind": "nothing", "healthy": True}
    return {"root_service": fault.root, "fault_kind": fault.name, "healthy": False, "inject_at": fault.onset}


def _records(
    dice: random.Random,
    system: System,
    courses: Mapping[str, Course],
    recorded: tuple[bool, bool],
    changed: float,
    fault: DrawnFault | None,
    incident: CaseFiles,
) -> None:
    fired_at = float(incident.alert["fired_at"])
    scribe = Scribe(dice, system, fault)
    spans, logs = recorded
    changes = dice.random() < changed
    if spans or logs:
        reference = (fired_at - 5400, fired_at - 5340) if dice.random() < 0.3 else (fired_at - 1500, fired_at - 1200)
        recent = (fired_at - 600, max(incident.times[-1], fired_at))
        walked(
            dice,
            scribe,
            (reference, recent),
            incident.times,
            courses,
            dice.choice((60, 300, 1000)),
            spans=spans,
            logs=logs,
        )
    if logs and fault:
        _platform(dice, scribe, fault, fired_at)
    incident.lines, incident.spans = (
        sorted(scribe.lines, key=lambda each: each["ts"]),
        sorted(scribe.spans, key=lambda each: each["start"]),
    )
    if changes or (fault and fault.kind.change and dice.random() < 0.8):
        found, culprit, decoys = around(dice, system, fault, incident.alert, scribe.words)
        incident.changes = found
        incident.truth |= {"culprit_change": culprit, "decoy_changes": decoys}


def _platform(dice: random.Random, scribe: Scribe, fault: DrawnFault, fired_at: float) -> None:
    host = fault.root if fault.kind.at_host else ""
    for said in fault.kind.platform:
        for _ in range(dice.randint(1, 3)):
            at = dice.uniform(fault.onset, fired_at)
            scribe.line(at, fault.root, "warn", said, host=host)


def written(incident: CaseFiles, folder: Path) -> Path:
    """Write a case into a folder, and return that."""
    folder.mkdir(parents=True)
    for name, whole in (("alert", incident.alert), ("truth", incident.truth), ("topology", {"edges": incident.edges})):
        (folder / f"{name}.json").write_text(json.dumps(whole), "utf-8")
    if incident.changes:
        (folder / "changes.json").write_text(json.dumps(incident.changes), "utf-8")
    for name, records in (("logs", incident.lines), ("spans", incident.spans)):
        if records:
            with gzip.open(folder / f"{name}.ndjson.gz", "wt", compresslevel=1, encoding="utf-8") as file:
                file.writelines(f"{json.dumps(record)}\n" for record in records)
    with gzip.open(folder / "metrics.csv.gz", "wt", compresslevel=1, encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["time", *incident.metrics])
        columns = list(incident.metrics.values())
        for index, at in enumerate(incident.times):
            rows.writerow([round(at, 2), *("" if column[index] is None else column[index] for column in columns)])
    return folder
