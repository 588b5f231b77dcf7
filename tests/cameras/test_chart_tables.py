"""Tables as they are drawn: labels in columns, rows in the panel's order, cells as they are coloured."""

from __future__ import annotations

import json
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from bot.cameras.chart_kinds import heatmap
from bot.cameras.chart_numbers import ChartSeries, Numbers, PanelNumbers, why_not
from bot.cameras.chart_tables import columns
from bot.cameras.chart_tiles import tiles
from bot.cameras.charts import _panel
from bot.domain.dashboards import DataSource, Panel
from bot.domain.panel_looks import PanelLook
from bot.domain.pictures import PanelState, Shot
from bot.domain.telemetry import RangeSeries
from bot.errors import NoPicture
from bot.telemetry.dashboard_json import read_model
from tests.cameras.test_charts import END, HOUR
from tests.fakes import FakeMetrics

SOURCES = (DataSource("prom-1", "Prometheus", "prometheus", True),)
LAST = END - 15.0
INK = "#ccccdc"


def table(*queries: str, **more: Any):
    targets = [
        {"refId": ref, "expr": expr, "instant": True, "format": "table"}
        for ref, expr in zip("ABC", queries, strict=False)
    ]
    raw = {"id": 1, "type": "table", "title": "T", "datasource": {"uid": "prom-1"}, "targets": targets, **more}
    return read_model("api", {"title": "API", "panels": [raw]}, {}, SOURCES)


async def numbers(model, **answers: list[tuple[dict[str, str], float]]) -> PanelNumbers:
    ranges = {
        query: [RangeSeries(labels, [(LAST, value)]) for labels, value in found] for query, found in answers.items()
    }
    (drawn, *_) = await Numbers(lambda _: FakeMetrics(ranges=ranges)).of(
        model, [*model.panels, *beside()], Shot("api", HOUR), 60
    )
    return drawn


def beside() -> list[Panel]:
    """Return a panel that has no data: a picture of which nothing came is none."""
    return list(table("nothing").panels)


def texts(drawn: PanelNumbers) -> dict[str, str]:
    """Return what is written, with its colour."""
    axes = Figure(figsize=(12, 4)).subplots()
    columns(axes, json.loads(json.dumps(_panel(drawn))), INK)
    return {each.get_text(): str(each.get_color()) for each in axes.findobj(Text) if each.get_text()}


COLOURED = {"mode": "absolute", "steps": [{"color": "green", "value": None}, {"color": "red", "value": 0.5}]}


async def test_a_table_is_what_grafana_shows_of_it():
    model = table(
        "requests",
        "errors",
        transformations=[
            {"id": "merge"},
            {"id": "organize", "options": {
                "excludeByName": {"Time": True}, "renameByName": {"Value #A": "Requests", "Value #B": "Errors"},
            }},
        ],
        options={"sortBy": [{"displayName": "Requests", "desc": True}]},
        fieldConfig={"defaults": {}, "overrides": [
            {"matcher": {"id": "byName", "options": "Requests"}, "properties": [{"id": "unit", "value": "reqps"}]},
            {"matcher": {"id": "byName", "options": "host"}, "properties": [{"id": "custom.hidden", "value": True}]},
            {"matcher": {"id": "byName", "options": "Errors"}, "properties": [
                {"id": "unit", "value": "percentunit"},
                {"id": "thresholds", "value": COLOURED},
                {"id": "custom.cellOptions", "value": {"type": "color-text"}},
            ]},
        ]},
    )  # fmt: skip
    one, two = {"host": "x", "service": "api"}, {"host": "y", "service": "chat"}
    drawn = await numbers(model, requests=[(one, 5.0), (two, 1500.0)], errors=[(one, 0.75), (two, 0.25)])

    assert [each.name for each in drawn.columns] == ["service", "Requests", "Errors"]
    assert [each.cells for each in drawn.columns] == [("chat", "api"), (1500.0, 5.0), (0.25, 0.75)]
    written = texts(drawn)
    assert {"service", "Requests", "Errors", "chat", "api", "1.50K req/s", "5 req/s", "25%", "75%"} <= set(written)
    assert written["75%"] == "#f2495c"
    assert written["25%"] == "#73bf69"
    assert written["5 req/s"] == INK


async def test_a_time_is_written_as_one():
    drawn = await numbers(table("up"), up=[({"job": "api"}, 1.0)])

    assert [each.name for each in drawn.columns] == ["Time", "job", "Value"]
    assert drawn.columns[0].look.unit == "dateTimeAsIso"


async def test_more_rows_than_an_order_is_known_of_are_named():
    drawn = await numbers(table("up"), up=[({"n": str(each)}, 1.0) for each in range(501)])

    assert drawn.state is PanelState.ERROR
    assert "more than 500 series" in drawn.note


async def test_what_cannot_be_merged_is_named_and_what_is_empty_is_no_data():
    merged = table("a", "b", transformations=[{"id": "merge"}])
    drawn = await numbers(merged, a=[({"job": "x"}, 1.0)], b=[({"host": "y"}, 1.0)])
    assert drawn.note == "its transformation merge is not made here"

    assert (await numbers(merged)).state is PanelState.NO_DATA


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"transformations": [{"id": "filterByValue"}]}, None),
        ({"type": "timeseries", "transformations": [{"id": "filterByValue"}]},
         "its transformation filterByValue is not made here"),
        ({"transformations": [{"id": "reduce"}]}, "its transformation reduce is not made here"),
        ({"transformations": [{"id": "organize", "filter": {"id": "byRefId", "options": "A"}}]},
         "its transformation organize is not made here"),
        ({"transformations": [{"id": "groupBy"}, {"id": "limit"}, {"id": "filterFieldsByName"}]}, None),
        ({"type": "timeseries", "transformations": [{"id": "groupBy"}]}, "its transformation groupBy is not made here"),
        ({"type": "timeseries", "transformations": [{"id": "filterFieldsByName"}]}, None),
        ({"type": "heatmap", "options": {"calculate": True}},
         "it counts values into buckets by itself, which is not done here"),
    ],
)  # fmt: skip
def test_what_is_made_of_a_table_is_known(changes, why):
    model = table("up", **changes)

    assert why_not(model.panels[0], model, {}) == why


REDUCED = {"id": "reduce", "options": {"reducers": ["mean", "max", "lastNotNull"]}}


def over_time(*steps: Any, kind: str = "table"):
    targets = [{"refId": "A", "expr": "load", "legendFormat": "{{job}}"}]
    return table("load", type=kind, targets=targets, transformations=list(steps))


async def made_of_series(model) -> PanelNumbers:
    ranges = {
        "load": [
            RangeSeries({"job": job}, [(LAST - 30, first), (LAST - 15, 9.0), (LAST, last)])
            for job, first, last in (("api", 0.0, 3.0), ("chat", 6.0, 6.0))
        ]
    }
    (drawn, *_) = await Numbers(lambda _: FakeMetrics(ranges=ranges)).of(
        model, [*model.panels, *beside()], Shot("api", HOUR), 60
    )
    return drawn


async def test_series_that_are_reduced_are_a_table_with_a_row_for_each():
    model = over_time({"id": "renameByRegex", "options": {"regex": "api", "renamePattern": "API"}}, REDUCED)

    assert why_not(model.panels[0], model, {}) is None
    drawn = await made_of_series(model)
    assert {each.name: each.cells for each in drawn.columns} == {
        "Field": ("API", "chat"), "Mean": (4.0, 7.0), "Max": (9.0, 9.0), "Last *": (3.0, 6.0),
    }  # fmt: skip


async def test_a_reduced_table_is_filtered_and_arranged_as_any_other():
    kept = {"fieldName": "Mean", "config": {"id": "greater", "options": {"value": 5}}}
    steps = (
        REDUCED,
        {"id": "filterByValue", "options": {"filters": [kept], "type": "include", "match": "any"}},
        {"id": "organize", "options": {"excludeByName": {"Max": True}, "renameByName": {"Field": "Job"}}},
    )
    drawn = await made_of_series(over_time(*steps))

    assert {each.name: each.cells for each in drawn.columns} == {"Job": ("chat",), "Mean": (7.0,), "Last *": (6.0,)}


@pytest.mark.parametrize(
    ("kind", "steps", "name"),
    [
        ("table", ({"id": "reduce", "options": {"reducers": ["mean"], "mode": "reduceFields"}},), "reduce"),
        ("table", ({"id": "reduce", "options": {"reducers": ["mean"], "labelsToFields": True}},), "reduce"),
        ("table", ({"id": "reduce", "options": {"reducers": []}},), "reduce"),
        ("table", ({"id": "reduce", "options": {"reducers": ["allValues"]}},), "reduce"),
        ("table", ({"id": "joinByField"}, REDUCED), "joinByField"),
    ],
)
async def test_what_else_is_made_of_series_is_named(kind, steps, name):
    drawn = await made_of_series(over_time(*steps, kind=kind))

    assert drawn.note == f"its transformation {name} is not made here"


@pytest.mark.parametrize("kind", ["stat", "timeseries", "bargauge"])
def test_nothing_but_a_table_is_reduced(kind):
    model = over_time(REDUCED, kind=kind)

    assert why_not(model.panels[0], model, {}) == "its transformation reduce is not made here"


async def test_where_nothing_can_be_made_nobody_is_told_that_no_answer_came():
    model = over_time({"id": "reduce", "options": {"reducers": []}})
    metrics = FakeMetrics(ranges={"load": [RangeSeries({}, [(LAST, 1.0)])]})

    with pytest.raises(NoPicture) as refused:
        await Numbers(lambda _: metrics).of(model, model.panels, Shot("api", HOUR), 60)

    assert refused.value.reason == "ladder.nothing-to-draw"


async def test_a_renamed_series_has_its_new_name_and_one_that_is_left_out_is_not_drawn():
    model = table(
        "up",
        type="timeseries",
        transformations=[
            {"id": "renameByRegex", "options": {"regex": 'n="(.*)"', "renamePattern": "$1"}},
            {"id": "organize", "options": {"excludeByName": {"up{b}": True}}},
        ],
    )
    drawn = await numbers(model, up=[({"n": "a"}, 1.0), ({"n": "b"}, 2.0)])

    assert [each.name for each in drawn.series] == ["{a}", "{b}"]


def cells(cumulative: bool) -> list[list[float]]:
    look = PanelLook()
    series = [ChartSeries(le, [(LAST, value)], look) for le, value in (("+Inf", 7.0), ("0.5", 5.0), ("0.1", 2.0))]
    panel = json.loads(json.dumps(_panel(PanelNumbers(Panel(1, "Heat", "heatmap"), tuple(series)))))
    axes = Figure(figsize=(8, 4)).subplots()
    heatmap(axes, {**panel, "cumulative": cumulative}, 15.0)
    assert [each.get_text() for each in axes.get_yticklabels()] == ["0.1", "0.5", "+Inf"]
    (mesh,) = axes.collections
    return [float(each) for each in mesh.get_array().ravel()]


def test_buckets_of_prometheus_are_what_each_adds_and_others_are_as_they_are():
    assert cells(cumulative=True) == [2.0, 3.0, 2.0]
    assert cells(cumulative=False) == [2.0, 5.0, 7.0]


async def test_by_a_heatmaps_own_format_buckets_are_known_by_their_label():
    model = table("b", type="heatmap", targets=[{"refId": "A", "expr": "b", "format": "heatmap", "legendFormat": "x"}])
    drawn = await numbers(model, b=[({"le": "1"}, 1.0), ({"le": "+Inf"}, 2.0)])
    assert [each.name for each in drawn.series] == ["1", "+Inf"]

    twice = await numbers(model, b=[({"le": "1", "n": "a"}, 1.0), ({"le": "1", "n": "b"}, 2.0)])
    assert twice.note == "it has several series of the same bucket"


def tiles_of(mode: str, *names: str) -> set[str]:
    look = PanelLook(text_mode=mode, unit="s")
    series = [ChartSeries(name, [(LAST, 5.0)], look) for name in names]
    panel = json.loads(json.dumps(_panel(PanelNumbers(Panel(1, "Stat", "stat", look=look), tuple(series)))))
    axes = Figure(figsize=(8, 4)).subplots()
    tiles(axes, panel, INK)
    return {each.get_text() for each in axes.texts}


@pytest.mark.parametrize(
    ("mode", "names", "written"),
    [
        ("auto", ["a"], {"5 s"}),
        ("auto", ["a", "b"], {"5 s", "a", "b"}),
        ("value", ["a", "b"], {"5 s"}),
        ("value_and_name", ["a"], {"5 s", "a"}),
        ("name", ["a", "b"], {"a", "b"}),
        ("none", ["a", "b"], set()),
    ],
)
def test_a_number_has_its_name_as_the_panel_wants(mode, names, written):
    assert tiles_of(mode, *names) == written


async def test_a_number_is_shown_of_the_series_that_the_panel_names():
    def stat(fields: str):
        return table("up", type="stat", options={"reduceOptions": {"fields": fields}, "textMode": "name"})

    answer: list[tuple[dict[str, str], float]] = [({"n": "a"}, 1.0), ({"n": "b"}, 2.0)]

    assert len((await numbers(stat('/n="a"/'), up=answer)).series) == 1
    assert len((await numbers(stat(""), up=answer)).series) == 2
    assert (await numbers(stat("/^Value$/"), up=answer)).state is PanelState.NO_DATA


@pytest.mark.parametrize(("bounds", "value"), [({"min": 100, "max": 300}, 200.0), ({}, 25.0), ({"max": 90}, 50.0)])
def test_thresholds_in_percent_are_of_the_span_that_the_panel_or_its_values_have(bounds, value):
    steps = {"mode": "percentage", "steps": [{"color": "green", "value": 0}, {"color": "red", "value": 50}]}
    model = table("up", fieldConfig={"defaults": {"thresholds": steps, **bounds}, "overrides": []})

    drawn = PanelNumbers(model.panels[0], (ChartSeries("a", [(0.0, 10.0), (15.0, 40.0)], model.panels[0].look),))

    assert _panel(drawn)["thresholds"] == [(None, "green"), (value, "red")]
