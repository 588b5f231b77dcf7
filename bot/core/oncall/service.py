"""Answers what people ask of schedules and escalations: who is on call, standing in, calling by hand, putting off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.access import Access
from bot.core.oncall.desk import OnCallDesk
from bot.domain.durations import brief
from bot.domain.jobs import JobName
from bot.domain.owners import Owner
from bot.domain.people import Person, Right
from bot.domain.schedules import Shift, Stint
from bot.domain.teams import Member, Roster, Team
from bot.domain.views import Call
from bot.errors import InvalidDuration, InvalidTarget, OutOfDate, Refused
from bot.ports import Clock, Jobs
from bot.ports.oncall import Caller, Overrides

MOST_AHEAD = timedelta(days=366)
MOST_SNOOZE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class OnCallReport:
    """Who is on call in a team at a moment, who comes next, and when the asker is; `problems` are those of its calendars."""

    team: Team
    at: datetime
    now: Shift
    coming: Shift | None
    mine: Shift | None
    problems: tuple[tuple[str, str], ...] = ()


class OnCallService:
    """The use cases of being on call."""

    def __init__(
        self,
        *,
        desk: OnCallDesk,
        jobs: Jobs,
        overrides: Overrides,
        access: Access,
        clock: Clock,
        caller: Caller | None = None,
    ) -> None:
        self._desk = desk
        self._jobs = jobs
        self._overrides = overrides
        self._access = access
        self._clock = clock
        self._caller = caller

    @property
    def now(self) -> datetime:
        """What time it is."""
        return self._clock()

    @property
    def roster(self) -> Roster:
        """Everybody and all teams."""
        return self._desk.roster

    async def incident_of(self, job: int) -> int:
        """Return the incident that a call is about. Raises OutOfDate."""
        number = (await self._jobs.load(job)).incident
        if number is None:
            raise OutOfDate("errors.out_of_date")
        return number

    async def report(self, name: str | None, at: datetime | None, by: Person) -> Sequence[OnCallReport]:
        """Tell who is on call in a team, or in all that have a schedule. Raises Refused."""
        await self._access.require(by, Right.READ, "oncall", name or "")
        teams = [self.team(name)] if name else [team for team in self._desk.teams if _has_schedule(team)]
        if not teams or not _has_schedule(teams[0]):
            raise InvalidTarget("errors.no_schedule")
        return [self._report(team, at or self._clock(), by) for team in teams]

    def names(self, typed: str) -> list[str]:
        """Return the teams that what was typed may mean."""
        return [team.name for team in self._desk.teams if team.name and typed.strip().lower() in team.name.lower()]

    def people(self, typed: str) -> list[str]:
        """Return the people that what was typed may mean."""
        return [key for key in self._desk.roster.people if typed.strip().lower() in key.lower()]

    def team(self, name: str | None) -> Team:
        """Return a team by its name, the first if none is named. Raises InvalidTarget."""
        for team in self._desk.teams:
            if name is None or team.name.lower() == name.strip().lower():
                return team
        raise InvalidTarget("errors.no_team", typed=(name or "")[:60])

    async def override(
        self, person: str, begins: datetime, ends: datetime, by: Person, team: str | None = None
    ) -> tuple[Team, Member, Sequence[str]]:
        """Have somebody stand in, and return who stood there before. Raises Refused."""
        row = await self._access.require(by, Right.ONCALL, "override", f"{team or ''}: {person}"[:100])
        member, found = self._member(person), self.team(team)
        row = replace(row, target=f"{found.name}: {member.key}")
        _check(begins, ends, self._clock())
        before = [name for shift in found.schedule.shifts(begins, ends) for name in shift.people]
        await self._overrides.add(found.name, [Stint(member.key, begins.timestamp(), ends.timestamp())], row)
        await self._desk.load()
        return found, member, list(dict.fromkeys(before))

    async def swap(self, other: str, by: Person, team: str | None = None) -> tuple[Shift, Shift]:
        """Swap the asker's next shift, or the current one, with the next of somebody else. Raises Refused."""
        row = await self._access.require(by, Right.ONCALL, "swap", f"{team or ''}: {other}"[:100])
        found, them = self.team(team), self._member(other)
        row = replace(row, target=f"{found.name}: {them.key}")
        me = self._desk.roster.by_discord(by.id)
        at = self._clock()
        mine = found.schedule.of(me.key, at) if me else None
        theirs = found.schedule.of(them.key, at)
        if me is None or mine is None or theirs is None or me.key == them.key:
            raise InvalidTarget("errors.nothing_to_swap")
        stints = [
            Stint(them.key, mine.start.timestamp(), mine.end.timestamp()),
            Stint(me.key, theirs.start.timestamp(), theirs.end.timestamp()),
        ]
        await self._overrides.add(found.name, stints, row)
        await self._desk.load()
        return mine, theirs

    async def page(self, whom: str, words: str, by: Person) -> Sequence[Owner]:
        """Call a person, or whoever is on call in a team, and return who was called. Raises Refused."""
        row = await self._access.require(by, Right.ACK, "page", whom[:60])
        owners = self._whom(whom)
        if not owners or self._caller is None:
            raise InvalidTarget("errors.nobody_to_page", typed=whom[:60])
        values = {"by": by.name, "words": words}
        # No job, so the moment is its name: a second press a second later is another call.
        call = Call(int(row.at.timestamp() * 1000), "escalation.page", values, owners)
        await self._caller.call_in(self._channel(whom), call, again=False)
        return owners

    async def escalate(self, number: int, by: Person) -> datetime:
        """Have the next step of an incident be taken now. Raises Refused."""
        await self._access.require(by, Right.ACK, "escalate", f"#{number}")
        return await self._move(number, self._clock(), by_hand=True)

    async def snooze(self, number: int, lasts: timedelta, by: Person) -> datetime:
        """Put the next step of an incident off. Raises Refused."""
        await self._access.require(by, Right.ACK, "snooze", f"#{number}")
        if not timedelta(minutes=1) <= lasts <= MOST_SNOOZE:
            raise InvalidDuration("errors.duration_bounds", least=brief(timedelta(minutes=1)), most=brief(MOST_SNOOZE))
        return await self._move(number, self._clock() + lasts)

    async def _move(self, number: int, due: datetime, *, by_hand: bool = False) -> datetime:
        at = self._clock()
        for kind in (JobName.ESCALATE, JobName.REMIND):
            job = await self._jobs.of_incident(kind, number)
            if job and await self._jobs.postpone(job, due, {**job.payload, "by_hand": by_hand}, at):
                return due
        raise Refused("errors.nothing_escalates")

    def _report(self, team: Team, at: datetime, by: Person) -> OnCallReport:
        me = self._desk.roster.by_discord(by.id)
        problems = tuple(
            (feed.name, words) for feed in team.feeds for words in (feed.problem, *feed.notes[:2]) if words
        )
        return OnCallReport(
            team,
            at,
            team.schedule.current(at),
            team.schedule.coming(at),
            team.schedule.of(me.key, at) if me else None,
            problems,
        )

    def _member(self, name: str) -> Member:
        wanted = name.strip().lower()
        for key, member in self._desk.roster.people.items():
            if wanted in (key.lower(), f"<@{member.discord}>", *(alias.lower() for alias in member.aliases)):
                return member
        raise InvalidTarget("errors.no_person", typed=name[:60])

    def _whom(self, whom: str) -> tuple[Owner, ...]:
        try:
            return self._desk.owners([self._member(whom).key])
        except InvalidTarget:
            return self._desk.owners(self.team(whom).schedule.who(self._clock()))

    def _channel(self, whom: str) -> str | int:
        found = next((team for team in self._desk.teams if team.name.lower() == whom.strip().lower()), None)
        return found.channel if found else ""


def _has_schedule(team: Team) -> bool:
    return bool(team.schedule.layers or team.schedule.overrides)


def _check(begins: datetime, ends: datetime, now: datetime) -> None:
    if ends <= begins or ends <= now:
        raise InvalidDuration("errors.range_backwards")
    if ends - now > MOST_AHEAD:
        raise InvalidDuration("errors.range_too_far")
