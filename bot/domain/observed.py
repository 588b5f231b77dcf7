"""Turns raw answers of the sources into what a ranking reads: named series, restarts, changes, who calls whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from bot.domain.owners import Catalogue
from bot.domain.plans import MetricQuery
from bot.domain.telemetry import Change, ChangeKind, LogLine, RangeSeries, ReadLog, Series, Span, Window

# A clock that jitters moves a start time by less than this; a restart moves it by more (seconds).
_JITTER_S = 2.0
# A deploy and the restart that it makes are one change (seconds).
_SAME_CHANGE_S = 180.0
_NAME = 120


def series_of(query: MetricQuery, promql: str, found: RangeSeries, service: str, *, several: bool) -> Series:
    """Name a series of an answer; where there are several, by the labels that tell them apart."""
    rest = ",".join(f"{key}={value}" for key, value in sorted(found.labels.items()) if key != "__name__")
    name = f"{query.name} {rest}"[:_NAME] if several and rest else query.name
    return Series(service, name, query.kind, found.points, query.unit, promql)


def restarts_of(service: str, found: Sequence[RangeSeries]) -> list[Change]:
    """Read restarts from start times that changed."""
    changes: dict[int, Change] = {}
    for series in found:
        for (_, before), (_, after) in pairwise(series.points):
            if after > before + _JITTER_S:
                text = f"{service} {datetime.fromtimestamp(after, UTC):%H:%M:%S}"
                changes[round(after)] = Change(after, ChangeKind.RESTART, str(round(after)), text, service)
    return list(changes.values())


def merged(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Order changes, each once, without the restarts that belong to a deploy."""
    shipped = [change for change in changes if change.kind is not ChangeKind.RESTART]
    kept = [
        change
        for change in changes
        if change.kind is not ChangeKind.RESTART
        or not any(
            each.service in (None, change.service) and abs(each.at - change.at) < _SAME_CHANGE_S for each in shipped
        )
    ]
    return tuple(sorted({(each.kind, each.service, each.id): each for each in kept}.values(), key=lambda each: each.at))


def recorded(windows: Sequence[tuple[float, float]], lines: Sequence[LogLine]) -> tuple[tuple[float, float], ...]:
    """Cut the stretches that were read to what was recorded: before its first line a log did not exist yet."""
    if not lines:
        return ()
    first = min(line.at for line in lines)
    return tuple((max(start, first), end) for start, end in windows if end > first)


def cut_windows(
    service: str, windows: Sequence[Window], found: Sequence[ReadLog]
) -> dict[str, list[tuple[float, float]]]:
    """Return the parts of the stretches that were read of a service too loud for them, under each name that it logs as."""
    parts = [
        (each.cut_at or window.start.timestamp(), window.end.timestamp())
        for window, each in zip(windows, found, strict=True)
    ]
    return dict.fromkeys({service, *(line.service for each in found for line in each.lines)}, parts)


def edges_of(catalogue: Catalogue, spans: Sequence[Span]) -> tuple[tuple[str, str], ...]:
    """Return who calls whom: as configured, and as the spans show."""
    by_id = {(span.trace_id, span.span_id): span.service for span in spans}
    edges = {(name, callee) for name, each in catalogue.services.items() for callee in each.depends_on}
    for span in spans:
        caller = by_id.get((span.trace_id, span.parent_id))
        if caller and caller != span.service:
            edges.add((caller, span.service))
    return tuple(sorted(edges))
