"""What a panel looks like: scales, steps, stacks, gaps, overrides, states; drawn here and read off the axes, not off pixels."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from PIL import Image

from bot.cameras.chart_bars import table
from bot.cameras.chart_drawing import draw
from bot.cameras.chart_kinds import heatmap
from bot.cameras.chart_lines import lines
from bot.cameras.chart_numbers import ChartSeries, Numbers, PanelNumbers, why_not
from bot.cameras.chart_states import states, stretches
from bot.cameras.charts import _panel
from bot.domain.dashboards import DashboardModel, DataSource, Panel
from bot.domain.panel_looks import Override, PanelLook
from bot.domain.pictures import PanelState, Shot
from bot.domain.telemetry import RangeSeries
from bot.telemetry.dashboard_json import read_model
from bot.telemetry.patterns import matches
from tests.cameras.test_charts import END, HOUR
from tests.fakes import FakeMetrics

STEP = 15.0
RAMP = [(float(at), float(at - END + 3600) + 1) for at in range(END - 3600, END, 15)]


def told(*series: ChartSeries, kind: str = "timeseries", look: PanelLook | None = None) -> dict[str, Any]:
    """Return what the drawing process is told of a panel."""
    return json.loads(
        json.dumps(_panel(PanelNumbers(Panel(1, "Panel", kind, look=look or PanelLook()), tuple(series))))
    )


def axes_of(panel: dict[str, Any]):
    axes = Figure(figsize=(8, 4)).subplots()
    return axes, lines(axes, panel, STEP)


def one(look: PanelLook, points=RAMP, name: str = "a") -> ChartSeries:
    return ChartSeries(name, points, look)


def test_a_logarithmic_scale_has_its_base_and_leaves_out_what_has_no_place_on_it():
    look = PanelLook(base=2.0, least=0.0)
    axes, _ = axes_of(told(one(look, [*RAMP, (END + 15.0, 0.0)]), look=look))

    assert axes.get_yscale() == "log"
    assert axes.yaxis.get_transform().base == 2.0
    assert axes.get_ylim()[0] > 0


@pytest.mark.parametrize(
    ("look", "more"),
    [
        (PanelLook(base=10.0, bars=True), ()),
        (PanelLook(base=2.0, fill=100, width=0.0), ()),
        (PanelLook(base=10.0, bars=True, stacking="normal"), ()),
        (PanelLook(base=10.0, bars=True, least=5.0), ()),
        (PanelLook(base=10.0, bars=True), (0.0, -3.0)),
    ],
)
def test_bars_and_areas_stand_on_a_logarithmic_scale_too(look, more):
    values = [*more, 10.0, 100.0, 1000.0]
    points = [(END - STEP * (len(values) - place), value) for place, value in enumerate(values)]
    axes, [line] = axes_of(told(one(look, points), look=look))

    assert 1.0 <= axes.get_ylim()[0] < 10.0
    assert inked(axes.figure) > 1.1 * inked(axes_of(told(one(PanelLook(base=10.0, width=0.0), points)))[0].figure)
    assert line.values == values


def inked(figure: Figure) -> int:
    """Count the pixels that hold neither white nor grey."""
    picture = io.BytesIO()
    figure.savefig(picture)
    pixels = np.asarray(Image.open(picture).convert("HSV"))
    return int((pixels[:, :, 1] > 60).sum())


def test_bars_hide_no_line_whichever_axis_they_stand_on_and_are_as_full_as_they_are_filled():
    line, bars = PanelLook(unit="reqps"), PanelLook(unit="percentunit", bars=True)
    axes, _ = axes_of(told(one(line), one(bars, RAMP[-50:], name="b"), look=line))
    left, right = axes.figure.axes

    assert left.get_zorder() > right.get_zorder()
    assert not left.patch.get_visible()
    assert right.patches[0].get_facecolor()[3] == pytest.approx(0.35)
    assert right.patches[0].get_linewidth() > 0
    (full,) = axes_of(told(one(PanelLook(bars=True, fill=100), RAMP[-1:])))[0].patches
    assert (full.get_facecolor()[3], full.get_linewidth()) == (1.0, 0.0)


async def test_series_of_which_no_sample_is_a_number_are_no_data():
    metrics = FakeMetrics(ranges={"up": [RangeSeries({"job": "api"}, [])]})
    panel = read_model("b", {"panels": [{"id": 1, "type": "timeseries", "targets": [{"expr": "up"}]}]}, {}).panels
    (drawn,) = await Numbers(lambda _: metrics).of(DashboardModel("b", "B"), panel, Shot("b", HOUR), 60)

    assert (drawn.state, drawn.series) == (PanelState.NO_DATA, ())


@pytest.mark.parametrize(("kind", "share"), [("piechart", 0.75), ("barchart", 1.0)])
def test_bars_of_what_no_value_colours_differ_in_colour_and_those_of_a_pie_are_parts_of_the_whole(kind, share):
    axes = Figure(figsize=(8, 4)).subplots()
    look = PanelLook()
    table(axes, told(one(look, [(END, 3.0)]), one(look, [(END, 1.0)], name="b"), kind=kind), "#24292e")

    assert len({each.get_facecolor() for each in axes.patches}) == 2
    assert axes.patches[0].get_width() == pytest.approx(share)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_little_in_a_heatmap_is_near_the_background(theme):
    axes = Figure().subplots()
    buckets = [
        one(PanelLook(), [(END - 15.0, value), (float(END), value)], name=le) for le, value in (("1", 1.0), ("2", 99.0))
    ]
    heatmap(axes, {**told(*buckets, kind="heatmap"), "theme": theme}, STEP)
    little, much = (sum(axes.collections[0].cmap(end)[:3]) for end in (0.0, 1.0))

    assert bool(little > much) == (theme == "light")


def test_shares_of_a_hundred_percent_are_percent_whatever_the_panels_unit():
    look = PanelLook(unit="reqps", stacking="percent")
    axes, _ = axes_of(told(one(look), one(look, name="b"), look=look))

    assert axes.yaxis.get_major_formatter()(100.0) == "100%"


def test_shares_of_a_hundred_percent_stand_on_another_axis_than_amounts():
    amounts, shares = PanelLook(unit="reqps"), PanelLook(unit="reqps", stacking="percent")
    axes, _ = axes_of(told(one(amounts), one(shares, name="b"), one(shares, name="c"), look=amounts))
    left, right = axes.figure.axes

    assert left.get_ylim()[1] > 3000
    assert left.yaxis.get_major_formatter()(100.0) == "100 req/s"
    assert right.get_ylim()[1] == 100.0
    assert right.yaxis.get_major_formatter()(100.0) == "100%"


def test_what_is_more_than_all_shares_is_not_cut_off():
    amount, share = PanelLook(unit="percent"), PanelLook(unit="percent", stacking="percent")
    axes, _ = axes_of(told(one(share), one(amount, [(END - 15.0, 150.0)], name="b"), look=share))

    assert axes.get_ylim()[1] > 150


@pytest.mark.parametrize("values", [[1e-5, 1e300], [5e-324, 1e300], [1e308, 1.7e308], [-1.7e308, 1.7e308]], ids=str)
@pytest.mark.parametrize(
    "look",
    [
        PanelLook(),
        PanelLook(bars=True),
        PanelLook(stacking="normal"),
        PanelLook(base=10.0),
        PanelLook(base=2.0, bars=True),
        PanelLook(base=10.0, fill=50, calculations=("mean", "sum")),
        PanelLook(base=10.0, linear_below=1.0),
    ],
    ids=["linear", "bars", "stacked", "log", "log bars", "log areas", "symlog"],
)
def test_the_largest_numbers_there_are_have_an_axis(look, values):
    points = [(END - STEP * (len(values) - place), value) for place, value in enumerate(values)]
    panel = told(one(look, points), one(look, points, name="b"), look=look)
    axes, drawn = axes_of(panel)

    assert all(np.isfinite(axes.get_ylim()))
    assert drawn[0].values == values
    assert len(_drawn(panel)) > 1000


def _drawn(panel: dict[str, Any]) -> bytes:
    about = {"title": "Largest", "theme": "dark", "zone": "UTC", "width": 600, "scale": 1.0, "step": STEP}
    return draw({**about, "start": END - 3600, "end": END, "panels": [panel]})


def test_symmetrical_logarithms_show_both_sides_of_nothing():
    look = PanelLook(base=10.0, linear_below=1.0)
    axes, _ = axes_of(told(one(look, [(END - 30.0, -100.0), (END - 15.0, 100.0)]), look=look))

    assert axes.get_yscale() == "symlog"
    assert axes.get_ylim()[0] < -99 < 99 < axes.get_ylim()[1]


@pytest.mark.parametrize(("step", "drawn"), [("", "default"), ("before", "steps-pre"), ("after", "steps-post")])
def test_steps_go_before_or_after_the_point(step, drawn):
    axes, _ = axes_of(told(one(PanelLook(step=step)), look=PanelLook(step=step)))

    assert axes.lines[0].get_drawstyle() == drawn


@pytest.mark.parametrize(
    ("gap_s", "gaps"), [(None, 1), (float("inf"), 0), (60.0, 1), (1000.0, 0)], ids=["no", "yes", "shorter", "longer"]
)
def test_a_gap_is_closed_where_the_panel_connects_it(gap_s, gaps):
    points = [(at, value) for at, value in RAMP if not END - 1000 < at < END - 700]
    look = PanelLook(gap_s=gap_s)
    axes, _ = axes_of(told(one(look, points), look=look))

    assert int(np.isnan(axes.lines[0].get_ydata()).sum()) == gaps


@pytest.mark.parametrize("look", [PanelLook(), PanelLook(fill=20, stacking="normal"), PanelLook(step="after")], ids=str)
def test_a_point_with_gaps_on_both_sides_is_seen(look):
    sparse = [(END - 900.0, 1.0), (END - 600.0, 3.0), *RAMP[-4:]]
    axes, _ = axes_of(told(one(look, sparse), look=look))
    (line,) = axes.lines

    assert [line.get_ydata()[place] for place in line.get_markevery()] == [1.0, 3.0]
    assert line.get_marker() == "o"
    assert axes_of(told(one(look), look=look))[0].lines[0].get_marker() in ("", "None")


def test_every_unit_has_its_own_axis():
    panel = told(
        one(PanelLook(unit="s")),
        one(PanelLook(unit="bytes"), name="b"),
        one(PanelLook(unit="reqps"), name="c"),
        look=PanelLook(unit="s"),
    )
    axes, drawn = axes_of(panel)

    every = axes.figure.axes
    assert [each.yaxis.get_major_formatter()(60.0) for each in every] == ["1 min", "60 B", "60 req/s"]
    assert [each.name for each in drawn] == ["a", "b", "c"]
    assert len({each.spines["right"].get_position() for each in every[1:]}) == 2


def test_what_is_negated_goes_down_and_the_legend_keeps_itsnumbers_of():
    axes, drawn = axes_of(told(one(PanelLook()), one(PanelLook(negated=True, colour="red"), name="sent")))

    assert max(axes.lines[1].get_ydata()) < 0 < min(axes.lines[0].get_ydata())
    assert axes.lines[1].get_color() == "#f2495c"
    assert min(drawn[1].values) > 0


def test_stacks_upwards_and_downwards_do_not_mix_and_percent_ends_at_a_hundred():
    look = PanelLook(stacking="normal")
    axes, _ = axes_of(
        told(one(look), one(look, name="b"), one(PanelLook(stacking="normal", negated=True), name="c"), look=look)
    )
    assert [float(line.get_ydata()[-1]) / RAMP[-1][1] for line in axes.lines] == [1.0, 2.0, -1.0]

    look = PanelLook(stacking="percent", unit="percent", fill=10)
    axes, _ = axes_of(told(one(look), one(look, name="b"), look=look))
    assert axes.get_ylim() == (0.0, 100.0)
    assert [round(float(line.get_ydata()[-1])) for line in axes.lines] == [50, 100]


@pytest.mark.parametrize(("gap_s", "gaps"), [(None, 1), (float("inf"), 0)], ids=["gap", "connected"])
def test_a_series_that_misses_a_while_is_not_nothing_in_a_stack(gap_s, gaps):
    some = [(at, value) for at, value in RAMP if not END - 1000 < at < END - 700]
    look = PanelLook(stacking="normal", fill=30, gap_s=gap_s)
    axes, drawn = axes_of(told(one(look, some), one(look, name="b"), look=look))
    below, above = (np.asarray(line.get_ydata(), float) for line in axes.lines)

    assert int(np.isnan(below).sum()) == gaps
    assert np.nanmin(below) > 0
    missing = [place for place, (at, _) in enumerate(RAMP) if END - 1000 < at < END - 700]
    assert [above[place] for place in missing] == [RAMP[place][1] for place in missing]
    assert min(drawn[0].values) > 0


def test_what_is_below_nothing_by_itself_is_stacked_downwards():
    look = PanelLook(stacking="normal")
    negative = [(at, -value) for at, value in RAMP]
    axes, _ = axes_of(told(one(look), one(look, negative, name="b"), one(look, negative, name="c"), look=look))
    assert [float(line.get_ydata()[-1]) / RAMP[-1][1] for line in axes.lines] == [1.0, -1.0, -2.0]

    look = PanelLook(stacking="percent", unit="percent")
    axes, _ = axes_of(told(one(look), one(look, negative, name="b"), one(look, negative, name="c"), look=look))
    assert [round(float(line.get_ydata()[-1])) for line in axes.lines] == [100, -50, -100]


def test_stacks_are_of_one_group_and_one_way_of_drawing():
    look = PanelLook(stacking="normal", stack_group="A")
    others = [
        PanelLook(stacking="normal", stack_group="B"),
        PanelLook(stacking="normal", stack_group="A", step="after"),
    ]
    axes, _ = axes_of(told(one(look), *(one(each, name=str(n)) for n, each in enumerate(others)), look=look))

    assert [float(line.get_ydata()[-1]) for line in axes.lines] == [RAMP[-1][1]] * 3


def test_soft_limits_give_way_and_hard_ones_do_not():
    axes, _ = axes_of(told(one(PanelLook(soft_most=10_000.0, soft_least=-5.0)), look=PanelLook()))
    assert axes.get_ylim()[1] == 10_000.0
    assert axes.get_ylim()[0] == -5.0
    look = PanelLook(soft_most=1.0, most=2.0, least=1.0)
    axes, _ = axes_of(told(one(look), look=look))
    assert axes.get_ylim() == (1.0, 2.0)


def test_where_nothing_is_below_nothing_no_place_is_made_for_it_and_a_centred_axis_is_even():
    axes, _ = axes_of(told(one(PanelLook())))
    assert axes.get_ylim()[0] == 0.0
    axes, _ = axes_of(told(one(PanelLook(centred=True)), look=PanelLook(centred=True)))
    assert axes.get_ylim()[0] == -axes.get_ylim()[1]


def test_bars_and_points_and_areas_without_a_line_are_in_the_legend():
    axes, drawn = axes_of(
        told(
            one(PanelLook(bars=True)), one(PanelLook(points=True), name="b"), one(PanelLook(width=0, fill=40), name="c")
        )
    )

    assert len(axes.patches) == len(RAMP)
    assert axes.lines[0].get_marker() == "o"
    assert isinstance(drawn[2].handle, Patch)


def test_what_a_series_says_is_told_from_when_until_when():
    look = PanelLook(mappings=read("state-timeline").mappings)
    points = [(0.0, 1.0), (15.0, 1.0), (30.0, 0.0), (90.0, 0.0), (105.0, 1.0)]
    panel = told(one(look, points), kind="state-timeline", look=look)

    found = list(stretches(panel["series"][0], panel, STEP, 110.0, "#fff"))

    # Nothing was said between 45 and 90.
    assert [each[:3] for each in found] == [(0, 30, "UP"), (30, 45, "DOWN"), (90, 105, "DOWN"), (105, 110, "UP")]
    assert {each[3] for each in found} == {"#73bf69", "#f2495c"}


def test_more_series_than_have_a_row_are_counted():
    axes = Figure(figsize=(8, 4)).subplots()
    axes.set_xlim(END / 86_400 - 0.05, END / 86_400)
    states(
        axes,
        told(*(one(PanelLook(), name=f"row {n}") for n in range(20)), kind="status-history"),
        STEP,
        float(END),
        "#fff",
    )

    assert len(axes.get_yticks()) == 16
    assert "+4" in [each.get_text() for each in axes.texts]


@pytest.mark.parametrize(
    "kind", ["timeseries", "stat", "gauge", "bargauge", "piechart", "table", "state-timeline", "heatmap"]
)
@pytest.mark.parametrize("count", [0, 1, 30])
def test_every_kind_is_drawn_with_no_one_and_many_series(kind, count):
    look = PanelLook(sparkline=True, legend_table=True, calculations=("mean", "max"), style="line+area")
    panel = told(*(one(look, RAMP if n % 3 else RAMP[:1], f"$n {n}") for n in range(count)), kind=kind, look=look)
    drawing = {
        "title": "All", "theme": "dark", "zone": "Asia/Seoul", "width": 600, "scale": 1.0, "start": END - 3600.0,
        "end": float(END), "step": STEP, "panels": [panel],
    }  # fmt: skip

    with Image.open(io.BytesIO(draw(drawing))) as opened:
        assert opened.width == 600


def panel_json(kind: str = "timeseries", **more: Any) -> dict[str, Any]:
    mapped = {
        "type": "value",
        "options": {"0": {"text": "DOWN", "color": "red"}, "1": {"text": "UP", "color": "green"}},
    }
    custom = {
        "scaleDistribution": {"type": "log", "log": 2}, "axisSoftMin": 0, "axisSoftMax": 1, "lineInterpolation": "stepAfter",
        "drawStyle": "line", "spanNulls": 60_000, "lineWidth": 2.5, "fillOpacity": 20, "axisCenteredZero": True,
    }  # fmt: skip
    target = {"refId": "A", "expr": "up", "legendFormat": "{{n}}"}
    return {
        "id": 1, "type": kind, "title": "P", "datasource": {"type": "prometheus", "uid": "prom-1"}, "targets": [target],
        "fieldConfig": {"defaults": {"unit": "s", "mappings": [mapped], "custom": custom}}, **more,
    }  # fmt: skip


SOURCES = (DataSource("prom-1", "Prometheus", "prometheus", True),)


def model_of(**more: Any):
    return read_model("api", {"title": "API", "panels": [panel_json(**more)]}, {}, SOURCES)


def read(kind: str = "timeseries", **more: Any) -> PanelLook:
    return model_of(kind=kind, **more).panels[0].look


def test_a_panels_look_is_read_from_its_json():
    look = read()

    assert (look.base, look.soft_least, look.soft_most, look.step, look.gap_s) == (2.0, 0.0, 1.0, "after", 60.0)
    assert (look.width, look.fill, look.centred, look.bars, look.points) == (2.5, 20, True, False, False)
    assert read(fieldConfig={"defaults": {"custom": {"spanNulls": True, "lineWidth": "wide"}}}).gap_s == float("inf")
    assert read(fieldConfig={"defaults": {"custom": {"scaleDistribution": {"type": "symlog"}}}}).linear_below == 1.0
    assert read(fieldConfig={"defaults": "junk", "overrides": "junk"}) == PanelLook()


def overridden(matcher: dict[str, Any], *properties: tuple[str, Any]) -> PanelLook:
    rule = {"matcher": matcher, "properties": [{"id": name, "value": value} for name, value in properties]}
    return read(fieldConfig={"defaults": {"unit": "s"}, "overrides": [rule]})


@pytest.mark.parametrize(
    ("matcher", "about"),
    [
        ({"id": "byName", "options": "sda written"}, {"sda written"}),
        ({"id": "byNames", "options": {"mode": "exclude", "names": ["sda read"]}}, {"sda written", "Written"}),
        ({"id": "byNames", "options": {"mode": "include", "names": ["sda read"]}}, {"sda read"}),
        ({"id": "byRegexp", "options": "/written$/i"}, {"sda written", "Written"}),
        ({"id": "byRegexp", "options": "/written$/"}, {"sda written"}),
        # Without slashes Grafana means the whole name.
        ({"id": "byRegexp", "options": "written"}, set()),
        ({"id": "byRegexp", "options": "sda .*"}, {"sda written", "sda read"}),
        # Another engine would know this one; nothing is better than what is wrong.
        ({"id": "byRegexp", "options": "/(?=w)/"}, set()),
        ({"id": "byRegexp", "options": "/(/"}, set()),
        ({"id": "byFrameRefID", "options": "B"}, {"Written"}),
        ({"id": "byType", "options": "number"}, {"sda written", "sda read", "Written"}),
        ({"id": "byType", "options": "time"}, set()),
        ({"id": "byValue", "options": {"op": "gte"}}, set()),
    ],
)
def test_an_override_is_about_those_series_that_grafana_takes(matcher, about):
    look = overridden(matcher, ("unit", "bytes"), ("color", {"mode": "fixed", "fixedColor": "red"}))
    refs = {"sda written": "A", "sda read": "A", "Written": "B"}

    found = {name for name, ref in refs.items() if look.of(name, ref, matches).unit == "bytes"}

    assert found == about
    assert all(look.of(name, refs[name], matches).colour == "red" for name in about)


@pytest.mark.parametrize("pattern", ["/(?=w)/", "/(/"])
def test_an_override_whose_pattern_cannot_be_read_is_not_about_all_the_others(pattern):
    unread = Override("byRegexp", (pattern,), {"unit": "bytes"}, inverted=True)

    assert PanelLook(overrides=(unread,)).of("sda read", "A", matches).unit == ""


def test_the_last_override_wins_and_says_no_more_than_it_says():
    first, last = Override("byName", ("a",), {"unit": "s", "fill": 5}), Override("byName", ("a",), {"unit": "bytes"})

    look = PanelLook(unit="reqps", width=3.0, overrides=(first, last)).of("a", "A", matches)

    assert (look.unit, look.fill, look.width) == ("bytes", 5, 3.0)


async def asked(model) -> PanelNumbers:
    metrics = FakeMetrics(ranges={"up": [RangeSeries({"n": name}, RAMP) for name in ("a", "b")]})
    (drawn,) = await Numbers(lambda _: metrics).of(model, model.panels, Shot("api", HOUR), 60)
    return drawn


async def test_what_is_hidden_is_not_drawn_and_what_is_renamed_has_its_new_name():
    hidden = {
        "matcher": {"id": "byName", "options": "a"},
        "properties": [{"id": "custom.hideFrom", "value": {"viz": True}}],
    }
    named = {"matcher": {"id": "byName", "options": "b"}, "properties": [{"id": "displayName", "value": "Bytes"}]}
    drawn = await asked(model_of(fieldConfig={"defaults": {}, "overrides": [hidden, named]}))

    assert [each.name for each in drawn.series] == ["Bytes"]


async def test_a_hidden_column_of_a_table_is_not_shown():
    hidden = {"matcher": {"id": "byName", "options": "a"}, "properties": [{"id": "custom.hidden", "value": True}]}
    drawn = await asked(model_of(kind="table", fieldConfig={"defaults": {}, "overrides": [hidden]}))

    assert [each.name for each in drawn.series] == ["b"]


async def test_the_columns_of_a_table_have_the_names_and_units_that_it_gives_them():
    model = model_of(
        kind="table",
        targets=[{"refId": ref, "expr": "up", "legendFormat": "{{n}}"} for ref in "AB"],
        transformations=[
            {"id": "merge"},
            {"id": "organize", "options": {"renameByName": {"Value #A": "Requests", "Value #B": "Errors"}}},
        ],
        fieldConfig={
            "defaults": {"unit": "reqps"},
            "overrides": [
                {
                    "matcher": {"id": "byName", "options": "Errors"},
                    "properties": [{"id": "unit", "value": "percentunit"}],
                }
            ],
        },
    )
    drawn = await asked(model)

    found = [(each.name, each.look.unit) for each in drawn.series]
    assert found == [
        ("Requests · a", "reqps"), ("Requests · b", "reqps"), ("Errors · a", "percentunit"), ("Errors · b", "percentunit"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("transformation", "why"),
    [
        ({"id": "calculateField"}, "its transformation calculateField is not made here"),
        ({"id": "calculateField", "disabled": True}, None),
        ({"id": "organize"}, None),
    ],
)
def test_a_panel_whose_numbers_are_made_into_others_is_not_drawn(transformation, why):
    model = model_of(transformations=[transformation])

    assert why_not(model.panels[0], model, {}) == why


@pytest.mark.parametrize("kind", ["xychart", "grafana-clock-panel", "candlestick"])
def test_a_kind_that_nobody_here_can_draw_is_named(kind):
    model = model_of(kind=kind)

    assert why_not(model.panels[0], model, {}) == f"this kind of panel ({kind}) is not drawn here"
