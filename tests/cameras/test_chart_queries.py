"""What a panel asks is asked as Grafana asks it, or the panel is not drawn and says why: never a part of its series."""

from __future__ import annotations

from typing import Any

import pytest

from bot.cameras.chart_numbers import Numbers, PanelNumbers, why_not
from bot.cameras.charts import _panel
from bot.domain.dashboards import DataSource
from bot.domain.pictures import Shot
from bot.domain.telemetry import RangeSeries, Window
from bot.telemetry.dashboard_json import read_model
from tests.cameras.test_charts import END, HOUR
from tests.fakes import FakeMetrics

SOURCES = (
    DataSource("prom-1", "Prometheus", "prometheus", True),
    DataSource("prom-2", "Other", "prometheus"),
    DataSource("loki-1", "Loki", "loki"),
)
# Its samples are half a minute apart.
SLOW_SOURCES = (DataSource("prom-1", "Prometheus", "prometheus", True, "30s"),)
PROM = {"type": "prometheus", "uid": "prom-1"}
MIXED = {"type": "datasource", "uid": "-- Mixed --"}
UP = {"refId": "A", "expr": "up", "datasource": PROM}


def model_of(*targets: dict[str, Any], datasource: Any = PROM, others: Any = (), variables: Any = ()):
    panel = {"id": 1, "type": "timeseries", "title": "P", "datasource": datasource, "targets": list(targets)}
    board = {"title": "B", "panels": [panel, *others], "templating": {"list": list(variables)}}
    return read_model("b", board, {}, SOURCES)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"datasource": {"type": "loki", "uid": "loki-1"}, "expr": "{a='b'}"}, "asks loki, not Prometheus"),
        ({"datasource": {"type": "mysql", "uid": "gone"}, "rawSql": "SELECT 1"}, "its data source gone does not exist"),
        (
            {"datasource": {"type": "__expr__", "uid": "__expr__"}, "type": "math", "expression": "$A * 100"},
            "its query B is an expression of Grafana, which is not calculated here",
        ),
        ({"datasource": {"type": "loki", "uid": "loki-1"}, "expr": "{a='b'}", "hide": True}, None),
        ({"datasource": PROM, "expr": ""}, None),
        ({"datasource": {"type": "prometheus", "uid": "prom-2"}, "expr": "up"}, None),
    ],
)
def test_a_panel_is_drawn_whole_or_not_at_all(other, why):
    model = model_of(UP, {"refId": "B", **other}, datasource=MIXED)

    assert why_not(model.panels[0], model, {}) == why


def test_an_expression_of_hidden_queries_is_not_said_to_ask_nothing():
    expression = {"refId": "B", "datasource": {"type": "__expr__", "uid": "__expr__"}, "expression": "$A"}
    model = model_of({**UP, "hide": True}, expression)

    assert why_not(model.panels[0], model, {}) == (
        "its query B is an expression of Grafana, which is not calculated here"
    )


@pytest.mark.parametrize(
    ("filters", "datasource", "refused"),
    [
        ({"filters": [{"key": "env", "operator": "=", "value": "prod"}]}, PROM, True),
        ({"baseFilters": [{"key": "env", "operator": "=", "value": "prod"}]}, PROM, True),
        ({"filters": [{"key": "env", "operator": "=", "value": "prod"}]}, None, True),
        ({"filters": [{"key": "env", "operator": "=", "value": "prod"}]}, {"type": "prometheus", "uid": "prom-2"}, False),
        ({"filters": []}, PROM, False),
    ],
)  # fmt: skip
def test_a_panel_is_not_drawn_without_the_filter_that_grafana_would_write_into_it(filters, datasource, refused):
    model = model_of(UP, variables=[{"name": "Filters", "type": "adhoc", "datasource": datasource, **filters}])

    why = "the filter Filters is set, which is not written into queries here" if refused else None
    assert why_not(model.panels[0], model, {}) == why


def test_a_filter_that_is_chosen_is_one_too():
    model = model_of(UP, variables=[{"name": "Filters", "type": "adhoc", "datasource": PROM}])

    assert why_not(model.panels[0], model, {"Filters": ("env|=|prod",)}) is not None


@pytest.mark.parametrize(("with_transforms", "transformations"), [(True, ("reduce",)), (False, ())])
def test_a_panel_that_shows_the_numbers_of_another_one_asks_what_that_one_asks(with_transforms, transformations):
    other = {"id": 7, "type": "table", "datasource": PROM, "targets": [UP], "transformations": [{"id": "reduce"}]}
    shared = {"refId": "A", "panelId": 7, "withTransforms": with_transforms}
    model = model_of(shared, datasource={"type": "datasource", "uid": "-- Dashboard --"}, others=[other])

    assert [each.expr for each in model.panels[0].queries] == ["up"]
    assert model.panels[0].transformations == transformations


@pytest.mark.parametrize("panel_id", [1, 99, "x", None])
def test_one_that_shows_itself_or_nobody_is_not_drawn(panel_id):
    model = model_of(
        {"refId": "A", "panelId": panel_id, "datasource": {"type": "datasource", "uid": "-- Dashboard --"}}
    )

    assert why_not(model.panels[0], model, {}) == "asks dashboard, not Prometheus"


async def asked(metrics: FakeMetrics, target: dict[str, Any] | None = None, **panel: Any) -> list[PanelNumbers]:
    raw = {"id": 1, "type": "timeseries", "title": "P", "datasource": PROM, "targets": [UP | (target or {})]}
    model = read_model("b", {"panels": [raw | panel]}, {}, SLOW_SOURCES)
    return await Numbers(lambda _: metrics).of(model, model.panels, Shot("b", HOUR), 60)


@pytest.mark.parametrize(
    ("target", "panel", "promql"),
    [
        ({"expr": "increase(up[$__interval])"}, {"interval": "5m"}, "increase(up[300s])"),
        ({"expr": "increase(up[$__interval])", "interval": "10m"}, {}, "increase(up[600s])"),
        ({"expr": "increase(up[$__interval])"}, {"maxDataPoints": 4}, "increase(up[900s])"),
        ({"expr": "increase(up[$__interval])", "interval": "$__rate_interval"}, {}, "increase(up[30s])"),
        ({"expr": "rate(up[$__rate_interval])"}, {}, "rate(up[120s])"),
    ],
)
async def test_intervals_are_those_of_the_panel_the_query_and_the_data_source(target, panel, promql):
    metrics = FakeMetrics()
    await asked(metrics, target, **panel)

    assert metrics.asked == [promql]


async def test_a_panel_with_a_time_shift_shows_what_was_then_and_says_so():
    day = 86_400.0
    then = [RangeSeries({}, [(END - day - 60.0, 1.0)])]
    now = [RangeSeries({}, [(END - 60.0, 2.0)])]
    (drawn,) = await asked(FakeMetrics(ranges={"up": [*then, *now]}), timeShift="1d")

    assert [point for each in drawn.series for point in each.points] == [(END - day - 60.0, 1.0)]
    assert drawn.window == Window.between(END - 3600 - day, END - day)
    assert _panel(drawn)["title"] == "P · timeshift -1d"


def test_a_time_shift_that_nobody_can_read_is_not_left_out():
    model = read_model("b", {"panels": [{"id": 1, "type": "stat", "targets": [UP], "timeShift": "1M"}]}, {}, SOURCES)

    assert why_not(model.panels[0], model, {}) == "its time shift 1M is not known here"


async def test_a_legend_says_what_its_variables_are_set_to():
    host = {"name": "host", "type": "custom", "current": {"value": "web-1.prod"}, "options": [{"value": "web-1.prod"}]}
    model = model_of({**UP, "legendFormat": "$host · {{device}}"}, variables=(host,))
    metrics = FakeMetrics(ranges={"up": [RangeSeries({"device": "eth0"}, [(END - 60.0, 1.0)])]})
    (drawn,) = await Numbers(lambda _: metrics).of(model, model.panels, Shot("b", HOUR), 10)

    assert [each.name for each in drawn.series] == ["web-1.prod · eth0"]
