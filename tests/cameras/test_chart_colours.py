"""Colours are those that Grafana 12 gives to names, values and series, on a dark page and on a light one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from matplotlib.figure import Figure

from bot.cameras.chart_bars import table
from bot.cameras.chart_colours import CLEAR, between, colour_of, of_palette
from bot.cameras.chart_kinds import lettered
from bot.cameras.chart_lines import lines
from bot.cameras.chart_numbers import ChartSeries, PanelNumbers
from bot.cameras.chart_states import stretches
from bot.cameras.charts import _panel
from bot.telemetry.dashboard_json import read_model

STEPS = {"steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}]}


def told(kind: str, *values: float, options: dict[str, Any] | None = None, **defaults: Any) -> dict[str, Any]:
    """Return what the drawing is told of a panel with a series for each value."""
    raw: dict[str, Any] = {
        "id": 1, "title": "p", "type": kind, "targets": [{"expr": "up", "refId": "A"}], "options": options or {},
        "fieldConfig": {"defaults": {"thresholds": STEPS, **defaults}, "overrides": []},
    }  # fmt: skip
    shown = read_model("u", {"title": "t", "panels": [raw]}, {}).panels[0]
    series = (ChartSeries(f"s{place}", [(0.0, value), (15.0, value)], shown.look) for place, value in enumerate(values))
    return json.loads(json.dumps(_panel(PanelNumbers(shown, tuple(series)))))


def drawn_lines(panel: dict[str, Any]) -> Any:
    axes = Figure(figsize=(8, 4)).subplots()
    lines(axes, panel, 15.0)
    return axes


@pytest.mark.parametrize(
    ("name", "dark", "light"),
    [
        ("green", "#73bf69", "#56a64b"), ("semi-dark-yellow", "#f2cc0c", "#e0b400"), ("super-light-blue", "#c0d8ff", "#8ab8ff"),
        ("dark-purple", "#8f3bb8", "#7c2ea3"), ("text", "#ccccdc", "#24292e"), ("panel-bg", "#181b1f", "#ffffff"),
        ("transparent", CLEAR, CLEAR), ("rgba(0, 0, 0, 0)", CLEAR, CLEAR), ("rgba(50,172,45,0.0)", CLEAR, CLEAR),
        ("#73bf6980", "#73bf6980", "#73bf6980"), ("white", "#ffffff", "#ffffff"), ("grey", "#808080", "#808080"),
        ("C1", "#888888", "#888888"), ("0.5", "#888888", "#888888"), ("dark-nonsense", "#888888", "#888888"),
    ],
)  # fmt: skip
def test_a_name_is_the_colour_that_grafana_draws(name, dark, light):
    assert (colour_of(name), colour_of(name, "light")) == (dark, light)


def test_the_palette_is_darker_on_a_light_page_so_that_yellow_is_seen():
    assert [of_palette(number, "dark") for number in (0, 1, 9, 24)] == ["#73bf69", "#f2cc0c", "#fade2a", "#73bf69"]
    assert [of_palette(number, "light") for number in (0, 1, 9)] == ["#56a64b", "#e0b400", "#f2cc0c"]


def test_what_is_transparent_covers_nothing():
    clear = {"steps": [{"color": "transparent", "value": None}, {"color": "red", "value": 14}]}
    panel = told("timeseries", 10.0, 20.0, thresholds=clear, custom={"thresholdsStyle": {"mode": "area"}})
    areas = [each for each in drawn_lines(panel).patches if each.get_width() and each.get_facecolor()[3]]

    assert len(areas) == 1


def test_a_number_is_written_in_ink_where_its_colour_would_not_be_seen():
    panel = told("stat", 90.0, color={"mode": "fixed", "fixedColor": "transparent"})

    assert lettered(90.0, panel, "ink") == "ink"


@pytest.mark.parametrize(
    ("more", "colour"),
    [
        ({}, "#f2495c"),
        ({"color": {"mode": "thresholds"}}, "#f2495c"),
        ({"color": {"mode": "palette-classic"}}, "#73bf69"),
    ],
)
def test_a_bar_is_red_by_its_value_only_where_values_decide(more, colour):
    # What Grafana exports has its usual thresholds in it, whether they are in use or not.
    axes = Figure(figsize=(8, 4)).subplots()
    table(axes, told("bargauge", 90.0, **more), "#ccccdc")

    assert axes.patches[0].get_facecolor()[:3] == pytest.approx(
        [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    )


def test_slices_of_a_pie_have_colours_of_their_own_and_no_thresholds():
    axes = Figure(figsize=(8, 4)).subplots()
    table(axes, told("piechart", 90.0, 10.0), "#ccccdc")

    assert len({each.get_facecolor() for each in axes.patches}) == 2


def test_a_stat_without_colour_is_written_in_ink():
    assert lettered(90.0, told("stat", 90.0, options={"colorMode": "none"}), "ink") == "ink"
    assert lettered(90.0, told("stat", 90.0, options={"colorMode": "value"}), "ink") == "#f2495c"


def test_a_scheme_goes_from_one_colour_into_another_along_the_span():
    panel = told("bargauge", 0.0, 50.0, 100.0, color={"mode": "continuous-GrYlRd"})

    assert [lettered(value, panel, "ink") for value in (0.0, 50.0, 100.0)] == ["#73bf69", "#fadd2a", "#f2495c"]
    assert (
        lettered(25.0, told("bargauge", 25.0, color={"mode": "continuous-GrYlRd"}, min=0, max=50), "ink") == "#fadd2a"
    )


@pytest.mark.parametrize("scheme", ["continuous-viridis", "continuous-blues", "continuous-YlBl", "continuous-new"])
def test_every_scheme_has_colours(scheme):
    assert between(0.0, scheme, "dark") != between(1.0, scheme, "dark")


def test_a_line_has_the_colour_of_its_last_value_where_values_decide():
    axes = drawn_lines(told("timeseries", 10.0, 90.0, color={"mode": "thresholds"}))

    assert [each.get_color() for each in axes.lines[:2]] == ["#73bf69", "#f2495c"]


def test_a_state_for_which_no_colour_is_chosen_is_grey_and_told_from_the_next():
    panel = told("state-timeline", 1.0, thresholds={"steps": []})
    found = list(stretches(panel["series"][0], panel, 15.0, 30.0, "#8e8e9a"))

    assert [colour for *_, colour in found] == ["#8e8e9a"]
