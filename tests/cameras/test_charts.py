"""Panels drawn from Prometheus: a real one with an hour of numbers, and the image opened and looked into."""

from __future__ import annotations

import asyncio
import io
import math
import os
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import numpy as np
import pytest
from PIL import Image

from bot.cameras.chart_lines import stacked_points
from bot.cameras.chart_numbers import Numbers
from bot.cameras.charts import ChartCamera, _panel
from bot.cameras.drawing_process import DrawingProcess
from bot.cameras.pixels import is_blank
from bot.domain.dashboards import DashboardModel, Panel, PanelQuery, Variable
from bot.domain.panel_looks import Override, PanelLook, Threshold
from bot.domain.pictures import PanelState, Shot, Step
from bot.domain.telemetry import RangeSeries, Window
from bot.errors import NoPicture
from bot.telemetry.http import JsonClient
from bot.telemetry.prometheus import Prometheus
from playground.process import find_binary, free_port, running
from tests.cameras.drawn_here import DrawnHere
from tests.fakes import FakeMetrics, HandClock
from tests.picture_fakes import FakeModels

END = int(time.time()) - 60
# The machine may be busy: what is asserted is what is drawn, not how fast.
PATIENCE_S = 60.0
HOUR = Window.between(END - 3600, END)
LATENCY = PanelLook(
    unit="s", least=0.0, thresholds=(Threshold(None, "green"), Threshold(0.5, "red")), style="dashed+area", fill=10,
    calculations=("lastNotNull", "max"),
)  # fmt: skip


def prom(expr: str, legend: str = "") -> PanelQuery:
    return PanelQuery(expr, legend, "prom-1", "prometheus")


MODEL = DashboardModel(
    "api",
    "주문 서비스 $x^2$ **@everyone**",
    panels=(
        Panel(1, "응답 시간", queries=(prom('latency{service="$service"}', "{{service}}"),), look=LATENCY),
        Panel(
            2, "Traffic", queries=(prom("requests", "{{service}}"),), look=PanelLook(unit="reqps", stacking="normal")
        ),
        Panel(3, "Nothing", queries=(prom("there_is_no_such_metric"),)),
        Panel(4, "Wrong", queries=(prom("sum(("),)),
        Panel(5, "Logs", "table", (PanelQuery("{a='b'}", "", "loki", "loki"),)),
        Panel(6, "Words", "text", words=("# Read me\n\n* first $x^2$", "markdown")),
        Panel(
            7,
            "Bars",
            "stat",
            (prom("requests"),),
            PanelLook(bars=True, style="line", thresholds=(Threshold(50, "#f00"),)),
        ),
    ),
    variables=(Variable("service", current=("api",)),),
)


@pytest.fixture(scope="module")
def hour_of_numbers(tmp_path_factory) -> Path:
    """A TSDB with an hour of two services, the second of which stops in between."""
    folder = tmp_path_factory.mktemp("tsdb")
    lines = ["# TYPE latency gauge"]
    for service, base in (("api", 0.3), ("chat", 0.1)):
        there = (at for at in range(END - 3900, END, 15) if service != "api" or not END - 2000 < at < END - 1400)
        lines += [f'latency{{service="{service}"}} {base + 0.25 * math.sin(at / 300):.4f} {at}' for at in there]
    lines.append("# TYPE requests gauge")
    for service, base in (("api", 60), ("chat", 20)):
        lines += [f'requests{{service="{service}"}} {base} {at}' for at in range(END - 3900, END, 15)]
    # Until half an hour before the end.
    lines += ["# TYPE gone gauge", *(f"gone 7 {at}" for at in range(END - 3900, END - 1800, 15))]
    numbers = folder / "numbers.txt"
    numbers.write_text("\n".join([*lines, "# EOF", ""]), "utf-8")
    command = [find_binary("promtool"), "tsdb", "create-blocks-from", "openmetrics", str(numbers), str(folder / "data")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return folder


@pytest.fixture
async def prometheus(hour_of_numbers: Path) -> AsyncIterator[Prometheus]:
    port = free_port()
    config = hour_of_numbers / "prometheus.yml"
    config.write_text("scrape_configs: []\n", "utf-8")
    command = [
        find_binary("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={hour_of_numbers / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=30d", "--log.level=warn",
    ]  # fmt: skip
    async with running("prometheus", command, hour_of_numbers / "log") as process, aiohttp.ClientSession() as session:
        await process.ready(f"http://127.0.0.1:{port}/-/ready", 30)
        yield Prometheus(JsonClient(session, f"http://127.0.0.1:{port}", source="prometheus"))


@asynccontextmanager
async def drawing(metrics, model: DashboardModel = MODEL, *, process: bool = False) -> AsyncIterator[ChartCamera]:
    camera = ChartCamera(
        models=FakeModels(model), metrics_of=lambda uid: metrics if uid in ("prom-1", "") else None,
        zone="Asia/Seoul", width=1200, scale=1.0, clock=HandClock(),
    )  # fmt: skip
    if not process:
        camera._process = DrawnHere()
    try:
        yield camera
    finally:
        camera.close()


def near(image: Image.Image, colour: tuple[int, int, int], by: int = 12) -> int:
    """Count the pixels of about this colour."""
    far = np.abs(np.asarray(image.convert("RGB"), dtype=np.int16) - np.array(colour, dtype=np.int16))
    return int((far <= by).all(axis=2).sum())


GREEN, YELLOW, RED = (115, 191, 105), (242, 204, 12), (242, 73, 92)
# Upon white Grafana draws its colours a step darker.
DARKER_YELLOW = (224, 180, 0)


async def test_a_dashboard_is_drawn_with_what_every_panel_has(prometheus):
    async with drawing(prometheus, process=True) as camera:
        picture = await camera.take(Shot("api", HOUR), PATIENCE_S)

    (image,) = picture.images
    assert picture.step is Step.CHART
    assert [(panel.title, panel.state) for panel in picture.panels] == [
        ("응답 시간", PanelState.READY),
        ("Traffic", PanelState.READY),
        ("Nothing", PanelState.NO_DATA),
        ("Wrong", PanelState.ERROR),
        ("Logs", PanelState.ERROR),
        ("Words", PanelState.READY),
        ("Bars", PanelState.READY),
    ]
    assert "parse error" in picture.panels[3].message
    assert picture.panels[4].message == "asks loki, not Prometheus"
    assert not is_blank(image)
    with Image.open(io.BytesIO(image)) as opened:
        assert opened.size[0] == 1200
        assert near(opened, GREEN) > 500
    # For whoever wants to look at it.
    if os.environ.get("SHOW_CHART"):
        Path(os.environ["SHOW_CHART"]).write_bytes(image)


async def test_one_panel_is_drawn_with_its_series_gap_and_threshold(prometheus):
    async with drawing(prometheus) as camera:
        picture = await camera.take(Shot("api", HOUR, panel=1, variables={"service": ("api",)}), PATIENCE_S)

    assert [panel.title for panel in picture.panels] == ["응답 시간"]
    with Image.open(io.BytesIO(picture.images[0])) as opened:
        assert near(opened, GREEN) > 200
        # A dashed line a little over a pixel wide is nowhere quite red.
        assert near(opened, RED, 90) > 200
        # One series only: the other service was not chosen.
        assert near(opened, YELLOW) < 20
        line = [opened.convert("RGB").crop((x, 60, x + 12, 560)) for x in range(150, 1150, 12)]
        drawn = [near(strip, GREEN) > 4 for strip in line]
    # Ten minutes of the hour are missing, and no line goes across them.
    assert 0.05 < drawn.count(False) / len(drawn) < 0.35


async def test_the_other_theme_is_light(prometheus):
    async with drawing(prometheus) as camera:
        light = await camera.take(Shot("api", HOUR, panel=2, theme="light"), PATIENCE_S)

    with Image.open(io.BytesIO(light.images[0])) as opened:
        assert opened.convert("RGB").getpixel((3, 3)) == (244, 245, 245)
        assert near(opened, DARKER_YELLOW) > 200


async def test_a_panel_that_asks_nobody_we_know_is_not_drawn():
    async with drawing(FakeMetrics()) as camera:
        with pytest.raises(NoPicture) as refused:
            await camera.take(Shot("api", HOUR, panel=5), PATIENCE_S)

    assert (refused.value.reason, refused.value.detail) == ("ladder.nothing-to-draw", "asks loki, not Prometheus")


async def test_without_any_answer_there_is_no_picture():
    metrics = FakeMetrics()
    metrics.down = "HTTP 502"
    async with drawing(metrics) as camera:
        with pytest.raises(NoPicture) as refused:
            await camera.take(Shot("api", HOUR, panel=1), PATIENCE_S)

    assert (refused.value.reason, refused.value.detail) == ("ladder.unreachable", "HTTP 502")


async def test_a_prometheus_that_hangs_is_not_waited_for():
    metrics = FakeMetrics()
    metrics.hangs = True
    async with drawing(metrics) as camera:
        # It hangs for ever, so that whoever waited for it would not come here.
        with pytest.raises(NoPicture):
            await camera.take(Shot("api", HOUR, panel=1), 3.2)


@pytest.mark.parametrize(("uid", "panel", "why"), [("gone", None, "ladder.not-found"), ("api", 99, "ladder.not-found")])
async def test_what_is_not_there_is_said(uid, panel, why):
    async with drawing(FakeMetrics()) as camera:
        with pytest.raises(NoPicture) as refused:
            await camera.take(Shot(uid, HOUR, panel=panel), PATIENCE_S)

    assert refused.value.reason == why


def children() -> list[str]:
    """Return the command lines of our children."""
    mine = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            stat = (each / "stat").read_text("utf-8")
            if int(stat.rpartition(")")[2].split()[1]) == os.getpid():
                mine.append((each / "cmdline").read_text("utf-8"))
        except OSError:
            continue
    return mine


async def test_a_drawing_that_takes_too_long_is_killed_and_leaves_nothing_behind():
    metrics = FakeMetrics(ranges={"latency": [RangeSeries({}, [(END - 60.0, 1.0)])]})
    async with drawing(metrics) as camera:
        camera._process = DrawingProcess("-c", "import time; time.sleep(60)")
        with pytest.raises(NoPicture) as refused:
            await camera.take(Shot("api", HOUR, panel=1), 1.5)

    assert refused.value.reason == "ladder.timeout"
    assert [each for each in children() if "time.sleep(60)" in each] == []


async def test_a_drawing_that_fails_is_told_and_logged(caplog):
    metrics = FakeMetrics(ranges={"latency": [RangeSeries({}, [(END - 60.0, 1.0)])]})
    async with drawing(metrics) as camera:
        camera._process = DrawingProcess("-c", "raise SystemExit('no ink')")
        with pytest.raises(NoPicture) as refused:
            await camera.take(Shot("api", HOUR, panel=1), PATIENCE_S)

    assert refused.value.reason == "ladder.chart-failed"
    assert "no ink" in caplog.text


async def test_a_hundred_series_with_hostile_names_are_drawn():
    names = ["$\\frac{", "_hidden", "", "a" * 5000, "\x00\x1b[31m", "@everyone <@&1>", "가나다 🔥", "%s {0}"] * 12
    series = [
        RangeSeries({"n": name}, [(END - 600.0, 1e300), (END - 300.0, -1e300), (END - 15.0, number)])
        for number, name in enumerate(names)
    ]
    panel = Panel(1, "$\\bad{ \x00", queries=(PanelQuery("many", "{{n}}", "prom-1", "prometheus"),), look=LATENCY)
    async with drawing(FakeMetrics(ranges={"many": series}), DashboardModel("api", "\\$", panels=(panel,))) as camera:
        picture = await camera.take(Shot("api", HOUR), PATIENCE_S)

    assert picture.panels[0].state is PanelState.READY
    assert not is_blank(picture.images[0])


@pytest.mark.parametrize(("there", "cut"), [(20, False), (21, True)])
async def test_that_there_are_more_series_than_are_drawn_is_known(there, cut):
    metrics = FakeMetrics(ranges={"up": [RangeSeries({"n": str(each)}, [(END - 15.0, 1)]) for each in range(there)]})
    panel = Panel(1, "Up", queries=(prom("up", "{{n}}"),))
    model = DashboardModel("api", "API", panels=(panel,))
    numbers = Numbers(lambda _: metrics)

    (drawn,) = await numbers.of(model, [panel], Shot("api", HOUR), PATIENCE_S)

    assert (len(drawn.series), drawn.cut) == (20, cut)


@pytest.mark.parametrize(
    ("changes", "there", "drawn"),
    [
        ({"look": PanelLook(stacking="normal")}, 60, 60),
        ({"look": PanelLook(overrides=(Override("byName", ("a",), {"stacking": "normal"}),))}, 101, None),
        ({"kind": "heatmap"}, 100, 100),
        ({"kind": "piechart"}, 101, None),
        ({"kind": "table"}, 101, None),
        ({"kind": "bargauge"}, 100, 100),
    ],
)
async def test_what_a_part_of_its_series_would_falsify_is_drawn_whole_or_not_at_all(changes, there, drawn):
    many = [RangeSeries({"n": str(each)}, [(END - 15.0, 1)]) for each in range(there)]
    numbers = Numbers(lambda _: FakeMetrics(ranges={"up": many, "one": many[:1]}))
    panels = (Panel(1, "Up", queries=(prom("up", "{{n}}"),), **changes), Panel(2, "One", queries=(prom("one"),)))

    found, _ = await numbers.of(DashboardModel("api", "API", panels=panels), panels, Shot("api", HOUR), PATIENCE_S)

    assert (len(found.series), found.state is PanelState.ERROR) == (drawn or 0, drawn is None)


@pytest.mark.parametrize(("rows_open", "titles"), [(False, ["Shown"]), (True, ["Shown", "Folded"])])
async def test_what_a_folded_row_hides_is_drawn_on_request(rows_open, titles):
    panels = tuple(Panel(n, name, queries=(prom("many"),), folded=n == 2) for n, name in ((1, "Shown"), (2, "Folded")))
    metrics = FakeMetrics(ranges={"many": [RangeSeries({}, [(END - 60.0, 1.0)])]})
    async with drawing(metrics, DashboardModel("api", "API", panels=panels)) as camera:
        picture = await camera.take(Shot("api", HOUR, rows_open=rows_open), PATIENCE_S)

    assert [panel.title for panel in picture.panels] == titles


async def test_where_no_process_can_be_started_there_is_no_chart(monkeypatch):
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    metrics = FakeMetrics(ranges={"latency": [RangeSeries({}, [(END - 60.0, 1.0)])]})
    async with drawing(metrics, process=True) as camera:
        with pytest.raises(NoPicture) as refused:
            await camera.take(Shot("api", HOUR, panel=1), PATIENCE_S)

    assert refused.value.reason == "ladder.chart-failed"


async def test_two_drawings_at_once_do_not_disturb_each_other(prometheus):
    async with drawing(prometheus, process=True) as camera:
        first, second = await asyncio.gather(
            camera.take(Shot("api", HOUR, panel=1), PATIENCE_S), camera.take(Shot("api", HOUR, panel=2), PATIENCE_S)
        )

    assert first.images != second.images


def test_what_misses_a_moment_has_a_gap_there_and_what_is_above_lies_upon_the_rest():
    series = [[(0.0, 1.0), (20.0, 1.0)], [(0.0, 2.0), (10.0, 2.0), (20.0, 2.0)]]

    normal = stacked_points(series, "normal", "")
    assert normal[0] == (series[0], [0.0, 0.0])
    assert normal[1] == ([(0.0, 3.0), (10.0, 2.0), (20.0, 3.0)], [1.0, 0.0, 1.0])
    shares = [points for points, _ in stacked_points(series, "percent", "percentunit")]
    assert [round(value, 3) for _, value in shares[0]] == [0.333, 0.333]
    assert [round(value, 3) for _, value in shares[1]] == [1.0, 1.0, 1.0]


def test_what_is_no_number_is_no_part_of_a_stack():
    series = [[(0.0, 1.0), (10.0, math.nan)], [(0.0, 2.0), (10.0, 2.0)]]

    assert [points for points, _ in stacked_points(series, "normal", "")] == [[(0.0, 1.0)], [(0.0, 3.0), (10.0, 2.0)]]


def drawn_with(*panels: Panel, **ranges: list[RangeSeries]):
    return drawing(FakeMetrics(ranges=ranges), DashboardModel("api", "API", panels=panels))


async def test_a_stat_is_the_last_value_in_the_colour_of_its_threshold():
    look = PanelLook(unit="percentunit", thresholds=(Threshold(None, "green"), Threshold(0.5, "red")))
    last = [RangeSeries({}, [(END - 60.0, 0.1), (END - 15.0, 0.9)])]
    async with drawn_with(Panel(1, "Errors", "stat", (prom("many"),), look), many=last) as camera:
        picture = await camera.take(Shot("api", HOUR), PATIENCE_S)

    with Image.open(io.BytesIO(picture.images[0])) as opened:
        assert near(opened, RED) > 200
        assert near(opened, GREEN) < 20


@pytest.mark.parametrize(("instant", "state"), [(True, PanelState.NO_DATA), (False, PanelState.READY)])
async def test_what_is_asked_of_one_moment_is_what_there_is_at_the_end(prometheus, instant, state):
    panel = Panel(1, "Gone", "stat", (replace(prom("gone or latency{service='none'}"), instant=instant),))
    model = DashboardModel("api", "API", panels=(panel,))

    (drawn,) = await Numbers(lambda _: prometheus).of(model, model.panels, Shot("api", HOUR), 60)

    assert drawn.state is state


async def test_nothing_is_calculated_of_what_was_before_the_one_moment(prometheus):
    panel = Panel(1, "Now", "stat", (replace(prom("latency"), instant=True),), PanelLook(reduce=("max",)))
    model = DashboardModel("api", "API", panels=(panel,))

    (drawn,) = await Numbers(lambda _: prometheus).of(model, model.panels, Shot("api", HOUR), 60)

    assert [len(each.points) for each in drawn.series] == [1, 1]


@pytest.mark.parametrize(
    ("no_value", "state", "note"), [("", PanelState.NO_DATA, "No data"), ("0", PanelState.READY, "0")]
)
async def test_where_there_is_nothing_the_panel_says_what_it_says_of_nothing(no_value, state, note):
    panel = Panel(1, "Failed", "stat", (prom("failed"),), PanelLook(no_value=no_value))
    model = DashboardModel("api", "API", panels=(panel,))

    (drawn,) = await Numbers(lambda _: FakeMetrics()).of(model, model.panels, Shot("api", HOUR), 60)

    assert (drawn.state, _panel(drawn)["note"]) == (state, note)


async def test_a_ratio_of_nothing_is_no_older_number_and_draws_no_line():
    ratio = [RangeSeries({}, [(END - 60.0, 0.1), (END - 45.0, 0.2), (END - 15.0, math.nan), (END - 10.0, math.inf)])]
    panels = (Panel(1, "Errors", "stat", (prom("ratio"),)), Panel(2, "Over time", queries=(prom("ratio"),)))
    model = DashboardModel("api", "API", panels=panels)
    metrics = FakeMetrics(ranges={"ratio": ratio})

    drawn = await Numbers(lambda _: metrics).of(model, panels, Shot("api", HOUR), 60)
    async with drawing(metrics, model) as camera:
        picture = await camera.take(Shot("api", HOUR), PATIENCE_S)

    assert drawn[0].series[0].points[-1][1] == math.inf
    assert [panel.state for panel in picture.panels] == [PanelState.READY] * 2


def durations(*names: str) -> list[RangeSeries]:
    """Return buckets of which each holds the one before."""
    return [
        RangeSeries({"le": le}, [(END - 3000.0 + at * 15, float(number * 10)) for at in range(180)])
        for number, le in enumerate(names, 1)
    ]


async def test_buckets_are_a_heatmap_whatever_their_names_are():
    panel = Panel(1, "Durations", "heatmap", (prom("many", "{{le}}"),), PanelLook(unit="s"))
    for legend in ("{{le}}", "x {{le}} s"):
        many = durations("0.1", "0.5", "+Inf")
        async with drawn_with(replace(panel, queries=(prom("many", legend),)), many=many) as camera:
            drawn = await camera.take(Shot("api", HOUR), PATIENCE_S)

        with Image.open(io.BytesIO(drawn.images[0])) as opened:
            # Lines would be green.
            assert near(opened, GREEN) < 20
        assert [each.state for each in drawn.panels] == [PanelState.READY]


async def test_a_table_is_its_last_values_and_a_single_panel_is_as_wide_as_the_picture():
    last = [RangeSeries({"n": f"row {n}"}, [(END - 15.0, float(n))]) for n in range(20)]
    async with drawn_with(Panel(1, "Rows", "table", (prom("many", "{{n}}"),)), many=last) as camera:
        picture = await camera.take(Shot("api", HOUR), PATIENCE_S)

    with Image.open(io.BytesIO(picture.images[0])) as opened:
        right = opened.convert("L").crop((1100, 60, 1200, opened.height))
        # The values stand at the right edge.
        assert max(right.histogram()[120:]) > 0
        assert sum(right.histogram()[120:]) > 50
