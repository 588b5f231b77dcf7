"""Writes annotations into Grafana, finds them again and changes them in place.

Source: Grafana docs, "Annotations HTTP API"; behaviour recorded from 12.4.0: an update without tags loses them, so all is
sent each time; a dashboard that is not known is status 500, so that what cannot be put there is put nowhere special.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain.notes import Note
from bot.errors import QueryRejected, SourceFailed, SourceUnavailable
from bot.telemetry.http import JsonClient
from bot.telemetry.shapes import obj, objects

_PATH = "api/annotations"
_SEARCHED = 100


class GrafanaAnnotations:
    """Implements `bot.ports.Annotations`."""

    def __init__(self, http: JsonClient) -> None:
        self._http = http

    async def create(self, note: Note) -> int:
        try:
            return await self._create(note, placed=bool(note.dashboard))
        except (SourceFailed, QueryRejected):
            if not note.dashboard:
                raise
            return await self._create(note, placed=False)

    async def update(self, number: int, note: Note) -> None:
        await self._http.put(f"{_PATH}/{number}", json_body=_body(note))

    async def find(self, note: Note) -> int | None:
        at = _ms(note.at)
        params = [("from", str(at - 1000)), ("to", str(at + 1000)), ("type", "annotation"), ("limit", str(_SEARCHED))]
        found = await self._http.get(_PATH, [*params, *(("tags", tag) for tag in note.tags)])
        same = [each for each in objects(found, self._http.source) if each.get("time") == at]
        return next((each["id"] for each in same if type(each.get("id")) is int), None)

    async def _create(self, note: Note, *, placed: bool) -> int:
        place: dict[str, Any] = {"dashboardUID": note.dashboard} if placed else {}
        if placed and note.panel is not None:
            place["panelId"] = note.panel
        number = obj(await self._http.post(_PATH, json_body={**_body(note), **place})).get("id")
        if type(number) is not int:
            raise SourceUnavailable(self._http.source, "the answer names no annotation")
        return number


def _body(note: Note) -> dict[str, Any]:
    return {
        "time": _ms(note.at),
        "timeEnd": _ms(note.until or note.at),
        "text": note.text,
        "tags": list(note.tags),
    }


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
