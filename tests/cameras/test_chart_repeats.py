"""A panel that is repeated is drawn for each value, with that value in its queries and its title."""

from __future__ import annotations

from typing import Any

import pytest

from bot.cameras.chart_numbers import why_not
from bot.cameras.charts import ChartCamera
from bot.domain.dashboards import DataSource
from bot.domain.pictures import PanelState, Shot
from bot.domain.repeats import repeated
from bot.domain.telemetry import RangeSeries
from bot.errors import NoPicture
from bot.telemetry.dashboard_json import read_model
from tests.cameras.drawn_here import DrawnHere
from tests.cameras.test_charts import END, HOUR, PATIENCE_S, drawing
from tests.fakes import FakeMetrics

SOURCES = (DataSource("prom-1", "Prometheus", "prometheus", True),)


def model_of(*panels: dict[str, Any], **node: Any):
    variable = {"name": "node", "type": "custom", "query": "a,b,c", "multi": True, "includeAll": True, **node}
    return read_model(
        "b", {"title": "Of $node", "panels": list(panels), "templating": {"list": [variable]}}, {}, SOURCES
    )


def panel(number: int, title: str, **more: Any) -> dict[str, Any]:
    target = {"refId": "A", "expr": f'm{number}{{node="$node"}}'}
    grid = {"x": 0, "y": number, "w": 12, "h": 8}
    return {"id": number, "type": "stat", "title": title, "gridPos": grid, "targets": [target], **more}


EVERY = {"current": {"value": ["$__all"]}, "allValue": ".*"}
TWO = {"current": {"value": ["a", "c"]}}


@pytest.mark.parametrize(("current", "values"), [(EVERY, "abc"), (TWO, "ac")])
async def test_each_value_has_a_panel_of_its_own(current, values):
    model = model_of(panel(1, "Load of $node", repeat="node"), panel(2, "Other"), **current)
    metrics = FakeMetrics(ranges={"m1": [RangeSeries({}, [(END - 60.0, 1.0)])]})
    async with drawing(metrics, model) as camera:
        picture = await camera.take(Shot("b", HOUR), PATIENCE_S)

    assert [each.title for each in picture.panels] == [*(f"Load of {value}" for value in values), "Other"]
    assert [each.state for each in picture.panels] == [*[PanelState.READY] * len(values), PanelState.NO_DATA]
    assert [each for each in metrics.asked if "m1" in each] == [f'm1{{node="{value}"}}' for value in values]


def test_a_row_is_repeated_with_all_that_is_in_it():
    row = {"id": 9, "type": "row", "title": "Node $node", "repeat": "node"}
    model = model_of(panel(1, "Before"), row, panel(2, "CPU"), panel(3, "Memory"))

    found = repeated(model.panels, {"node": ("a", "b")})

    assert [(each.id, each.scope.get("node")) for each in found] == [
        (1, None), (2, ("a",)), (3, ("a",)), (2, ("b",)), (3, ("b",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "count", "lefts", "wide"),
    [
        # As in the outline h-repeat: the whole width whatever the panel's own is, four of them in a line.
        ({"repeatDirection": "h"}, 6, [0, 6, 12, 18, 0, 6], 6),
        ({"repeatDirection": "h"}, 3, [0, 8, 16], 8),
        ({"repeatDirection": "h", "maxPerRow": 2}, 3, [0, 12, 0], 12),
        ({"repeatDirection": "v"}, 3, [0, 0, 0], 12),
        ({}, 3, [0, 0, 0], 12),
    ],
)
def test_copies_stand_where_grafana_puts_them(more, count, lefts, wide):
    model = model_of(panel(1, "CPU", repeat="node", **more))
    found = repeated(model.panels, {"node": tuple(map(str, range(count)))})

    assert [each.grid[0] for each in found] == lefts
    assert {each.grid[2] for each in found} == {wide}
    assert len({each.grid[:2] for each in found}) == count


def test_a_hundred_copies_are_enough():
    model = model_of(panel(1, "CPU", repeat="node", repeatDirection="h"))

    assert len(repeated(model.panels, {"node": tuple(map(str, range(1000)))})) == 100


async def test_each_copy_of_a_row_is_headed_by_its_own_value():
    row = {"id": 9, "type": "row", "title": "Node $node", "repeat": "node"}
    model = model_of(panel(1, "Before"), row, panel(2, "CPU"))
    metrics = FakeMetrics(ranges={"m": [RangeSeries({}, [(END - 60.0, 1.0)])]})
    async with drawing(metrics, model) as camera:
        sent = remembered(camera)
        await camera.take(Shot("b", HOUR, variables={"node": ("a", "c")}), PATIENCE_S)
        await camera.take(Shot("b", HOUR, panel=2, variables={"node": ("a",)}), PATIENCE_S)

    assert [[each["row"] for each in told["panels"]] for told in sent] == [["", "Node a", "Node c"], [""]]


def remembered(camera: ChartCamera) -> list[dict[str, Any]]:
    """Return what is sent to be drawn from now on."""
    sent: list[dict[str, Any]] = []

    class Noted(DrawnHere):
        async def draw(self, drawing: dict[str, Any]) -> bytes:
            sent.append(drawing)
            return await super().draw(drawing)

    camera._process = Noted()
    return sent


async def test_where_nobody_knows_the_values_it_is_not_drawn_for_all_at_once():
    model = model_of(panel(1, "CPU", repeat="node"), type="query", query="from_elsewhere()", **EVERY)
    why = "the values of node, for each of which it is repeated, are not known"
    async with drawing(FakeMetrics(), model) as camera:
        with pytest.raises(NoPicture) as refused:
            await camera.take(Shot("b", HOUR), PATIENCE_S)

    assert refused.value.detail == why


def test_one_that_is_repeated_for_no_variable_is_itself():
    model = model_of(panel(1, "CPU", repeat="gone"))

    assert why_not(repeated(model.panels, {})[0], model, {}) is None
