"""Outlines of dashboards that were never recorded: from their JSON, and panels of the same kind that were.

Grafana's grid has 24 columns of the page's width and lines of 30 pixels, 8 apart; a test shows that this gives the boxes of
the recorded ones back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.pages.outlines import Element

_LEFT, _TOP, _WIDTH = 16, 65, 1568
_COLUMNS, _LINE, _GAP = 24, 30, 8
# A panel's frame and header: what is inside is stretched, these keep their size.
_FRAME, _HEADER = 1, 41
_SMALL = 32
_TITLED = ("data-testid Panel header ", "data-testid Panel menu ")


@dataclass(frozen=True)
class Donor:
    """The elements of one recorded panel: its item, itself, and all in it, in the order of the document."""

    kind: str
    elements: tuple[Element, ...]

    @property
    def box(self) -> list[int]:
        """Where it stood."""
        return self.elements[0]["box"]

    @property
    def full(self) -> bool:
        """Say whether it showed data, not that there was none."""
        failed = any(str(each.get("testid", "")).startswith("data-testid Panel status error") for each in self.elements)
        return not failed and not self.elements[0].get("text", "").endswith("No data")


def donors(dashboard: Mapping[str, Any], elements: Sequence[Element]) -> list[Donor]:
    """Take a recorded outline apart: the panels of a dashboard whose JSON is known."""
    kinds = {f"grid-item-{panel['id']}": panel for panel in dashboard["panels"] if panel["type"] != "row"}
    starts = [number for number, each in enumerate(elements) if "item" in each]
    found: list[Donor] = []
    for start, end in zip(starts, [*starts[1:], len(elements)], strict=True):
        panel = kinds.get(elements[start]["item"])
        if panel:
            found.append(Donor(panel["type"], tuple(elements[start:end])))
    return found


def draft(dashboard: Mapping[str, Any], controls: Iterable[Element], given: Sequence[Donor]) -> list[Element]:
    """Return the outline of a dashboard whose rows are open. Raises ValueError for a kind that nobody recorded."""
    drawn = [each for panel in dashboard["panels"] for each in _panel(panel, given)]
    bottom = max(each["box"][1] + each["box"][3] for each in drawn)
    layout = {"tag": "div", "box": [_LEFT, _TOP, _WIDTH, bottom - _TOP], "testid": "data-testid Layout container "}
    return [*controls, layout, *drawn]


def _panel(panel: Mapping[str, Any], given: Sequence[Donor]) -> list[Element]:
    box = place(panel["gridPos"])
    if panel["type"] == "row":
        return _row(panel, box)
    alike = [each for each in given if each.kind == panel["type"]]
    if not alike:
        raise ValueError(f"no {panel['type']} was recorded")
    alike = [each for each in alike if each.full] or alike
    donor = min(alike, key=lambda each: abs(each.box[2] - box[2]) + abs(each.box[3] - box[3]))
    return [_moved(each, donor, panel, box) for each in donor.elements]


def place(grid: Mapping[str, int]) -> list[int]:
    """Return left, top, width and height in pixels."""
    column = (_WIDTH - (_COLUMNS - 1) * _GAP) / _COLUMNS + _GAP
    left, right = (round(_LEFT + each * column) for each in (grid["x"], grid["x"] + grid["w"]))
    return [left, _TOP + grid["y"] * (_LINE + _GAP), right - left - _GAP, grid["h"] * (_LINE + _GAP) - _GAP]


def _row(panel: Mapping[str, Any], box: list[int]) -> list[Element]:
    left, top, width, height = box
    return [
        {"tag": "div", "box": [left, top, width, height], "item": f"panel-{panel['id']}", "text": panel["title"]},
        {
            "tag": "button",
            "box": [left, top, 60 + 8 * len(panel["title"]), height],
            "testid": f"data-testid dashboard-row-title-{panel['title']}",
            "label": "Collapse row",
            "text": panel["title"],
        },
    ]


def _moved(each: Element, donor: Donor, panel: Mapping[str, Any], box: list[int]) -> Element:
    moved = {**each, "box": _fitted(each["box"], donor.box, box)}
    if "item" in each:
        moved["item"] = f"grid-item-{panel['id']}"
    if "key" in each:
        moved["key"] = f"panel-{panel['id']}"
    for start in _TITLED:
        if str(each.get("testid", "")).startswith(start):
            moved["testid"] = start + panel["title"]
    if each["tag"] == "h2":
        moved["text"] = panel["title"]
    return moved


def _fitted(inner: Sequence[int], was: Sequence[int], now: Sequence[int]) -> list[int]:
    """Move a box; below the header things are stretched with the panel, in the header and as wide as a letter they are not."""
    left, top, width, height = inner[0] - was[0], inner[1] - was[1], *inner[2:]
    across, down = now[2] / was[2], (now[3] - _HEADER) / max(1, was[3] - _HEADER)
    if top >= _HEADER:
        top, height = _HEADER + (top - _HEADER) * down, height * down
    elif height == was[3]:
        height = now[3]
    if width > _SMALL:
        left, width = left * across, now[2] - (was[2] - width) if was[2] - width <= 2 * _FRAME else width * across
    else:
        left = left + now[2] - was[2] if left > was[2] / 2 else left * across
    return [round(each) for each in (now[0] + left, now[1] + top, width, height)]


def drafted(name: str, recorded: Sequence[str], dashboards: Path, outlines: Path) -> list[Element]:
    """Draft a dashboard of ours by its name, from those of ours that were recorded."""
    given: list[Donor] = []
    controls: list[Element] = []
    for each in recorded:
        elements: list[Element] = json.loads((outlines / f"{each}.json").read_text("utf-8"))["elements"]
        given += donors(_json(dashboards / f"{each}.json"), elements)
        controls = controls or [one for one in elements if one["box"][1] < _TOP and "testid" in one]
    return draft(_json(dashboards / f"{name}.json"), controls, given)


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))
