"""Bundles the servers that tell what was going on."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ports.inquiries import Changes
from bot.ports.sources import Dashboards, Logs, Metrics, Traces


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What evidence is read from; None for a server that is not configured."""

    changes: Changes
    metrics: Metrics | None = None
    logs: Logs | None = None
    traces: Traces | None = None
    dashboards: Dashboards | None = None
