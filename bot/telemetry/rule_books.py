"""Reads alert rules as they are evaluated: what Prometheus and Grafana's ruler tell of expression, times and bounds.

Source: Prometheus docs, "HTTP API", /api/v1/rules (2.42 on); Grafana's source, pkg/services/ngalert/api, the ruler
(11.6 to 12.4), recordings of which tests/recordings.py reads.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, cast

from bot.errors import QueryRejected
from bot.reporting.alert_rules import AlertRule, Comparison, comparison_of
from bot.telemetry.http import JsonClient
from bot.telemetry.shapes import items, moment, obj, objects

_SIGNS: Final = {"gt": ">", "lt": "<", "gte": ">=", "lte": "<="}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w|y)")
_UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
_MINUTE: Final = timedelta(minutes=1)
_LONGEST_S: Final = 1e7


class PrometheusRules:
    """Implements `bot.ports.reports.RuleBook` for the rules that Prometheus evaluates."""

    def __init__(self, http: JsonClient) -> None:
        self._http = http

    async def alert_rules(self) -> Sequence[AlertRule]:
        """Return them. Raises SourceError."""
        data = obj(obj(await self._http.get("api/v1/rules", {"type": "alert"})).get("data"))
        return [
            _of_prometheus(rule, group, self._http.source)
            for group in objects(data.get("groups"), self._http.source)
            for rule in objects(group.get("rules"), self._http.source)
            if rule.get("type") == "alerting"
        ]


class GrafanaRules:
    """Implements `bot.ports.reports.RuleBook` for the rules that Grafana evaluates with Prometheus' numbers."""

    def __init__(self, http: JsonClient) -> None:
        self._http = http

    async def alert_rules(self) -> Sequence[AlertRule]:
        """Return those that ask one Prometheus one question. Raises SourceError."""
        try:
            folders = obj(await self._http.get("api/ruler/grafana/api/v1/rules"))
        except QueryRejected:
            # As an older Grafana answers that knows no folder with rules.
            return []
        return [
            found
            for folder, groups in folders.items()
            for group in objects(groups, self._http.source)
            for rule in objects(group.get("rules"), self._http.source)
            if (found := _of_grafana(rule, group, str(folder))) is not None
        ]


def _of_prometheus(raw: Mapping[str, Any], group: Mapping[str, Any], source: str) -> AlertRule:
    interval = _seconds(group.get("interval")) or _MINUTE
    expression = str(raw.get("query") or "")
    evaluated = raw.get("lastEvaluation")
    known = evaluated and not str(evaluated).startswith("0001-")
    offset = moment(evaluated, source).timestamp() % interval.total_seconds() if known else 0.0
    return AlertRule(
        name=str(raw.get("name") or ""),
        expression=expression,
        interval=interval,
        wait=_seconds(raw.get("duration")),
        keep=_seconds(raw.get("keepFiringFor")) if "keepFiringFor" in raw else None,
        place=str(group.get("name") or ""),
        compared=comparison_of(expression),
        offset_s=offset,
    )


def _of_grafana(raw: Mapping[str, Any], group: Mapping[str, Any], folder: str) -> AlertRule | None:
    rule = obj(raw.get("grafana_alert"))
    nodes = {str(node.get("refId")): node for node in _nodes(rule)}
    questions = [node for node in nodes.values() if node.get("datasourceUid") != "__expr__"]
    node, compared = _compared(nodes, str(rule.get("condition") or ""))
    if len(questions) != 1 or compared is None or not _of_now(questions[0], nodes):
        return None
    return AlertRule(
        name=str(rule.get("title") or ""),
        expression=f"{compared.series} {compared.sign} {compared.bound}",
        interval=_length(group.get("interval")) or _MINUTE,
        wait=_length(raw.get("for")),
        keep=_length(raw.get("keep_firing_for")) if "keep_firing_for" in raw else None,
        place=f"{folder} / {group.get('name') or ''}",
        uid=str(rule.get("uid") or ""),
        grafana=True,
        node=node,
        compared=compared,
    )


def _nodes(rule: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    data = rule.get("data")
    for node in cast("list[Any]", data) if isinstance(data, list) else []:
        if isinstance(node, dict):
            yield cast("dict[str, Any]", node)


def _compared(nodes: Mapping[str, dict[str, Any]], condition: str) -> tuple[str, Comparison | None]:
    """Follow the condition down to the question; a threshold, over at most one "reduce" to the last value."""
    model = obj(nodes.get(condition, {}).get("model"))
    conditions = [obj(each) for each in items(model.get("conditions"))]
    evaluator = obj(conditions[0].get("evaluator")) if len(conditions) == 1 else {}
    sign, bounds = _SIGNS.get(str(evaluator.get("type"))), items(evaluator.get("params"))
    if model.get("type") != "threshold" or sign is None or not bounds or not _is_number(bounds[0]):
        return condition, None
    asked = nodes.get(str(model.get("expression")), {})
    below = obj(asked.get("model"))
    if below.get("type") == "reduce" and below.get("reducer") in ("last", "mean", "max", "min", "sum"):
        asked = nodes.get(str(below.get("expression")), {})
    expression = obj(asked.get("model")).get("expr")
    if not isinstance(expression, str) or not expression.strip():
        return condition, None
    return condition, Comparison(f"({expression.strip()})", sign, f"{bounds[0]:g}")


def _of_now(question: Mapping[str, Any], nodes: Mapping[str, dict[str, Any]]) -> bool:
    """Tell whether it asks Prometheus for one moment: what is reduced from a stretch of time is another number."""
    model = obj(question.get("model"))
    kind = obj(model.get("datasource")).get("type", "prometheus")
    only_last = all(obj(each.get("model")).get("reducer", "last") == "last" for each in nodes.values())
    return kind == "prometheus" and (model.get("instant") is True or only_last)


def _is_number(raw: object) -> bool:
    return isinstance(raw, (int, float)) and not isinstance(raw, bool) and math.isfinite(raw)


def _seconds(raw: Any) -> timedelta:
    return timedelta(seconds=min(float(raw), _LONGEST_S)) if _is_number(raw) and raw > 0 else timedelta()


def _length(raw: Any) -> timedelta:
    """Read `1h30m`; nothing for what is none."""
    total = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(str(raw or ""))[:10])
    return timedelta(seconds=min(total, _LONGEST_S))
