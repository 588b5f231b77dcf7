"""Puts panels and rows on the page once for each value of a variable, as Grafana does. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from bot.domain.dashboards import Panel

_MOST = 100
_COLUMNS = 24
# Below all that stands in the grid: only what has the same top stands side by side.
_BELOW = 1_000_000

Values = Mapping[str, Sequence[str]]


def repeated(panels: Sequence[Panel], values: Values) -> list[Panel]:
    """Return each panel as often as it is repeated; `values` are those of the variables, as far as they are known."""
    found: list[Panel] = []
    for (_, by), group in groupby(panels, lambda panel: (panel.row, panel.row_repeat)):
        inside = list(group)
        for row in _each(by, values):
            for panel in inside:
                copies = [replace(panel, scope=row | own) for own in _each(panel.repeat, values)]
                found += _placed(copies, len(found)) if len(copies) > 1 else copies
    return found[:_MOST]


def _each(name: str, values: Values) -> Iterator[dict[str, tuple[str, ...]]]:
    known = values.get(name) if name else None
    yield from ({name: (value,)} for value in known[:_MOST]) if known else [{}]


def _placed(copies: list[Panel], before: int) -> Iterator[Panel]:
    """Put copies side by side, which then take the whole width, or below one another, each as wide as it was."""
    for number, panel in enumerate(copies):
        if panel.grid is None:
            yield panel
            continue
        left, _, wide, high = panel.grid
        in_line = min(max(panel.beside, 1), len(copies))
        if in_line > 1:
            at = number % in_line
            left, wide = at * _COLUMNS // in_line, _COLUMNS // in_line
        yield replace(panel, grid=(left, _BELOW + before + number // in_line, wide, high))
