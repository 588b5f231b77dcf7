"""Writes into Grafana what happened: each incident and silence one region, each act one mark, once, changed in place."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from bot.domain.incidents import Entry, Incident
from bot.domain.notes import Note, note_of_change, note_of_entry, note_of_incident, note_of_silence
from bot.errors import QueryRejected, SourceError
from bot.i18n import Language, text
from bot.ports import Clock, Incidents
from bot.ports.annotations import AnnotationBook, Annotations, Written

log = logging.getLogger(__name__)

# What is older when Grafana is first written to stays as it is.
_LOOK_BACK = timedelta(days=1)
_PAUSE, _LONG_PAUSE = timedelta(seconds=30), timedelta(minutes=5)
_MOST_AT_ONCE = 20


class WriteBack:
    """Writes what is new; a Grafana that does not answer is left alone for a while, and no card ever waits for it."""

    def __init__(
        self,
        *,
        book: AnnotationBook,
        annotations: Annotations,
        incidents: Incidents,
        clock: Clock,
        language: Language,
    ) -> None:
        self._book = book
        self._annotations = annotations
        self._incidents = incidents
        self._clock = clock
        self._language: Language = language
        self._rests_until: datetime | None = None
        self._failures = 0

    async def step(self) -> bool:
        """Write what is due; return whether there was anything."""
        at = self._clock()
        if self._rests_until and at < self._rests_until:
            return False
        since = at - _LOOK_BACK
        try:
            found = [await self._regions(since), await self._marks(since), await self._changes(since, at)]
            found.append(await self._silences(since, at))
        except SourceError as error:
            self._failures += 1
            self._rests_until = at + min(_PAUSE * 2 ** min(self._failures - 1, 5), _LONG_PAUSE)
            log.warning("Grafana takes no annotation, trying again later: %s", error)
            return False
        self._failures, self._rests_until = 0, None
        return any(found)

    async def _regions(self, since: datetime) -> int:
        due = await self._book.incidents(since, _MOST_AT_ONCE)
        for incident, written in due:
            await self._write("incident", incident.number, note_of_incident(incident), written, incident.version)
        return len(due)

    async def _marks(self, since: datetime) -> int:
        due = await self._book.entries(since, _MOST_AT_ONCE)
        known: dict[int, Incident] = {}
        for item, number, entry, written in due:
            if number not in known:
                known[number] = await self._incidents.load(number)
            await self._write("entry", item, note_of_entry(known[number], entry, self._words(entry)), written)
        return len(due)

    async def _silences(self, since: datetime, at: datetime) -> int:
        due = await self._book.silences(since, at, _MOST_AT_ONCE)
        for row, version, written in due:
            await self._write("silence", row.id, note_of_silence(row), written, version)
        return len(due)

    async def _changes(self, since: datetime, at: datetime) -> int:
        due = await self._book.changes(since, _MOST_AT_ONCE)
        for item, change, written in due:
            moment = datetime.fromtimestamp(change.at, at.tzinfo)
            await self._write("change", item, note_of_change(change, moment), written)
        return len(due)

    async def _write(self, kind: str, item: int, note: Note, written: Written, version: int = 0) -> None:
        try:
            number = await self._put(kind, item, note, written)
        except QueryRejected as error:
            log.warning("the annotation of %s %s is left as it is: %s", kind, item, error)
            await self._book.give_up(kind, item, str(error))
            return
        await self._book.done(kind, item, number, note.digest, version)

    async def _put(self, kind: str, item: int, note: Note, written: Written) -> int:
        number = written.number
        if number is None and written.attempts:
            # An earlier attempt may have written it and died, or waited in vain, before it could keep the id.
            number = await self._annotations.find(note)
        if number is None:
            await self._book.begin(kind, item, written.attempts)
            return await self._annotations.create(note)
        if written.digest != note.digest:
            await self._annotations.update(number, note)
        return number

    def _words(self, entry: Entry) -> str:
        none = dict.fromkeys(("count", "before", "after", "flaps", "note", "until", "reason", "name"), "")
        values = {**none, **entry.detail, "actor": entry.actor.name}
        return " ".join(text(self._language, f"timeline.{entry.kind.value}", **values).split())
