"""Outlines drafted from a dashboard's JSON stand where Grafana put the recorded ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.outlined import _DASHBOARDS, _OUTLINES, RECORDED, our_dashboards
from tests.pages.drafted import draft, drafted
from tests.pages.outlines import keys, tree


def recorded(name: str) -> list[dict[str, Any]]:
    return json.loads((_OUTLINES / f"{name}.json").read_text("utf-8"))["elements"]


def boxes(elements: list[dict[str, Any]]) -> dict[str, tuple[int, ...]]:
    """Where each item and each panel stands, from the top of the first one."""
    marked = {each.get("item") or each["key"]: each["box"] for each in elements if "item" in each or "key" in each}
    top = min(box[1] for box in marked.values())
    return {mark: (left, y - top, width, height) for mark, (left, y, width, height) in marked.items()}


@pytest.mark.parametrize("name", RECORDED)
def test_a_draft_has_the_keys_and_boxes_of_the_recording(name):
    made, real = boxes(drafted(name, RECORDED, _DASHBOARDS, _OUTLINES)), boxes(recorded(name))

    assert made.keys() == real.keys()
    for mark, box in real.items():
        assert made[mark] == pytest.approx(box, abs=1), mark


@pytest.mark.parametrize("name", RECORDED)
def test_a_draft_has_the_kinds_of_elements_of_the_recording_in_their_order(name):
    def kinds(elements: list[dict[str, Any]]) -> list[tuple[str, str]]:
        """Frames and headers: what is inside of them depends on the data."""
        frame = ("data-testid Panel header", "data-testid header-container", "data-testid panel content")
        marked = [(each["tag"], str(each.get("testid", ""))) for each in elements]
        return [each for each in marked if each[0] == "h2" or each[1].startswith(frame)]

    assert kinds(drafted(name, RECORDED, _DASHBOARDS, _OUTLINES)) == kinds(recorded(name))


def test_all_eight_of_ours_are_there_with_every_panel():
    pages = our_dashboards()

    assert len(pages) == 8
    for name, elements in pages.items():
        panels = json.loads((_DASHBOARDS / f"{name}.json").read_text("utf-8"))["panels"]
        assert keys(elements) == [f"panel-{panel['id']}" for panel in panels if panel["type"] != "row"]
        inside = [node for root in tree(elements) for node in [root, *root["children"]] if "item" in node]
        assert len(inside) == len(panels)


def test_a_kind_that_nobody_recorded_is_no_guess():
    panel = {"id": 1, "type": "geomap", "title": "Where", "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8}}

    with pytest.raises(ValueError, match="geomap"):
        draft({"panels": [panel]}, [], [])
