"""Opens the servers we ask."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from dataclasses import dataclass, field

import aiohttp

from bot.app.cameras import PictureSources, open_picture_sources
from bot.app.extras import installed
from bot.app.settings import Settings
from bot.domain.labels import USUAL, Vocabulary
from bot.i18n import text
from bot.models.claude import Claude
from bot.models.openai import OpenAI
from bot.ports import AlertSource, Clock, Dashboards, Logs, Metrics, Model, Traces
from bot.ports.annotations import Annotations
from bot.ports.reports import Painter, RuleBook
from bot.telemetry.absent import AbsentAlertSource
from bot.telemetry.alertmanager import Alertmanager
from bot.telemetry.grafana import grafana_alerts
from bot.telemetry.grafana_annotations import GrafanaAnnotations
from bot.telemetry.http import JsonClient
from bot.telemetry.loki import Loki
from bot.telemetry.prometheus import Prometheus
from bot.telemetry.rule_books import GrafanaRules, PrometheusRules
from bot.telemetry.tempo import Tempo

log = logging.getLogger(__name__)

_SOURCE_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Sources:
    """The servers we ask; None for one that is not configured, and alerts come in by webhook without an alert source."""

    alerts: AlertSource
    metrics: Metrics | None = None
    dashboards: Dashboards | None = None
    logs: Logs | None = None
    traces: Traces | None = None
    model: Model | None = None
    annotations: Annotations | None = None
    pictures: PictureSources = field(default_factory=PictureSources)
    rule_book: RuleBook | None = None
    painter: Painter | None = None

    def pings(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Return how to reach each one that is configured."""
        alerts = None if isinstance(self.alerts, AbsentAlertSource) else self.alerts
        everyone = (alerts, self.metrics, self.dashboards, self.logs, self.traces)
        return {each.name: each.ping for each in everyone if each is not None}


async def open_sources(
    settings: Settings,
    session: aiohttp.ClientSession,
    stack: AsyncExitStack,
    clock: Clock,
    vocabulary: Vocabulary = USUAL,
) -> Sources:
    """Open what is configured."""

    def http(url: str, source: str, token: str = "") -> JsonClient:
        tenant = settings.tenant_headers(source)
        return JsonClient(session, url, source=source, token=token, headers=tenant, timeout_s=_SOURCE_TIMEOUT_S)

    metrics = Prometheus(http(settings.prometheus_url, "prometheus"), vocabulary) if settings.prometheus_url else None
    token = settings.grafana_token.get_secret_value()
    dashboards: Dashboards | None = None
    alerts: AlertSource = AbsentAlertSource()
    if settings.grafana_url and token:
        from bot.telemetry.grafana_dashboards import GrafanaDashboards

        public = settings.grafana_public_url
        opened = GrafanaDashboards.open(settings.grafana_url, token, public, _SOURCE_TIMEOUT_S)
        dashboards = await stack.enter_async_context(opened)
    if settings.alerts_from == "grafana":
        alerts = grafana_alerts(http(settings.grafana_url, "grafana", token), vocabulary)
    elif settings.alerts_from == "alertmanager":
        rules = metrics.rules if metrics else AbsentAlertSource().rules
        alerts = Alertmanager(http(settings.alertmanager_url, "alertmanager"), rules, vocabulary=vocabulary)
    logs = Loki(http(settings.loki_url, "loki")) if settings.loki_url else None
    traces = Tempo(http(settings.tempo_url, "tempo")) if settings.tempo_url else None
    model = await stack.enter_async_context(_model(settings))
    pictures = await open_picture_sources(settings, session, stack, metrics, clock)
    writes = settings.grafana_url and token and settings.grafana_annotations
    annotations = GrafanaAnnotations(http(settings.grafana_url, "grafana", token)) if writes else None
    book: RuleBook | None = None
    if settings.alerts_from == "grafana":
        book = GrafanaRules(http(settings.grafana_url, "grafana", token))
    elif settings.prometheus_url:
        book = PrometheusRules(http(settings.prometheus_url, "prometheus"))
    painter = _painter(settings, stack)
    return Sources(alerts, metrics, dashboards, logs, traces, model, annotations, pictures, book, painter)


def _painter(settings: Settings, stack: AsyncExitStack) -> Painter | None:
    if not installed("pictures"):
        return None
    from bot.cameras.report_charts import ReportPainter

    painter = ReportPainter(settings.pictures.scale)
    stack.callback(painter.close)
    return painter


def _model(settings: Settings) -> AbstractAsyncContextManager[Model | None]:
    chosen = settings.investigation.model
    wait = chosen.timeout.total_seconds()
    if settings.model_wanted and not installed("ai"):
        log.warning("%s", text(settings.language, "check.no_ai_extra"))
        return nullcontext()
    if chosen.provider == "anthropic" and (key := settings.anthropic_api_key.get_secret_value()):
        return Claude.open(key, settings.anthropic_base_url, wait)
    key = settings.openai_api_key.get_secret_value()
    if chosen.provider == "openai" and (key or settings.openai_of_ones_own):
        return OpenAI.open(key, settings.openai_base_url, wait)
    return nullcontext()
