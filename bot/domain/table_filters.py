"""Tells which rows of a table are kept by what stands in them, as Grafana's transformation filterByValue does. No I/O.

Source: packages/grafana-data/src/transformations (11 to 13): transformers/filterByValue, matchers/valueMatchers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Cell = str | float | None
Json = Mapping[str, Any]

_COMPARED: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "greater": lambda value, limit: value > limit, "greaterOrEqual": lambda value, limit: value >= limit,
    "lower": lambda value, limit: value < limit, "lowerOrEqual": lambda value, limit: value <= limit,
}  # fmt: skip


class UnknownCondition(Exception):
    """A condition that is not known here."""


def kept_rows(
    options: Json, columns: Mapping[str, Sequence[Cell]], fits: Callable[[str, str], bool | None]
) -> list[int]:
    """Return the numbers of the rows that stay; `fits` tries a pattern on a text. Raises UnknownCondition."""
    filters: list[Json] = options.get("filters") or []
    count = max((len(cells) for cells in columns.values()), default=0)
    if not filters:
        return list(range(count))
    conditions = [_condition(each.get("config") or {}, fits) for each in filters]
    found = [columns.get(str(each.get("fieldName") or "")) for each in filters]
    together = all if options.get("match") == "all" else any
    included = options.get("type", "include") != "exclude"
    # A column that is not there fulfils nothing.
    return [
        row
        for row in range(count)
        if together(cells is not None and holds(cells[row]) for cells, holds in zip(found, conditions, strict=True))
        is included
    ]


def _condition(config: Json, fits: Callable[[str, str], bool | None]) -> Callable[[Cell], bool]:
    name, how = str(config.get("id") or ""), config.get("options") or {}
    if name in ("isNull", "isNotNull"):
        return lambda cell: (cell is None) is (name == "isNull")
    if name == "between":
        low, high = _number(how.get("from")), _number(how.get("to"))
        return lambda cell: low < _number_in(cell) < high
    if name in _COMPARED:
        compared, limit = _COMPARED[name], _number(how.get("value"))
        return lambda cell: compared(_number_in(cell), limit)
    if name in ("equal", "notEqual"):
        wanted = _said(how.get("value"))
        return lambda cell: (_said(cell) == wanted) is (name == "equal")
    if name == "regex":
        pattern = str(how.get("value") or "")
        if fits(f"/{pattern}/", "") is None:
            raise UnknownCondition
        return lambda cell: cell is not None and fits(f"/{pattern}/", _said(cell)) is True
    raise UnknownCondition


def _number(raw: object) -> float:
    # What a variable of the dashboard would say is not known here.
    try:
        return float(str(raw))
    except ValueError:
        raise UnknownCondition from None


def _number_in(cell: Cell) -> float:
    """Return a number, or one that no other is above or below."""
    return cell if isinstance(cell, float) else math.nan


def _said(raw: object) -> str:
    if isinstance(raw, str) and "$" in raw:
        raise UnknownCondition
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return f"{float(raw):.17g}"
    try:
        return f"{float(str(raw)):.17g}"
    except ValueError:
        return "" if raw is None else str(raw)
