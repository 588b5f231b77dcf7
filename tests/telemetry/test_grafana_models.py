"""Dashboards of Grafana by uid, over a real socket; the shapes are those of Grafana 11 to 13."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.dashboards import DashboardModel, Variable
from bot.domain.datasources import source_of
from bot.domain.panel_looks import Threshold
from bot.errors import InvalidTarget, SourceUnavailable
from bot.telemetry.dashboard_json import read_model
from bot.telemetry.grafana_models import GrafanaModels
from bot.telemetry.http import JsonClient

PROM = {"type": "prometheus", "uid": "prom-1"}
BODY = {
    "dashboard": {
        "uid": "api",
        "title": "API overview",
        "panels": [
            {
                "id": 1,
                "title": "Latency",
                "type": "timeseries",
                "datasource": PROM,
                "targets": [
                    {"refId": "A", "expr": "up{service='$service'}", "legendFormat": "{{service}}", "datasource": PROM},
                    {"refId": "B", "expr": "hidden", "hide": True},
                    {"refId": "C", "expr": "now", "instant": True},
                    {"refId": "D", "expression": "$A * 2", "datasource": {"type": "__expr__", "uid": "__expr__"}},
                ],
                "fieldConfig": {
                    "defaults": {
                        "unit": "s",
                        "decimals": 2,
                        "min": 0,
                        "max": None,
                        "custom": {
                            "fillOpacity": 15,
                            "drawStyle": "line",
                            "stacking": {"mode": "normal"},
                            "thresholdsStyle": {"mode": "dashed"},
                        },
                        "thresholds": {
                            "mode": "absolute",
                            "steps": [{"color": "green", "value": None}, {"color": "red", "value": 0.5}],
                        },
                    }
                },
                "options": {"legend": {"showLegend": True, "displayMode": "table", "calcs": ["lastNotNull", "max"]}},
            },
            {
                "id": 10,
                "type": "row",
                "title": "JVM",
                "collapsed": True,
                "panels": [{"id": 2, "title": "Heap", "type": "stat"}],
            },
            {"id": 11, "type": "row", "title": "Logs", "collapsed": False, "panels": []},
            {
                "id": 3,
                "title": "Errors",
                "type": "logs",
                "datasource": {"type": "loki", "uid": "loki"},
                "targets": [{"expr": "{a='b'}"}],
            },
            {"id": 4, "libraryPanel": {"uid": "l", "name": "Shared"}},
            "junk",
            {"id": "5", "title": "no id"},
        ],
        "templating": {
            "list": [
                {
                    "name": "service",
                    "type": "query",
                    "refresh": 1,
                    "datasource": PROM,
                    "definition": 'label_values(up{env="$env"}, service)',
                    "options": [{"text": "old", "value": "old"}],
                    "current": {"text": "api", "value": "api"},
                    "multi": False,
                },
                {
                    "name": "env",
                    "type": "custom",
                    "label": "Environment",
                    "query": "prod,dev",
                    "multi": True,
                    "includeAll": True,
                    "options": [{"value": "$__all"}, {"value": "prod"}, {"value": "dev"}],
                    "current": {"text": ["prod"], "value": ["prod"]},
                },
                {"name": "step", "type": "interval", "query": "1m,5m", "current": {"value": "1m"}},
                {"name": "ds", "type": "datasource", "query": "prometheus", "current": {"value": "prom-2"}},
                {"type": "query"},
            ]
        },
    },
    "meta": {"slug": "api-overview", "folderTitle": "Services"},
}
PATH = "GET /api/dashboards/uid/api"


@pytest.fixture
def now() -> list[float]:
    return [1000.0]


@pytest.fixture
def models(server, session, now) -> GrafanaModels:
    http = JsonClient(session, server.url, source="grafana", token="glsa_x", timeout_s=20.0)
    return GrafanaModels(http, lambda: now[0])


async def test_a_dashboard_is_read_with_its_rows_queries_and_looks(server, models):
    server.on(PATH, BODY)

    model = await models.model("api")

    assert (model.title, model.slug, model.folder) == ("API overview", "api-overview", "Services")
    assert [(panel.id, panel.title, panel.row) for panel in model.panels] == [
        (1, "Latency", ""),
        (2, "Heap", "JVM"),
        (3, "Errors", "Logs"),
        (4, "Shared", "Logs"),
        # Grafana gives it the next one.
        (12, "no id", "Logs"),
    ]
    assert [panel.folded for panel in model.panels] == [False, True, False, False, False]
    latency = model.panels[0]
    assert [(query.expr, query.legend, query.kind, query.instant) for query in latency.queries] == [
        ("up{service='$service'}", "{{service}}", "prometheus", False),
        ("now", "", "prometheus", True),
        ("", "", "__expr__", False),
    ]
    look = latency.look
    assert (look.unit, look.decimals, look.least, look.most, look.stacking, look.fill) == (
        "s",
        2,
        0.0,
        None,
        "normal",
        15,
    )
    assert (look.style, look.thresholds) == ("dashed", (Threshold(None, "green"), Threshold(0.5, "red")))
    assert (look.legend, look.calculations) == (True, ("lastNotNull", "max"))
    assert server.asked[0][1]["Authorization"] == "Bearer glsa_x"


async def test_variables_are_read_with_the_values_they_may_have(server, models):
    server.on(PATH, BODY)

    model = await models.model("api")

    assert [(each.name, each.options, each.current) for each in model.variables] == [
        # What was saved with it may be long gone.
        ("service", (), ("api",)),
        ("env", ("prod", "dev"), ("prod",)),
        ("step", ("1m", "5m"), ("1m",)),
        ("ds", (), ("prom-2",)),
    ]


async def test_values_that_only_prometheus_knows_are_asked_through_grafana(server, models):
    server.on(PATH, BODY)
    server.on(
        "GET /api/datasources/proxy/uid/prom-1/api/v1/label/service/values",
        {"status": "success", "data": ["api", "chat"]},
    )
    model = await models.model("api")

    assert await models.values(model, model.variables[0], {"env": ("dev",)}) == {"api": "api", "chat": "chat"}
    assert await models.values(model, model.variables[1], {}) == {"prod": "prod", "dev": "dev"}
    # A list of data sources is not one of labels.
    assert await models.values(model, model.variables[3], {}) is None


async def test_values_that_cannot_be_asked_are_not_known(server, models):
    server.on(PATH, BODY)
    model = await models.model("api")

    assert await models.values(model, model.variables[0], {}) is None
    assert await models.values(model, Variable("x", query="query_result(up)", datasource="p"), {}) is None


async def test_a_dashboard_is_asked_for_once_a_minute(server, models, now):
    server.on(PATH, BODY)

    await asyncio.gather(*(models.model("api") for _ in range(5)))
    now[0] += 59
    await models.model("api")
    assert [line for line, _, _ in server.asked].count(PATH) == 1

    now[0] += 2
    await models.model("api")
    assert [line for line, _, _ in server.asked].count(PATH) == 2


async def test_while_grafana_is_down_what_was_known_stands(server, models, now):
    server.on(PATH, BODY)
    await models.model("api")
    now[0] += 600
    server.on(PATH, {"message": "boom"}, 500)

    assert (await models.model("api")).title == "API overview"
    assert models.known("api").title == "API overview"


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"message": "Dashboard not found"}, 404, InvalidTarget),
        ({"message": "boom"}, 500, SourceUnavailable),
        ({}, 401, SourceUnavailable),
        ("<html>login</html>", 200, SourceUnavailable),
        ([], 200, SourceUnavailable),
        ({"dashboard": None}, 200, SourceUnavailable),
    ],
)
async def test_what_is_no_dashboard_is_said(server, models, body, status, error):
    server.on(PATH, body, status)

    with pytest.raises(error):
        await models.model("api")

    assert models.known("api") is None


async def test_a_grafana_that_hangs_is_not_waited_for(server, session):
    server.on(PATH, BODY, hang=True)
    models = GrafanaModels(JsonClient(session, server.url, source="grafana", timeout_s=0.1))

    with pytest.raises(SourceUnavailable, match="no answer"):
        await models.model("api")


async def test_who_gives_up_waiting_does_not_take_the_answer_from_others(server, models):
    server.on(PATH, BODY)
    first, second = (asyncio.create_task(models.model("api")) for _ in range(2))
    await asyncio.sleep(0)

    first.cancel()

    assert (await second).title == "API overview"
    assert first.cancelled()


@pytest.mark.parametrize(
    "raw",
    [
        {"panels": "x", "templating": []},
        {
            "panels": [{"id": 1, "targets": {"a": 1}, "fieldConfig": [], "options": 5}],
            "templating": {"list": [{"name": 4}]},
        },
        {"panels": [{"id": True}, {"id": 10**12}, {"type": "row", "panels": [None]}], "title": ["x"]},
        {"panels": [{"id": 1, "fieldConfig": {"defaults": {"min": float("nan"), "max": 10**400, "decimals": "x"}}}]},
    ],
)
def test_parts_of_an_unknown_shape_are_left_out(raw):
    model = read_model("x", raw, {})

    assert isinstance(model, DashboardModel)
    assert all(panel.look.least is None and panel.look.most is None for panel in model.panels)


def test_a_data_source_may_be_a_variable():
    raw = {
        "panels": [{"id": 1, "datasource": {"uid": "${ds}"}, "targets": [{"expr": "up"}]}],
        "templating": {"list": [{"name": "ds", "type": "datasource", "current": {"value": "prom-2"}}]},
    }
    model = read_model("x", raw, {})

    assert source_of(model.panels[0].queries[0], model, {}).uid == "prom-2"
    assert source_of(model.panels[0].queries[0], model, {"ds": ("prom-3",)}).uid == "prom-3"


def test_panels_are_in_the_order_of_the_grid_whatever_the_file_says():
    def panel(number: int, x: int, y: int, **more: Any) -> dict[str, Any]:
        return {"id": number, "type": "stat", "gridPos": {"x": x, "y": y, "w": 8, "h": 4}, **more}

    row = {"type": "row", "title": "Second", "collapsed": False, "gridPos": {"x": 0, "y": 4, "w": 24, "h": 1}}
    board = [panel(3, 0, 5), panel(2, 8, 0), row, panel(1, 0, 0)]
    read = read_model("u", {"title": "t", "panels": board}, {})

    assert [(each.id, each.row) for each in read.panels] == [(1, ""), (2, ""), (3, "Second")]
    del board[1]["gridPos"]
    assert [each.id for each in read_model("u", {"title": "t", "panels": board}, {}).panels] == [3, 2, 1]


STEPS_OF_6 = [{"index": 0, "value": None, "color": "green"}, {"index": 1, "value": 50, "color": "#E02F44"}]


@pytest.mark.parametrize(
    "options",
    [
        # 6.0, 6.2, 6.3 and 6.7.
        {"valueOptions": {"unit": "percent", "stat": "max", "decimals": 1}, "minValue": 10, "maxValue": "90", "thresholds": STEPS_OF_6},
        {"fieldOptions": {"calcs": ["max"], "defaults": {"unit": "percent", "decimals": 1, "min": 10, "max": 90}, "thresholds": STEPS_OF_6}},
        {"fieldOptions": {"calcs": ["max"], "defaults": {"unit": "percent", "decimals": 1, "min": 10, "max": 90, "thresholds": STEPS_OF_6}}},
        {"fieldOptions": {"calcs": ["max"], "defaults": {
            "unit": "percent", "decimals": 1, "min": 10, "max": 90, "thresholds": {"mode": "absolute", "steps": STEPS_OF_6}}, "overrides": []}},
    ],
)  # fmt: skip
def test_a_number_of_grafana_6_is_read_as_what_grafana_makes_of_it(options):
    raw = {"id": 1, "type": "gauge", "title": "CPU", "targets": [{"expr": "up", "refId": "A"}], "options": options}
    look = read_model("u", {"title": "t", "panels": [raw]}, {}).panels[0].look

    assert (look.unit, look.decimals, look.least, look.most, look.reduce) == ("percent", 1, 10.0, 90.0, ("max",))
    assert [(each.value, each.colour) for each in look.thresholds] == [(None, "green"), (50.0, "#E02F44")]


def test_a_percentage_of_grafana_6_ends_at_a_hundred_and_what_it_maps_is_said():
    mapped = [{"id": 0, "op": "=", "text": "N/A", "type": 1, "value": "null"}]
    options = {
        "fieldOptions": {"calcs": ["mean"], "defaults": {"unit": "percentunit", "color": "red"}, "mappings": mapped}
    }
    raw = {"id": 1, "type": "stat", "title": "CPU", "targets": [{"expr": "up", "refId": "A"}], "options": options}
    look = read_model("u", {"title": "t", "panels": [raw]}, {}).panels[0].look

    assert (look.least, look.most, look.no_value, look.colour) == (0.0, 1.0, "N/A", "red")


def test_panels_without_an_id_or_with_one_that_is_taken_have_the_one_that_grafana_gives_them():
    def stat(title: str, **more: Any) -> dict[str, Any]:
        return {"type": "stat", "title": title, "targets": [{"expr": "up"}], **more}

    row = {"type": "row", "title": "R", "id": 4, "panels": [stat("b", id=4), stat("d", id=0)]}
    board = {"title": "t", "panels": [stat("a"), row, stat("c", id=7)]}
    old = {"title": "t", "rows": [{"title": "R", "panels": [stat("a", id=2), stat("b", id=2), stat("c")]}]}

    assert [(each.title, each.id) for each in read_model("u", board, {}).panels] == [
        ("a", 8),
        ("b", 9),
        ("d", 10),
        ("c", 7),
    ]
    assert [(each.title, each.id) for each in read_model("u", old, {}).panels] == [("a", 2), ("b", 3), ("c", 4)]
