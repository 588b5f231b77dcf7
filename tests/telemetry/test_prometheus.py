"""Prometheus' odd answers, and a real one."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime

import pytest

from bot.domain.alerts import Rule, Severity
from bot.errors import QueryRejected, SourceUnavailable
from bot.telemetry.http import JsonClient
from bot.telemetry.prometheus import Prometheus
from playground.monitors import Monitors

QUERY = "POST /api/v1/query"


@pytest.fixture
def prometheus(server, session):
    return Prometheus(JsonClient(session, server.url, source="prometheus", timeout_s=20))


def result(kind, value):
    return {"status": "success", "data": {"resultType": kind, "result": value}}


async def test_a_vector_keeps_nan_and_infinity(server, prometheus):
    rows = [{"metric": {"service": str(n)}, "value": [1, text]} for n, text in enumerate(["1.5", "NaN", "+Inf"])]
    server.on(QUERY, result("vector", rows))

    samples = await prometheus.query("up")

    assert samples[0].value == 1.5
    assert math.isnan(samples[1].value)
    assert samples[2].value == math.inf
    assert samples[1].labels == {"service": "1"}


async def test_a_scalar_and_the_newest_point_of_a_matrix_are_numbers(server, prometheus):
    server.on(QUERY, result("scalar", [1, "42"]))
    scalar = await prometheus.query("scalar(1)")
    server.on(QUERY, result("matrix", [{"metric": {}, "values": [[1, "1"], [2, "2"]]}]))
    matrix = await prometheus.query("up[1m]")

    assert (scalar[0].value, matrix[0].value) == (42, 2)


@pytest.mark.parametrize(
    "body", [result("string", [1, "x"]), {}, {"data": None}, [], result("vector", [{"metric": {}, "value": [1, "x"]}])]
)
async def test_what_is_no_number_is_no_answer(server, prometheus, body):
    server.on(QUERY, body)

    with pytest.raises(SourceUnavailable):
        await prometheus.query("x")


async def test_rules_count_what_fires(server, prometheus):
    rule = {
        "type": "alerting",
        "name": "HighCpu",
        "labels": {"severity": "warning", "service": "api"},
        "alerts": [{"state": "firing"}, {"state": "pending"}],
    }
    server.on("GET /api/v1/rules", {"data": {"groups": [{"rules": [rule, {"type": "recording", "name": "r"}]}]}})

    labels = {"severity": "warning", "service": "api"}
    assert await prometheus.rules() == [
        Rule("HighCpu", None, "", Severity.P3, "api", 1, labels, severity_word="warning", active=(frozenset(),))
    ]


async def test_recorded_numbers_are_read(server, prometheus):
    values = {}
    for name in ("post_form", "nan", "inf", "scalar", "matrix_range_selector", "empty_vector"):
        server.play(f"prometheus/query_{name}", QUERY)
        values[name] = [sample.value for sample in await prometheus.query("x")]

    assert math.isnan(*values.pop("nan"))
    assert values == {
        "post_form": [43, 0],
        "inf": [math.inf],
        "scalar": [8],
        "matrix_range_selector": [10],
        "empty_vector": [],
    }


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        ("query_bad_parse", "unclosed left parenthesis"),
        ("query_exec_error_many_to_many", "found duplicate series"),
        ("query_timeout", "context deadline exceeded"),
        ("not_found_path", "404 page not found"),
    ],
)
async def test_a_recorded_refusal_comes_in_prometheus_own_words(server, prometheus, recording, words):
    server.play(f"prometheus/{recording}", QUERY)

    with pytest.raises(QueryRejected) as caught:
        await prometheus.query("x")

    assert words in caught.value.detail
    assert len(caught.value.detail) <= 300


@pytest.mark.parametrize("recording", ["proxy_401_html", "proxy_429_html", "proxy_502_html", "query_string"])
async def test_a_recorded_answer_without_numbers_is_no_answer(server, prometheus, recording):
    server.play(f"prometheus/{recording}", QUERY)

    with pytest.raises(SourceUnavailable) as caught:
        await prometheus.query("x")

    assert "<" not in caught.value.detail


async def test_of_the_recorded_rules_only_those_that_alert_are_listed(server, prometheus):
    server.play("prometheus/rules_firing")

    firing = {rule.name: (rule.severity, rule.firing) for rule in await prometheus.rules()}

    assert firing == {
        "InstanceDown": (Severity.P1, 0),
        "ProbeFailed": (Severity.P3, 1),
        "Watchdog": (Severity.P4, 1),
        "HikariConnectionsPending": (Severity.P3, 1),
        "HikariPoolExhausted": (Severity.P1, 1),
        "HighErrorRate": (Severity.P1, 1),
        "HighLatencyP99": (Severity.P3, 1),
    }


async def test_a_prometheus_behind_a_sign_in_page_is_not_reached(server, prometheus):
    server.play("prometheus/query_scalar", QUERY)
    await prometheus.ping()
    server.on(QUERY, "<html>sign in</html>", content_type="text/html")

    with pytest.raises(SourceUnavailable):
        await prometheus.ping()


@pytest.mark.timeout(60)
async def test_a_real_prometheus_answers(session):
    async with Monitors.open(targets={"api": "127.0.0.1:1"}, webhook_url="http://127.0.0.1:1/x", token="t") as monitors:
        prometheus = Prometheus(JsonClient(session, monitors.prometheus_url, source="prometheus"))

        await prometheus.ping()
        assert (await prometheus.query("vector(7)"))[0].value == 7
        assert "ServiceDown" in {rule.name for rule in await prometheus.rules()}
        with pytest.raises(QueryRejected, match="query_rejected") as caught:
            await prometheus.query("sum(")
        assert "parse error" in caught.value.detail
        async with asyncio.timeout(60):
            while not await prometheus.query("up{job='prometheus'} == 1"):
                await asyncio.sleep(0.1)


async def test_what_fires_is_told_with_the_moment_since_which_it_is_true(server, prometheus):
    server.play("prometheus/alerts_firing", "GET /api/v1/alerts")
    told = {labels["alertname"]: since for labels, since in await prometheus.firing()}
    server.play("victoriametrics/alerts")
    vmalert = {labels["alertname"]: (labels.get("job"), since.tzinfo) for labels, since in await prometheus.firing()}

    assert told["HikariPoolExhausted"] < datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    assert vmalert == {"HighErrorRate": ("checkout", UTC), "Watchdog": (None, UTC)}


async def test_the_rules_of_vmalert_are_read_as_victoriametrics_passes_them_on(server, prometheus):
    server.play("victoriametrics/rules")

    found = {rule.name: (rule.severity, rule.firing, rule.healthy) for rule in await prometheus.rules()}

    assert found["HighErrorRate"] == (Severity.P1, 1, True)
    assert found["TargetDown"] == (Severity.P1, 0, True)
    assert found["RuleThatFails"] == (Severity.P3, 0, False)


async def test_a_server_without_pages_about_itself_has_nothing_to_tell(server, prometheus):
    server.play("victoriametrics/runtimeinfo")

    assert await prometheus.started_at() is None
    # Mimir has no targets.
    assert await prometheus.frozen_targets() == []


@pytest.mark.parametrize(
    "words",
    [
        "sample limit exceeded",
        # VictoriaMetrics'.
        'the response from "http://10.0.0.1:8080/metrics" exceeds sample_limit=3; either reduce the sample count',
    ],
)
async def test_a_target_above_its_limit_of_samples_is_named(server, prometheus, words):
    target = {"labels": {"job": "api", "instance": "10.0.0.1:8080"}, "health": "down", "lastError": words}
    other = {"labels": {"instance": "b"}, "lastError": "connection refused"}
    server.on("GET /api/v1/targets", {"data": {"activeTargets": [target, other]}})

    assert await prometheus.frozen_targets() == ["10.0.0.1:8080"]
