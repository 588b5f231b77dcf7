"""`graph` and `singlestat` look as what Grafana makes of them: the published dashboards of many exporters still have them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.panel_looks import PanelLook, Threshold
from bot.telemetry.dashboard_json import read_model
from bot.telemetry.patterns import matches


def panel(kind: str, **more: Any):
    return read_model("b", {"panels": [{"id": 1, "type": kind, "targets": [{"expr": "up"}], **more}]}, {}).panels[0]


def of(look: PanelLook, name: str) -> PanelLook:
    return look.of(name, "A", matches)


@pytest.mark.parametrize(
    ("value_name", "reduce"),
    [("current", "current"), ("avg", "avg"), ("max", "max"), ("total", "total"), (None, "mean")],
)
def test_a_single_number_is_the_one_that_it_was(value_name, reduce):
    assert panel("singlestat", valueName=value_name).look.reduce == (reduce,)


def test_a_single_number_has_its_limits_colours_and_words():
    shown = panel(
        "singlestat", format="percent", decimals=1, thresholds="80, 90", colors=["rgba(50, 172, 45, 0.97)", "orange", "red"],
        colorValue=True, valueName="current", mappingType=1, nullText="none", sparkline={"show": True},
        valueMaps=[{"op": "=", "value": "0", "text": "DOWN"}, {"op": "=", "value": "null", "text": "N/A"}],
    )  # fmt: skip

    assert (shown.kind, shown.look.unit, shown.look.decimals, shown.look.sparkline) == ("stat", "percent", 1, True)
    assert shown.look.thresholds == (
        Threshold(None, "rgba(50, 172, 45, 0.97)"), Threshold(80.0, "orange"), Threshold(90.0, "red"),
    )  # fmt: skip
    assert [(each.low, each.text) for each in shown.look.mappings] == [(0.0, "DOWN")]
    assert shown.look.no_value == "none"


def test_ranges_and_gauges_are_read_and_colours_only_where_it_shows_them():
    ranges = [{"from": "0", "to": "0.9", "text": "low"}, {"from": "null", "to": "null", "text": "N/A"}]
    plain = panel("singlestat", mappingType=2, rangeMaps=ranges, thresholds="1,2", colors=["green", "orange", "red"])
    gauge = panel("singlestat", gauge={"show": True, "minValue": 0, "maxValue": 50}, thresholds="1", colors=["a", "b"])

    assert ([(each.low, each.high) for each in plain.look.mappings], plain.look.thresholds) == ([(0.0, 0.9)], ())
    assert plain.look.no_value == "N/A"
    assert (gauge.kind, gauge.look.least, gauge.look.most, len(gauge.look.thresholds)) == ("gauge", 0.0, 50.0, 2)


def test_series_of_a_graph_are_as_it_says_of_each():
    look = panel(
        "graph", fill=2, linewidth=0, steppedLine=True, nullPointMode="connected", stack=True,
        yaxes=[{"format": "bytes", "min": "0"}, {"format": "percent", "max": 100, "logBase": 1}],
        aliasColors={"free": "#7EB26D"},
        seriesOverrides=[
            {"alias": "busy", "yaxis": 2, "stack": False, "fill": 0, "linewidth": 3},
            {"alias": "/sent/i", "transform": "negative-Y"}, {"alias": "limit", "lines": False, "color": "#f00"},
            {"alias": "gone", "hiddenSeries": True}, {"alias": "group", "stack": "B", "bars": True},
        ],
    ).look  # fmt: skip

    assert (look.unit, look.least, look.fill, look.width, look.step, look.gap_s) == (
        "bytes",
        0,
        20,
        0,
        "after",
        float("inf"),
    )
    busy, sent = of(look, "busy"), of(look, "Bytes sent")
    assert (busy.unit, busy.right, busy.least, busy.most, busy.stacking) == ("percent", True, None, 100.0, "none")
    assert (busy.fill, busy.width, sent.negated, sent.unit) == (0, 3.0, True, "bytes")
    assert (of(look, "free").colour, of(look, "gone").hidden, of(look, "limit").width) == ("#7EB26D", True, 0.0)
    assert (of(look, "group").stack_group, of(look, "group").bars, of(look, "other").negated) == ("B", True, False)


@pytest.mark.parametrize(
    ("axis", "kind", "reduce"),
    [
        ({"mode": "time"}, "timeseries", ("lastNotNull",)),
        ({"mode": "series", "values": ["avg"]}, "bargauge", ("avg",)),
        ({"mode": "series"}, "bargauge", ("sum",)),
        ({"mode": "histogram"}, "histogram", ("lastNotNull",)),
    ],
)
def test_a_graph_over_something_else_than_time_is_another_panel(axis, kind, reduce):
    found = panel("graph", xaxis=axis)

    assert (found.kind, found.look.reduce) == (kind, reduce)


@pytest.mark.parametrize("kind", ["graph", "singlestat"])
@pytest.mark.parametrize(
    "raw",
    [
        {"yaxes": "junk", "seriesOverrides": [None, {"alias": 5}], "aliasColors": [], "xaxis": 3, "fill": "x", "stack": {}},
        {"thresholds": 7, "colors": "red", "valueMaps": [1], "rangeMaps": None, "mappingType": "x", "gauge": True},
        {"thresholds": "a,,1e400", "colors": [None, 1], "colorValue": True, "sparkline": []},
    ],
)  # fmt: skip
def test_what_has_an_unknown_shape_is_left_out(kind, raw):
    assert panel(kind, **raw).look.unit == ""
