"""Tells when a rule would have fired: its expression's own past answers through the state machine of an alert.

Source: Prometheus, rules/alerting.go (2.42 to 3.14): pending for `for`, firing until it has been away for
`keep_firing_for`; Grafana does the same (pkg/services/ngalert/state, 12.0 on).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Track:
    """The moments (epoch seconds) at which one series made the rule true, with its values, oldest first.

    `group` is what is told together.
    """

    group: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Run:
    """Evaluations in a row that found a series true: the first and the last (epoch seconds), lowest and highest value."""

    start: float
    end: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Episode:
    """One series firing, from then until then (epoch seconds), with the lowest and highest value meanwhile."""

    group: str
    start: float
    end: float
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How often a rule is evaluated, and how long it waits before it fires and before it stops."""

    interval: timedelta
    wait: timedelta = timedelta()
    keep: timedelta = timedelta()


Runs = Sequence[tuple[str, Sequence[Run]]]


def runs(tracks: Iterable[Track], interval: timedelta, holds: Callable[[float], bool]) -> Runs:
    """Return the runs of each track."""
    step = interval.total_seconds()
    return [(track.group, list(_runs(track, step, holds))) for track in tracks]


def episodes(found: Runs, timing: Timing) -> list[Episode]:
    """Return all the times when a rule would have fired, in order of their beginning."""
    fired = [each for group, theirs in found for each in _fired(group, theirs, timing)]
    return sorted(fired, key=lambda each: each.start)


def notifications(fired: Sequence[Episode], apart: timedelta) -> int:
    """Count what is told of episodes in order: what begins in one group within `apart` of what was told is told with it."""
    told: dict[str, float] = {}
    count = 0
    for each in fired:
        last = told.get(each.group)
        if last is None or each.start - last >= apart.total_seconds():
            told[each.group] = each.start
            count += 1
    return count


def _runs(track: Track, step: float, holds: Callable[[float], bool]) -> Iterator[Run]:
    run: Run | None = None
    for at, value in track.points:
        if not holds(value):
            continue
        if run and at - run.end <= step * 1.5:
            run = Run(run.start, at, min(run.low, value), max(run.high, value))
            continue
        if run:
            yield run
        run = Run(at, at, value, value)
    if run:
        yield run


def _fired(group: str, found: Sequence[Run], timing: Timing) -> Iterator[Episode]:
    step = timing.interval.total_seconds()
    waits = math.ceil(timing.wait.total_seconds() / step - 1e-6) * step
    # It is found to be over by an evaluation: the first one after it has been away for so long.
    lasts = step + math.ceil(timing.keep.total_seconds() / step - 1e-6) * step
    open_one: Episode | None = None
    for run in found:
        if open_one and run.start - open_one.end <= step / 2:
            low, high = min(open_one.low, run.low), max(open_one.high, run.high)
            open_one = Episode(group, open_one.start, run.end + lasts, low, high)
            continue
        if open_one:
            yield open_one
            open_one = None
        # What only waits is forgotten by one evaluation without it.
        if run.end - run.start >= waits - step / 1000:
            open_one = Episode(group, run.start + waits, run.end + lasts, run.low, run.high)
    if open_one:
        yield open_one
