"""Computes how soon incidents were acknowledged (MTTA) and over (MTTR), by severity, against the targets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.alerts import Severity
from bot.domain.incidents import Incident
from bot.reporting.history import Target


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took: median and p90 over `count` incidents; `met` of `judged` were within the target."""

    count: int
    median: timedelta
    p90: timedelta
    target: timedelta | None = None
    met: int = 0
    judged: int = 0


@dataclass(frozen=True, slots=True)
class AcknowledgedShare:
    """The incidents of one severity; `unanswered` were never acknowledged, of which `by_itself` are over all the same."""

    severity: Severity
    count: int
    acknowledged: Times | None
    resolved: Times | None
    unanswered: int = 0
    by_itself: int = 0


def answered(
    incidents: Iterable[Incident], targets: Mapping[Severity, Target], at: datetime
) -> tuple[AcknowledgedShare, ...]:
    """Return a row for each severity that there was, the worst first; `at` is when the stretch of time ends."""
    by_severity: dict[Severity, list[Incident]] = {}
    for each in incidents:
        by_severity.setdefault(each.severity, []).append(each)
    order = sorted(by_severity, key=lambda severity: severity.value)
    return tuple(_row(severity, by_severity[severity], targets.get(severity, Target()), at) for severity in order)


def quantile(values: Sequence[float], part: float) -> float:
    """Return a quantile by linear interpolation between the two nearest ranks."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * part
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _row(severity: Severity, incidents: Sequence[Incident], target: Target, at: datetime) -> AcknowledgedShare:
    unanswered = [each for each in incidents if each.first_ack_at is None]
    # What ended before anybody had to have answered says nothing about who answers.
    acked = [(each.opened_at, each.first_ack_at, each.resolved_at or at) for each in incidents]
    resolved = [(each.opened_at, each.resolved_at, at) for each in incidents]
    return AcknowledgedShare(
        severity,
        len(incidents),
        _times(acked, target.acknowledge),
        _times(resolved, target.resolve),
        len(unanswered),
        sum(each.resolved_at is not None for each in unanswered),
    )


def _times(moments: Sequence[tuple[datetime, datetime | None, datetime]], target: timedelta | None) -> Times | None:
    """Judge (began, happened, until when it could still happen); what may yet happen in time is not judged."""
    # The clock of who sends alerts may be ahead of ours.
    took = [max((done - began).total_seconds(), 0.0) for began, done, _ in moments if done]
    if not took:
        return None
    judged = [(done or until) - began for began, done, until in moments if done or _late(began, until, target)]
    return Times(
        len(took),
        timedelta(seconds=quantile(took, 0.5)),
        timedelta(seconds=quantile(took, 0.9)),
        target,
        sum(length <= target for length in judged) if target else 0,
        len(judged) if target else 0,
    )


def _late(began: datetime, until: datetime, target: timedelta | None) -> bool:
    return target is not None and until - began > target
