"""Dashboards of Grafana by uid: panels, rows and variables, and the values a variable may have; kept for a minute.

Source: Grafana's documentation, "Dashboard HTTP API" and "Dashboard JSON model" (11 to 13); the shapes are in
tests/telemetry/test_grafana_models.py.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, cast
from urllib.parse import quote

from bot.domain.dashboards import (
    ALL,
    Chosen,
    DashboardModel,
    Look,
    Panel,
    PanelQuery,
    Threshold,
    Variable,
)
from bot.domain.promql import interpolate
from bot.domain.telemetry import Window
from bot.errors import InvalidTarget, QueryRejected, SourceError, SourceUnavailable
from bot.telemetry.http import JsonClient
from bot.telemetry.readings import plain
from bot.telemetry.shapes import obj

_KEPT_S: Final = 60.0
_MOST_KEPT: Final = 200
_MOST_PANELS, _MOST_VARIABLES, _MOST_VALUES, _MOST_QUERIES = 500, 100, 2000, 26
_LABEL_VALUES: Final = re.compile(
    r"\s*label_values\(\s*(?:(?P<metric>.+),)?\s*(?P<label>[a-zA-Z_]\w*)\s*\)\s*", re.DOTALL
)


class GrafanaModels:
    """Implements `bot.ports.dashboards.DashboardModels`."""

    name = "grafana"

    def __init__(self, http: JsonClient, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._monotonic = monotonic
        self._kept: dict[str, tuple[float, DashboardModel]] = {}
        self._asking: dict[str, asyncio.Task[DashboardModel]] = {}

    def known(self, uid: str) -> DashboardModel | None:
        """Return a dashboard that was asked for lately, without asking anybody."""
        kept = self._kept.get(uid)
        return kept[1] if kept else None

    async def model(self, uid: str) -> DashboardModel:
        """Return a dashboard, as it was a minute ago at most, or as it was known while Grafana does not answer.

        Raises InvalidTarget if there is none of this uid, SourceError.
        """
        kept = self._kept.get(uid)
        if kept and self._monotonic() - kept[0] < _KEPT_S:
            return kept[1]
        asking = self._asking.get(uid)
        if asking is None:
            asking = self._asking[uid] = asyncio.create_task(self._ask(uid))
            asking.add_done_callback(lambda done: self._asked(uid, done))
        try:
            # Whoever gives up waiting does not take the answer away from the others.
            return await asyncio.shield(asking)
        except SourceUnavailable:
            if kept:
                return kept[1]
            raise

    async def values(self, model: DashboardModel, variable: Variable, chosen: Chosen) -> Sequence[str] | None:
        """Return the values that a variable may have, None if that cannot be known. Never raises."""
        if variable.options or variable.free:
            return variable.options or None
        asked = _LABEL_VALUES.fullmatch(variable.query)
        if variable.kind != "query" or not asked or not variable.datasource:
            return None
        window = Window.between(time.time() - 3600, time.time())
        params = {"start": f"{window.start.timestamp():.0f}", "end": f"{window.end.timestamp():.0f}"}
        if asked["metric"]:
            params["match[]"] = interpolate(asked["metric"].strip(), model, chosen, window)
        uid = _resolved(variable.datasource, model, chosen)
        path = f"api/datasources/proxy/uid/{quote(uid, safe='')}/api/v1/label/{asked['label']}/values"
        try:
            found: Any = obj(await self._http.get(path, params)).get("data")
        except SourceError:
            return None
        if not isinstance(found, list):
            return None
        return [plain(each) for each in cast("list[object]", found)[:_MOST_VALUES] if plain(each)]

    async def _ask(self, uid: str) -> DashboardModel:
        try:
            raw = obj(await self._http.get(f"api/dashboards/uid/{quote(uid, safe='')}"))
        except QueryRejected as error:
            raise InvalidTarget("errors.dashboard_gone", uid=uid[:60]) from error
        dashboard = obj(raw.get("dashboard"))
        if not dashboard:
            raise SourceUnavailable(self.name, "the answer has an unknown shape")
        return read_model(uid, dashboard, obj(raw.get("meta")))

    def _asked(self, uid: str, done: asyncio.Task[DashboardModel]) -> None:
        self._asking.pop(uid, None)
        if done.cancelled() or done.exception() is not None:
            return
        while len(self._kept) >= _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept.pop(uid, None)
        self._kept[uid] = (self._monotonic(), done.result())


def read_model(uid: str, raw: dict[str, Any], meta: dict[str, Any]) -> DashboardModel:
    """Read a dashboard's JSON; parts of an unknown shape are left out."""
    variables = [_variable(each) for each in _items(obj(raw.get("templating")).get("list"), _MOST_VARIABLES)]
    return DashboardModel(
        uid=uid,
        title=plain(raw.get("title")),
        slug=plain(meta.get("slug")),
        folder=plain(meta.get("folderTitle")),
        panels=tuple(_panels(raw))[:_MOST_PANELS],
        variables=tuple(each for each in variables if each.name),
    )


def datasource_of(query: PanelQuery, model: DashboardModel, chosen: Chosen) -> str:
    """Return the uid of the data source that a query asks, with the dashboard's variables filled in."""
    return _resolved(query.datasource, model, chosen)


def _resolved(uid: str, model: DashboardModel, chosen: Chosen) -> str:
    return interpolate(uid, model, chosen, Window.between(0, 1)) if "$" in uid else uid


def _panels(raw: dict[str, Any]) -> Iterator[Panel]:
    row = ""
    for each in _items(raw.get("panels"), _MOST_PANELS):
        if each.get("type") == "row":
            row = plain(each.get("title"))
            folded = each.get("collapsed") is True
            yield from (
                _panel(inner, row, folded=folded)
                for inner in _items(each.get("panels"), _MOST_PANELS)
                if _is_panel(inner)
            )
        elif _is_panel(each):
            yield _panel(each, row)


def _is_panel(raw: dict[str, Any]) -> bool:
    return type(raw.get("id")) is int and 0 <= raw["id"] < 10**9


def _panel(raw: dict[str, Any], row: str, *, folded: bool = False) -> Panel:
    library = obj(raw.get("libraryPanel"))
    return Panel(
        id=raw["id"],
        title=plain(raw.get("title")) or plain(library.get("name")),
        kind=plain(raw.get("type")),
        queries=tuple(_queries(raw)),
        look=_look(raw),
        row=row,
        folded=folded,
    )


def _queries(raw: dict[str, Any]) -> Iterator[PanelQuery]:
    own_uid, own_kind = _datasource(raw.get("datasource"))
    for each in _items(raw.get("targets"), _MOST_QUERIES):
        expr = plain(each.get("expr"))
        if not expr or each.get("hide") is True:
            continue
        uid, kind = _datasource(each.get("datasource"))
        if uid in ("", "-- Mixed --"):
            uid, kind = own_uid, own_kind
        instant = each.get("instant") is True and each.get("range") is not True
        yield PanelQuery(expr, plain(each.get("legendFormat")), uid, kind, instant)


def _datasource(raw: object) -> tuple[str, str]:
    if isinstance(raw, str):
        # Before Grafana 8.3 a data source was named.
        return plain(raw), ""
    found = obj(raw)
    return plain(found.get("uid")), plain(found.get("type"))


def _look(raw: dict[str, Any]) -> Look:
    defaults, options = obj(obj(raw.get("fieldConfig")).get("defaults")), obj(raw.get("options"))
    custom, legend = obj(defaults.get("custom")), obj(options.get("legend"))
    thresholds = obj(defaults.get("thresholds"))
    # A percentage of a span that only the data tell is no line that could be drawn.
    steps = _items(thresholds.get("steps"), 20) if thresholds.get("mode", "absolute") == "absolute" else []
    decimals, fill = defaults.get("decimals"), custom.get("fillOpacity")
    return Look(
        unit=plain(defaults.get("unit")),
        decimals=decimals if type(decimals) is int else None,
        least=_number(defaults.get("min")),
        most=_number(defaults.get("max")),
        thresholds=tuple(Threshold(_number(each.get("value")), plain(each.get("color"))) for each in steps),
        style=plain(obj(custom.get("thresholdsStyle")).get("mode")) or "off",
        stacking=plain(obj(custom.get("stacking")).get("mode")) or "none",
        fill=min(max(fill, 0), 100) if type(fill) is int else 0,
        bars=custom.get("drawStyle") == "bars",
        legend=legend.get("showLegend") is not False and legend.get("displayMode") != "hidden",
        calculations=_texts(legend.get("calcs"), 6),
    )


def _variable(raw: dict[str, Any]) -> Variable:
    query = raw.get("query")
    if isinstance(query, dict):
        query = cast("dict[str, Any]", query).get("query")
    kind = plain(raw.get("type"))
    options = tuple(plain(each.get("value")) for each in _items(raw.get("options"), _MOST_VALUES))
    if kind in ("custom", "interval") and not options:
        options = tuple(each.rpartition(" : ")[2].strip() for each in plain(query).split(",") if each.strip())
    if kind == "query" and raw.get("refresh") in (1, 2):
        # What was saved with the dashboard is what there was then; Grafana asks again whenever it opens it.
        options = ()
    current = obj(raw.get("current")).get("value")
    return Variable(
        name=plain(raw.get("name")),
        kind=kind,
        label=plain(raw.get("label")),
        options=tuple(each for each in options if each and each != ALL),
        current=(plain(current),) if isinstance(current, str) and current else _texts(current, _MOST_VALUES),
        multi=raw.get("multi") is True,
        include_all=raw.get("includeAll") is True,
        all_value=plain(raw.get("allValue")),
        query=plain(raw.get("definition")) or plain(query),
        datasource=_datasource(raw.get("datasource"))[0],
    )


def _items(raw: object, most: int) -> list[dict[str, Any]]:
    if not isinstance(raw, list):
        return []
    return [cast("dict[str, Any]", each) for each in cast("list[Any]", raw)[:most] if isinstance(each, dict)]


def _texts(raw: object, most: int) -> tuple[str, ...]:
    return (
        tuple(plain(each) for each in cast("list[object]", raw)[:most] if plain(each)) if isinstance(raw, list) else ()
    )


def _number(raw: object) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        return None
    # JSON knows integers that no float holds, and Python reads NaN out of it.
    return float(raw) if abs(raw) < 1e300 else None
