"""Whatever a server answers is a result or a SourceError, and a result that can be stored and compared."""

from __future__ import annotations

import asyncio
import json
import math
from copy import deepcopy
from dataclasses import astuple
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.doctor.targets import targets
from bot.domain.telemetry import Window
from bot.errors import SourceError
from bot.telemetry.alertmanager import Alertmanager
from bot.telemetry.grafana_dashboards import GrafanaDashboards
from bot.telemetry.http import JsonClient
from bot.telemetry.loki import Loki
from bot.telemetry.prometheus import Prometheus
from bot.telemetry.rule_books import PrometheusRules
from bot.telemetry.tempo import Tempo
from tests.telemetry.local import FIXTURES, local_server

WINDOW = Window.between(1795443680, 1795444040)
TRACE = "6eb541e3ecdc79695d9380379b17887e"
ANNOTATION = {"id": 1, "time": 1795443900250, "tags": ["deploy", "service:api"], "text": "<b>v1</b>"}

words = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["", "NaN", "-Inf", "1e999", "9" * 400, "-1", "\ud800", "\0", "١٢", "[" * 600, "\tat a.B.c", "{" * 600, "<" * 99]
)
leaves = st.none() | st.booleans() | st.integers() | st.sampled_from([10**30, -(2**63), 10**400]) | st.floats() | words
junk = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4), max_leaves=8
)


class Says(JsonClient):
    """A client of ours that has been answered this."""

    def __init__(self, session, answer):
        super().__init__(session, "http://127.0.0.1:1", source="x")
        self.answer = answer

    async def _exchange(self, method, path, **options):
        # A lone surrogate cannot be sent as it is; \ud800 in JSON can.
        return json.dumps(self.answer).encode()


async def told_spans(http):
    found = await Tempo(http).find("a", WINDOW, 100)
    return [span for each in found for span in each.spans]


CALLS = {
    "loki/query_range_streams_hikari": lambda http: Loki(http).lines("{}", WINDOW, 100),
    "tempo/search_error_slow": lambda http: Tempo(http).search("{}", WINDOW, 100),
    "tempo/search_structural_chat_to_api": told_spans,
    "tempo/trace_v2_error": lambda http: Tempo(http).spans(TRACE, WINDOW),
    "tempo/trace_v1_cross_service": lambda http: Tempo(http).spans(TRACE, WINDOW),
    "prometheus/query_range_p99": lambda http: Prometheus(http).query_range("up", WINDOW, 15, 100),
}
# Of these nothing is reckoned with; what they say is written down and shown.
TOLD = {
    "prometheus/query_post_form": lambda http: Prometheus(http).query("up"),
    "prometheus/query_scalar": lambda http: Prometheus(http).query("up"),
    "prometheus/rules_firing": lambda http: Prometheus(http).rules(),
    "prometheus/rules_healthy": lambda http: PrometheusRules(http).alert_rules(),
    "prometheus/targets_one_down": lambda http: targets(http),
    "alertmanager/alerts_firing": lambda http: alertmanager(http).alerts(),
    "alertmanager/alerts_silenced": lambda http: alertmanager(http).alerts(),
    "alertmanager/silences_list_active": lambda http: alertmanager(http).silences(),
}


async def no_rules() -> list[Any]:
    return []


def alertmanager(http: JsonClient) -> Alertmanager:
    return Alertmanager(http, no_rules)


def recorded(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))["response"]["body"]


def spoil(draw, answer: Any) -> Any:
    """Put junk into one place of an answer, as deep as chance leads."""
    if isinstance(answer, dict) and answer and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(answer)))
        return {**answer, key: spoil(draw, answer[key])}
    if isinstance(answer, list) and answer and draw(st.integers(0, 9)):
        place = draw(st.integers(0, min(len(answer), 3) - 1))
        return [*answer[:place], spoil(draw, answer[place]), *answer[place + 1 :]]
    return draw(junk)


def check(found: Any) -> None:
    """A result can be written down and reckoned with."""
    for item in found:
        text = repr(astuple(item))
        text.encode()
        times = (
            [at for at, _ in item.points]
            if hasattr(item, "points")
            else [getattr(item, "start", None) or getattr(item, "at", 0)]
        )
        assert all(math.isfinite(at) for at in times)
        assert getattr(item, "duration_ms", 0) >= 0
        for name in ("message", "service", "operation", "text", "id", "trace_id"):
            value = getattr(item, name, None) or ""
            assert "\0" not in value
            assert len(value) <= 4000
            value.encode()


async def outcome(name: str, answer: Any) -> Any:
    async with aiohttp.ClientSession() as session:
        try:
            return await (CALLS | TOLD)[name](Says(session, answer))
        except SourceError as error:
            return error


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=60)
@given(answer=junk)
def test_junk_is_a_result_or_a_source_error(name, answer):
    found = asyncio.run(outcome(name, answer))

    assert isinstance(found, SourceError) or list(found) == []


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=120)
@given(data=st.data())
def test_an_answer_with_junk_in_it_is_a_result_or_a_source_error(name, data):
    found = asyncio.run(outcome(name, spoil(data.draw, deepcopy(recorded(name)))))

    if not isinstance(found, SourceError):
        check(found)


@pytest.mark.parametrize("name", TOLD)
@settings(max_examples=120)
@given(data=st.data())
def test_what_is_told_with_junk_in_it_is_a_result_or_a_source_error(name, data):
    found = asyncio.run(outcome(name, spoil(data.draw, deepcopy(recorded(name)))))

    if not isinstance(found, SourceError):
        assert "\\x00" not in repr(found)
        assert "\\ud800" not in repr(found)


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_without_junk_is_a_result(name):
    assert asyncio.run(outcome(name, recorded(name)))


@pytest.mark.parametrize("name", CALLS)
def test_without_junk_there_is_a_result(name):
    assert len(asyncio.run(outcome(name, recorded(name)))) > 1


async def annotated(answers: list[Any]) -> list[Any]:
    found: list[Any] = []
    async with local_server() as server, GrafanaDashboards.open(server.url, "t", "", 5.0) as dashboards:
        for answer in answers:
            # A lone surrogate cannot be sent as it is; \ud800 in JSON can.
            server.on("GET /api/annotations", json.dumps(answer, ensure_ascii=True))
            try:
                found += await dashboards.annotations(WINDOW)
            except SourceError:
                continue
    return found


@settings(max_examples=15)
@given(data=st.data())
def test_annotations_with_junk_in_them_are_changes_or_a_source_error(data):
    answers = [data.draw(junk), *(spoil(data.draw, [ANNOTATION, deepcopy(ANNOTATION)]) for _ in range(12))]

    found = asyncio.run(annotated([*answers, [ANNOTATION]]))

    assert found
    check(found)
