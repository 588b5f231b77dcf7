"""Reads a dashboard's JSON: rows, panels and their looks, those of old schemas as well.

Source: Grafana's documentation, "Dashboard JSON model" (11 to 13), and its DashboardMigrator for schemas below 16, which kept
panels in `rows`, and for the panels `graph` and `singlestat`; the shapes are in tests/telemetry/test_grafana_models.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Final

from bot.domain.dashboards import DashboardModel, DataSource, Panel, PanelQuery
from bot.domain.datasources import is_table
from bot.domain.tables import MADE, MADE_OF_SERIES, Transformation
from bot.telemetry.dashboard_looks import REDUCING, read_look
from bot.telemetry.dashboard_old import kind_of, made_new, old_look
from bot.telemetry.dashboard_shapes import items, number, source_named
from bot.telemetry.dashboard_variables import read_variable
from bot.telemetry.readings import plain
from bot.telemetry.shapes import obj

_MOST_PANELS, _MOST_VARIABLES, _MOST_QUERIES = 500, 100, 26
_SHARED: Final = "-- Dashboard --"
_COLUMNS, _TALLEST = 24, 10_000
_LONGEST_WORDS: Final = 8_000
# So many copies of a panel stand side by side where nothing is said of it.
_BESIDE: Final = 4
# Names that panels had before they were written anew.
_NOW_CALLED: Final = {
    "table-old": "table",
    "grafana-piechart-panel": "piechart",
}
_OLD: Final = frozenset({"graph", "singlestat"})
# Transformations that put the same numbers into another order or under other names.
_ONLY_ARRANGING: Final = frozenset(
    {"organize", "merge", "sortBy", "renameByRegex", "joinByField", "seriesToColumns", "seriesToRows", "labelsToFields",
     "convertFieldType", "formatTime", "prepareTimeSeries", "timeSeriesTable"}
)  # fmt: skip


def read_model(
    uid: str, raw: dict[str, Any], meta: dict[str, Any], sources: tuple[DataSource, ...] = ()
) -> DashboardModel:
    """Read a dashboard's JSON; parts of an unknown shape are left out."""
    raw = _with_shared(_with_ids(raw))
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


def _with_ids(raw: dict[str, Any]) -> dict[str, Any]:
    """Give panels without an id, or with one that another has before them, the next one, as Grafana does when it opens them."""
    seen: set[int] = set()
    of_rows = (each for row in items(raw.get("rows"), _MOST_PANELS) for each in items(row.get("panels"), _MOST_PANELS))
    known = [each["id"] for each in (*_raw_panels(raw), *of_rows) if _is_panel(each)]
    following = itertools.count(max(known, default=0) + 1)

    def one(panel: dict[str, Any]) -> dict[str, Any]:
        free = _is_panel(panel) and panel["id"] and panel["id"] not in seen
        made = {**panel, "id": panel["id"] if free else next(following)}
        seen.add(made["id"])
        return inside(made)

    def inside(row: dict[str, Any]) -> dict[str, Any]:
        inner = items(row.get("panels"), _MOST_PANELS)
        return {**row, "panels": [one(each) for each in inner]} if inner else row

    panels, rows = items(raw.get("panels"), _MOST_PANELS), items(raw.get("rows"), _MOST_PANELS)
    return {**raw, "panels": [one(each) for each in panels], "rows": [inside(each) for each in rows]}


def _with_shared(raw: dict[str, Any]) -> dict[str, Any]:
    """Put the queries of the panel whose numbers a panel shows (`-- Dashboard --`) into that one."""
    by_id = {each["id"]: each for each in _raw_panels(raw) if _is_panel(each)}

    def one(panel: dict[str, Any]) -> dict[str, Any]:
        inner = items(panel.get("panels"), _MOST_PANELS)
        if inner:
            return {**panel, "panels": [one(each) for each in inner]}
        first = next(iter(items(panel.get("targets"), 1)), {})
        named = {source_named(panel.get("datasource"))[0], source_named(first.get("datasource"))[0]}
        shown = by_id.get(number(first.get("panelId")) or -1) if _SHARED in named else None
        if shown is None or shown is panel:
            return panel
        made = {"transformations": shown.get("transformations")} if first.get("withTransforms") is True else {}
        return {**panel, "datasource": shown.get("datasource"), "targets": shown.get("targets"), **made}

    return {**raw, "panels": [one(each) for each in items(raw.get("panels"), _MOST_PANELS)]}


def _raw_panels(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in items(raw.get("panels"), _MOST_PANELS):
        yield each
        yield from items(each.get("panels"), _MOST_PANELS)


def _panels(raw: dict[str, Any]) -> Iterator[Panel]:
    row = repeat = ""
    for old in items(raw.get("rows"), _MOST_PANELS):
        named = plain(old.get("title")) if old.get("showTitle") is not False or old.get("collapse") else ""
        yield from _inside(old, named, plain(old.get("repeat")), folded=old.get("collapse") is True)
    for each in _placed(items(raw.get("panels"), _MOST_PANELS)):
        if each.get("type") == "row":
            row, repeat = plain(each.get("title")), plain(each.get("repeat"))
            yield from _inside(each, row, repeat, folded=each.get("collapsed") is True)
        elif _is_panel(each):
            yield _panel(each, row, repeat)


def _placed(panels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put panels in the order in which Grafana shows them, which need not be that of the file."""
    grids = [_grid(obj(each.get("gridPos"))) for each in panels]
    known = [(grid[1], grid[0], place) for place, grid in enumerate(grids) if grid]
    return [panels[place] for *_, place in sorted(known)] if len(known) == len(panels) else panels


def _inside(row: dict[str, Any], title: str, repeat: str, *, folded: bool) -> Iterator[Panel]:
    for each in _placed(items(row.get("panels"), _MOST_PANELS)):
        if _is_panel(each):
            yield _panel(each, title, repeat, folded=folded)


def _is_panel(raw: dict[str, Any]) -> bool:
    return type(raw.get("id")) is int and 0 <= raw["id"] < 10**9


def _panel(raw: dict[str, Any], row: str, repeat: str, *, folded: bool = False) -> Panel:
    raw = made_new(raw)
    library, kind = plain(obj(raw.get("libraryPanel")).get("name")), plain(raw.get("type"))
    unknown = bool(raw.get("libraryPanel")) and not raw.get("targets")
    queries = tuple(_queries(raw))
    return Panel(
        id=raw["id"],
        title=plain(raw.get("title")) or library,
        kind=kind_of(raw) if kind in _OLD else _NOW_CALLED.get(kind, kind),
        queries=queries,
        look=old_look(raw) if kind in _OLD else read_look(raw),
        row=row,
        folded=folded,
        library=(library or plain(obj(raw.get("libraryPanel")).get("uid")) or "–") if unknown else "",
        grid=_grid(obj(raw.get("gridPos"))),
        transformations=tuple(_unmade(raw, queries, kind)),
        arranging=tuple(_arranging(raw)),
        sort=_sort(obj(raw.get("options"))),
        calculated=kind == "heatmap" and obj(raw.get("options")).get("calculate") is True,
        every_value=kind in REDUCING and obj(obj(raw.get("options")).get("reduceOptions")).get("values") is True,
        step=plain(raw.get("interval")),
        most_points=max(0, int(number(raw.get("maxDataPoints")) or 0)),
        time_shift=plain(raw.get("timeShift")),
        repeat=plain(raw.get("repeat")),
        beside=_beside(raw),
        row_repeat=repeat,
        words=_words(raw) if kind == "text" else ("", ""),
    )


def _words(raw: dict[str, Any]) -> tuple[str, str]:
    """Return what a text panel says and how; before 7.0 it stood beside the options."""
    said = {**raw, **obj(raw.get("options"))}
    content = said.get("content")
    return (content[:_LONGEST_WORDS] if isinstance(content, str) else "", plain(said.get("mode")) or "markdown")


def _beside(raw: dict[str, Any]) -> int:
    if raw.get("repeatDirection") != "h":
        return 0
    return min(max(int(number(raw.get("maxPerRow")) or _BESIDE), 1), _COLUMNS)


def _grid(raw: dict[str, Any]) -> tuple[int, int, int, int] | None:
    left, top, width, height = (number(raw.get(name)) for name in "xywh")
    if left is None or top is None or width is None or height is None:
        return None
    whole = (int(left), int(top), int(width), int(height))
    return whole if 0 <= left < left + width <= _COLUMNS and 0 <= top < _TALLEST and 0 < height < _TALLEST else None


def _arranging(raw: dict[str, Any]) -> Iterator[Transformation]:
    for each in items(raw.get("transformations"), 20):
        if each.get("disabled") is not True and plain(each.get("id")):
            yield Transformation(plain(each.get("id")), obj(each.get("options")))


def _unmade(raw: dict[str, Any], queries: tuple[PanelQuery, ...], kind: str) -> Iterator[str]:
    """Give the names of transformations that are not made here."""
    table = is_table(kind, queries)
    made = MADE if table else _ONLY_ARRANGING | MADE_OF_SERIES
    for each in items(raw.get("transformations"), 20):
        name = plain(each.get("id"))
        # With a filter it is about some of the queries.
        partly = bool(each.get("filter")) and name not in _ONLY_ARRANGING - MADE_OF_SERIES
        if name == "reduce" and kind == "table" and not table and not partly and each.get("disabled") is not True:
            # From here on it is a table.
            table, made = True, MADE
        elif name and each.get("disabled") is not True and (name not in made or partly):
            yield name


def _sort(options: dict[str, Any]) -> tuple[str, bool] | None:
    first = next(iter(items(options.get("sortBy"), 1)), None)
    return (plain(first.get("displayName")), first.get("desc") is True) if first else None


def _queries(raw: dict[str, Any]) -> Iterator[PanelQuery]:
    own_uid, own_kind = source_named(raw.get("datasource"))
    for each in items(raw.get("targets"), _MOST_QUERIES):
        expr = plain(each.get("expr"))
        uid, kind = source_named(each.get("datasource"))
        if uid in ("", "-- Mixed --"):
            uid, kind = ("", kind) if own_uid == "-- Mixed --" else (own_uid, own_kind or kind)
        # Without a query Prometheus is not asked; what asks another one has no `expr`, and is no less a part of the panel.
        if each.get("hide") is True or (not expr and kind in ("", "prometheus") and uid != "__expr__"):
            continue
        instant = each.get("instant") is True and each.get("range") is not True
        yield PanelQuery(
            expr,
            plain(each.get("legendFormat")),
            uid,
            kind,
            instant,
            plain(each.get("refId")),
            plain(each.get("interval")),
            plain(each.get("format")) or "time_series",
            exemplar=each.get("exemplar") is True,
        )
