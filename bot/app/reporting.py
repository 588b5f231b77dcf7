"""The part of the composition root that puts reports and post-mortems together."""

from __future__ import annotations

from datetime import time
from typing import Final
from zoneinfo import ZoneInfo

from bot.advice.summarizing import ModelSummarizer
from bot.app.options import Options
from bot.app.settings import Settings
from bot.app.shared import Shared
from bot.core.oncall.desk import OnCallDesk
from bot.core.reporting.forecasting import Forecasting
from bot.core.reporting.postmortems import Postmortems
from bot.core.reporting.replaying import Replaying, Terms
from bot.core.reporting.reporting import House, Reporting
from bot.domain.jobs import Weekly
from bot.ports import Payer
from bot.redaction.redact import Redactor

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def reporting_of(parts: Shared, desk: OnCallDesk) -> Reporting:
    """Make what gathers reports."""
    options, records, sources = parts.options, parts.records, parts.sources
    replaying = Replaying(
        sources.metrics,
        sources.rule_book,
        lambda labels: options.vocabulary.service_of(labels) or "",
        Terms(options.group_interval, options.targets),
    )
    return Reporting(
        histories=records.histories,
        memories=records.memories,
        desk=desk,
        replaying=replaying,
        forecasting=Forecasting(sources.metrics),
        painter=sources.painter,
        house=House(
            options.catalogue, options.zone, options.zone_name, options.grafana_url.rstrip("/"), options.targets
        ),
        gate=parts.gate,
        clock=parts.clock,
    )


def postmortems_of(parts: Shared, desk: OnCallDesk) -> Postmortems:
    """Make what gathers post-mortems; a summary is worth the cheaper model."""
    options, records = parts.options, parts.records
    return Postmortems(
        viewer=parts.viewer,
        incidents=records.incidents,
        investigations=records.investigations,
        memories=records.memories,
        desk=desk,
        summarizer=_summarizer(options, parts.payer) if parts.payer else None,
        redactor=lambda: Redactor(options.redact).text,
        gate=parts.gate,
        clock=parts.clock,
    )


def _summarizer(options: Options, payer: Payer) -> ModelSummarizer:
    return ModelSummarizer(
        payer,
        options.model.other,
        catalogue=options.catalogue,
        language=options.language,
        redact=options.redact,
        most_usd=options.model.question_usd,
    )


def report_hours(settings: Settings) -> Weekly | None:
    """Return when a report comes by itself."""
    chosen = settings.reports
    if chosen.day == "off":
        return None
    days = frozenset({_DAYS.index(chosen.day)})
    return Weekly(time.fromisoformat(chosen.at), ZoneInfo(settings.timezone), days)
