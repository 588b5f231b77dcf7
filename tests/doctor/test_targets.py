"""Targets and rules as Prometheus was recorded, and as Grafana tells of its rules."""

from __future__ import annotations

import pytest

from bot.doctor.targets import GRAFANA_RULES, PROMETHEUS_RULES, RuleHealth, alertmanagers, rule_health, targets
from bot.errors import SourceUnavailable
from bot.telemetry.http import JsonClient


def up(server, *series):
    """Have Prometheus answer the query `up`."""
    result = [{"metric": labels, "value": [1, value]} for labels, value in series]
    server.on("POST /api/v1/query", {"data": {"resultType": "vector", "result": result}})


@pytest.fixture
def http(server, session):
    up(server)
    return JsonClient(session, server.url, source="prometheus", timeout_s=20)


async def test_a_target_that_is_down_says_why(server, http):
    server.play("prometheus/targets_one_down")

    found = await targets(http)

    (down,) = [each for each in found if each.health != "up"]
    assert (down.name, down.health) == ("chat 127.0.0.1:8081", "down")
    assert down.error.endswith("connection refused")
    assert [each.name for each in found] == sorted(each.name for each in found)


async def test_all_targets_may_be_up(server, http):
    body = server.play("prometheus/targets_all_up")

    found = await targets(http)

    assert {each.health for each in found} == {"up"}
    assert len(found) == len(body["data"]["activeTargets"])


async def test_a_target_without_labels_is_called_by_its_pool(server, http):
    server.on("GET /api/v1/targets", {"data": {"activeTargets": [{"scrapePool": "pushed", "health": "unknown"}]}})

    (found,) = await targets(http)

    assert (found.name, found.health, found.error) == ("pushed", "unknown", "")


async def test_what_an_agent_scrapes_is_a_target_too(server, http):
    server.play("prometheus/targets_one_down")
    chat = {"job": "chat", "instance": "127.0.0.1:8081"}
    up(server, (chat, "0"), ({"job": "host", "instance": "a"}, "1"), ({"job": "host", "instance": "b"}, "0"))

    found = {each.name: (each.health, each.pushed) for each in await targets(http)}

    assert (found["host a"], found["host b"]) == (("up", True), ("down", True))
    assert found["chat 127.0.0.1:8081"] == ("down", False)


async def test_rules_of_prometheus_can_be_evaluated(server, http):
    server.play("prometheus/rules_healthy")

    found = await rule_health(http, PROMETHEUS_RULES)

    assert RuleHealth("availability / InstanceDown", "ok", "") in found
    assert {each.health for each in found} == {"ok"}


@pytest.mark.parametrize(("path", "word"), [(PROMETHEUS_RULES, "err"), (GRAFANA_RULES, "error")])
async def test_a_rule_in_error_is_told_alike_by_both(server, http, path, word):
    rule = {"name": "Broken", "health": word, "lastError": "many-to-many matching not allowed"}
    server.on(f"GET /{path}", {"data": {"groups": [{"name": "g", "rules": [rule]}, {"name": "empty", "rules": None}]}})

    assert await rule_health(http, path) == [RuleHealth("g / Broken", "error", "many-to-many matching not allowed")]


async def test_the_alertmanagers_of_prometheus_are_counted(server, http):
    server.play("prometheus/alertmanagers")

    assert await alertmanagers(http) == 1


@pytest.mark.parametrize("ask", [targets, alertmanagers, lambda http: rule_health(http, PROMETHEUS_RULES)])
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": "<html>", "content_type": "text/html"}, "not JSON"),
        ({"body": {}, "status": 502}, "HTTP 502"),
        ({"body": {}, "hang": True}, "no answer within"),
    ],
)
async def test_a_prometheus_that_does_not_answer_is_unavailable(server, http, ask, answer, words):
    for path in ("targets", "alertmanagers", "rules"):
        server.on(f"GET /api/v1/{path}", **answer)

    with pytest.raises(SourceUnavailable, match=words):
        await ask(http)


async def test_an_answer_of_another_shape_is_not_taken_for_no_targets(server, http):
    server.on("GET /api/v1/targets", {"data": {"activeTargets": {"a": 1}}})

    with pytest.raises(SourceUnavailable, match="unknown shape"):
        await targets(http)
