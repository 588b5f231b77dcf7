"""Asks Grafana for a dashboard by uid: panels, rows, variables and the values they may have; kept for a minute.

Source: Grafana's documentation, "Dashboard HTTP API", "Library element HTTP API" and "Data source HTTP API" (11 to 13).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, cast
from urllib.parse import quote

from bot.domain.dashboards import Chosen, DashboardModel, DataSource, PanelQuery, Variable
from bot.domain.datasources import source_of
from bot.domain.promql import interpolate
from bot.domain.telemetry import Window
from bot.errors import InvalidTarget, QueryRejected, SourceError, SourceUnavailable
from bot.i18n import Phrase
from bot.telemetry.dashboard_json import filled, library_panels, read_model
from bot.telemetry.dashboard_shapes import items
from bot.telemetry.dashboard_variables import MOST_VALUES, offered, picked
from bot.telemetry.http import JsonClient
from bot.telemetry.readings import plain
from bot.telemetry.shapes import obj

_KEPT_S: Final = 60.0
_MOST_KEPT: Final = 200
_MOST_LIBRARY_PANELS, _LIBRARY_S = 30, 2.0
_MOST_SOURCES: Final = 1000
# What Go's own server answers to a path that it does not know, and with it many a proxy.
_NO_SUCH_PATH: Final = "404 page not found"
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

    async def values(
        self, model: DashboardModel, variable: Variable, chosen: Chosen, window: Window | None = None
    ) -> Mapping[str, str] | None:
        if variable.options or variable.free:
            return variable.known or None
        if variable.kind == "datasource":
            return offered(variable, model.sources) if model.sources else None
        answered = await self._answered(model, variable, chosen, window) if variable.kind == "query" else None
        return None if answered is None else picked(answered, variable.regex)

    async def _answered(
        self, model: DashboardModel, variable: Variable, chosen: Chosen, window: Window | None
    ) -> list[str] | None:
        """Return what Prometheus answers the query of a variable, None if it is none that we know, or not answered."""
        asked = _LABEL_VALUES.fullmatch(variable.query)
        source = source_of(PanelQuery("", datasource=variable.datasource), model, chosen)
        if not asked or source is None or not source.uid or source.kind not in ("", "prometheus"):
            return None
        window = window or Window.between(time.time() - 3600, time.time())
        params = {"start": f"{window.start.timestamp():.0f}", "end": f"{window.end.timestamp():.0f}"}
        if asked["metric"]:
            params["match[]"] = interpolate(asked["metric"].strip(), model, chosen, window)
        path = f"api/datasources/proxy/uid/{quote(source.uid, safe='')}/api/v1/label/{asked['label']}/values"
        try:
            found: Any = obj(await self._http.get(path, params)).get("data")
        except SourceError:
            return None
        if not isinstance(found, list):
            return None
        return [plain(each) for each in cast("list[object]", found)[:MOST_VALUES] if plain(each)]

    async def _ask(self, uid: str) -> DashboardModel:
        raw, sources = await asyncio.gather(self._raw(uid), self._sources())
        dashboard = obj(raw.get("dashboard"))
        if not dashboard:
            raise SourceUnavailable(self.name, Phrase("reach.unknown_shape"))
        wanted = list(dict.fromkeys(library_panels(dashboard).values()))[:_MOST_LIBRARY_PANELS]
        if wanted:
            found = await asyncio.gather(*(self._library_panel(each) for each in wanted))
            dashboard = filled(dashboard, {each: panel for each, panel in zip(wanted, found, strict=True) if panel})
        return read_model(uid, dashboard, obj(raw.get("meta")), sources)

    async def _raw(self, uid: str) -> dict[str, Any]:
        try:
            return obj(await self._http.get(f"api/dashboards/uid/{quote(uid, safe='')}"))
        except QueryRejected as error:
            if isinstance(error.detail, Phrase) or error.detail.startswith(_NO_SUCH_PATH):
                # Not in Grafana's words: that is whoever stands before it, where it lies below another path.
                raise SourceUnavailable(
                    self.name, Phrase("reach.not_there", name=self.name, detail=error.detail)
                ) from error
            raise InvalidTarget("errors.dashboard_gone", uid=uid[:60]) from error

    async def _sources(self) -> tuple[DataSource, ...]:
        """Return Grafana's data sources; none if we may not know, and then what a dashboard names is believed."""
        try:
            async with asyncio.timeout(_LIBRARY_S):
                answer = items(await self._http.get("api/datasources"), _MOST_SOURCES)
        except (SourceError, TimeoutError):
            return ()
        return tuple(
            DataSource(
                plain(each.get("uid")),
                plain(each.get("name")),
                plain(each.get("type")),
                each.get("isDefault") is True,
                plain(obj(each.get("jsonData")).get("timeInterval")),
            )
            for each in answer
            if plain(each.get("uid"))
        )

    async def _library_panel(self, uid: str) -> dict[str, Any] | None:
        """Return what a library panel holds; None if Grafana does not tell, and then the panel says so by itself."""
        try:
            async with asyncio.timeout(_LIBRARY_S):
                answer = obj(await self._http.get(f"api/library-elements/{quote(uid, safe='')}"))
        except (SourceError, TimeoutError):
            return None
        return obj(obj(answer.get("result")).get("model")) or None

    def _asked(self, uid: str, done: asyncio.Task[DashboardModel]) -> None:
        self._asking.pop(uid, None)
        if done.cancelled() or done.exception() is not None:
            return
        while len(self._kept) >= _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept.pop(uid, None)
        self._kept[uid] = (self._monotonic(), done.result())
