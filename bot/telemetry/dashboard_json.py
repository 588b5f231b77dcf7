"""Reads a dashboard's JSON: rows, panels and their looks, those of old schemas as well.

Source: Grafana's documentation, "Dashboard JSON model" (11 to 13), and its DashboardMigrator for schemas below 16, which kept
panels in `rows`, and for the panels `graph` and `singlestat`; the shapes are in tests/telemetry/test_grafana_models.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from bot.domain.dashboards import DashboardModel, DataSource, Panel, PanelQuery
from bot.telemetry.dashboard_looks import old_look, read_look
from bot.telemetry.dashboard_shapes import items, number, source_named
from bot.telemetry.dashboard_variables import read_variable
from bot.telemetry.readings import plain
from bot.telemetry.shapes import obj

_MOST_PANELS, _MOST_VARIABLES, _MOST_QUERIES = 500, 100, 26
_COLUMNS, _TALLEST = 24, 10_000
# Names that panels had before they were written anew.
_NOW_CALLED: Final = {
    "graph": "timeseries",
    "singlestat": "stat",
    "table-old": "table",
    "grafana-piechart-panel": "piechart",
}
# Transformations that put the same numbers into another order or under other names.
_ONLY_ARRANGING: Final = frozenset(
    {"organize", "merge", "sortBy", "renameByRegex", "joinByField", "seriesToColumns", "seriesToRows", "labelsToFields",
     "convertFieldType", "formatTime", "prepareTimeSeries", "timeSeriesTable"}
)  # fmt: skip


def read_model(
    uid: str, raw: dict[str, Any], meta: dict[str, Any], sources: tuple[DataSource, ...] = ()
) -> DashboardModel:
    """Read a dashboard's JSON; parts of an unknown shape are left out."""
    variables = [read_variable(each) for each in items(obj(raw.get("templating")).get("list"), _MOST_VARIABLES)]
    return DashboardModel(
        uid=uid,
        title=plain(raw.get("title")),
        slug=plain(meta.get("slug")),
        folder=plain(meta.get("folderTitle")),
        panels=tuple(_panels(raw))[:_MOST_PANELS],
        variables=tuple(each for each in variables if each.name),
        sources=sources,
    )


def library_panels(raw: dict[str, Any]) -> dict[int, str]:
    """Return the uid of the library panel that each panel is, by the panel's id."""
    found: dict[int, str] = {}
    for each in _raw_panels(raw):
        library = plain(obj(each.get("libraryPanel")).get("uid"))
        if library and _is_panel(each):
            found[each["id"]] = library
    return found


def filled(raw: dict[str, Any], elements: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Put what library panels hold into the places where a dashboard uses them, as Grafana does when it opens it."""

    def one(panel: dict[str, Any]) -> dict[str, Any]:
        inner = items(panel.get("panels"), _MOST_PANELS)
        if inner:
            return {**panel, "panels": [one(each) for each in inner]}
        model = elements.get(plain(obj(panel.get("libraryPanel")).get("uid")))
        if model is None:
            return panel
        own = {key: panel[key] for key in ("id", "gridPos", "title") if panel.get(key) is not None}
        return {**model, **own}

    return {**raw, "panels": [one(each) for each in items(raw.get("panels"), _MOST_PANELS)]}


def _raw_panels(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in items(raw.get("panels"), _MOST_PANELS):
        yield each
        yield from items(each.get("panels"), _MOST_PANELS)


def _panels(raw: dict[str, Any]) -> Iterator[Panel]:
    row = ""
    for old in items(raw.get("rows"), _MOST_PANELS):
        named = plain(old.get("title")) if old.get("showTitle") is not False or old.get("collapse") else ""
        yield from _inside(old, named, folded=old.get("collapse") is True)
    for each in items(raw.get("panels"), _MOST_PANELS):
        if each.get("type") == "row":
            row = plain(each.get("title"))
            yield from _inside(each, row, folded=each.get("collapsed") is True)
        elif _is_panel(each):
            yield _panel(each, row)


def _inside(row: dict[str, Any], title: str, *, folded: bool) -> Iterator[Panel]:
    for each in items(row.get("panels"), _MOST_PANELS):
        if _is_panel(each):
            yield _panel(each, title, folded=folded)


def _is_panel(raw: dict[str, Any]) -> bool:
    return type(raw.get("id")) is int and 0 <= raw["id"] < 10**9


def _panel(raw: dict[str, Any], row: str, *, folded: bool = False) -> Panel:
    library, kind = plain(obj(raw.get("libraryPanel")).get("name")), plain(raw.get("type"))
    unknown = bool(raw.get("libraryPanel")) and not raw.get("targets")
    return Panel(
        id=raw["id"],
        title=plain(raw.get("title")) or library,
        kind=_NOW_CALLED.get(kind, kind),
        queries=tuple(_queries(raw)),
        look=old_look(raw) if kind in ("graph", "singlestat") else read_look(raw),
        row=row,
        folded=folded,
        library=(library or plain(obj(raw.get("libraryPanel")).get("uid")) or "–") if unknown else "",
        grid=_grid(obj(raw.get("gridPos"))),
        transformations=tuple(_transformations(raw)),
    )


def _grid(raw: dict[str, Any]) -> tuple[int, int, int, int] | None:
    left, top, width, height = (number(raw.get(name)) for name in "xywh")
    if left is None or top is None or width is None or height is None:
        return None
    whole = (int(left), int(top), int(width), int(height))
    return whole if 0 <= left < left + width <= _COLUMNS and 0 <= top < _TALLEST and 0 < height < _TALLEST else None


def _transformations(raw: dict[str, Any]) -> Iterator[str]:
    for each in items(raw.get("transformations"), 20):
        name = plain(each.get("id"))
        if name and each.get("disabled") is not True and name not in _ONLY_ARRANGING:
            yield name


def _queries(raw: dict[str, Any]) -> Iterator[PanelQuery]:
    own_uid, own_kind = source_named(raw.get("datasource"))
    for each in items(raw.get("targets"), _MOST_QUERIES):
        expr = plain(each.get("expr"))
        if not expr or each.get("hide") is True:
            continue
        uid, kind = source_named(each.get("datasource"))
        if uid in ("", "-- Mixed --"):
            uid, kind = ("", kind) if own_uid == "-- Mixed --" else (own_uid, own_kind or kind)
        instant = each.get("instant") is True and each.get("range") is not True
        yield PanelQuery(expr, plain(each.get("legendFormat")), uid, kind, instant, plain(each.get("refId")))
