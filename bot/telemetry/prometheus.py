"""Asks Prometheus: PromQL into samples, and its alert rules.

Source: Prometheus docs, "HTTP API" (2.42 to 3.14); recordings in tests/fixtures/prometheus.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from bot.domain.alerts import Rule
from bot.domain.labels import USUAL, Vocabulary, severity_word
from bot.domain.telemetry import RangeSeries, Window
from bot.errors import QueryRejected, SourceUnavailable
from bot.ports import Sample
from bot.telemetry.evaluations import evaluation
from bot.telemetry.http import JsonClient
from bot.telemetry.readings import UNKNOWN_SHAPE, labels, listed
from bot.telemetry.shapes import items, moment, obj, objects, texts

# The words of Prometheus and VictoriaMetrics for a scrape that was thrown away because it had too many series.
_LIMITED = ("sample limit exceeded", "exceeds sample_limit=")


class Prometheus:
    """Implements `bot.ports.Metrics`."""

    name = "prometheus"

    def __init__(self, http: JsonClient, vocabulary: Vocabulary = USUAL) -> None:
        self._http = http
        self._vocabulary = vocabulary

    async def query(self, promql: str) -> Sequence[Sample]:
        data = obj(obj(await self._http.post("api/v1/query", form={"query": promql})).get("data"))
        kind, result = data.get("resultType"), data.get("result")
        if kind == "scalar":
            return [Sample({}, _number([result], self.name))]
        if kind not in ("vector", "matrix"):
            raise SourceUnavailable(self.name, f"the answer is a {kind}, not numbers")
        return [
            Sample(
                texts(item.get("metric")), _number([item.get("value"), *reversed(items(item.get("values")))], self.name)
            )
            for item in objects(result, self.name)
            if item.get("value") or item.get("values")
        ]

    async def query_range(
        self, promql: str, window: Window, step_s: float, limit: int, *, every: bool = False
    ) -> Sequence[RangeSeries]:
        limit = max(1, limit)
        form = {
            "query": promql,
            "start": f"{window.start.timestamp():.3f}",
            "end": f"{window.end.timestamp():.3f}",
            "step": f"{step_s:.3f}",
            # Heeded from 3.0 on; an older Prometheus ignores it, so we count as well.
            "limit": str(limit),
        }
        data = obj(obj(await self._http.post("api/v1/query_range", form=form)).get("data"))
        if data.get("resultType") != "matrix":
            raise SourceUnavailable(self.name, UNKNOWN_SHAPE)
        found = [
            RangeSeries(labels(item.get("metric")), _points(item.get("values"), self.name, every=every))
            for item in listed(data.get("result"), self.name)
        ]
        return [series for series in found if series.points][:limit]

    async def exemplars(self, promql: str, window: Window) -> Sequence[tuple[float, float]]:
        start, end = (f"{at.timestamp():.3f}" for at in (window.start, window.end))
        answer = await self._http.post("api/v1/query_exemplars", form={"query": promql, "start": start, "end": end})
        # Without any of them the data are null.
        pairs = [
            [each.get("timestamp"), each.get("value")]
            for series in objects(obj(answer).get("data") or [], self.name)
            for each in objects(series.get("exemplars") or [], self.name)
        ]
        return _points(pairs, self.name, every=False)

    async def rules(self) -> Sequence[Rule]:
        """Return the alert rules with how many instances fire. Raises SourceError."""
        data = obj(obj(await self._http.get("api/v1/rules", {"type": "alert"})).get("data"))
        return [
            _rule(rule, group, self._vocabulary)
            for group in objects(data.get("groups"), self.name)
            for rule in objects(group.get("rules"), self.name)
            if rule.get("type") == "alerting"
        ]

    async def firing(self) -> Sequence[tuple[Mapping[str, str], datetime]]:
        data = obj(obj(await self._http.get("api/v1/alerts")).get("data"))
        return [
            (texts(alert.get("labels")), moment(alert.get("activeAt"), self.name))
            for alert in listed(data.get("alerts"), self.name)
            if alert.get("state") == "firing"
        ]

    async def started_at(self) -> datetime | None:
        data = await self._told("api/v1/status/runtimeinfo")
        return moment(data["startTime"], self.name) if data.get("startTime") else None

    async def frozen_targets(self) -> Sequence[str]:
        data = await self._told("api/v1/targets", {"state": "active"})
        targets = objects(data.get("activeTargets") or [], self.name)
        frozen = [obj(each.get("labels")) for each in targets if _is_limited(str(each.get("lastError") or ""))]
        return [str(labels.get("instance") or labels.get("job") or "") for labels in frozen]

    async def _told(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return what it tells of itself; nothing where it has no such page, as VictoriaMetrics, Mimir and Thanos lack some."""
        try:
            return obj(obj(await self._http.get(path, query)).get("data"))
        except QueryRejected:
            return {}

    async def ping(self) -> None:
        # Who is let in, and as which tenant, is looked at where something is asked; behind Mimir there is no /-/ready.
        await self.query("vector(1)")


def _is_limited(error: str) -> bool:
    return any(words in error for words in _LIMITED)


def _rule(raw: dict[str, Any], group: dict[str, Any], vocabulary: Vocabulary) -> Rule:
    labels = texts(raw.get("labels"))
    return Rule(
        name=str(raw.get("name", "")),
        severity=vocabulary.severity_of(labels),
        severity_word=severity_word(labels),
        service=vocabulary.service_of(labels),
        labels=labels,
        **evaluation(raw, group, Prometheus.name, ("firing",)),
    )


def _number(pairs: Sequence[Any], source: str) -> float:
    """Read the newest `[seconds, "number"]`; NaN and +Inf come as words."""
    try:
        return float(next(pair for pair in pairs if pair)[1])
    except (StopIteration, IndexError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise SourceUnavailable(source, UNKNOWN_SHAPE) from error


def _points(raw: object, source: str, *, every: bool) -> list[tuple[float, float]]:
    """Read `[seconds, "number"]` pairs, as a rule without those that are no number; native histograms have none."""
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise SourceUnavailable(source, UNKNOWN_SHAPE)
    try:
        pairs = [(float(at), float(value)) for at, value in cast("list[Any]", raw)]
    except (TypeError, ValueError, OverflowError) as error:
        raise SourceUnavailable(source, UNKNOWN_SHAPE) from error
    return sorted(
        (pair for pair in pairs if math.isfinite(pair[0]) and (every or math.isfinite(pair[1]))),
        key=lambda pair: pair[0],
    )
