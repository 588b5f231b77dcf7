"""Dashboards in the shape of public exporters' ones: every query is one that Prometheus takes, and no word is false."""

from __future__ import annotations

import pytest

from bot.domain.dashboards import DataSource
from bot.domain.pictures import PanelState, Shot
from bot.errors import NoPicture
from bot.telemetry.dashboard_json import read_model
from tests.cameras.exporters import SPECS, dashboard, expected, titles
from tests.cameras.test_charts import HOUR, drawing, hour_of_numbers, prometheus  # noqa: F401 - fixtures

SOURCES = (
    DataSource("prom-1", "Prometheus", "prometheus", True),
    DataSource("loki-1", "Loki", "loki", False),
)


def test_there_are_thirty():
    assert len(SPECS) == 30
    assert {form for form, _, _ in SPECS.values()} == {"grid", "rows", "inputs", "closed", "library"}


@pytest.mark.parametrize("name", SPECS)
async def test_a_published_dashboard_is_drawn_without_a_false_word(name, prometheus):  # noqa: F811
    model = read_model(name, dashboard(name), {}, SOURCES)
    async with drawing(prometheus, model) as camera:
        picture = await camera.take(Shot(name, HOUR, rows_open=True), 60)

    assert [panel.title for panel in picture.panels] == titles(name)
    said = {panel.title: panel.message for panel in picture.panels if panel.state is PanelState.ERROR}
    # A variable that is filled in wrongly is a parse error of Prometheus'.
    assert said == expected(name)


async def test_one_that_was_never_imported_is_told_as_grafana_would(prometheus):  # noqa: F811
    model = read_model("etcd", dashboard("etcd", imported=False), {}, SOURCES)
    async with drawing(prometheus, model) as camera:
        with pytest.raises(NoPicture) as refused:
            await camera.take(Shot("etcd", HOUR), 60)

    assert refused.value.detail == "its data source ${DS_PROMETHEUS} does not exist"
