"""Panels stand where Grafana has them, legends stay in their panel, marks of an axis are written differently."""

from __future__ import annotations

import io
import itertools
import math
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageChops

from bot.cameras.chart_bars import table
from bot.cameras.chart_drawing import draw
from bot.cameras.chart_kinds import coloured, left_out, said
from bot.cameras.chart_layout import headings_of, height_of, lines_of, widths_of
from bot.cameras.chart_scales import UnitFormatter, UnitLocator
from bot.cameras.chart_tiles import tiles
from bot.cameras.charts import _look
from bot.cameras.drawing_process import each_of
from bot.domain.panel_looks import PanelLook
from bot.domain.units import format_value
from bot.telemetry.dashboard_json import read_model

START, STEP = 1_795_000_000, 60


def panel(title: str, grid: tuple[int, int, int, int] | None = None, **more: Any) -> dict[str, Any]:
    usual = {
        **_look(PanelLook()),
        "title": title,
        "kind": "timeseries",
        "grid": grid,
        "note": "",
        "series": [series("api")],
    }
    return usual | {"cut": False} | more


def series(name: str, base: float = 1.0) -> dict[str, Any]:
    return {"name": name, "points": [(START + STEP * each, base + each % 7) for each in range(60)], "own": {}}


def told_of(panels: list[dict[str, Any]], width: int) -> dict[str, Any]:
    return {
        "title": "Board", "theme": "dark", "zone": "UTC", "width": width, "scale": 1.0, "start": START,
        "end": START + 3600, "step": STEP, "panels": panels,
    }  # fmt: skip


def drawn(*panels: dict[str, Any], width: int = 1200) -> Image.Image:
    return Image.open(io.BytesIO(draw(told_of(list(panels), width)))).convert("RGB")


def titles(lines: list[list[dict[str, Any]]]) -> list[list[str]]:
    return [[each["title"] for each in line] for line in lines]


def test_panels_are_in_grafanas_lines():
    board = [
        panel("a", (0, 0, 8, 4), kind="stat"), panel("b", (8, 0, 16, 4), kind="stat"), panel("c", (0, 4, 12, 8)),
        panel("d", (12, 4, 12, 8)), panel("e", (0, 12, 24, 8)),
    ]  # fmt: skip
    lines = lines_of(board, 1600)

    assert titles(lines) == [["a", "b"], ["c", "d"], ["e"]]
    assert widths_of(lines[0]) == [8, 16]
    assert [height_of(line) for line in lines] == [152, 304, 304]


def test_panels_of_one_title_are_told_apart_by_the_row_that_they_are_in():
    board = [panel("Latency", (0, 0, 12, 8), row="api"), panel("Latency", (0, 0, 12, 8), row="chat")]

    lines = lines_of([*board, panel("Errors", (12, 0, 12, 8), row="chat")], 1600)

    assert titles(lines) == [["Latency"], ["Latency", "Errors"]]
    assert headings_of(lines) == ["api", "chat"]
    # What is written there is seen: without it the picture is shorter.
    assert drawn(board[0]).height - drawn(panel("Latency", (0, 0, 12, 8))).height == 34
    head = drawn(board[0]).crop((0, 44, 1200, 78))
    assert len(head.getcolors() or []) > 1


@pytest.mark.parametrize("grid", [None, (0, 0, 12, 8)])
def test_panels_of_two_rows_never_share_a_line(grid):
    assert titles(lines_of([panel("a", grid, row="one"), panel("b", None, row="two")], 1600)) == [["a"], ["b"]]


def test_what_is_too_tall_for_one_image_is_shown_in_several_and_no_panel_is_cut():
    told = told_of([panel(str(number), (0, 8 * number, 24, 8)) for number in range(20)], 1200)

    images = [Image.open(io.BytesIO(each)) for each in each_of(draw(told))]

    assert [image.height for image in images] == [44 + 13 * 304, 7 * 304]
    assert {image.width for image in images} == {1200}


@pytest.mark.parametrize("width", [600, 1600])
def test_where_nobody_says_how_or_it_would_be_too_narrow_two_stand_side_by_side(width):
    grid = None if width > 600 else (0, 0, 4, 8)
    lines = lines_of([panel(name, grid) for name in "abc"], width)

    assert titles(lines) == [["a", "b"], ["c"]]
    assert height_of(lines[1]) > 0


def test_rows_that_overlap_because_one_was_closed_are_lines_of_their_own():
    board = [panel("open", (0, 3, 24, 8)), panel("first of closed", (0, 3, 12, 8)), panel("second", (12, 3, 12, 8))]

    assert titles(lines_of(board, 1600)) == [["open"], ["first of closed", "second"]]


@pytest.mark.parametrize(
    "grid", [{"x": 20, "y": 0, "w": 8, "h": 4}, {"x": 0, "y": -1, "w": 8, "h": 4}, {"x": "0", "y": 0}, {}]
)
def test_a_place_that_is_none_in_the_grid_is_no_place(grid):
    (read,) = read_model("u", {"panels": [{"id": 1, "title": "t", "type": "stat", "gridPos": grid}]}, {}).panels

    assert read.grid is None


def test_a_legend_does_not_reach_into_the_next_panel():
    """What the left one has for a legend changes nothing in the right half."""
    right = panel("right", (12, 0, 12, 8))
    long = [series(f"a very long name of a series that goes on and on, number {number}") for number in range(9)]
    one = drawn(panel("left", (0, 0, 12, 8), series=long, calculations=["last", "max", "min"]), right)
    other = drawn(panel("left", (0, 0, 12, 8)), right)

    half = (one.width // 2 + 12, 0, one.width, one.height)
    assert one.size == other.size
    assert ImageChops.difference(one.crop(half), other.crop(half)).getbbox() is None


@pytest.mark.parametrize("kind", ["table", "bargauge", "stat", "timeseries"])
def test_long_names_and_titles_stay_in_their_panel(kind):
    right = panel("right", (12, 0, 12, 8))
    long = "이름이 아주 길어서 옆 패널까지 갈 수 있는 것 " * 3 + "and so on and on and on " * 5
    one = drawn(panel(long, (0, 0, 12, 8), kind=kind, series=[series(long), series("short")]), right)
    other = drawn(panel("left", (0, 0, 12, 8), kind=kind, series=[series("a"), series("b")]), right)

    half = (one.width // 2 + 12, 0, one.width, one.height)
    assert ImageChops.difference(one.crop(half), other.crop(half)).getbbox() is None


def test_in_a_table_a_long_name_ends_before_the_value():
    def value_column(name: str) -> Image.Image:
        image = drawn(panel("t", (0, 0, 24, 8), kind="table", series=[series(name), series("b")]), width=400)
        return image.crop((320, 0, 400, image.height))

    long, brief = value_column("a name that goes on and on, " * 9), value_column("a")
    assert ImageChops.difference(long, brief).getbbox() is None


def test_what_is_not_shown_is_counted_and_dots_say_that_there_is_still_more():
    assert [left_out(count, {"cut": cut}) for count in (0, 8) for cut in (False, True)] == ["", "+…", "+8", "+8…"]


def test_values_are_said_as_the_panel_maps_them():
    raw = {
        "title": "B",
        "panels": [
            {
                "id": 1, "type": "stat", "title": "Up", "targets": [{"expr": "up"}],
                "fieldConfig": {"defaults": {"unit": "percent", "mappings": [
                    {"type": "value", "options": {"0": {"text": "DOWN", "color": "red"}, "null": {"text": "none"}}},
                    {"type": "range", "options": {"from": 90, "to": None, "result": {"color": "green"}}},
                    {"type": "special", "options": {"match": "nan", "result": {"text": "?"}}}, {"type": "value"},
                    # As before Grafana 8.
                    {"id": 1, "type": 1, "op": "=", "value": "7", "text": "SEVEN"},
                    {"id": 2, "type": 2, "from": "20", "to": "29", "text": "TWENTIES"},
                    {"id": 3, "type": 1, "op": "=", "value": "null", "text": "N/A"},
                ]}},
            }
        ],
    }  # fmt: skip
    look = read_model("b", raw, {}).panels[0].look
    told = panel("Up", unit=look.unit, mappings=[(e.low, e.high, e.text, e.colour) for e in look.mappings])

    assert [said(value, told) for value in (0.0, 50.0, 95.0)] == ["DOWN", "50%", "95%"]
    assert [said(value, told) for value in (7.0, 25.0, math.nan)] == ["SEVEN", "TWENTIES", "?"]
    assert look.no_value == "N/A"
    assert [coloured(value, told, "ink") for value in (0.0, 50.0, 95.0)] == ["#f2495c", "ink", "#73bf69"]


@pytest.mark.parametrize(
    ("low", "high", "unit", "decimals"),
    [(0, 570, "s", None), (0, 5e8, "bytes", None), (0, 0.9, "none", 0), (0, 7200, "s", None), (0, 2.5, "short", 0)],
)
def test_marks_of_an_axis_are_few_and_never_written_alike(low, high, unit, decimals):
    marks = [each for each in UnitLocator(unit, decimals).tick_values(low, high) if low <= each <= high]
    written = [format_value(each, unit, decimals, trim=True) for each in marks]

    assert 1 <= len(marks) <= 7
    assert len(set(written)) == len(written)
    assert all(len(each) <= len("1.5 hours") for each in written)


@pytest.mark.parametrize(
    ("marks", "unit", "written"),
    [
        ([99.92, 99.94, 99.96], "percent", ["99.92%", "99.94%", "99.96%"]),
        ([0.9992, 0.9994, 0.9996], "percentunit", ["99.92%", "99.94%", "99.96%"]),
        ([1.175e9, 1.2e9, 1.225e9], "short", ["1.175 Bil", "1.2 Bil", "1.225 Bil"]),
        ([0, 0.2, 1], "none", ["0", "0.2", "1"]),
        ([99.92, 99.94, 99.96], "ms", ["99.92 ms", "99.94 ms", "99.96 ms"]),
    ],
)
def test_marks_that_are_close_are_written_with_as_many_digits_as_they_need(marks, unit, written):
    told = UnitFormatter(lambda value, digits: format_value(value, unit, trim=True, digits=digits))

    assert told.format_ticks(marks) == written


def test_marks_of_no_round_number_are_told_apart():
    told = UnitFormatter(lambda value, digits: f"{value:.{digits}g}")

    assert told.format_ticks([1 / 3, 2 / 3]) == ["0.333", "0.667"]
    assert told.format_ticks([100 / 3, 100.01 / 3]) == ["33.33", "33.34"]


@pytest.mark.parametrize("kind", ["bargauge", "barchart"])
def test_bars_are_in_the_order_of_the_panel_and_those_left_out_are_the_smallest(kind):
    few, many = ([series(f"s{place}", float(place)) for place in range(count)] for count in (3, 16))
    axes = [Figure(figsize=(8, 4)).subplots() for _ in range(2)]
    for each, shown in zip(axes, (few, many), strict=True):
        table(each, panel("p", kind=kind, series=shown), "#cccccc")
    names = [[each.get_text() for each in one.texts if each.get_text().startswith("s")] for one in axes]

    assert names == [["s0", "s1", "s2"], [f"s{place}" for place in range(2, 16)]]


@pytest.mark.parametrize("kind", ["bargauge", "piechart", "barchart"])
def test_what_each_has_is_a_bar_as_long_as_its_value(kind):
    bars = panel(
        "Bars",
        kind=kind,
        series=[series("all", 100), series("half", 47)],
        thresholds=[(None, "green")],
        scheme="thresholds",
    )
    image = drawn(bars)
    # Three tenths of the threshold's green upon the background.
    bar = (0.3 * 0x73 + 0.7 * 0x18, 0.3 * 0xBF + 0.7 * 0x1B, 0.3 * 0x69 + 0.7 * 0x1F)

    def length(y: int) -> int:
        line = image.crop((0, y, image.width, y + 1)).get_flattened_data()
        return sum(all(abs(a - b) <= 3 for a, b in zip(pixel, bar, strict=True)) for pixel in line)

    green = map(length, range(image.height))
    lengths = sorted({each for each in green if each > 300})

    assert len(lengths) >= 2
    assert 0.4 < lengths[0] / lengths[-1] < 0.65


def test_a_threshold_far_above_does_not_flatten_the_lines():
    far = [(None, "green"), (5000.0, "red")]
    with_it, without = drawn(panel("p", thresholds=far, style="line")), drawn(panel("p"))

    assert ImageChops.difference(with_it, without).getbbox() is None


def test_numbers_stand_in_as_many_lines_as_let_them_be_the_largest():
    narrow = Figure(figsize=(2.4, 2.4)).subplots()
    tiles(
        narrow,
        panel("p", kind="stat", unit="reqps", series=[series(f"s{place}", 0.00742) for place in range(4)]),
        "#ccc",
    )
    numbers = [each for each in narrow.texts if each.get_weight() == "bold"]

    assert len({round(each.get_position()[1], 3) for each in numbers}) > 1
    assert min(each.get_fontsize() for each in numbers) > 9


@pytest.mark.parametrize("sparkline", [True, False])
@pytest.mark.parametrize("size", [(2.6, 1.5), (4.0, 1.5), (2.4, 2.4)])
@pytest.mark.parametrize("unit", ["dtdurations", "percent"])
def test_no_name_of_a_number_lies_over_a_number(size, sparkline, unit):
    whole = Figure(figsize=size, layout="constrained")
    axes = whole.subplots()
    axes.set_title("Title", fontsize=11)
    shown = [series(name, 0.544) for name in ("host-a", "host-b")]
    tiles(axes, panel("p", kind="stat", unit=unit, sparkline=sparkline, series=shown), "#ccc")
    canvas = FigureCanvasAgg(whole)
    canvas.draw()
    boxes = [each.get_window_extent(canvas.get_renderer()) for each in axes.texts]

    assert len(boxes) == 4
    assert [(one, two) for one, two in itertools.combinations(boxes, 2) if one.overlaps(two)] == []
