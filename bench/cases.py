"""Case bundles: a folder of recordings in, Observations out.

A case is `<suite>/<case-id>/` with `alert.json` and whatever its sources had: metrics, logs, spans, topology, changes,
state. What an evaluator knows besides is read by `bench.truths` and by nobody else.
"""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import math
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.platform_state import complaints
from bot.domain.kinds import kind_of
from bot.domain.telemetry import Change, ChangeKind, LogLine, MetricKind, Observations, Series, Span

Json = dict[str, Any]

# So many cases of a suite tell a defect of a bench.
QUICK = 4

_ALERT = "alert.json"
_KINDS = {
    "latency": MetricKind.LATENCY,
    "errors": MetricKind.ERRORS,
    "availability": MetricKind.AVAILABILITY,
    "saturation": MetricKind.SATURATION,
}
# The longest ending that fits is the unit; in the words that a chart's axis has.
_UNITS = {
    "_bytes_per_second": "B/s",
    "_count_per_second": "/s",
    "_per_second": "/s",
    "_per_sec": "/s",
    "_per_min": "/min",
    "_milliseconds": "ms",
    "_ms": "ms",
    "_seconds": "s",
    "_percent": "%",
    "_pct": "%",
    "_millicores": "mCPU",
    "_cores": "CPU",
    "_mebibytes": "MiB",
    "_gib": "GiB",
    "_bytes": "B",
    "_ratio": "ratio",
}
_EVENT_LEVELS = {"warning": "warn", "normal": "info"}
# A source that was read for two stretches falls silent in between for much longer than it ever does by itself.
_SHORTEST_BREAK_S = 300.0
_BREAK_PER_STEP = 10
# Of fewer records nobody can say where a stretch ends.
_FEWEST_FOR_STRETCHES = 50


def folders(root: Path, suite: str | None = None) -> dict[str, list[Path]]:
    """Return the cases of every suite below a folder (or of one), both in the order of their names."""
    found: dict[str, list[Path]] = {}
    for alert in sorted(root.glob(f"*/*/{_ALERT}")):
        name = alert.parent.parent.name
        if suite in (None, name):
            found.setdefault(name, []).append(alert.parent)
    return found


def few(cases: Sequence[Path]) -> Sequence[Path]:
    """Return at most QUICK of the cases, spread over all of them."""
    return cases[:: -(-len(cases) // QUICK)]


def load(folder: Path) -> Observations:
    """Read all of a case that a solver may know."""
    alert: Json = json.loads((folder / _ALERT).read_text("utf-8"))
    fired_at = float(alert["fired_at"])
    lines = sorted(map(_line, _records(folder / "logs.ndjson.gz")), key=lambda line: line.at)
    spans = sorted(map(_span, _records(folder / "spans.ndjson.gz")), key=lambda span: span.start)
    state: Json = _whole(folder / "state.json", {})
    return Observations(
        service=alert.get("service"),
        kind=_KINDS.get(alert.get("kind") or "", MetricKind.OTHER),
        fired_at=fired_at,
        summary=alert.get("summary") or "",
        labels={name: str(value) for name, value in (alert.get("labels") or {}).items()},
        series=_series(folder / "metrics.csv.gz"),
        lines=[*lines, *complaints(state, fired_at, alert.get("service") or "")],
        spans=spans,
        edges=[(caller, callee) for caller, callee in _whole(folder / "topology.json", {}).get("edges", [])],
        changes=sorted(map(_change, _whole(folder / "changes.json", [])), key=lambda change: change.at),
        log_windows=stretches([line.at for line in lines]),
        span_windows=stretches([span.start for span in spans]),
    )


def stretches(times: Sequence[float]) -> list[tuple[float, float]]:
    """Return the stretches that sorted times lie in, split where nothing came for far longer than usual."""
    if len(times) < _FEWEST_FOR_STRETCHES:
        return []
    steps = [after - before for before, after in itertools.pairwise(times)]
    longest = max(_SHORTEST_BREAK_S, _BREAK_PER_STEP * statistics.median(steps))
    breaks = [at for at, step in enumerate(steps, 1) if step > longest]
    return [(times[first], times[last - 1]) for first, last in zip([0, *breaks], [*breaks, len(times)], strict=True)]


def unit_of(metric: str) -> str:
    """Return the unit that ends the name of a metric, or nothing."""
    return next((_UNITS[ending] for ending in sorted(_UNITS, key=len, reverse=True) if metric.endswith(ending)), "")


def _series(path: Path) -> list[Series]:
    """Read a wide table; a cell that is empty or no number is a sample that was not taken."""
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        names = next(rows, ["time"])[1:]
        points: list[list[tuple[float, float]]] = [[] for _ in names]
        for at, *cells in rows:
            time = float(at)
            for column, cell in zip(points, cells, strict=False):
                if cell and math.isfinite(value := float(cell)):
                    column.append((time, value))
    return [_named(name, sorted(column)) for name, column in zip(names, points, strict=True) if len(column) > 1]


def _named(column: str, points: list[tuple[float, float]]) -> Series:
    service, _, metric = column.partition("|")
    return Series(service, metric, kind_of(metric), points, unit_of(metric))


def _line(record: Json) -> LogLine:
    return LogLine(
        at=float(record["ts"]),
        service=record["service"],
        message=record["message"],
        level=_level(record),
        trace_id=record.get("trace_id") or "",
        span_id=record.get("span_id") or "",
    )


def _level(record: Json) -> str:
    """Return the level; an event of Kubernetes has none but a type, Normal or Warning."""
    level = (record.get("level") or "").lower()
    told = str((record.get("attrs") or {}).get("type", "")).lower()
    return _EVENT_LEVELS.get(told, level) if level == "event" else level


def _span(record: Json) -> Span:
    return Span(
        trace_id=record["trace_id"],
        span_id=record["span_id"],
        parent_id=record.get("parent_id") or "",
        service=record["service"],
        operation=record["operation"],
        start=float(record["start"]),
        duration_ms=float(record["duration_ms"]),
        failed=(record.get("status") or "").lower() == "error",
    )


def _change(record: Json) -> Change:
    return Change(
        at=float(record["at"]),
        kind=ChangeKind(record["kind"]),
        id=str(record["id"]),
        text=record.get("text") or "",
        service=record.get("service"),
    )


def _records(path: Path) -> Iterator[Json]:
    if path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)


def _whole(path: Path, default: Any) -> Any:
    return json.loads(path.read_text("utf-8")) if path.exists() else default
