"""Puts reports together."""

from __future__ import annotations

from datetime import datetime

from bot.advice.summarizing import ModelSummarizer
from bot.app.shared import Shared
from bot.core.oncall.desk import OnCallDesk
from bot.core.reporting.forecasting import Forecasting
from bot.core.reporting.postmortems import Postmortems
from bot.core.reporting.replaying import Replaying, Terms
from bot.core.reporting.reporting import Reporting, ReportTerms
from bot.core.silence_watch import forgotten, wide
from bot.ports import Payer
from bot.ports.dashboards import PostedPictures
from bot.redaction.redact import Redactor
from bot.reporting.overview import Standing
from bot.telemetry.patterns import full_match


def reporting_of(parts: Shared, desk: OnCallDesk) -> Reporting:
    """Make what gathers reports."""
    options, records, sources = parts.options, parts.records, parts.sources
    replaying = Replaying(
        sources.metrics,
        sources.rule_book,
        lambda labels: options.vocabulary.service_of(labels) or "",
        Terms(options.group_interval, options.targets),
    )

    async def standings(at: datetime) -> Standing:
        book = records.silences
        return Standing(tuple(await forgotten(book, at)), tuple(await wide(book, full_match, at)))

    grafana = options.grafana_url.rstrip("/")
    return Reporting(
        histories=records.histories,
        memories=records.memories,
        desk=desk,
        replaying=replaying,
        forecasting=Forecasting(sources.metrics),
        painter=sources.painter,
        terms=ReportTerms(options.catalogue, options.zone, options.timezone, grafana, options.targets),
        access=parts.access,
        clock=parts.clock,
        standings=standings,
    )


def postmortems_of(parts: Shared, desk: OnCallDesk, posted: PostedPictures | None) -> Postmortems:
    """Make what gathers post-mortems; a summary is worth the cheaper model."""
    options, records = parts.options, parts.records
    return Postmortems(
        viewer=parts.viewer,
        incidents=records.incidents,
        exchanges=records.investigations,
        memories=records.memories,
        desk=desk,
        summarizer=_summarizer(parts, parts.payer) if parts.payer else None,
        redactor=lambda: Redactor(options.redact).text,
        posted=posted,
        access=parts.access,
        clock=parts.clock,
    )


def _summarizer(parts: Shared, payer: Payer) -> ModelSummarizer:
    options = parts.options
    return ModelSummarizer(
        payer,
        options.model.other,
        catalogue=options.catalogue,
        language=options.language,
        redact=options.redact,
        most_usd=options.model.question_usd,
    )
