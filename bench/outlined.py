"""The pages made from outlines of Grafana's own that are measured."""

from __future__ import annotations

from pathlib import Path

from tests.pages.drafted import drafted
from tests.pages.outlines import Element, Outline

_ROOT = Path(__file__).parents[1]
_OUTLINES = _ROOT / "tests/fixtures/outlines"
_DASHBOARDS = _ROOT / "config/grafana/dashboards"
# Of our own dashboards these were recorded; the others are drafted from their panels.
RECORDED = ("overview", "http-red", "bongsu", "logs")
_OUTLINED = {"overview": "overview", "http_red": "http-red", "one": "panel-view"}


def our_dashboards() -> dict[str, list[Element]]:
    """Return the outlines of all dashboards that we ship."""
    names = sorted(path.stem for path in _DASHBOARDS.glob("*.json"))
    return {
        name: list(Outline.read(name, _OUTLINES / f"{name}.json").elements)
        if name in RECORDED
        else drafted(name, RECORDED, _DASHBOARDS, _OUTLINES)
        for name in names
    }


def outlined_pages() -> dict[str, list[Element]]:
    """Return the outlines that are measured; `sixty` is one panel of the overview sixty times."""
    read = {name: Outline.read(name, _OUTLINES / f"{path}.json").elements for name, path in _OUTLINED.items()}
    overview = list(read["overview"])
    left, top, width, height = next(each["box"] for each in overview if each.get("key") == "panel-4")
    inside = [
        each
        for each in overview
        if left <= each["box"][0] < left + width and top <= each["box"][1] < top + height and each["tag"] != "a"
    ]
    sixty = [
        {
            **each,
            **({"key": f"panel-{100 + number}"} if "key" in each else {}),
            **({"item": f"grid-item-{100 + number}"} if "item" in each else {}),
            "box": [
                each["box"][0] - left + 16 + number % 4 * 394, each["box"][1] - top + 65 + number // 4 * 304,
                *each["box"][2:],
            ],
        }
        for number in range(60)
        for each in inside
    ]  # fmt: skip
    return {"overview": overview, "http_red": list(read["http_red"]), "sixty": sixty, "one": list(read["one"])}
