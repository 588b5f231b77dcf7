"""Grafana's dashboard pages made from outlines of real ones: elements, boxes, and the order in which they come.

An outline is a list of elements in the order of the document, each with tag, box (left, top, width, height), and what it has of
test id, role, label, panel's key, grid item's key and text. A page made of it loads as the real one does: the controls first,
then the grid; a panel below the window stays away until it comes into it, asks its query, and is filled when that is answered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Element = dict[str, Any]

_HERE = Path(__file__).parent
# Nothing stands inside of these.
_VOID = frozenset({"canvas", "input", "img", "br"})
_LAYOUT = "data-testid Layout container"
_SLACK = 1


@dataclass(slots=True)
class Outline:
    """One page. Seconds: until anything is there, until variables have values (and rows repeat), and of each panel's query.

    `hollow` are keys of panels that are never filled; `errors` what queries end with by panel id; `crash` what stands in
    panels that crashed, by key; `tabs` what other tabs hold.
    """

    uid: str
    elements: Sequence[Element]
    comes_s: float = 0.0
    variables_s: float = 0.0
    takes_s: float = 0.05
    hollow: frozenset[str] = frozenset()
    errors: dict[int, str] = field(default_factory=dict[int, str])
    crash: dict[str, str] = field(default_factory=dict[str, str])
    tabs: dict[str, Sequence[Element]] = field(default_factory=dict[str, Sequence[Element]])

    @classmethod
    def read(cls, uid: str, path: Path, **more: Any) -> Outline:
        """Read one from a file."""
        return cls(uid, json.loads(path.read_text("utf-8"))["elements"], **more)

    def page(self, root: str) -> str:
        """Return the page's HTML."""
        told = {
            "uid": self.uid,
            "first": tree(without_repeats(self.elements)) if self.variables_s else None,
            "settled": tree(self.elements),
            "comes": self.comes_s * 1000,
            "variables": self.variables_s * 1000,
            "hollow": sorted(self.hollow),
            "crash": self.crash,
            "tabs": {name: tree(elements) for name, elements in self.tabs.items()},
        }
        html = (_HERE / "outlines.html").read_text("utf-8").replace("{root}", root)
        return html.replace("{outline}", json.dumps(told).replace("</", "<\\/"))


def keys(elements: Iterable[Element]) -> list[str]:
    """Return the keys of the panels, in order."""
    return [each["key"] for each in elements if "key" in each]


def tree(elements: Sequence[Element]) -> list[Element]:
    """Nest the elements: each lies in the nearest one before it that its upper left corner is in."""
    roots: list[Element] = []
    open_: list[Element] = []
    for each in elements:
        node = {**each, "children": []}
        while open_ and not _holds(open_[-1], node):
            open_.pop()
        (open_[-1]["children"] if open_ else roots).append(node)
        if each["tag"] not in _VOID and each["box"][2] and each["box"][3]:
            open_.append(node)
    return roots


def _holds(outer: Element, inner: Element) -> bool:
    left, top, width, height = outer["box"]
    x, y = inner["box"][:2]
    # A grid item never lies in another one or in a panel, nor a panel in a panel.
    apart = ("item" in inner and "item" in outer) or ("key" in outer and ("item" in inner or "key" in inner))
    if apart or (outer["tag"] == "section" and "key" in inner):
        return False
    return left - _SLACK <= x < left + width + _SLACK and top - _SLACK <= y < top + height


def without_repeats(elements: Sequence[Element]) -> list[Element]:
    """Return what is there before a repeated row or panel knows its values: one of each, and what is below moved up."""
    clones = [each for each in elements if "clone" in str(each.get("item", "")) or "clone" in str(each.get("key", ""))]
    bands = sorted({(each["box"][1], each["box"][1] + each["box"][3]) for each in clones})
    kept: list[Element] = []
    for each in elements:
        top = each["box"][1]
        inside = any(start <= top < end for start, end in bands) and not _beside(each, elements)
        if inside:
            continue
        up = sum(end - start for start, end in _merged(bands) if end <= top)
        kept.append({**each, "box": [each["box"][0], top - up, *each["box"][2:]]})
    return kept


def _beside(each: Element, elements: Sequence[Element]) -> bool:
    """Say whether something stands in a line of repeats without being one: the first of the line."""
    own = [other for other in elements if "key" in other and _holds(other, each)]
    return bool(own) and all("clone" not in other["key"] for other in own) and "clone" not in str(each.get("item", ""))


def _merged(bands: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in bands:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
