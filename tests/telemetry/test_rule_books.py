"""Alert rules as their servers tell how they are evaluated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import SourceUnavailable
from bot.telemetry.http import JsonClient
from bot.telemetry.rule_books import GrafanaRules, PrometheusRules
from tests.recordings import recorded

RULES, RULER = "GET /api/v1/rules", "GET /api/ruler/grafana/api/v1/rules"
MINUTE = timedelta(minutes=1)


def prometheus(server, session) -> PrometheusRules:
    return PrometheusRules(JsonClient(session, server.url, source="prometheus", timeout_s=20))


def grafana(server, session) -> GrafanaRules:
    return GrafanaRules(JsonClient(session, server.url, source="grafana", timeout_s=20))


def group(**rule):
    rules = [{"type": "alerting", "name": "X", "query": "x > 5", "duration": 60, **rule}, {"type": "recording"}]
    return {"status": "success", "data": {"groups": [{"name": "g", "file": "f", "interval": 30, "rules": rules}]}}


async def test_prometheus_tells_what_it_evaluates_and_when(server, session):
    server.on(RULES, group(keepFiringFor=300, lastEvaluation="2026-11-24T03:00:07.5Z"))

    (rule,) = await prometheus(server, session).alert_rules()

    assert (rule.name, rule.expression, rule.place, rule.interval) == ("X", "x > 5", "g", MINUTE / 2)
    assert (rule.wait, rule.keep, rule.offset_s) == (MINUTE, 5 * MINUTE, 7.5)
    assert (rule.compared.series, rule.compared.bound) == ("x", "5")


async def test_an_older_prometheus_knows_no_keep_firing_for(server, session):
    server.on(RULES, group(lastEvaluation="0001-01-01T00:00:00Z", duration=float("1e300")))

    (rule,) = await prometheus(server, session).alert_rules()

    assert (rule.keep, rule.offset_s, rule.wait) == (None, 0.0, timedelta(seconds=1e7))


@pytest.mark.parametrize("body", [[], {"data": {"groups": "?"}}, {"data": {"groups": [{"rules": 5}]}}])
async def test_what_is_no_list_of_rules_is_no_answer(server, session, body):
    server.on(RULES, body)

    with pytest.raises(SourceUnavailable):
        await prometheus(server, session).alert_rules()


async def test_a_recorded_grafana_tells_its_bounds(server, session):
    server.on(RULER, recorded("ruler/ruler_all").body)

    rules = {rule.name: rule for rule in await grafana(server, session).alert_rules()}

    pool, down = rules["HikariPoolPending"], rules["ServiceDown"]
    assert (pool.expression, pool.wait, pool.keep) == ("(hikaricp_connections_pending) > 0", MINUTE, timedelta())
    assert (pool.uid, pool.node, pool.grafana) == ("bongsu-hikari-pool-pending", "C", True)
    assert (pool.interval, pool.place) == (MINUTE / 2, "Bongsu alerts / resources")
    assert down.expression.endswith(") < 1")
    # Over a "reduce" of one value it is the same.
    assert rules["LabEveryLabel"].compared.series == "(knob_multi)"


def node(name, uid="__expr__", **model):
    return {"refId": name, "datasourceUid": uid, "model": model}


ASKED = node("A", "prom", expr="x", instant=True)
ABOVE = node("C", type="threshold", expression="A", conditions=[{"evaluator": {"type": "gt", "params": [5]}}])


def ruler(*data, **rule):
    told = {"for": "1h30m", "grafana_alert": {"title": "X", "uid": "u", "condition": "C", "data": list(data)}, **rule}
    return {"Folder": [{"name": "g", "interval": "1m", "rules": [told]}]}


@pytest.mark.parametrize(
    "data",
    [
        (),
        (ASKED,),
        (ABOVE,),
        ("?", ASKED, node("C", type="math", expression="$A > 5")),
        (ASKED, {**ASKED, "refId": "B"}, ABOVE),
        (ASKED, node("C", type="threshold", expression="A", conditions=[])),
        (ASKED, node("C", type="threshold", expression="A", conditions=[{"evaluator": {"type": "within_range", "params": [1, 2]}}])),
        (ASKED, node("C", type="threshold", expression="A", conditions=[{"evaluator": {"type": "gt", "params": ["5"]}}])),
        (node("A", "prom", expr="x", instant=False), node("B", type="reduce", reducer="mean", expression="A"),
         {**ABOVE, "model": {**ABOVE["model"], "expression": "B"}}),
        (node("A", "loki", expr="x", instant=True, datasource={"type": "loki"}), ABOVE),
        (node("A", "prom", instant=True), ABOVE),
    ],
)  # fmt: skip
async def test_what_cannot_be_replayed_is_left_out(server, session, data):
    server.on(RULER, ruler(*data))

    assert await grafana(server, session).alert_rules() == []


async def test_an_older_grafana_knows_no_keep_firing_for_and_may_know_no_rules(server, session):
    server.on(RULER, ruler(ASKED, ABOVE))
    (rule,) = await grafana(server, session).alert_rules()
    server.on(RULER, {"message": "no namespaces"}, 404)

    assert (rule.keep, rule.wait) == (None, 90 * MINUTE)
    assert await grafana(server, session).alert_rules() == []
