"""Asks about silences: shall it go on, is it still needed; once in the thread, answered by a press."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.core.access import Access
from bot.core.directory import Directory
from bot.core.muting import Muting
from bot.core.silence_watch import ASK_BEFORE, UNUSED_AFTER, is_void, question, together, used_at
from bot.core.silencing import Silencing
from bot.core.viewing import Viewer
from bot.domain.alerts import Alert
from bot.domain.durations import brief
from bot.domain.incidents import Entry, EntryKind, Incident
from bot.domain.jobs import Job, JobName, Planned
from bot.domain.owners import Owner
from bot.domain.people import Person, Right
from bot.domain.silences import author_of
from bot.domain.views import Call, SilenceRow
from bot.errors import InvalidDuration, MessageGone, OutOfDate, SourceError
from bot.ports import AlertSource, AuditRow, Clock, Incidents, Jobs, SilenceBook
from bot.ports.oncall import Caller

EXTENSION = timedelta(hours=1)
# The names of what is offered below a question.
EXTEND, LET_RING, DROP, KEEP = "extend", "let-ring", "drop", "keep"
_DEADLINE_S = 10.0
_PATIENCE_S = 2.0
# Incidents that are looked through for what a silence was about.
_REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class _Firing:
    """What fires of a silence: how many alerts, and the incidents that they belong to, the worst first."""

    count: int
    incidents: tuple[Incident, ...]


class SilenceAsking:
    """Asks, and does what is answered."""

    def __init__(
        self,
        *,
        source: AlertSource,
        book: SilenceBook,
        jobs: Jobs,
        incidents: Incidents,
        directory: Directory,
        muting: Muting,
        silencing: Silencing,
        viewer: Viewer,
        access: Access,
        clock: Clock,
        most: timedelta,
    ) -> None:
        self._source = source
        self._book = book
        self._jobs = jobs
        self._incidents = incidents
        self._directory = directory
        self._muting = muting
        self._silencing = silencing
        self._viewer = viewer
        self._access = access
        self._clock = clock
        self._most = most

    async def ends(self, job: Job, caller: Caller) -> Sequence[Planned]:
        """Ask the author of a silence that ends soon, while its alerts still fire, whether it shall go on."""
        rows = await self._together(await self._unchanged(job))
        firing = await self._firing(rows) if rows else None
        if firing and firing.count:
            row = rows[0]
            await self._ask(job, caller, row, firing, "silence.ends", (EXTEND, LET_RING))
        return ()

    async def unused(self, job: Job, caller: Caller) -> Sequence[Planned]:
        """Offer to end a silence that has outlived its alerts by a day; look again later while it has not."""
        rows, at = await self._together(await self._unchanged(job)), self._clock()
        if not rows:
            return ()
        row, firing = rows[0], await self._firing(rows)
        # One that never muted anything waits for what was announced; the weekly report names it.
        idle = not firing.count and any(each.muted_at for each in rows)
        used = max(map(used_at, rows)) if idle else at
        due = used + UNUSED_AFTER
        if due >= row.silence.ends_at - ASK_BEFORE:
            return ()
        if due > at:
            return [question(JobName.SILENCE_UNUSED, row, due)]
        await self._ask(job, caller, row, firing, "silence.unused", (DROP, KEEP))
        return ()

    async def extend(self, job: int, by: Person) -> SilenceRow:
        """Have a silence go on for an hour as it is, at the source. Raises Refused or SourceError."""
        audit = await self._access.require(by, Right.SILENCE, "extend", f"question {job}")
        row = await self._asked(job)
        rest = [each for each in await self._together(row) if each.id != row.id]
        # What was asked about comes last: until then the question stands, and a press does what is left.
        for each in rest:
            await self._extend(each, by, audit)
        return await self._extend(row, by, audit)

    async def _extend(self, row: SilenceRow, by: Person, audit: AuditRow) -> SilenceRow:
        ends_at = max(row.silence.ends_at, audit.at) + EXTENSION
        if ends_at - audit.at > self._most:
            raise InvalidDuration("errors.duration_bounds", least=brief(EXTENSION), most=brief(self._most))
        longer = replace(row.silence, ends_at=ends_at, ended_at=None)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                longer = replace(longer, source_id=await self._source.extend_silence(longer))
        except TimeoutError as error:
            raise SourceError("errors.source_slow", source=self._source.name, detail=f"{_PATIENCE_S:g}") from error
        audit = replace(audit, target=row.rule or row.silence.comment, detail=f"until {ends_at.isoformat()}")
        stored = await self._book.extend(row.id, longer, audit)
        entry = Entry(audit.at, EntryKind.SILENCED, by, {"until": ends_at.isoformat(), "reason": longer.comment})
        for number in await self._muting.concerned(longer):
            await self._incidents.note(number, entry)
        return stored

    async def leave(self, job: int, by: Person) -> SilenceRow:
        """Leave a silence as it is, which was asked about. Raises Refused."""
        await self._access.require(by, Right.SILENCE, "leave", f"question {job}")
        return await self._asked(job)

    async def drop(self, job: int, by: Person) -> SilenceRow:
        """End a silence that nobody needs. Raises Refused or SourceError."""
        await self._access.require(by, Right.SILENCE, "unsilence", f"question {job}")
        return await self._silencing.undo_all((await self._asked(job)).id, by)

    async def _together(self, row: SilenceRow | None) -> Sequence[SilenceRow]:
        """Return the silences that are one for people, those of one maintenance; none if another one speaks for them."""
        if row is None:
            return ()
        rows = await together(self._book, row, self._clock())
        return rows if rows[0].id == row.id else ()

    async def _asked(self, job: int) -> SilenceRow:
        """Return what a question is about, if it is still what it was then. Raises OutOfDate."""
        asked = await self._jobs.load(job)
        if asked.name not in (JobName.SILENCE_ENDS, JobName.SILENCE_UNUSED):
            raise OutOfDate("errors.out_of_date")
        row = await self._book.load(int(str(asked.payload["silence"])))
        if row.silence.ended_at or is_void(asked, row):
            raise OutOfDate("errors.silence_changed")
        return row

    async def _unchanged(self, job: Job) -> SilenceRow | None:
        row = await self._book.load(int(str(job.payload["silence"])))
        return row if row.silence.active(self._clock()) and not is_void(job, row) else None

    async def _firing(self, rows: Sequence[SilenceRow]) -> _Firing:
        def mutes(alert: Alert) -> bool:
            return any(self._muting.mutes(row.silence, alert) for row in rows)

        alerts, _ = await self._directory.alerts_now(_DEADLINE_S)
        listed = sum(each.firing and mutes(each) for each in alerts)
        found = [(incident, sum(map(mutes, incident.firing))) for incident in await self._incidents.open()]
        concerned = sorted((incident for incident, count in found if count), key=_worst_first)
        # A source that does not answer does not mean that nothing fires.
        return _Firing(listed or sum(count for _, count in found), tuple(concerned))

    async def _ask(
        self, job: Job, caller: Caller, row: SilenceRow, firing: _Firing, key: str, offers: tuple[str, ...]
    ) -> None:
        silence, author = row.silence, author_of(row.silence)
        values = {"rule": row.rule or silence.comment, "at": silence.ends_at, "count": firing.count}
        values |= {"name": author.name, "since": used_at(row)}
        owners = (Owner(author.id, is_role=False),) if author.id else ()
        call = Call(job.id, key, values, owners, offers=offers)
        number = row.incident if not firing.incidents else firing.incidents[0].number
        number = number or await self._was_about(row)
        card = await self._incidents.card(number) if number else None
        if number and card:
            try:
                await caller.call_below(card, await self._viewer.view(number), call, again=job.again)
            except MessageGone:
                # Somebody has deleted the card; who made the silence must hear it all the same.
                pass
            else:
                return
        await caller.call_in("", call, again=job.again)

    async def _was_about(self, row: SilenceRow) -> int | None:
        """Return the last incident of which a silence muted anything."""
        recent = await self._incidents.recent(_REMEMBERED)
        muted = (each for each in recent if any(self._muting.mutes(row.silence, alert) for alert in each.alerts))
        return next((incident.number for incident in muted), None)


def _worst_first(incident: Incident) -> tuple[int, int]:
    return incident.severity.value, incident.number
