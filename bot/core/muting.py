"""Tells which silences mute which alerts, as their source says, and has the cards drawn again that this concerns."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

from bot.core.directory import Directory
from bot.domain.alerts import Alert
from bot.domain.incidents import Entry, EntryKind, Incident
from bot.domain.looks import Notice
from bot.domain.people import BONGSU
from bot.domain.silences import FullMatch, Muted, Silence
from bot.domain.views import SilenceRow
from bot.ports import AlertSource, Clock, Incidents, SilenceBook

log = logging.getLogger(__name__)

# Of silences that were lost.
_NAMED = 5

# What an incident's card says of silences: which of its alerts which silence mutes.
Shown = frozenset[tuple[str, str]]


class Muting:
    """Knows what is silenced.

    The source judges: it says of each alert by which silences it is muted. Only of what it has not listed yet, or of a
    silence that is younger than its list, we judge by the matchers.
    """

    def __init__(
        self,
        *,
        source: AlertSource,
        book: SilenceBook,
        incidents: Incidents,
        directory: Directory,
        full_match: FullMatch,
        clock: Clock,
    ) -> None:
        self._source = source
        self._book = book
        self._incidents = incidents
        self._directory = directory
        self._full_match = full_match
        self._clock = clock
        # Of those of which anything is.
        self._shown: dict[int, Shown] = {}
        # Whose cards were drawn until the first look at the source; what an earlier process drew is drawn again then.
        self._drawn: set[int] | None = set()
        self._lost: list[SilenceRow] = []

    def mutes(self, silence: Silence, alert: Alert) -> bool:
        """Tell whether a silence mutes an alert."""
        listed = self._directory.listed(alert.fingerprint)
        if listed and self._directory.alerts_at and silence.starts_at < self._directory.alerts_at:
            return silence.source_id in listed.silenced_by
        return silence.covers(alert, self._full_match)

    async def active(self) -> Sequence[SilenceRow]:
        """Return the silences in force, the one that ends first first."""
        return await self._book.active(self._clock())

    async def of(self, incident: Incident) -> tuple[Muted, ...]:
        """Return what mutes alerts of an incident that fire, the silence that ends last first."""
        return self.shown(incident, await self.active())

    def shown(self, incident: Incident, rows: Sequence[SilenceRow]) -> tuple[Muted, ...]:
        """Return the same of these silences, which are in force, and remember that the incident's card says so."""
        found = self._of(incident, rows)
        self._shown.pop(incident.number, None)
        if found:
            self._shown[incident.number] = _shown(found)
        if self._drawn is not None:
            self._drawn.add(incident.number)
        return found

    async def of_each(self, incidents: Sequence[Incident]) -> dict[int, tuple[Muted, ...]]:
        """Return the same for many incidents by their number, having looked once."""
        rows = await self.active()
        return {incident.number: self._of(incident, rows) for incident in incidents}

    async def covering(self, number: int) -> Sequence[SilenceRow]:
        """Return the silences in force that mute anything of an incident. Raises UnknownIncident."""
        firing = (await self._incidents.load(number)).firing
        return [row for row in await self.active() if any(self.mutes(row.silence, alert) for alert in firing)]

    async def concerned(self, silence: Silence) -> Sequence[int]:
        """Return the numbers of the open incidents of which a silence mutes anything."""
        open_ones = await self._incidents.open()
        return [i.number for i in open_ones if any(self.mutes(silence, alert) for alert in i.firing)]

    async def sync(self) -> None:
        """Take over what the source has, and draw the cards again that it concerns. Raises SourceError."""
        seen = await self._source.silences()
        await self._tell_lost(await self._book.sync(seen, self._clock()), {silence.source_id for silence in seen})
        # A silence began, ran out, was ended elsewhere, or mutes other alerts than its matchers made us think.
        now, before = await self._muted(), self._shown
        changed = {number for number in now.keys() | before.keys() if now.get(number) != before.get(number)}
        if self._drawn is not None:
            changed |= set(await self._incidents.with_card()) - self._drawn
        if changed:
            await self._incidents.redraw(sorted(changed), self._clock())
        # Only now: what the store did not take is still to be drawn at the next look.
        self._shown, self._drawn = now, None

    async def _muted(self) -> dict[int, Shown]:
        """Return what is muted of each open incident of which anything is."""
        rows = await self.active()
        # In a storm there are thousands of incidents, and most of the time there is no silence at all.
        found = {each.number: _shown(self._of(each, rows)) for each in await self._incidents.open()} if rows else {}
        return {number: shown for number, shown in found.items() if shown}

    @property
    def silenced(self) -> frozenset[str]:
        """The fingerprints of what the cards show as silenced."""
        return frozenset(fingerprint for shown in self._shown.values() for _, fingerprint in shown)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What people must know: silences that the source has lost, for as long as they would have muted."""
        lost = [row for row in self._lost if row.silence.ends_at > self._clock()]
        if not lost:
            return ()
        names = ", ".join(dict.fromkeys(row.rule or row.silence.comment for row in lost[:_NAMED]))
        return (
            Notice("silences_lost", {"name": self._source.name.capitalize(), "count": str(len(lost)), "names": names}),
        )

    async def _tell_lost(self, lost: Sequence[SilenceRow], listed: Collection[str]) -> None:
        """Tell of what was lost: a source that is started anew without its data lets everything be loud again."""
        at = self._clock()
        self._lost = [
            row for row in (*self._lost, *lost) if row.silence.source_id not in listed and row.silence.ends_at > at
        ]
        for row in lost:
            log.warning("%s has lost the silence %s of %s", self._source.name, row.silence.source_id, row.rule)
            detail = {"until": row.silence.ends_at.isoformat(), "name": self._source.name.capitalize()}
            for incident in await self._incidents.open():
                if any(row.silence.covers(alert, self._full_match) for alert in incident.firing):
                    await self._incidents.note(incident.number, Entry(at, EntryKind.SILENCE_LOST, BONGSU, detail))

    def _of(self, incident: Incident, rows: Sequence[SilenceRow]) -> tuple[Muted, ...]:
        found = [
            Muted(row.silence, tuple(alert for alert in incident.firing if self.mutes(row.silence, alert)))
            for row in sorted(rows, key=lambda row: row.silence.ends_at, reverse=True)
        ]
        return tuple(muted for muted in found if muted.alerts)


def _shown(found: Sequence[Muted]) -> Shown:
    return frozenset((muted.silence.source_id, alert.fingerprint) for muted in found for alert in muted.alerts)
