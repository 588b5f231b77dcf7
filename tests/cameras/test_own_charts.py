"""Charts of the dashboards that we ship: every panel that asks Prometheus is drawn, under the heading of its row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.domain.dashboards import DataSource
from bot.domain.pictures import PanelState, Shot
from bot.domain.telemetry import RangeSeries, Window
from bot.telemetry.dashboard_json import read_model
from tests.cameras.test_chart_repeats import remembered
from tests.cameras.test_charts import END, HOUR, PATIENCE_S, drawing
from tests.fakes import FakeMetrics

# The eighth is of logs alone.
DASHBOARDS = sorted(
    path for path in (Path(__file__).parents[2] / "config/grafana/dashboards").glob("*.json") if path.stem != "logs"
)
UIDS = ("prom-1", "prometheus", "bongsu-prometheus")


class Answering(FakeMetrics):
    """Knows one series of every query."""

    async def query_range(
        self, promql: str, window: Window, step_s: float, limit: int, *, every: bool = False
    ) -> Sequence[RangeSeries]:
        return [RangeSeries({"le": "1"}, [(END - 60.0, 1.0), (END - 30.0, 2.0)])]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
async def test_all_that_asks_prometheus_is_drawn(path):
    raw = json.loads(path.read_text("utf-8"))
    sources = tuple(DataSource(uid, uid, "prometheus", uid == "prom-1") for uid in UIDS)
    sources += (DataSource("loki", "Loki", "loki"), DataSource("tempo", "Tempo", "tempo"))
    model = read_model(path.stem, raw, {}, sources)
    async with drawing(Answering(), model) as camera:
        camera._metrics_of = camera._numbers._metrics_of = lambda _: Answering()
        sent = remembered(camera)
        picture = await camera.take(Shot(path.stem, HOUR, rows_open=True), PATIENCE_S)

    told = {panel.title: panel.message for panel in picture.panels if panel.state is PanelState.ERROR}
    assert set(told.values()) <= {"asks loki, not Prometheus", "this kind of panel (logs) is not drawn here"}
    rows = {panel.row for panel in model.panels if panel.title not in told}
    assert {each["row"] for each in sent[0]["panels"]} == rows


async def test_what_is_too_much_for_a_chart_is_told_of_each_panel():
    board = {
        "title": "Many",
        "panels": [
            {"id": each, "type": "stat", "title": f"{each}", "targets": [{"expr": "m"}]} for each in range(1, 43)
        ],
    }
    model = read_model("many", board, {}, (DataSource("prom-1", "Prometheus", "prometheus", True),))
    async with drawing(Answering(), model) as camera:
        picture = await camera.take(Shot("many", HOUR), PATIENCE_S)

    said = {panel.title: panel.message for panel in picture.panels if panel.state is not PanelState.READY}
    assert said == dict.fromkeys(["41", "42"], "not drawn: only 40 panels are")
