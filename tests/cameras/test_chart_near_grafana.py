"""What people know from Grafana is found again: marks of time, level lines, gauges, filled cells, legends; all can be read."""

from __future__ import annotations

import io
import itertools
import math
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox
from PIL import Image

from bot.cameras.chart_bars import table
from bot.cameras.chart_colours import DARK, LIGHT, contrast, ink_upon, legible
from bot.cameras.chart_drawing import draw
from bot.cameras.chart_kinds import fitting
from bot.cameras.chart_layout import height_of, is_nested, lines_of, parts_of
from bot.cameras.chart_lines import lines
from bot.cameras.chart_tables import columns
from bot.cameras.chart_tiles import tiles
from bot.cameras.chart_times import time_axis
from bot.domain.promql import displayed
from bot.telemetry.dashboard_json import read_model
from tests.cameras.test_chart_layout import drawn, panel, series, told_of

START = datetime(2026, 11, 30, 17, 0, tzinfo=UTC).timestamp()
HOUR_S = 3600.0
GREEN, RED = "#73bf69", "#f2495c"


def axes_of(size: tuple[float, float] = (8, 4)):
    return Figure(figsize=size).subplots()


@pytest.mark.parametrize(
    ("span_s", "first"),
    [(60, "02:00:00"), (HOUR_S, "02:00"), (24 * HOUR_S, "04:00"), (3 * 24 * HOUR_S, "12/01 12:00"),
     (30 * 24 * HOUR_S, "12/08"), (3 * 365 * 24 * HOUR_S, "2027-01")],
)  # fmt: skip
def test_marks_of_time_say_the_day_as_soon_as_an_hour_names_none(span_s, first):
    axes = axes_of()
    time_axis(axes, START, START + span_s, ZoneInfo("Asia/Seoul"), 500.0)
    axes.figure.canvas.draw()
    shown = [each.get_text() for each in axes.get_xticklabels()]

    assert first in shown
    assert len({len(each) for each in shown}) == 1
    # Nothing else is written below an axis: there is a legend.
    assert axes.xaxis.get_offset_text().get_text() == ""


@pytest.mark.parametrize("span_s", [60, 180, 600, HOUR_S, 7 * HOUR_S, 24 * HOUR_S, 3 * 24 * HOUR_S, 400 * 24 * HOUR_S])
@pytest.mark.parametrize("inches", [1.4, 2.4, 4.0, 9.0])
def test_no_mark_of_time_touches_the_next_one(span_s, inches):
    figure = Figure(figsize=(inches, 2))
    axes = figure.add_axes((0, 0.2, 1, 0.8))
    time_axis(axes, START, START + span_s, ZoneInfo("Asia/Seoul"), inches * 72)
    figure.canvas.draw()
    low, high = axes.get_window_extent().intervalx
    places = [each.get_window_extent() for each in axes.get_xticklabels() if each.get_text()]
    inside = [each for each in places if low <= (each.x0 + each.x1) / 2 <= high]

    assert inside
    assert all(after.x0 - before.x1 > 2 for before, after in pairwise(inside))


@pytest.mark.parametrize(
    ("values", "reach"),
    [([0.0], (0, 100)), ([3.0], (0, 6)), ([-3.0], (-6, 0)), ([math.nan], (0, 100)), ([90.0, 100.0], (89.5, 100.5)),
     ([0.0, 10.0], (0, 10.5)), ([-10.0, 0.0], (-10.5, 0))],
)  # fmt: skip
@pytest.mark.parametrize("fill", [0, 20])
def test_an_axis_reaches_as_far_as_grafanas_whether_an_area_is_filled_or_not(values, reach, fill):
    axes = axes_of()
    points = [(START + 60 * at, values[at % len(values)]) for at in range(6)]
    lines(axes, panel("p", fill=fill, series=[{"name": "a", "points": points, "own": {}}]), 60.0)

    assert axes.get_ylim() == pytest.approx(reach)


@pytest.mark.parametrize(
    ("look", "values", "reach"),
    [({"unit": "percentunit"}, [0.0], (0, 1)), ({"unit": "percentunit", "soft_most": 0.1}, [0.0], (0, 0.1)),
     ({"soft_most": 0.1}, [0.098], (0, 0.1)), ({"soft_most": 10.0}, [0.0, 20.0], (0, 21)),
     ({"soft_least": -5.0}, [0.0, 20.0], (-5, 21)), ({"soft_least": 2.0}, [1.0, 21.0], (0, 22)),
     ({"soft_most": 1.0, "centred": True}, [0.5], (-1, 1))],
)  # fmt: skip
def test_an_axis_of_nothing_ends_where_all_of_it_is_or_where_the_panel_says(look, values, reach):
    """A rate of errors that is nothing beside a limit of a tenth is not drawn upon an axis to 10000 %."""
    axes = axes_of()
    points = [(START + 60 * at, values[at % len(values)]) for at in range(6)]
    lines(axes, panel("p", **look, series=[{"name": "a", "points": points, "own": {}}]), 60.0)

    assert axes.get_ylim() == pytest.approx(reach)


@pytest.mark.parametrize("base", [2.0, 10.0])
def test_a_logarithmic_axis_of_values_that_are_near_has_marks_all_the_same(base):
    axes = axes_of()
    points = [(START + 60 * at, 7.4e6 + at) for at in range(9)]
    lines(axes, panel("p", base=base, unit="bytes", series=[{"name": "a", "points": points, "own": {}}]), 60.0)
    low, high = axes.get_ylim()

    assert low < 7.4e6 < high
    assert len([mark for mark in axes.get_yticks() if low <= mark <= high]) >= 2


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("large", [True, False])
@pytest.mark.parametrize("colour", ["#1f60c4", "#3d71d9", "#fade2a", "#000000", "#ffffff", "#890f02", GREEN])
def test_what_is_written_in_a_colour_can_be_read(colour, theme, large):
    back = (LIGHT if theme == "light" else DARK)["back"]
    least = 3.0 if large else 4.5

    found = legible(colour, theme, large=large)
    assert contrast(found, back) >= least
    # One that can be read already is left as it is.
    assert (found == colour) == (contrast(colour, back) >= least)
    assert contrast(ink_upon(colour), colour) >= 4.5


def test_no_number_stands_upon_a_bar():
    axes = axes_of((4, 3))
    shown = [series("short", 9.0), series("/api/orders/{id}/with/a/long/name", 3.0)]
    table(axes, panel("p", kind="bargauge", unit="reqps", series=shown), "#ccc")
    axes.figure.canvas.draw()
    numbers = [each.get_window_extent() for each in axes.texts if "req/s" in each.get_text()]

    assert len(numbers) == 2
    assert max(each.get_window_extent().x1 for each in axes.patches) < min(box.x0 for box in numbers)


@pytest.mark.parametrize(("unit", "more", "part"), [("percent", {}, 0.5), ("percentunit", {}, 1.0), ("none", {}, None),
                                                   ("none", {"most": 200.0}, 0.25), ("none", {"least": -50.0, "most": 50.0}, 1.0)])  # fmt: skip
def test_a_gauge_has_an_arc_where_it_is_known_how_much_the_whole_is(unit, more, part):
    axes = axes_of()
    shown = [{"name": "a", "points": [(START, 50.0)], "own": {}}]
    tiles(axes, panel("p", kind="gauge", unit=unit, series=shown, **more), "#ccc")
    gauges = [each for each in axes.artists if isinstance(each, AnnotationBbox)]

    assert len(gauges) == (part is not None)
    if part is not None:
        whole, arc = gauges[0].offsetbox.get_children()
        assert (arc.theta2 - arc.theta1) / (whole.theta2 - whole.theta1) == pytest.approx(part)


def test_a_number_upon_a_colour_can_be_read():
    raw = {
        "id": 1, "type": "stat", "title": "Up", "targets": [{"expr": "up"}], "options": {"colorMode": "background"},
        "fieldConfig": {"defaults": {"thresholds": {"steps": [{"color": "red"}, {"value": 1, "color": "yellow"}]}}},
    }  # fmt: skip
    look = read_model("b", {"panels": [raw]}, {}).panels[0].look
    assert look.background
    axes = axes_of()
    shown = panel("p", kind="stat", background=True, thresholds=[(None, "yellow")], scheme="thresholds")
    tiles(axes, shown, "#ccccdc")

    assert len(axes.patches) == 1
    assert [each.get_color() for each in axes.texts] == ["#111217"]


def cell_of(kind: str, **more):
    axes = axes_of()
    look = {"cell": kind, "thresholds": [(None, "green"), (50, "red")], "scheme": "thresholds", "unit": "none", **more}
    table_of = [{"name": "pod", "cells": ["a", "b"], "own": {}}, {"name": "CPU", "cells": [10.0, 100.0], "own": look}]
    columns(axes, panel("p", kind="table", table=table_of), "#ccccdc")
    return axes


def test_cells_are_filled_or_have_a_bar_as_in_grafana():
    filled = cell_of("color-background").patches
    assert len(filled) == 2
    assert [each.get_facecolor()[:3] for each in filled] == [
        pytest.approx(tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))) for colour in (GREEN, RED)
    ]
    barred = [each.get_width() for each in cell_of("gauge").patches]
    assert barred[0] / barred[1] == pytest.approx(0.1)
    half = [each.get_width() for each in cell_of("lcd-gauge", most=200.0).patches]
    assert half[1] == pytest.approx(barred[1] / 2)
    assert len(cell_of("auto").patches) == len(cell_of("color-text").patches) == 0


def test_the_end_of_a_name_is_kept_because_it_tells_it_from_others():
    names = [f"frontend-with-a-very-long-deployment-name-{pod}" for pod in ("x7k2p", "q9r4m")]
    cut = [fitting(name, 100.0, 9.0, name=True) for name in names]

    assert len(set(cut)) == 2
    assert all(0 < len(each) * 9.0 * 0.6 <= 110 for each in cut)


def board_of(*grids: tuple[str, tuple[int, int, int, int]]):
    return [panel(kind, grid, kind=kind) for kind, grid in grids]


def test_panels_below_one_another_beside_a_tall_one_stand_where_grafana_has_them():
    board = board_of(
        ("gauge", (0, 0, 12, 4)), ("stat", (12, 0, 6, 2)), ("stat", (18, 0, 6, 2)), ("stat", (12, 2, 12, 2))
    )
    (line,) = lines_of(board, 1600)
    assert is_nested(line)
    assert height_of(line) == 152
    figure = Figure(figsize=(16, 1.52))
    boxes = [each.bbox.bounds for each in parts_of(figure, line)]

    parts = [[round(value / whole, 2) for value, whole in zip(box, (1600, 152) * 2, strict=True)] for box in boxes]
    assert parts == [[0, 0, 0.5, 1], [0.5, 0.5, 0.25, 0.5], [0.75, 0.5, 0.25, 0.5], [0.5, 0, 0.5, 0.5]]


def test_panels_that_would_lie_over_one_another_and_endless_columns_are_lines_of_their_own():
    over = lines_of(board_of(("timeseries", (0, 0, 12, 8)), ("timeseries", (6, 4, 12, 8))), 1600)
    assert len(over) == 2
    left = [("timeseries", (0, 8 * place, 12, 8)) for place in range(20)]
    right = [("timeseries", (12, 12 * place, 12, 12)) for place in range(13)]
    column = sorted([*left, *right], key=lambda each: (each[1][1], each[1][0]))
    assert max(map(height_of, lines_of(board_of(*column), 1600))) <= 40 * 60


def test_one_line_that_is_too_narrow_does_not_put_all_others_elsewhere():
    board = board_of(("timeseries", (0, 0, 12, 8)), ("timeseries", (12, 0, 12, 8)),
                     *(("timeseries", (2 * place, 8, 2, 8)) for place in range(4)))  # fmt: skip
    assert [len(line) for line in lines_of(board, 1600)] == [2, 2, 2]


def legend_box(**more) -> tuple[float, float]:
    """Return where the marks of a legend are seen, right of the middle and below it, as parts of all."""
    shown = [series(f"a name of middle length {number}", number) for number in range(40)]
    told = told_of([panel("p", (0, 0, 24, 8), series=shown, **more)], 1200)
    pixels = np.asarray(Image.open(io.BytesIO(draw(told))).convert("HSV"))[60:]
    seen = pixels[:, :, 1] > 90
    return float(seen[:, 800:].any(axis=0).mean()), float(seen[-50:].any(axis=0).mean())


def test_a_legend_that_stands_beside_leaves_the_height_to_the_lines():
    raw = {"id": 1, "type": "timeseries", "options": {"legend": {"placement": "right"}}, "targets": [{"expr": "up"}]}
    assert read_model("b", {"panels": [raw]}, {}).panels[0].look.legend_beside
    below, beside = legend_box(legend_table=True), legend_box(legend_table=True, legend_beside=True)

    assert beside[0] < 0.6 * below[0]
    # Its lines reach nearly to the lower end.
    assert beside[1] > below[1]


def test_all_of_a_legend_has_a_place_where_there_is_one():
    """Forty series have none: how many are left out is said in the last one."""
    few = drawn(panel("p", (0, 0, 24, 8), series=[series(f"s{number}") for number in range(3)]))
    more = drawn(panel("p", (0, 0, 24, 8), series=[series(f"s{number}") for number in range(3)], cut=True))
    assert few.tobytes() != more.tobytes()


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [("", "up"), ("Fixed", "Fixed"), ("${__field.labels.version}", "1.2"), ("v${__field.labels.version}!", "v1.2!"),
     ('${__field.labels["version"]}', "1.2"), ("${__field.name}", "up"), ("${__series.name} x", "up x"),
     ("${__field.labels.none}", "up"), ("$instance", "up"), ("${__cell_0}", "up")],
)  # fmt: skip
def test_a_series_is_called_by_its_labels_where_the_panel_says_so(wanted, shown):
    assert displayed(wanted, "up", {"version": "1.2"}) == shown


def test_a_heatmap_is_of_the_unit_of_its_axis():
    raw = {"id": 1, "type": "heatmap", "options": {"yAxis": {"unit": "s"}}, "targets": [{"expr": "up"}],
           "fieldConfig": {"defaults": {"unit": "reqps"}}}  # fmt: skip
    assert read_model("b", {"panels": [raw]}, {}).panels[0].look.unit == "s"


def test_titles_of_a_column_stand_below_one_another_however_wide_the_axes_are():
    def left_of_title(unit: str) -> int:
        image = drawn(panel("Title", (0, 0, 24, 8), unit=unit)).convert("L").crop((0, 48, 400, 70))
        return min(
            x for x, _ in itertools.product(range(6, 400), [0]) if max(image.crop((x, 4, x + 1, 20)).tobytes()) > 120
        )

    assert left_of_title("none") == left_of_title("dtdurations")
