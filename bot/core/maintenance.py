"""Silences a service from one moment to another; its team hears of the beginning and of the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from bot.core.access import Access
from bot.core.directory import Directory, nearest
from bot.core.muting import Muting
from bot.core.oncall.desk import OnCallDesk
from bot.domain.alerts import Rule
from bot.domain.durations import brief
from bot.domain.incidents import Entry, EntryKind
from bot.domain.jobs import Job, JobName, Planned
from bot.domain.labels import label_naming
from bot.domain.owners import Catalogue
from bot.domain.people import Person, Right
from bot.domain.silences import Draft, Matcher, Scope, Silence
from bot.domain.views import Call, SilenceRow
from bot.errors import BongsuError, InvalidDuration, InvalidTarget, SourceError
from bot.i18n import Phrase
from bot.ports import AlertSource, Clock, Incidents, Jobs, SilenceBook
from bot.ports.oncall import Caller

log = logging.getLogger(__name__)

SIGN = "🔧"
_REMEMBERED, _LISTED = 50, 5
_PATIENCE_S = 2.0


class Maintenance:
    """Plans it, and tells of it."""

    def __init__(
        self,
        *,
        source: AlertSource,
        book: SilenceBook,
        jobs: Jobs,
        incidents: Incidents,
        directory: Directory,
        muting: Muting,
        desk: OnCallDesk,
        catalogue: Catalogue,
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
        self._desk = desk
        self._catalogue = catalogue
        self._access = access
        self._clock = clock
        self._most = most

    @property
    def now(self) -> datetime:
        """What time it is."""
        return self._clock()

    def services(self, typed: str) -> list[str]:
        """Return the services that what was typed may mean: those of services.yml, and those of rules and alerts."""
        alerts, rules = self._directory.alerts, self._directory.rules
        seen = {each.service for each in (*alerts, *rules) if each.service}
        return sorted(name for name in {*self._catalogue.services, *seen} if typed.strip().lower() in name.lower())

    async def plan(
        self, service: str, begins: datetime, ends: datetime, by: Person, reason: str = ""
    ) -> Sequence[SilenceRow]:
        """Silence all of a service for a time that may be yet to come. Raises Refused or SourceError.

        Its alerts may name it in more than one label: then there is a silence for each.
        """
        row = await self._access.require(by, Right.SILENCE, "maintenance", service[:100])
        name = self._find(service)
        begins = max(begins, row.at)
        if ends <= begins:
            raise InvalidDuration("errors.range_backwards")
        if ends - begins > self._most:
            raise InvalidDuration("errors.duration_bounds", least=brief(timedelta(minutes=1)), most=brief(self._most))
        comment = reason.strip() or f"maintenance of {name}"
        asked: list[Silence] = []
        made: list[Silence] = []
        try:
            for label, value in await self._labels(name):
                creator = f"discord: {by.name} ({by.id})"
                silence = Silence("", (Matcher(label, value),), begins, ends, creator, comment)
                asked.append(silence)
                made.append(replace(silence, source_id=await self._create(silence)))
        except BongsuError:
            # Half a maintenance is none.
            for silence in (*made, *await self._unanswered(asked, made)):
                await self._expire(silence)
            raise
        draft = Draft(Rule(f"{SIGN} {name}"), Scope.SERVICE, ends, by.id, by.name, reason)
        audit = replace(row, target=name, detail=f"from {begins.isoformat()} until {ends.isoformat()}")
        rows = [await self._book.add(silence, draft, audit) for silence in made]
        payload = {"rows": [each.id for each in rows], "service": name, "by": by.name, "reason": reason.strip()}
        edges = [("begin", begins), ("end", ends)]
        await self._jobs.plan([_planned(edge, at, payload) for edge, at in edges], row.at)
        await self._note(rows, by, row.at)
        return [replace(each, pending=begins > row.at) for each in rows]

    async def announce(self, job: Job, caller: Caller) -> Sequence[Planned]:
        """Tell the team of a service that its maintenance begins, or that it is over; nothing if it was called off."""
        ids = cast("list[int]", job.payload["rows"])
        rows, at = [await self._book.load(each) for each in ids], self._clock()
        kept = [row for row in rows if row.silence.ended_at is None]
        ends = max((row.silence.ends_at for row in kept), default=at)
        edge = str(job.payload["edge"])
        # One that was extended meanwhile is over later.
        if edge == "end" and ends > at + timedelta(seconds=1):
            return [_planned("end", ends, job.payload)]
        if not kept or (edge == "begin" and ends <= at):
            return ()
        service = str(job.payload["service"])
        incidents = [each for each in await self._incidents.open() if _same(each.service, service)]
        listed = [Phrase("oncall.listed", number=each.number, title=each.title) for each in incidents[:_LISTED]]
        values = {"service": service, "by": str(job.payload["by"]), "at": ends, "count": len(incidents)}
        reason = str(job.payload["reason"])
        notes = tuple(listed) if edge == "end" else (reason,) if reason else ()
        team = next(
            (each for each in self._desk.teams if any(_same(name, service) for name in each.services)),
            self._desk.teams[0],
        )
        call = Call(job.id, f"maintenance.{edge}", values, notes=notes)
        await caller.call_in(team.channel, call, again=job.again)
        return ()

    def _find(self, typed: str) -> str:
        known = self.services("")
        found = next((name for name in known if name.lower() == typed.strip().lower()), None)
        if found is None:
            # A service that nobody knows would be silenced in vain.
            raise InvalidTarget("errors.unknown_service", typed=typed[:60], near=nearest(typed, known))
        return found

    async def _labels(self, service: str) -> list[tuple[str, str]]:
        """Return the labels that alerts of a service name it by, each with its value."""
        past = [alert for incident in await self._incidents.recent(_REMEMBERED) for alert in incident.alerts]
        told = [each.labels for each in (*self._directory.alerts, *past) if _same(each.service, service)]
        told += [rule.labels for rule in self._directory.rules if _same(rule.service, service) and rule.labels]
        return list(dict.fromkeys(pair for labels in told for pair in _naming(labels, service))) or [
            ("service", service)
        ]

    async def _create(self, silence: Silence) -> str:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await self._source.create_silence(
                    silence.matchers, silence.starts_at, silence.ends_at, silence.created_by, silence.comment
                )
        except TimeoutError as error:
            raise SourceError("errors.source_slow", source=self._source.name, detail=f"{_PATIENCE_S:g}") from error

    async def _unanswered(self, asked: Sequence[Silence], made: Sequence[Silence]) -> Sequence[Silence]:
        """Return what the source has made without an answer in time; nobody would know of it."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                there = await self._source.silences()
        except (BongsuError, TimeoutError):
            return ()
        known = {each.source_id for each in made}
        known |= {row.silence.source_id for row in await self._book.listed(self._clock())}
        wanted = [_told(each) for each in asked]
        return [
            each for each in there if each.ended_at is None and each.source_id not in known and _told(each) in wanted
        ]

    async def _expire(self, silence: Silence) -> None:
        """End one of half a maintenance; one that cannot be ended keeps none of the others."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._source.expire_silence(silence.source_id)
        except (BongsuError, TimeoutError) as error:
            log.warning("a silence of half a maintenance stays: %s %s", silence.source_id, error)

    async def _note(self, rows: Sequence[SilenceRow], by: Person, at: datetime) -> None:
        for silence in (row.silence for row in rows if row.silence.active(at)):
            entry = Entry(at, EntryKind.SILENCED, by, {"until": silence.ends_at.isoformat(), "reason": silence.comment})
            for number in await self._muting.concerned(silence):
                await self._incidents.note(number, entry)


def _told(silence: Silence) -> tuple[object, ...]:
    return silence.matchers, silence.created_by, silence.comment, int(silence.ends_at.timestamp())


def _same(one: str | None, other: str) -> bool:
    return (one or "").lower() == other.lower()


def _naming(labels: Mapping[str, str], service: str) -> Iterator[tuple[str, str]]:
    # Another label than the one that names it here would mute somebody else's alerts.
    label = label_naming(labels, service)
    if label and "{{" not in labels[label]:
        yield label, labels[label]


def _planned(edge: str, due: datetime, payload: Mapping[str, object]) -> Planned:
    key = f"{payload['rows']}/{edge}/{int(due.timestamp())}"
    return Planned(JobName.MAINTENANCE, key, due, {**payload, "edge": edge})
