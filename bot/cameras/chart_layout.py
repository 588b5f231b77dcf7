"""Places the panels of a drawing: side by side as in Grafana's grid, each line as tall as it needs."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

_ROW_PX: Final = {1: 420, 2: 400}
_SMALL_PX: Final = 190
# A line of Grafana's grid and its gap; and what a panel needs at least, with a legend and without.
_UNIT_PX: Final = 38
_TILE_PX: Final = 150
_LEAST_TALL_PX: Final = 280
_WORDS_PX: Final = 76
_COLUMNS: Final = 24
# Narrower than this nothing can be read: then they are put side by side in another way.
_LEAST_PX: Final = 180
_TILES: Final = frozenset({"stat", "gauge"})


def lines_of(panels: list[Json], width: int) -> list[list[Json]]:
    """Put panels side by side as Grafana does; where nobody says how, three of those that are numbers only and two others."""
    placed = all(panel["grid"] and panel["grid"][2] * width / _COLUMNS >= _LEAST_PX for panel in panels)
    lines: list[list[Json]] = []
    for panel in panels:
        if lines and (_beside if placed else _alike)(lines[-1], panel):
            lines[-1].append(panel)
        else:
            lines.append([panel])
    return lines


def _beside(line: list[Json], panel: Json) -> bool:
    left, top, wide, _ = line[-1]["grid"]
    return _row(panel) == _row(line[-1]) and panel["grid"][1] == top and panel["grid"][0] >= left + wide


def _alike(line: list[Json], panel: Json) -> bool:
    room = len(line) < (3 if is_small(panel) else 2)
    return room and is_small(line[0]) == is_small(panel) and _row(panel) == _row(line[0])


def _row(panel: Json) -> str:
    return panel.get("row", "")


def headings_of(lines: list[list[Json]]) -> list[str]:
    """Return what stands above each line: the title of the row that begins with it."""
    rows = [_row(line[0]) for line in lines]
    return [row if row != before else "" for before, row in zip(["", *rows], rows, strict=False)]


def is_small(panel: Json) -> bool:
    """Say whether a panel is numbers only."""
    return panel["kind"] in _TILES


def height_of(line: list[Json]) -> int:
    """Return how tall a line is: as in Grafana, but not so flat that a legend leaves nothing of the panel."""
    if any(panel["grid"] is None for panel in line):
        return max(_SMALL_PX if is_small(panel) else _ROW_PX[min(len(line), 2)] for panel in line)
    least = max(
        _WORDS_PX if panel["kind"] == "text" else _TILE_PX if is_small(panel) else _LEAST_TALL_PX for panel in line
    )
    return min(max(least, *(panel["grid"][3] * _UNIT_PX for panel in line)), _ROW_PX[1])


def widths_of(line: list[Json]) -> list[int]:
    """Return how wide the panels of a line are, to one another."""
    known = [panel["grid"][2] if panel["grid"] else 0 for panel in line]
    return known if all(known) else [1] * len(line)
