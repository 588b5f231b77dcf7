"""Describes what the sources tell about a stretch of time, in one shape whoever told it.

Bulk data carry epoch seconds as floats, because a thousand lines or spans are compared by arithmetic; everything that a
person sees is a datetime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class MetricKind(StrEnum):
    """What a series measures, and so which direction is bad; each has a text `metric.<kind>`."""

    LATENCY = "latency"
    ERRORS = "errors"
    SATURATION = "saturation"
    AVAILABILITY = "availability"
    TRAFFIC = "traffic"
    OTHER = "other"


class ChangeKind(StrEnum):
    """What somebody changed; each has a text `change.<kind>`."""

    DEPLOY = "deploy"
    CONFIG = "config"
    FLAG = "flag"
    COMMIT = "commit"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time."""

    start: datetime
    end: datetime

    @classmethod
    def between(cls, start: float, end: float) -> Window:
        """Make one from epoch seconds."""
        return cls(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class RangeSeries:
    """One series of a range query: (epoch seconds, value) oldest first; missing samples are left out, NaN as well."""

    labels: Mapping[str, str]
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Series:
    """One measure of one service; `query` is the PromQL that shows exactly this series, if there is one."""

    service: str
    name: str
    kind: MetricKind
    points: Sequence[tuple[float, float]]
    unit: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log event; a stack trace belongs to the event that it follows. `level` is lower case, or nothing if unknown."""

    at: float
    service: str
    message: str
    level: str = ""
    trace_id: str = ""
    span_id: str = ""


@dataclass(frozen=True, slots=True)
class ReadLog:
    """The newest lines of a stretch, oldest first; `cut_at` (epoch seconds) is since when all were read, None if all were."""

    lines: Sequence[LogLine]
    cut_at: float | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """One span; ids are hex, `parent_id` nothing at the root, `kind` server / client / internal / … or nothing."""

    trace_id: str
    span_id: str
    parent_id: str
    service: str
    operation: str
    start: float
    duration_ms: float
    failed: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """One trace as a search lists it."""

    trace_id: str
    service: str
    operation: str
    start: float
    duration_ms: float


@dataclass(frozen=True, slots=True)
class FoundTrace:
    """One trace that a search found, with as many of its spans as came along; `whole` if these are all."""

    summary: TraceSummary
    spans: Sequence[Span] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """Something that somebody changed; `service` is None where that is not known (a commit)."""

    at: float
    kind: ChangeKind
    id: str
    text: str
    service: str | None = None


# Reasons of gaps of which a part was read all the same.
PARTLY = frozenset({"truncated", "young"})


@dataclass(frozen=True, slots=True)
class Gap:
    """What could not be seen: a source, and why (`reason` is a text key, `detail` its value)."""

    source: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Observations:
    """Everything collected for one incident.

    `service` is the alerting one, None if the alert names none. `edges` are (caller, callee). `log_windows` and
    `span_windows` are the stretches (epoch seconds) that were read completely; empty means: as far as the data go.
    Of a service that was too loud to be read completely `cut_log_windows` holds which parts of them were.
    Where a person asked about a service that nothing fires for, `alerting` is False and `fired_at` is that moment.
    `first_at` is when the trouble was first there, if it has come again: the usual is what was before that.
    """

    service: str | None
    kind: MetricKind
    fired_at: float
    summary: str = ""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    series: Sequence[Series] = ()
    lines: Sequence[LogLine] = ()
    spans: Sequence[Span] = ()
    edges: Sequence[tuple[str, str]] = ()
    changes: Sequence[Change] = ()
    log_windows: Sequence[tuple[float, float]] = ()
    span_windows: Sequence[tuple[float, float]] = ()
    cut_log_windows: Mapping[str, Sequence[tuple[float, float]]] = field(
        default_factory=dict[str, Sequence[tuple[float, float]]]
    )
    also_firing: Sequence[str] = ()
    gaps: Sequence[Gap] = ()
    alerting: bool = True
    first_at: float | None = None
