"""Lays out what queries answered as a table, as Grafana's transformations do that put no other numbers in its place. No I/O.

Source: packages/grafana-data/src/transformations/transformers (11 to 13): merge, joinByField, organize, filterByName, sortBy,
renameByRegex, groupBy, limit, filterByValue.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bot.domain.table_filters import Cell, Json, UnknownCondition, kept_rows

TIME: Final = "Time"
_VALUE: Final = "Value"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `ref` is the letter of the query whose values it holds, if it holds any."""

    name: str
    cells: tuple[Cell, ...]
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Transformation:
    """What is done with the tables of a panel's queries, by Grafana's name of it."""

    name: str
    options: Json = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Patterns:
    """How patterns of a dashboard are read: whether one fits (None: nobody knows), and a text with what fits replaced."""

    fits: Callable[[str, str], bool | None]
    replaced: Callable[[str, str, str], str | None]


class NotMade(Exception):
    """A transformation would need what is not known here; its name is the argument."""


Frame = tuple[Column, ...]


def frame_of(ref: str, rows: Sequence[tuple[Mapping[str, str], float]], at_ms: float, *, alone: bool) -> Frame:
    """Return what one query answered at a moment, as Prometheus' tables are: time, labels by name, value."""
    names = sorted({name for labels, _ in rows for name in labels})
    labelled = tuple(Column(name, tuple(labels.get(name) for labels, _ in rows)) for name in names)
    value = Column(_VALUE if alone else f"{_VALUE} #{ref}", tuple(value for _, value in rows), ref)
    return Column(TIME, (at_ms,) * len(rows)), *labelled, value


def arranged(frames: Sequence[Frame], steps: Iterable[Transformation], patterns: Patterns) -> Frame:
    """Return the table that is shown: of several that nobody joins Grafana shows the first. Raises NotMade."""
    found = list(frames)
    for step in steps:
        found = _STEPS[step.name](found, step.options, patterns) if step.name in _STEPS else found
    return found[0] if found else ()


def sorted_by(frame: Frame, name: str, *, descending: bool) -> Frame:
    """Return the rows in the order of one column; as they are if there is no such column."""
    column = next((each for each in frame if each.name == name), None)
    if column is None:
        return frame
    order = sorted(range(len(column.cells)), key=lambda row: _rank(column.cells[row]), reverse=descending)
    return _picked(frame, order)


def _rank(cell: Cell) -> tuple[int, float, str]:
    if isinstance(cell, str):
        return 2, 0.0, cell
    # What is missing comes before all numbers.
    return (0, 0.0, "") if cell is None or math.isnan(cell) else (1, cell, "")


def _picked(frame: Frame, rows: Iterable[int]) -> Frame:
    kept = list(rows)
    return tuple(replace(each, cells=tuple(each.cells[row] for row in kept)) for each in frame)


def _merge(frames: list[Frame], _: Json, __: Patterns) -> list[Frame]:
    if len(frames) < 2:
        return frames
    filled = [frame for frame in frames if frame[-1].cells] or frames[:1]
    keys = [each.name for each in filled[0] if all(each.name in {one.name for one in frame} for frame in filled)]
    if set(keys) <= {TIME} and len(filled) > 1:
        # All is of one time: which row goes with which would be chance.
        raise NotMade("merge")
    return [_joined(frames, keys)]


def _joined(frames: Sequence[Frame], keys: Sequence[str]) -> Frame:
    """Make rows one that agree in what all frames have, as long as they say nothing else of one thing."""
    lines: list[dict[str, Cell]] = []
    by_key: dict[tuple[Cell, ...], list[dict[str, Cell]]] = {}
    for frame in frames:
        for row in range(len(frame[0].cells) if frame else 0):
            line = {each.name: each.cells[row] for each in frame}
            same = by_key.setdefault(tuple(line.get(key) for key in keys), [])
            fitting = [each for each in same if all(each.get(name) in (None, cell) for name, cell in line.items())]
            for each in fitting:
                each.update(line)
            if not fitting:
                same.append(line)
                lines.append(line)
    columns = {each.name: each for frame in reversed(frames) for each in frame}
    names = dict.fromkeys(each.name for frame in frames for each in frame)
    return tuple(replace(columns[name], cells=tuple(line.get(name) for line in lines)) for name in names)


def _join(frames: list[Frame], options: Json, _: Patterns) -> list[Frame]:
    key = str(options.get("byField") or TIME)
    if len(frames) < 2:
        return frames
    by_key = [next((each for each in frame if each.name == key), None) for frame in frames]
    # One row for each value, or Grafana would multiply them.
    if key == TIME or any(each is None or len(set(each.cells)) < len(each.cells) for each in by_key):
        raise NotMade("joinByField")
    names = [each.name for frame in frames for each in frame if each.name != key]
    renamed = [
        tuple(
            replace(each, name=f"{each.name} {number}") if each.name != key and names.count(each.name) > 1 else each
            for each in frame
        )
        for number, frame in enumerate(frames, 1)
    ]
    cells = list(dict.fromkeys(cell for each in by_key if each for cell in each.cells))
    if options.get("mode") == "inner":
        cells = [cell for cell in cells if all(each and cell in each.cells for each in by_key)]
    found = [Column(key, tuple(cells))]
    for frame in renamed:
        places = {cell: row for row, cell in enumerate(next(each.cells for each in frame if each.name == key))}
        for each in frame:
            if each.name != key:
                rows = (places.get(cell) for cell in cells)
                found.append(replace(each, cells=tuple(None if row is None else each.cells[row] for row in rows)))
    return [tuple(found)]


def _organize(frames: list[Frame], options: Json, _: Patterns) -> list[Frame]:
    excluded, only = _obj(options.get("excludeByName")), _obj(options.get("includeByName"))
    order, names = _obj(options.get("indexByName")), _obj(options.get("renameByName"))
    # By hand is the way that is meant where another one is not said.
    wanted = any(only.values())

    def one(frame: Frame) -> Frame:
        kept = [each for each in frame if excluded.get(each.name) is not True and (not wanted or only.get(each.name))]
        kept.sort(key=lambda each: order[each.name] if type(order.get(each.name)) is int else len(order) + len(frame))
        return tuple(replace(each, name=str(names.get(each.name) or each.name)) for each in kept)

    return [one(frame) for frame in frames]


def _filter(frames: list[Frame], options: Json, patterns: Patterns) -> list[Frame]:
    if options.get("byVariable"):
        raise NotMade("filterFieldsByName")
    include, exclude = _obj(options.get("include")), _obj(options.get("exclude"))

    def fits(how: Json, name: str) -> bool:
        if name in _list(how.get("names")):
            return True
        found = patterns.fits(str(how["pattern"]), name) if how.get("pattern") else False
        if found is None:
            raise NotMade("filterFieldsByName")
        return found

    def kept(name: str) -> bool:
        if (include.get("names") or include.get("pattern")) and not fits(include, name):
            return False
        return not fits(exclude, name)

    return [tuple(each for each in frame if kept(each.name)) for frame in frames]


def _filter_rows(frames: list[Frame], options: Json, patterns: Patterns) -> list[Frame]:
    try:
        return [
            _picked(frame, kept_rows(options, {each.name: each.cells for each in frame}, patterns.fits))
            for frame in frames
        ]
    except UnknownCondition as unknown:
        raise NotMade("filterByValue") from unknown


def _sort(frames: list[Frame], options: Json, _: Patterns) -> list[Frame]:
    first = _obj(next(iter(_list(options.get("sort"))), None))
    return [sorted_by(each, str(first.get("field") or ""), descending=first.get("desc") is True) for each in frames]


def _rename(frames: list[Frame], options: Json, patterns: Patterns) -> list[Frame]:
    def named(name: str) -> str:
        found = patterns.replaced(str(options.get("regex") or ""), str(options.get("renamePattern") or ""), name)
        if found is None:
            raise NotMade("renameByRegex")
        return found

    if not options.get("regex"):
        return frames
    return [tuple(replace(each, name=named(each.name)) for each in frame) for frame in frames]


def _limit(frames: list[Frame], options: Json, _: Patterns) -> list[Frame]:
    most = options.get("limitField", 10)
    if type(most) is not int:
        raise NotMade("limit")
    return [_picked(each, range(min(most, len(each[0].cells) if each else 0))) for each in frames]


_AGGREGATES: Final[dict[str, Callable[[list[float]], float]]] = {
    "sum": math.fsum, "total": math.fsum, "min": min, "max": max, "mean": lambda known: math.fsum(known) / len(known),
    "last": lambda known: known[-1], "lastNotNull": lambda known: known[-1], "first": lambda known: known[0],
    "firstNotNull": lambda known: known[0], "count": lambda known: float(len(known)),
}  # fmt: skip


def _group(frames: list[Frame], options: Json, _: Patterns) -> list[Frame]:
    fields = {str(name): _obj(how) for name, how in _obj(options.get("fields")).items()}
    keys = [name for name, how in fields.items() if how.get("operation") == "groupby"]
    return [_grouped(frame, fields, keys) for frame in frames] if keys else frames


def _grouped(frame: Frame, fields: Mapping[str, Json], keys: Sequence[str]) -> Frame:
    by = [each for each in frame if each.name in keys]
    groups: dict[tuple[Cell, ...], list[int]] = {}
    for row in range(len(frame[0].cells) if frame else 0):
        groups.setdefault(tuple(each.cells[row] for each in by), []).append(row)
    found = [replace(each, cells=tuple(each.cells[rows[0]] for rows in groups.values())) for each in by]
    for each in frame:
        how = fields.get(each.name, {})
        for way in _ways(how):
            if way not in _AGGREGATES or (way != "count" and not each.ref):
                raise NotMade("groupBy")
            cells = [[each.cells[row] for row in rows] for rows in groups.values()]
            found.append(Column(f"{each.name} ({way})", tuple(_aggregate(way, one) for one in cells), each.ref or way))
        if how.get("operation") in ("takefirst", "takelast"):
            raise NotMade("groupBy")
    return tuple(found)


def _aggregate(way: str, cells: Sequence[Cell]) -> float | None:
    if way == "count":
        return float(len(cells))
    known = [cell for cell in cells if isinstance(cell, float) and not math.isnan(cell)]
    return _AGGREGATES[way](known) if known else None


def _ways(how: Json) -> list[str]:
    if how.get("operation") == "count":
        return ["count"]
    return [str(each) for each in _list(how.get("aggregations"))] if how.get("operation") == "aggregate" else []


def _list(raw: object) -> list[Any]:
    return raw if isinstance(raw, list) else []  # pyright: ignore[reportUnknownVariableType]


def _obj(raw: object) -> dict[str, Any]:
    return raw if isinstance(raw, dict) else {}  # pyright: ignore[reportUnknownVariableType]


_STEPS: Final[dict[str, Callable[[list[Frame], Json, Patterns], list[Frame]]]] = {
    "merge": _merge, "joinByField": _join, "seriesToColumns": _join, "organize": _organize, "filterFieldsByName": _filter,
    "sortBy": _sort, "renameByRegex": _rename, "limit": _limit, "groupBy": _group, "filterByValue": _filter_rows,
}  # fmt: skip
# Which of them change no table of Prometheus', beside those that are made.
MADE: Final = frozenset(_STEPS) | {"labelsToFields", "convertFieldType", "formatTime"}
# And which are made of series that have a name and no columns.
MADE_OF_SERIES: Final = frozenset({"organize", "filterFieldsByName", "renameByRegex"})


def named(name: str, steps: Iterable[Transformation], patterns: Patterns) -> str | None:
    """Return what a series over time is called after all, None if it is left out. Raises NotMade."""
    frames: list[Frame] = [(Column(name, ()),)]
    for step in steps:
        if step.name in MADE_OF_SERIES:
            frames = _STEPS[step.name](frames, step.options, patterns)
    return frames[0][0].name if frames[0] else None
