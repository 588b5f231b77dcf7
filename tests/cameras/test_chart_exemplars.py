"""Exemplars: read from a real Prometheus that scrapes them, drawn where a panel asks for them, and never at its cost."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from matplotlib.figure import Figure

from bot.cameras.chart_exemplars import with_exemplars
from bot.cameras.chart_lines import lines
from bot.cameras.chart_numbers import ChartSeries, PanelNumbers
from bot.cameras.charts import _panel
from bot.domain.dashboards import DataSource, Panel
from bot.domain.panel_looks import PanelLook
from bot.domain.pictures import PanelState, Shot
from bot.domain.telemetry import RangeSeries, Window
from bot.errors import QueryRejected, SourceError
from bot.telemetry.dashboard_json import read_model
from bot.telemetry.http import JsonClient
from bot.telemetry.prometheus import Prometheus
from playground.process import find_binary, free_port, running
from tests.cameras.test_charts import END, HOUR, PATIENCE_S, drawing
from tests.fakes import FakeMetrics

BUCKETS = """# TYPE took histogram
took_bucket{le="0.1"} 1 # {trace_id="a"} 0.05
took_bucket{le="+Inf"} 2 # {trace_id="b"} 0.75
took_count 2
took_sum 0.8
# EOF
"""
POINTS = [(float(at), 1.0) for at in range(END - 3600, END, 15)]
SOURCES = (DataSource("prom-1", "Prometheus", "prometheus", True),)


def board(**query: Any):
    target = {"expr": "took", "refId": "A", "exemplar": True, **query}
    return read_model(
        "u", {"title": "t", "panels": [{"id": 1, "type": "timeseries", "title": "p", "targets": [target]}]}, {}, SOURCES
    )


def told(dots: list[tuple[float, float]], look: PanelLook | None = None) -> dict[str, Any]:
    shown = look or PanelLook()
    numbers = PanelNumbers(Panel(1, "p", look=shown), (ChartSeries("a", POINTS, shown),), exemplars=tuple(dots))
    return _panel(numbers)


@pytest.mark.parametrize("flag", ["--enable-feature=exemplar-storage", "--log.level=warn"])
async def test_exemplars_of_a_real_prometheus_are_read_and_none_are_no_error(tmp_path: Path, flag):
    async def metrics(_: web.Request) -> web.Response:
        return web.Response(
            body=BUCKETS.encode(),
            headers={"Content-Type": "application/openmetrics-text; version=1.0.0; charset=utf-8"},
        )

    app, shop, port = web.Application(), free_port(), free_port()
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", shop).start()
    config = tmp_path / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
        f"- {{job_name: shop, static_configs: [{{targets: ['127.0.0.1:{shop}']}}]}}\n"
    )
    command = [
        find_binary("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}", flag,
    ]  # fmt: skip
    try:
        async with running("prometheus", command, tmp_path / "log") as process, aiohttp.ClientSession() as session:
            await process.ready(f"http://127.0.0.1:{port}/-/ready", 30)
            prometheus = Prometheus(JsonClient(session, f"http://127.0.0.1:{port}", source="prometheus"))
            async with asyncio.timeout(30):
                while not await prometheus.query("took_count"):
                    await asyncio.sleep(0.2)
            window = Window.between(int(time.time()) - 60, int(time.time()) + 60)
            found = await prometheus.exemplars("histogram_quantile(0.9, rate(took_bucket[1m]))", window)
            with pytest.raises(QueryRejected):
                await prometheus.exemplars("sum((", window)
    finally:
        await runner.cleanup()

    assert sorted({value for _, value in found}) == ([0.05, 0.75] if "feature" in flag else [])
    assert all(abs(at - time.time()) < 60 for at, _ in found)


@pytest.mark.parametrize("answer", [{"status": "success", "data": None}, {"status": "success", "data": []}])
async def test_none_are_none(server, session, answer):
    server.on("POST /api/v1/query_exemplars", answer)

    assert await Prometheus(JsonClient(session, server.url, source="prometheus")).exemplars("up", HOUR) == []


@pytest.mark.parametrize("exemplars", [[{"value": "x", "timestamp": 1}], "x", [{"value": "1"}]])
async def test_what_is_none_is_said(server, session, exemplars):
    server.on(
        "POST /api/v1/query_exemplars", {"status": "success", "data": [{"seriesLabels": {}, "exemplars": exemplars}]}
    )

    with pytest.raises(SourceError):
        await Prometheus(JsonClient(session, server.url, source="prometheus")).exemplars("up", HOUR)


async def test_a_panel_that_asks_for_them_has_them_in_the_picture():
    metrics = FakeMetrics(ranges={"took": [RangeSeries({}, POINTS)]})
    metrics.dots = [(END - 1800.0, 0.7)]
    async with drawing(metrics, board()) as camera:
        with_them = await camera.take(Shot("u", HOUR), PATIENCE_S)
        metrics.dots = []
        without = await camera.take(Shot("u", HOUR), PATIENCE_S)

    assert with_them.images != without.images
    assert metrics.asked.count("took") == 4


async def test_a_panel_that_does_not_ask_for_them_asks_nobody():
    metrics = FakeMetrics(ranges={"took": [RangeSeries({}, POINTS)]})
    async with drawing(metrics, board(exemplar=False)) as camera:
        await camera.take(Shot("u", HOUR), PATIENCE_S)

    assert metrics.asked == ["took"]


async def test_exemplars_that_do_not_come_cost_the_panel_nothing():
    shown = PanelNumbers(Panel(1, "p"), window=HOUR, exemplified=(("prom-1", "took"),))
    hanging, down = FakeMetrics(), FakeMetrics()
    hanging.hangs, down.down = True, "refused"
    started = time.monotonic()

    for metrics, within_s in ((hanging, 0.1), (hanging, -1.0), (down, 5.0), (None, 5.0)):
        (drawn,) = await with_exemplars([shown], lambda _, metrics=metrics: metrics, within_s)
        assert (drawn.state, drawn.exemplars) == (PanelState.READY, ())
    assert time.monotonic() - started < 3.0


async def test_of_many_the_largest_of_each_stretch_are_shown():
    metrics = FakeMetrics()
    metrics.dots = [(END - 3600.0 + at, float(at % 60)) for at in range(3600)] + [(END + 999.0, 1e9)]
    shown = PanelNumbers(Panel(1, "p"), window=HOUR, exemplified=(("prom-1", "took"),))
    (drawn,) = await with_exemplars([shown], lambda _: metrics, 5.0)

    assert len(drawn.exemplars) == 60
    assert {value for _, value in drawn.exemplars} == {59.0}


@pytest.mark.parametrize(("value", "seen"), [(1.01, 1.01), (900.0, 1.0), (-5.0, 0.0)])
def test_they_stand_where_they_were_measured_or_at_the_end_of_the_axis(value, seen):
    axes = Figure(figsize=(8, 4)).subplots()
    lines(axes, told([(END - 1800.0, value)], PanelLook(least=0.0)), 15.0)
    (dots,) = [each for each in axes.collections if len(each.get_offsets())]

    high = axes.get_ylim()[1]
    assert axes.get_ylim()[0] == 0.0
    assert high == 2.0
    assert dots.get_offsets()[0][1] == pytest.approx(high if value > high else seen)
