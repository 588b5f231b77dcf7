"""Turns what sources told into rows that are short enough to be read by a model, and quoted by it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import cast

from bot.domain.incidents import Incident
from bot.domain.labels import service_of as service_named
from bot.domain.telemetry import Change, LogLine, RangeSeries, Span, TraceSummary

Row = dict[str, object]

_POINTS = 12


@dataclass(frozen=True, slots=True)
class Excerpts:
    """Writes rows with times as people here read them."""

    zone: tzinfo

    def moment(self, at: float | datetime) -> str:
        """Write a moment with its zone."""
        known = at if isinstance(at, datetime) else datetime.fromtimestamp(at, self.zone)
        return f"{known.astimezone(self.zone):%m-%d %H:%M:%S %Z}"

    def series(self, series: RangeSeries) -> Row:
        """Write a series that has points: its course in a dozen of them, and what is worth quoting."""
        values = [value for _, value in series.points]
        thin = series.points[:: max(1, math.ceil(len(series.points) / _POINTS))]
        first, last, least, most = (number(each) for each in (values[0], values[-1], min(values), max(values)))
        return {
            "labels": labels(series.labels),
            "said": f"{first} → {last} ({least}–{most})",
            "first": first,
            "last": last,
            "min": least,
            "max": most,
            "max_at": self.moment(max(series.points, key=lambda point: point[1])[0]),
            "mean": number(sum(values) / len(values)),
            "points": [[self.moment(at), number(value)] for at, value in thin],
        }

    def line(self, line: LogLine) -> Row:
        """Write a log line."""
        return {
            "at": self.moment(line.at),
            "service": line.service,
            "level": line.level,
            "line": line.message,
            "trace_id": line.trace_id,
        }

    def trace(self, trace: TraceSummary) -> Row:
        """Write a trace that was found."""
        return {
            "trace_id": trace.trace_id,
            "service": trace.service,
            "operation": trace.operation,
            "at": self.moment(trace.start),
            "ms": number(trace.duration_ms),
        }

    def change(self, change: Change, now: datetime) -> Row:
        """Write a change by its first line."""
        return {
            "at": self.moment(change.at),
            "minutes_ago": max(0, round((now.timestamp() - change.at) / 60)),
            "kind": change.kind.value,
            "service": change.service or "",
            "id": change.id,
            "text": change.text.split("\n", 1)[0],
        }

    def incident(self, incident: Incident) -> Row:
        """Write an incident."""
        return {
            "number": f"#{incident.number}",
            "title": incident.title,
            "service": incident.service or "",
            "severity": incident.severity.name,
            "state": incident.state.value,
            "opened_at": self.moment(incident.opened_at),
            "resolved_at": self.moment(incident.resolved_at) if incident.resolved_at else "",
        }


def span(span: Span, began: float) -> Row:
    """Write a span of a trace that began then."""
    return {
        "service": span.service,
        "operation": span.operation,
        "after_ms": number((span.start - began) * 1000),
        "ms": number(span.duration_ms),
        "failed": span.failed,
    }


def telling(spans: Sequence[Span], most: int) -> Sequence[Span]:
    """Choose the failed and the longest spans of a trace, in their order."""
    chosen = sorted(spans, key=lambda each: (not each.failed, -each.duration_ms))[:most]
    return sorted(chosen, key=lambda each: each.start)


def told(rows: Sequence[Mapping[str, object]], *names: str) -> str:
    """Say rows in short, in no language."""
    return "; ".join(" ".join(_word(row[name]) for name in names if row.get(name) not in ("", None)) for row in rows)


def labels(found: Mapping[str, str]) -> dict[str, str]:
    """Leave out what tells nothing beside other labels."""
    return {name: value for name, value in found.items() if name != "job" or len(found) == 1}


def number(value: float) -> float | int | str:
    """Write a number short enough to be quoted; JSON knows neither NaN nor infinity."""
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= 1000 or value == int(value):
        return round(value)
    return float(f"{value:.4g}")


def service_of(rows: Sequence[Mapping[str, object]]) -> str:
    """Return the one service that all rows are about, if it is one."""
    named = {_service(row) for row in rows}
    return named.pop() if len(named) == 1 else ""


def _service(row: Mapping[str, object]) -> str:
    found = row.get("labels")
    if isinstance(found, dict):
        named = cast("dict[str, str]", found)
        return service_named(named) or ""
    return str(row.get("service", ""))


def _word(value: object) -> str:
    return ",".join(map(str, cast("dict[str, object]", value).values())) if isinstance(value, dict) else str(value)
