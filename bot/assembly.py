"""The part of the composition root that puts the investigation together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.analysis.analyst import RankingAnalyst
from bot.collect import Collector
from bot.domain.alerts import Severity
from bot.domain.owners import Catalogue
from bot.domain.plans import Explore, MetricQuery, Plan
from bot.gate import Gate
from bot.investigating import Habits, Investigating
from bot.ports import Dashboards, Logs, Metrics, Traces
from bot.settings import Settings
from bot.store.database import Database
from bot.telemetry.runbooks import FolderRunbooks
from bot.viewing import Viewer


def plan_of(settings: Settings) -> Plan:
    """Return what is read around an alert."""
    chosen = settings.investigation
    return Plan(
        metrics=tuple(MetricQuery(each.name, each.query, each.kind, each.unit) for each in chosen.metrics),
        service_label=settings.status.service_label,
        log_label=chosen.log_label,
        trace_attribute=chosen.trace_attribute,
        look_back=chosen.look_back,
        step=chosen.step,
        rate=chosen.rate,
        logs_around=chosen.logs_around,
        baseline=chosen.baseline,
    )


def investigating(
    settings: Settings,
    *,
    store: Database,
    catalogue: Catalogue,
    viewer: Viewer,
    gate: Gate,
    metrics: Metrics | None,
    logs: Logs | None,
    traces: Traces | None,
    dashboards: Dashboards | None,
    clock: Callable[[], datetime],
) -> Investigating:
    """Put collector, analyst and use cases together. Raises ConfigurationError."""
    chosen = settings.investigation
    plan = plan_of(settings)
    collector = Collector(
        metrics=metrics,
        logs=logs,
        traces=traces,
        dashboards=dashboards,
        changes=store.changes,
        catalogue=catalogue,
        plan=plan,
        clock=clock,
    )
    grafana = (settings.grafana_public_url or settings.grafana_url).rstrip("/")
    analyst = RankingAnalyst(
        explore=Explore(grafana, {str(kind): uid for kind, uid in chosen.explore.items()}),
        catalogue=catalogue,
        plan=plan,
        language=settings.language,
        redact=chosen.redact,
    )
    return Investigating(
        investigations=store.investigations,
        incidents=store.incidents,
        collector=collector,
        analyst=analyst,
        runbooks=FolderRunbooks(Path(chosen.runbooks) if chosen.runbooks else None),
        changes=store.changes,
        viewer=viewer,
        catalogue=catalogue,
        gate=gate,
        clock=clock,
        habits=Habits(tuple(Severity[name] for name in chosen.severities), chosen.settle, chosen.pause),
    )
