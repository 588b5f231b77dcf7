"""The part of the composition root that puts reports together."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.advice.summarizing import ModelSummarizer
from bot.app.settings import Settings
from bot.app.sources import Sources
from bot.app.words import vocabulary_of
from bot.core.access import Gate
from bot.core.oncall.desk import OnCallDesk
from bot.core.reporting.forecasting import Forecasting
from bot.core.reporting.postmortems import Postmortems
from bot.core.reporting.replaying import Replaying, Terms
from bot.core.reporting.reporting import House, Reporting
from bot.core.viewing import Viewer
from bot.domain.alerts import Severity
from bot.domain.jobs import Weekly
from bot.domain.owners import Catalogue
from bot.models.budget import Purse
from bot.ports import Clock
from bot.redaction.redact import Redactor
from bot.reporting.history import Target
from bot.store.database import Database
from bot.telemetry.absent import AbsentMetrics

# What the mission of an on-call team says where bot.yml says nothing.
_TARGETS: Final = {
    Severity.P1: Target(acknowledge=timedelta(minutes=15)),
    Severity.P2: Target(acknowledge=timedelta(hours=1)),
}
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def reporting_of(
    settings: Settings,
    catalogue: Catalogue,
    store: Database,
    sources: Sources,
    desk: OnCallDesk,
    gate: Gate,
    clock: Clock,
) -> Reporting:
    """Make what gathers reports."""
    vocabulary = vocabulary_of(settings, catalogue)
    targets = _TARGETS | {
        Severity[name]: Target(entry.acknowledge, entry.resolve) for name, entry in settings.reports.targets.items()
    }
    metrics = None if isinstance(sources.metrics, AbsentMetrics) else sources.metrics
    replaying = Replaying(
        metrics,
        sources.rule_book,
        lambda labels: vocabulary.service_of(labels) or "",
        Terms(timedelta(seconds=settings.group_interval_s), targets),
    )
    grafana = (settings.grafana_public_url or settings.grafana_url).rstrip("/")
    return Reporting(
        histories=store.histories,
        memories=store.memories,
        desk=desk,
        replaying=replaying,
        forecasting=Forecasting(sources.metrics),
        painter=sources.painter,
        house=House(catalogue, ZoneInfo(settings.timezone), settings.timezone, grafana, targets),
        gate=gate,
        clock=clock,
    )


def postmortems_of(
    settings: Settings,
    catalogue: Catalogue,
    store: Database,
    viewer: Viewer,
    desk: OnCallDesk,
    purse: Purse | None,
    gate: Gate,
    clock: Clock,
) -> Postmortems:
    """Make what gathers post-mortems; a summary is worth the cheaper model."""
    chosen = settings.investigation
    summarizer = purse and ModelSummarizer(
        purse,
        chosen.model.other,
        catalogue=catalogue,
        language=settings.language,
        redact=chosen.redact,
        most_usd=chosen.model.budgets.question_usd,
    )
    return Postmortems(
        viewer=viewer,
        incidents=store.incidents,
        investigations=store.investigations,
        memories=store.memories,
        desk=desk,
        summarizer=summarizer,
        redactor=lambda: Redactor(chosen.redact).text,
        gate=gate,
        clock=clock,
    )


def report_hours(settings: Settings) -> Weekly | None:
    """Return when a report comes by itself."""
    chosen = settings.reports
    if chosen.day == "off":
        return None
    days = frozenset({_DAYS.index(chosen.day)})
    return Weekly(time.fromisoformat(chosen.at), ZoneInfo(settings.timezone), days)
