"""One number out of a series is the one that Grafana calculates; a panel whose calculation is not known here is not drawn."""

from __future__ import annotations

import math

import pytest

from bot.cameras.chart_colours import colour_of
from bot.cameras.chart_drawing import _label
from bot.cameras.chart_kinds import numbers_of
from bot.cameras.chart_numbers import why_not
from bot.cameras.chart_reducing import CALCULATIONS, mean, reduced
from bot.domain.panel_looks import PanelLook
from tests.cameras.test_chart_looks import model_of, one, told

# A counter that began anew twice, the second time at its end.
COUNTER = [10.0, 16.0, 2.0, 5.0, 9.0, 4.0]


@pytest.mark.parametrize(
    ("calculation", "expected"),
    [
        ("last", 4.0), ("lastNotNull", 4.0), ("first", 10.0), ("firstNotNull", 10.0), ("min", 2.0), ("max", 16.0),
        ("mean", 46 / 6), ("sum", 46.0), ("count", 6.0), ("range", 14.0), ("diff", -6.0), ("diffperc", -0.6),
        ("delta", 6.0 + 4.0), ("step", -14.0), ("logmin", 2.0), ("median", 7.0), ("changeCount", 5.0),
        ("distinctCount", 6.0), ("p50", 9.0), ("p95", 16.0), ("p10", 4.0), ("variance", 21.5556), ("stdDev", 4.6428),
    ],
)  # fmt: skip
def test_a_series_becomes_the_number_that_grafana_makes_of_it(calculation, expected):
    assert reduced(COUNTER, calculation) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("calculation", sorted(CALCULATIONS))
@pytest.mark.parametrize("values", [[0.0], [1e308, 1e308], [math.nan], [math.inf, -math.inf, 1.0], [math.nan, 3.0]])
def test_every_series_becomes_some_number(calculation, values):
    assert isinstance(reduced(values, calculation), float)


def test_what_is_no_number_is_neither_the_least_nor_the_most():
    values = [math.nan, 3.0, 1.0, math.nan]

    assert (reduced(values, "min"), reduced(values, "max")) == (1.0, 3.0)
    assert mean([1e308, 1e308]) == 1e308


@pytest.mark.parametrize("kind", ["stat", "gauge", "bargauge", "piechart"])
def test_single_numbers_are_calculated_as_the_panel_says(kind):
    model = model_of(kind=kind, options={"legend": {"calcs": ["min"]}, "reduceOptions": {"calcs": ["mean"]}})
    panel = told(one(model.panels[0].look, list(enumerate(COUNTER))), kind=kind, look=model.panels[0].look)

    ((name, _, value, _),) = numbers_of(panel)
    assert (name, value) == ("a", pytest.approx(46 / 6))


def test_several_calculations_are_several_numbers():
    look = PanelLook(reduce=("lastNotNull", "max"))

    found = [(name, value) for name, _, value, _ in numbers_of(told(one(look, list(enumerate(COUNTER))), look=look))]
    assert found == [("a Last *", 4.0), ("a Max", 16.0)]


def test_a_table_shows_the_last_moment_whatever_else_is_written():
    model = model_of(kind="table", options={"reduceOptions": {"calcs": ["max"]}})

    assert model.panels[0].look.reduce == ("lastNotNull",)


@pytest.mark.parametrize(
    ("kind", "options", "instant", "why"),
    [
        ("stat", {"calcs": ["allIsZero"]}, False, "its calculation allIsZero is not made here"),
        ("stat", {"calcs": ["p95", "range"]}, False, None),
        ("stat", {"values": True}, False, "it shows every value there was, not one for each series"),
        ("stat", {"values": True}, True, None),
        ("timeseries", {"values": True, "calcs": ["allIsZero"]}, False, None),
    ],
)
def test_what_is_not_calculated_here_is_not_drawn(kind, options, instant, why):
    target = {"refId": "A", "expr": "up", "instant": instant}
    model = model_of(kind=kind, options={"reduceOptions": options}, targets=[target])

    assert why_not(model.panels[0], model, {}) == why


def test_a_legend_says_all_that_it_is_to_calculate_in_its_unit():
    look = {"unit": "s", "decimals": 1, "calculations": ["lastNotNull", "range", "count", "diffperc"]}

    assert _label("a", COUNTER, look) == "a   Last *: 4.0 s  Range: 14.0 s  Count: 6.0  Difference percent: -60.0%"


def test_the_values_of_a_long_name_stay_and_its_end_tells_it_from_the_next():
    look = {"unit": "s", "decimals": 1, "calculations": ["lastNotNull"]}

    assert _label("GET /api/orders/of/customers/7", COUNTER, look, 36) == "GET /api/…ustomers/7   Last *: 4.0 s"


@pytest.mark.parametrize(
    ("name", "colour"),
    [
        ("rgba(50, 172, 45, 0.97)", "#32ac2d"), ("rgb(245,54,54)", "#f53636"), ("rgb(1, 2)", "#888888"),
        ("rgba(300, 0, 0, 1)", "#ff0000"), ("dark-red", "#c4162a"), ("#abc", "#abc"),
    ],
)  # fmt: skip
def test_colours_of_older_dashboards_are_read(name, colour):
    assert colour_of(name) == colour
