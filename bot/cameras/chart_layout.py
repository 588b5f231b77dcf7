"""Places the panels of a drawing as in Grafana's grid: in lines, each as tall as it needs."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any, Final

Json = dict[str, Any]
Box = tuple[int, int, int, int]

_ROW_PX: Final = {1: 420, 2: 400}
_SMALL_PX: Final = 190
# A line of Grafana's grid and its gap; and what a panel needs at least: words, a number, a number among others, all else.
_UNIT_PX: Final = 38
_WORDS_PX, _TILE_PX, _INNER_TILE_PX, _LEAST_TALL_PX = 76, 150, 70, 280
# Panels that stand beside and below one another are one drawing, no taller than so many lines of the grid.
_TALLEST_UNITS, _MOST_UNIT_PX = 40, 60
_COLUMNS: Final = 24
# Narrower than this nothing can be read, a number neither: then they are put side by side in another way.
_LEAST_PX, _LEAST_TILE_PX = 180, 110
_TILES: Final = frozenset({"stat", "gauge"})


def lines_of(panels: list[Json], width: int) -> list[list[Json]]:
    """Put panels together as Grafana does; where nobody says how, three of those that are numbers only and two others."""
    placed = all(panel["grid"] for panel in panels)
    lines: list[list[Json]] = []
    for panel in panels:
        if lines and (_beside if placed else _alike)(lines[-1], panel):
            lines[-1].append(panel)
        else:
            lines.append([panel])
    found: list[list[Json]] = []
    for wide, near in groupby(lines, lambda line: _is_wide(line, width)):
        together = list(near)
        found += together if wide else _again([panel for line in together for panel in line])
    return found


def _beside(line: list[Json], panel: Json) -> bool:
    _, top, _, high = panel["grid"]
    first, end = line[0]["grid"][1], max(each["grid"][1] + each["grid"][3] for each in line)
    inside = first <= top < end and top + high - first <= _TALLEST_UNITS
    return inside and _row(panel) == _row(line[-1]) and not any(_overlap(panel["grid"], each["grid"]) for each in line)


def _overlap(one: Box, other: Box) -> bool:
    (left, top, wide, high), (beside, below, broad, tall) = one, other
    return left < beside + broad and beside < left + wide and top < below + tall and below < top + high


def _is_wide(line: list[Json], width: int) -> bool:
    return all(
        panel["grid"] is None
        or panel["grid"][2] * width / _COLUMNS >= (_LEAST_TILE_PX if is_small(panel) else _LEAST_PX)
        for panel in line
    )


def _again(panels: list[Json]) -> list[list[Json]]:
    found: list[list[Json]] = []
    for panel in panels:
        if found and _alike(found[-1], panel):
            found[-1].append(panel)
        else:
            found.append([panel])
    # How large they are, relative to one another, is all that is left of where they stood.
    return [[{**each, "grid": each["grid"] and (0, 0, *each["grid"][2:])} for each in part] for part in found]


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


def is_nested(line: list[Json]) -> bool:
    """Say whether panels of a line stand below others of it."""
    return all(panel["grid"] for panel in line) and len({panel["grid"][1] for panel in line}) > 1


def height_of(line: list[Json]) -> int:
    """Return how tall a line is: as in Grafana, but not so flat that a legend leaves nothing of the panel."""
    if any(panel["grid"] is None for panel in line):
        return max(_SMALL_PX if is_small(panel) else _ROW_PX[min(len(line), 2)] for panel in line)
    if is_nested(line):
        first, end = line[0]["grid"][1], max(each["grid"][1] + each["grid"][3] for each in line)
        unit = max(_least(panel, _INNER_TILE_PX) / panel["grid"][3] for panel in line)
        return int((end - first) * min(max(unit, _UNIT_PX), _MOST_UNIT_PX))
    least = max(_least(panel, _TILE_PX) for panel in line)
    return min(max(least, *(panel["grid"][3] * _UNIT_PX for panel in line)), _ROW_PX[1])


def _least(panel: Json, tile: int) -> int:
    return _WORDS_PX if panel["kind"] == "text" else tile if is_small(panel) else _LEAST_TALL_PX


def parts_of(figure: Any, line: list[Json]) -> list[Any]:
    """Return the parts of a figure that belong to the panels of a line."""
    if not is_nested(line):
        return list(figure.subfigures(1, len(line), squeeze=False, width_ratios=widths_of(line)).flat)
    across = sorted({edge for left, _, wide, _ in _grids(line) for edge in (left, left + wide)})
    down = sorted({edge for _, top, _, high in _grids(line) for edge in (top, top + high)})
    places = figure.add_gridspec(
        len(down) - 1,
        len(across) - 1,
        width_ratios=[after - before for before, after in pairwise(across)],
        height_ratios=[after - before for before, after in pairwise(down)],
    )
    return [
        figure.add_subfigure(
            places[down.index(top) : down.index(top + high), across.index(left) : across.index(left + wide)]
        )
        for left, top, wide, high in _grids(line)
    ]


def _grids(line: list[Json]) -> list[Box]:
    return [panel["grid"] for panel in line]


def widths_of(line: list[Json]) -> list[int]:
    """Return how wide the panels of a line are, to one another."""
    known = [panel["grid"][2] if panel["grid"] else 0 for panel in line]
    return known if all(known) else [1] * len(line)
