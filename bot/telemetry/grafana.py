"""Asks Grafana's own alerting: its Alertmanager under `/api/alertmanager/grafana`, and its rules.

Source: Grafana's source, pkg/services/ngalert/api (11.6 to 12.4); shapes in tests/telemetry/test_grafana.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from bot.domain.alerts import Rule
from bot.domain.labels import USUAL, Vocabulary, severity_word
from bot.domain.looks import SourceState
from bot.domain.origins import origin_of
from bot.errors import QueryRejected
from bot.telemetry.alertmanager import Alertmanager
from bot.telemetry.evaluations import evaluation
from bot.telemetry.http import JsonClient
from bot.telemetry.shapes import obj, objects, texts

_API = "api/alertmanager/grafana/api/v2"
_RULES = "api/prometheus/grafana/api/v1/rules"
_FIRING = ("Alerting", "NoData", "Error", "Recovering")


def grafana_alerts(http: JsonClient, vocabulary: Vocabulary = USUAL) -> Alertmanager:
    """Make the alert source of a Grafana; it implements `bot.ports.AlertSource`."""

    async def rules() -> Sequence[Rule]:
        data = obj(obj(await http.get(_RULES)).get("data"))
        return [
            _rule(rule, group, vocabulary)
            for group in objects(data.get("groups"), http.source)
            for rule in objects(group.get("rules"), http.source)
            # Parameters that an older Grafana does not know are ignored by it, so we filter here.
            if rule.get("type", "alerting") == "alerting"
        ]

    async def state() -> SourceState:
        organisation, settings = await asyncio.gather(_told(http, "api/org"), _told(http, "api/frontend/settings"))
        number, address = str(organisation.get("id") or ""), str(settings.get("appUrl") or "")
        return SourceState(None, number, address, origin_of(address, number))

    return Alertmanager(http, rules, api=_API, name=http.source, state=state, vocabulary=vocabulary)


async def _told(http: JsonClient, path: str) -> dict[str, Any]:
    """Ask for what is good to know; who may not ask for it does without."""
    try:
        return obj(await http.get(path))
    except QueryRejected:
        return {}


def _rule(raw: dict[str, Any], group: dict[str, Any], vocabulary: Vocabulary) -> Rule:
    labels = texts(raw.get("labels"))
    return Rule(
        name=str(raw.get("name", "")),
        uid=str(raw["uid"]) if raw.get("uid") else None,
        folder=str(group.get("file", "")),
        severity=vocabulary.severity_of(labels),
        severity_word=severity_word(labels),
        service=vocabulary.service_of(labels),
        # `Alerting (NoData)` and a NoData twin count; `Recovering` (12.0 on) is still sent as firing; `Normal (Paused)` not.
        labels=labels,
        **evaluation(raw, group, "grafana", _FIRING),
    )
