"""Tells by the clock: handovers, the list of the morning, and gaps in the schedules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.oncall.desk import OnCallDesk
from bot.domain.alerts import Severity
from bot.domain.incidents import Incident
from bot.domain.jobs import Job, Planned
from bot.domain.schedules import AHEAD
from bot.domain.teams import Team
from bot.domain.views import Call
from bot.i18n import Phrase
from bot.ports import Clock, Incidents
from bot.ports.oncall import Caller

COVERED = timedelta(weeks=4)
_QUIET = (Severity.P3, Severity.P4)
_LISTED = 5
# Of a handover that fell into a restart only the outcome is told, and of one that was long ago nothing.
_STALE = timedelta(hours=12)


class Announcing:
    """Tells them, each once."""

    def __init__(self, *, desk: OnCallDesk, incidents: Incidents, caller: Caller, clock: Clock) -> None:
        self._desk = desk
        self._incidents = incidents
        self._caller = caller
        self._clock = clock

    def next_handover(self, at: datetime) -> datetime | None:
        """Return when somebody is on call next who is not now, in any team."""
        ends = [team.schedule.current(at).end for team in self._desk.teams if team.schedule.layers]
        return min((end for end in ends if end < at + AHEAD), default=None)

    def next_morning(self, at: datetime) -> datetime:
        """Return when the working hours of a team begin next."""
        return min(team.working.begins_after(at) for team in self._desk.teams)

    async def handover(self, job: Job) -> Sequence[Planned]:
        """Tell in the channel of each team who has taken over, with what is open."""
        due, now = datetime.fromisoformat(job.key), self._clock()
        for place, team in enumerate(self._desk.teams):
            before, after = team.schedule.who(due - timedelta(seconds=1)), team.schedule.who(now)
            if before == after or now - due > _STALE:
                continue
            open_ones = [each for each in await self._incidents.open() if self._desk.team_of(each).name == team.name]
            values = {"team": team.name, "count": len(open_ones), "before": self._names(before)}
            notes = tuple(Phrase("oncall.listed", number=i.number, title=i.title) for i in open_ones[:_LISTED])
            key = "oncall.handover" if after else "oncall.handover_to_nobody"
            call = Call(_part(job, place), key, values, self._desk.owners(after), notes=notes)
            await self._caller.call_in(team.channel, call, again=job.again)
        return ()

    async def morning(self, job: Job) -> Sequence[Planned]:
        """List what waited for the working hours: P3 and P4 that nobody has and that began outside them."""
        due = datetime.fromisoformat(job.key)
        for place, team in enumerate(self._desk.teams):
            held = [i for i in await self._incidents.open() if self._held(i, team)]
            if not held or not team.working.holds(due):
                continue
            notes = tuple(Phrase("oncall.listed", number=i.number, title=i.title) for i in held[:_LISTED])
            owners = self._desk.owners(team.schedule.who(self._clock()))
            values = {"team": team.name, "count": len(held)}
            call = Call(_part(job, place), "oncall.morning", values, owners, notes=notes)
            await self._caller.call_in(team.channel, call, again=job.again)
        return ()

    async def coverage(self, job: Job) -> Sequence[Planned]:
        """Tell in the channel of each team where its schedule has gaps in the next four weeks."""
        for place, team in enumerate(self._desk.teams):
            notes = gaps_of(team, self._clock())
            if notes:
                call = Call(_part(job, place), "oncall.coverage", {"team": team.name}, notes=notes)
                await self._caller.call_in(team.channel, call, again=job.again)
        return ()

    def _held(self, incident: Incident, team: Team) -> bool:
        mine = self._desk.team_of(incident).name == team.name
        quiet = incident.severity in _QUIET and incident.unanswered
        chain = team.chain(incident)
        # What began within them may be one whose first step fell behind their end.
        waits = chain.steps[0].wait if chain and chain.working_hours_only and chain.steps else timedelta()
        return mine and quiet and not all(team.working.holds(incident.began_at + each) for each in (timedelta(), waits))

    def _names(self, people: Sequence[str]) -> str:
        return ", ".join(people) or "–"


def gaps_of(team: Team, at: datetime) -> tuple[Phrase, ...]:
    """Say where nobody is on call in the next four weeks, and where more than one is, or two stand in at once."""
    if not team.schedule.layers:
        return ()
    found = [("oncall.gap", shift) for shift in team.schedule.gaps(at, at + COVERED)]
    found += [("oncall.overlap", shift) for shift in team.schedule.overlaps(at, at + COVERED)]
    said = [
        Phrase(key, who=", ".join(shift.people), start=_clock(shift.start, team), end=_clock(shift.end, team))
        for key, shift in found
    ]
    said += [
        Phrase("oncall.contradiction", first=first.name, second=second.name)
        for first, second in team.schedule.contradictions()
        if second.end > at.timestamp()
    ]
    return tuple(said)


def _clock(at: datetime, team: Team) -> str:
    # Whoever reads it may be in another zone.
    return f"{at.astimezone(team.zone):%Y-%m-%d %H:%M %Z}"


def _part(job: Job, place: int) -> int:
    """Name the message of one team: the same for every attempt, another for every other."""
    return job.id * 1000 + place
