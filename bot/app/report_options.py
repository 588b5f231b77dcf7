"""Reads what the settings say of reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.app.settings import Settings
from bot.domain.alerts import Severity
from bot.domain.jobs import Weekly
from bot.reporting.history import Target

# What the mission of an on-call team says where bot.yml says nothing.
_TARGETS: Final = {
    Severity.P1: Target(acknowledge=timedelta(minutes=15)),
    Severity.P2: Target(acknowledge=timedelta(hours=1)),
}
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def targets_of(settings: Settings) -> Mapping[Severity, Target]:
    """Return how soon somebody has to answer."""
    chosen = settings.reports.targets
    return _TARGETS | {Severity[name]: Target(entry.acknowledge, entry.resolve) for name, entry in chosen.items()}


def report_hours(settings: Settings) -> Weekly | None:
    """Return when a report comes by itself."""
    chosen = settings.reports
    if chosen.day == "off":
        return None
    days = frozenset({_DAYS.index(chosen.day)})
    return Weekly(time.fromisoformat(chosen.at), ZoneInfo(settings.timezone), days)
