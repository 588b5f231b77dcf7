"""Proposes silences with what they would mute, makes them when confirmed, undoes them by a press."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import TypeVar

from bot.core.access import Access
from bot.core.directory import Directory, RuleTarget, rule_of
from bot.core.muting import Muting
from bot.core.silence_making import SilenceMaker
from bot.core.silence_watch import forgotten, together
from bot.domain import proposals
from bot.domain.alerts import Alert
from bot.domain.durations import Length, brief, parse_duration
from bot.domain.incidents import Entry, EntryKind
from bot.domain.mute_timings import MuteTiming
from bot.domain.people import Person, Right
from bot.domain.proposals import Evidence, Preview, scopes_of, shared_labels
from bot.domain.silences import Draft, Scope, Silence
from bot.domain.views import SilenceRow
from bot.errors import InvalidDuration, InvalidTarget, NotAllowed, Refused, SourceError
from bot.ports import AlertSource, AuditRow, Clock, Incidents, SilenceBook
from bot.ports.sources import NO_ALERT_SOURCE

log = logging.getLogger(__name__)

T = TypeVar("T")

# Incidents whose alerts are looked through for what a proposal would mute later.
_REMEMBERED = 50

# So many times a person's patience the source has to say whether it took a silence.
_LONGER = 2.5


@dataclass(frozen=True, slots=True)
class Bounds:
    """What `/silence` takes, and the time zone of its `until`."""

    least: timedelta
    most: timedelta
    default: timedelta
    zone: tzinfo


class Silencing:
    """Everything a person can do with silences."""

    def __init__(
        self,
        *,
        source: AlertSource,
        book: SilenceBook,
        incidents: Incidents,
        directory: Directory,
        muting: Muting,
        access: Access,
        clock: Clock,
        bounds: Bounds,
        patience_s: float = 2.0,
    ) -> None:
        self._source = source
        self._book = book
        self._incidents = incidents
        self._directory = directory
        self._muting = muting
        self._access = access
        self._clock = clock
        self._bounds = bounds
        # Every answer must be on the screen within three seconds, whatever Grafana does.
        self._patience_s = patience_s
        self._maker = SilenceMaker(source=source, book=book, patience_s=_LONGER * patience_s)
        self._making: dict[int, asyncio.Task[SilenceRow]] = {}

    def targets(self, typed: str) -> Sequence[RuleTarget]:
        """Return the rules and firing instances that what was typed may mean, firing ones first."""
        return self._directory.targets(typed)

    def read_length(self, typed: str) -> Length:
        """Say what was typed means. Raises InvalidDuration."""
        bounds = self._bounds
        return parse_duration(typed, now=self._clock(), zone=bounds.zone, least=bounds.least, most=bounds.most)

    async def propose(
        self, target: str, duration: str, by: Person, scope: Scope | None = None, reason: str = ""
    ) -> Preview:
        """Store a proposal and say what it would mute. Raises Refused."""
        row = await self._access.require(by, Right.SILENCE, "silence", target[:100])
        length = self.read_length(duration)
        found = self._directory.find_target(target)
        draft = Draft(
            rule=found.rule,
            scope=scope or (Scope.INSTANCE if found.sample else Scope.RULE),
            ends_at=length.ends_at,
            lasts_s=None if length.fixed else length.lasts.total_seconds(),
            author_id=by.id,
            author_name=by.name,
            reason=reason,
            sample=next(iter(found.firing), None),
        )
        return await self._preview(_possible(draft), row.at)

    async def propose_for_incident(self, number: int, by: Person) -> Preview:
        """Propose to silence what an incident's card is about for the usual time. Raises Refused."""
        row = await self._access.require(by, Right.SILENCE, "silence", f"#{number}")
        incident = await self._incidents.load(number)
        lead = incident.lead
        lasts = self._bounds.default
        draft = Draft(
            rule=rule_of(lead),
            scope=Scope.CARD,
            ends_at=row.at + lasts,
            lasts_s=lasts.total_seconds(),
            author_id=by.id,
            author_name=by.name,
            sample=lead,
            incident=number,
            shared=shared_labels(lead, incident.firing),
        )
        return await self._preview(draft, row.at)

    async def revise(
        self, draft: int, by: Person, *, lasts: timedelta | None = None, scope: Scope | None = None
    ) -> Preview:
        """Change the length or the scope of a proposal. Raises Refused."""
        row = await self._access.require(by, Right.SILENCE, "silence", f"draft {draft}")
        known = self._own(await self._book.load_draft(draft), by)
        if lasts is not None:
            if not self._bounds.least <= lasts <= self._bounds.most:
                least, most = brief(self._bounds.least), brief(self._bounds.most)
                raise InvalidDuration("errors.duration_bounds", least=least, most=most)
            known = replace(known, lasts_s=lasts.total_seconds(), ends_at=row.at + lasts)
        if scope is not None:
            known = _possible(replace(known, scope=scope))
        return await self._preview(known, row.at)

    async def confirm(self, draft: int, by: Person) -> SilenceRow:
        """Make the silence, once. Raises Refused, or SourceError when the source did not take it.

        The answer is not waited for longer than the presser waits; what comes of it later is written down all the same.
        """
        row = await self._access.require(by, Right.SILENCE, "silence", f"draft {draft}")
        if draft in self._making:
            raise self._slow()
        known = self._own(await self._book.load_draft(draft), by)
        # Who asked is on disk before the source is: a process that dies in between leaves no silence without an author.
        asked = replace(row, action="silence_asked", target=known.rule.name, detail=" ".join(map(str, known.matchers)))
        claimed = await self._book.claim_draft(draft, row.at, asked)
        asking = asyncio.create_task(self._maker.make(claimed, by, row.at))
        making = asyncio.create_task(self._make(asking, claimed, by, row))
        self._making[draft] = making
        making.add_done_callback(_looked_at)
        answered, _ = await asyncio.wait([asking], timeout=self._patience_s)
        if not answered:
            raise self._slow()
        return await asyncio.shield(making)

    async def _make(self, asking: asyncio.Task[Silence], claimed: Draft, by: Person, row: AuditRow) -> SilenceRow:
        try:
            silence = await asking
        finally:
            # From here on nothing is under way: it was made, or the proposal is free again.
            del self._making[claimed.id]
        matchers = " ".join(map(str, silence.matchers))
        audit = replace(row, target=claimed.rule.name, detail=f"{matchers} until {silence.ends_at.isoformat()}")
        stored = await self._book.add(silence, claimed, audit)
        if await self._tell(stored.silence, EntryKind.SILENCED, by):
            # What it mutes may be over before the source is asked again.
            await self._book.muted([stored.id], row.at)
            stored = replace(stored, muted_at=row.at)
        return stored

    async def cancel(self, draft: int, by: Person) -> None:
        """Throw a proposal away. Raises Refused."""
        self._own(await self._book.load_draft(draft), by)
        await self._book.claim_draft(draft, self._clock())

    async def known(self, row: int) -> SilenceRow:
        """Return a silence by our number. Raises OutOfDate."""
        return await self._book.load(row)

    async def undo(self, row: int, by: Person) -> SilenceRow:
        """End a silence. Raises Refused, or SourceError when the source could not be told."""
        audit = await self._access.require(by, Right.SILENCE, "unsilence", f"silence {row}")
        known = await self._book.load(row)
        # One that has not begun yet is called off.
        if known.silence.ended_at is None and known.silence.ends_at > audit.at:
            await self._in_time(self._source.expire_silence(known.silence.source_id))
            await self._book.end(row, audit.at, replace(audit, target=known.rule or known.silence.comment))
            await self._tell(known.silence, EntryKind.UNSILENCED, by)
        return await self._book.load(row)

    async def undo_all(self, row: int, by: Person) -> SilenceRow:
        """End a silence and all that are one with it for people. Raises Refused or SourceError."""
        await self._access.require(by, Right.SILENCE, "unsilence", f"silence {row}")
        known = await self._book.load(row)
        for each in await together(self._book, known, self._clock()):
            if each.id != row:
                await self.undo(each.id, by)
        return await self.undo(row, by)

    async def active(self) -> Sequence[SilenceRow]:
        """Return the silences in force, the one that ends first first."""
        return await self._muting.active()

    async def covering(self, number: int) -> Sequence[SilenceRow]:
        """Return the silences in force that mute anything of an incident. Raises UnknownIncident."""
        return await self._muting.covering(number)

    async def listed(self) -> Sequence[SilenceRow]:
        """Return the silences in force or yet to come, the one that ends first first."""
        at = self._clock()
        idle = {row.id for row in await forgotten(self._book, at)}
        return [
            replace(row, pending=row.silence.starts_at > at, forgotten=row.id in idle)
            for row in await self._book.listed(at)
        ]

    async def timings(self) -> Sequence[MuteTiming]:
        """Return the times in which the source mutes again and again; none if it does not tell in time."""
        try:
            return await self._in_time(self._source.mute_timings())
        except SourceError as error:
            log.info("the mute timings are not known: %s", error)
            return ()

    def _own(self, draft: Draft, by: Person) -> Draft:
        if draft.author_id != by.id:
            raise NotAllowed("errors.not_your_draft", name=draft.author_name)
        return draft

    async def _preview(self, draft: Draft, at: datetime) -> Preview:
        if self._source.name == NO_ALERT_SOURCE:
            # Nothing it says of what would be muted could be known.
            raise Refused("errors.no_alert_source")
        draft, shown = proposals.prepared(draft, await self._evidence(draft))
        return replace(shown, draft=await self._book.draft(draft, at))

    async def _evidence(self, draft: Draft) -> Evidence:
        alerts, fresh = await self._directory.alerts_now(self._patience_s)
        firing = tuple(alert for alert in alerts if alert.firing)
        past = [alert for incident in await self._incidents.recent(_REMEMBERED) for alert in incident.alerts]
        loud: list[Alert] = []
        if draft.incident is not None:
            incident = await self._incidents.load(draft.incident)
            silent = {alert.fingerprint for muted in await self._muting.of(incident) for alert in muted.alerts}
            loud = [alert for alert in incident.firing if alert.fingerprint not in silent]
            past += incident.alerts
        return Evidence(firing, tuple(loud), tuple(past), tuple(self._directory.rules), stale=not fresh)

    async def _in_time(self, answer: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._patience_s):
                return await answer
        except TimeoutError as error:
            raise self._slow() from error

    def _slow(self) -> SourceError:
        return SourceError("errors.source_slow", source=self._source.name, detail=f"{self._patience_s:g}")

    async def _tell(self, silence: Silence, kind: EntryKind, by: Person) -> bool:
        """Write it down where it concerns anybody, and tell whether it does."""
        at = self._clock()
        entry = Entry(at, kind, by, {"until": silence.ends_at.isoformat(), "reason": silence.comment})
        numbers = await self._muting.concerned(silence)
        for number in numbers:
            await self._incidents.note(number, entry)
        return bool(numbers)


def _looked_at(making: asyncio.Task[SilenceRow]) -> None:
    """Take note of an error that nobody waits for any more."""
    if not making.cancelled() and (error := making.exception()):
        log.info("a silence was not made: %s", error)


def _possible(draft: Draft) -> Draft:
    """Refuse a scope that nothing can narrow to, for it would silently mute the whole rule. Raises InvalidTarget."""
    if draft.scope in scopes_of(draft):
        return draft
    if draft.sample is None or draft.scope is not Scope.SERVICE:
        raise InvalidTarget("errors.scope_needs_alert", rule=draft.rule.name[:80])
    raise InvalidTarget("errors.scope_needs_service")
