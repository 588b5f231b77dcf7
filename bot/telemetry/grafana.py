"""Grafana's own alerting: its Alertmanager under `/api/alertmanager/grafana`, and its rules.

Source: Grafana's source, pkg/services/ngalert/api (11.6 to 12.4); shapes in tests/telemetry/test_grafana.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.domain.alerts import Rule, Severity
from bot.domain.labels import service_of
from bot.telemetry.alertmanager import Alertmanager
from bot.telemetry.http import JsonClient
from bot.telemetry.shapes import obj, objects, texts

_API = "api/alertmanager/grafana/api/v2"
_RULES = "api/prometheus/grafana/api/v1/rules"
_FIRING = ("Alerting", "NoData", "Error", "Recovering")


def grafana_alerts(http: JsonClient) -> Alertmanager:
    """Make the alert source of a Grafana; it implements `bot.ports.AlertSource`."""

    async def rules() -> Sequence[Rule]:
        data = obj(obj(await http.get(_RULES)).get("data"))
        return [
            _rule(rule, group)
            for group in objects(data.get("groups"), http.source)
            for rule in objects(group.get("rules"), http.source)
            # Parameters that an older Grafana does not know are ignored by it, so we filter here.
            if rule.get("type", "alerting") == "alerting"
        ]

    return Alertmanager(http, rules, api=_API, name=http.source)


def _rule(raw: dict[str, Any], group: dict[str, Any]) -> Rule:
    labels = texts(raw.get("labels"))
    alerts = [obj(alert) for alert in raw.get("alerts") or []]
    return Rule(
        name=str(raw.get("name", "")),
        uid=str(raw["uid"]) if raw.get("uid") else None,
        folder=str(group.get("file", "")),
        severity=Severity.read(labels.get("severity")),
        service=service_of(labels),
        # `Alerting (NoData)` and a NoData twin count; `Recovering` (12.0 on) is still sent as firing; `Normal (Paused)` not.
        firing=sum(str(alert.get("state", "")).startswith(_FIRING) for alert in alerts),
    )
