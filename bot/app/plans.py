"""Makes the plan of what is read around an alert, and of where people see it."""

from __future__ import annotations

from bot.app.settings import Settings
from bot.domain.plans import Explore, MetricQuery, Plan


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


def explore_of(settings: Settings) -> Explore:
    """Return where evidence can be seen for oneself."""
    grafana = (settings.grafana_public_url or settings.grafana_url).rstrip("/")
    return Explore(grafana, {str(kind): uid for kind, uid in settings.investigation.explore.items()})
