"""Names the servers that are asked what is going on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.alerts import Alert, Rule
from bot.domain.looks import SourceState
from bot.domain.mute_timings import MuteTiming
from bot.domain.silences import Matcher, Silence
from bot.domain.telemetry import Change, FoundTrace, LogLine, RangeSeries, ReadLog, Span, TraceSummary, Window
from bot.domain.views import DashboardLink


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an instant query; NaN stays NaN."""

    labels: dict[str, str] = field(default_factory=dict[str, str])
    value: float = 0.0


# The name of what stands in where neither Grafana nor Alertmanager is connected.
NO_ALERT_SOURCE = "none"


class AlertSource(Protocol):
    """Grafana or Alertmanager: what fires, which rules there are, and real silences."""

    name: str

    async def alerts(self) -> Sequence[Alert]:
        """Return what fires now, with what is silenced; `receivers` are those whom nothing keeps it from."""
        ...

    async def rules(self) -> Sequence[Rule]:
        """Return the alert rules, those that do not fire too. Raises SourceError."""
        ...

    async def state(self) -> SourceState:
        """Tell what it says of itself. Raises SourceError."""
        ...

    async def silences(self) -> Sequence[Silence]:
        """Return the silences that are active or pending, and for some days those that have ended."""
        ...

    async def mute_timings(self) -> Sequence[MuteTiming]:
        """Return the times in which it mutes again and again, by name. Raises SourceError."""
        ...

    async def create_silence(
        self, matchers: Sequence[Matcher], starts_at: datetime, ends_at: datetime, created_by: str, comment: str
    ) -> str:
        """Create a silence and return the source's id of it."""
        ...

    async def extend_silence(self, silence: Silence) -> str:
        """Have a silence end when this one says and be the same otherwise; return the id that it has then."""
        ...

    async def expire_silence(self, source_id: str) -> None:
        """End a silence; one that has ended or never was is no error."""
        ...

    async def ping(self) -> None:
        """Raise SourceError if it cannot be reached with our credentials."""
        ...


class Metrics(Protocol):
    """Prometheus."""

    name: str

    async def query(self, promql: str) -> Sequence[Sample]:
        """Run an instant query now. Raises SourceUnavailable, or QueryRejected with Prometheus' own message."""
        ...

    async def query_range(
        self, promql: str, window: Window, step_s: float, limit: int, *, every: bool = False
    ) -> Sequence[RangeSeries]:
        """Run a range query and return at most `limit` series; with `every` also those samples that are no number.

        Raises SourceUnavailable or QueryRejected.
        """
        ...

    async def exemplars(self, promql: str, window: Window) -> Sequence[tuple[float, float]]:
        """Return when single requests were measured of the series that a query is about, and what. Raises SourceError."""
        ...

    async def firing(self) -> Sequence[tuple[Mapping[str, str], datetime]]:
        """Return the labels of the alerts that fire where the rules are evaluated, and since when each has been true.

        Raises SourceUnavailable or QueryRejected.
        """
        ...

    async def started_at(self) -> datetime | None:
        """Tell when it was started; None if it does not say. Raises SourceError."""
        ...

    async def frozen_targets(self) -> Sequence[str]:
        """Name the targets whose series do not move because they exceed their sample_limit. Raises SourceError."""
        ...

    async def ping(self) -> None:
        """Raise SourceError if it cannot be reached."""
        ...


class Logs(Protocol):
    """Loki."""

    name: str

    async def lines(self, logql: str, window: Window, limit: int) -> Sequence[LogLine]:
        """Return the newest `limit` events of a log query (at most 5,000), oldest first.

        Lines that continue an event (a stack trace) are joined to it. Raises SourceUnavailable or QueryRejected.
        """
        ...

    async def read(self, logql: str, window: Window, limit: int) -> ReadLog:
        """Return the same, and since when nothing is left out."""
        ...

    async def ping(self) -> None:
        """Raise SourceError if it cannot be reached."""
        ...


class Traces(Protocol):
    """Tempo."""

    name: str

    async def search(self, traceql: str, window: Window, limit: int) -> Sequence[TraceSummary]:
        """Return traces that match; the newest half minute may not be searchable yet.

        Raises SourceUnavailable or QueryRejected.
        """
        ...

    async def find(self, condition: str, window: Window, limit: int) -> Sequence[FoundTrace]:
        """Return traces of which a span meets a TraceQL condition, with the spans that one answer holds.

        Raises SourceUnavailable or QueryRejected.
        """
        ...

    async def spans(self, trace_id: str, window: Window) -> Sequence[Span]:
        """Return the spans of a trace, oldest first; none for a trace that is not known. Raises SourceError."""
        ...

    async def ping(self) -> None:
        """Raise SourceError if it cannot be reached."""
        ...


class Dashboards(Protocol):
    """Grafana's dashboards and annotations."""

    name: str

    async def search(self) -> Sequence[DashboardLink]:
        """Return all dashboards, at most 20,000. Raises SourceError."""
        ...

    async def annotations(self, window: Window) -> Sequence[Change]:
        """Return what people and CI wrote down as deploys and changes in Grafana, oldest first. Raises SourceError."""
        ...

    async def ping(self) -> None:
        """Raise SourceError if it cannot be reached with our credentials."""
        ...
