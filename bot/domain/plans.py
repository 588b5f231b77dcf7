"""Describes what an investigation reads, as the configuration says it, and where people see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from bot.domain.telemetry import MetricKind

SELECTOR = "$selector"
RATE = "$rate"


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """One PromQL; with `$selector` it is asked for each service, without it once, and `$rate` is the window of a rate.

    A series without the service label belongs to the host that it came from.
    """

    name: str
    query: str
    kind: MetricKind
    unit: str = ""

    @property
    def each(self) -> bool:
        """Whether it is asked for each service."""
        return SELECTOR in self.query


@dataclass(frozen=True, slots=True)
class Plan:
    """What is read around an alert, from where, and how much of it; lengths are of time."""

    metrics: tuple[MetricQuery, ...] = ()
    service_label: str = "service"
    log_label: str = "service"
    trace_attribute: str = "resource.service.name"
    look_back: timedelta = timedelta(minutes=40)
    step: timedelta = timedelta(seconds=15)
    rate: str = "1m"
    logs_around: timedelta = timedelta(minutes=5)
    baseline: timedelta = timedelta(minutes=10)
    changes_back: timedelta = timedelta(hours=24)
    most_series: int = 500
    most_lines: int = 2000
    most_traces: int = 40
    # One read by its id cost Tempo 27 to 525 ms of CPU, as much as a search for forty.
    most_fetches: int = 16
    most_trace_requests: int = 40
    # A span of the newest half minute cannot be searched yet; seen were up to 46 s.
    searchable_after: timedelta = timedelta(seconds=46)
    deadline_s: float = 10.0
    most_services: int = 8


@dataclass(frozen=True, slots=True)
class Explore:
    """Where Grafana's Explore is, and the uids of its data sources by kind (prometheus, loki, tempo)."""

    url: str = ""
    sources: Mapping[str, str] = field(default_factory=dict[str, str])


def explore_address(
    grafana_url: str, source: str, query: Mapping[str, object], start: datetime, end: datetime | None = None
) -> str:
    """Return the address of a query in Grafana's Explore, until now if it has no end; `source` is the uid of a data source."""
    pane = {
        "datasource": source,
        "queries": [{"refId": "A", **query}],
        "range": {"from": _epoch_ms(start), "to": _epoch_ms(end) if end else "now"},
    }
    return f"{grafana_url}/explore?schemaVersion=1&panes={quote(json.dumps({'a': pane}, separators=(',', ':')))}"


def _epoch_ms(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))
