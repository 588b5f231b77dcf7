"""Knows who is on call: the roster with what was agreed on Discord, and whom a step of a chain reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.viewing import firing_services
from bot.domain.escalations import Chain, EscalationStep, EscalationTarget, TargetKind
from bot.domain.incidents import Incident
from bot.domain.jobs import Job, JobName, Planned
from bot.domain.owners import Catalogue, Owner
from bot.domain.schedules import Stint
from bot.domain.teams import Roster, Team
from bot.domain.views import Coming
from bot.i18n import Phrase
from bot.ports import Clock, Jobs
from bot.ports.oncall import Overrides

_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a step reaches now; `notes` say who was meant and is not there."""

    owners: tuple[Owner, ...] = ()
    here: bool = False
    channels: tuple[str, ...] = ()
    messages: tuple[int, ...] = ()
    webhooks: tuple[str, ...] = ()
    notes: tuple[Phrase, ...] = ()

    @property
    def anybody(self) -> bool:
        """Whether it reaches anybody at all; a channel alone is somebody who reads it."""
        return bool(self.owners or self.here or self.channels or self.messages or self.webhooks)

    @property
    def who(self) -> tuple[str, ...]:
        """Name all of it, as Discord reads it."""
        people = (*(owner.mention for owner in self.owners), *(f"<@{user}>" for user in self.messages))
        return (*dict.fromkeys(people), *(["@here"] if self.here else []), *self.channels, *self.webhooks)


class OnCallDesk:
    """Answers who is on call, who comes next, and what follows for an incident."""

    def __init__(self, *, roster: Roster, catalogue: Catalogue, overrides: Overrides, jobs: Jobs, clock: Clock) -> None:
        self.roster = roster
        self._catalogue = catalogue
        self._overrides = overrides
        self._jobs = jobs
        self._clock = clock
        self._agreed: list[tuple[str, Stint]] = []

    async def load(self) -> None:
        """Read what was agreed; again after each change of it."""
        self._agreed = list(await self._overrides.all(self._clock() - _KEPT))

    @property
    def teams(self) -> Sequence[Team]:
        """All teams, with what was agreed."""
        return [self.agreed(team) for team in self.roster.teams.values()]

    def agreed(self, team: Team) -> Team:
        """Return a team with what was agreed on Discord."""
        stints = tuple(stint for name, stint in self._agreed if name == team.name)
        return team.overridden(stints) if stints else team

    def team_of(self, incident: Incident) -> Team:
        """Return the team that answers an incident."""
        return self.agreed(self.roster.team_of(incident))

    def owners(self, people: Sequence[str]) -> tuple[Owner, ...]:
        """Return who people of the roster are on Discord; a name that nobody has is left out."""
        known = (self.roster.people.get(key) for key in people)
        return tuple(Owner(member.discord, is_role=False) for member in known if member)

    def follow(self, incident: Incident, place: int, at: datetime) -> list[Planned]:
        """Return what is to happen by the clock from now on; pure, for the store plans it with what has changed."""
        steps = self.steps(incident, _after_holder(self._chain(incident), incident, place), at)
        after = self.roster.remind_after
        if not (incident.ack and after):
            return steps
        key = f"{incident.number}/{incident.version}"
        held = {"person": incident.ack.by.id}
        # What fired again calls them at once, to acknowledge it anew; asking the same beside it would be a second call.
        begun = max(incident.ack.at, incident.began_at)
        return [*steps, Planned(JobName.REMIND, key, begun + after, held, incident.number)]

    def steps(self, incident: Incident, place: int, at: datetime) -> list[Planned]:
        """Return the step at a place of the chain, due so long after `at`, in working hours where it says so."""
        team, chain = self.team_of(incident), self._chain(incident)
        step = chain.step(place) if chain else None
        if chain is None or step is None or not incident.unanswered:
            return []
        due = at + step.wait
        if chain.working_hours_only and not team.working.holds(due):
            due = team.working.begins_after(due)
        return [self._planned(incident, place, due)]

    def held(self, job: Job, incident: Incident, at: datetime) -> list[Planned]:
        """Return a step anew that is due and yet has to wait for the working hours, unless somebody asked for it by hand.

        They may have been others when it was planned (another file, a zone that changed its rules), or nobody was there
        to take it while they lasted.
        """
        team, chain = self.team_of(incident), self._chain(incident)
        if not (chain and chain.working_hours_only) or job.payload.get("by_hand") or team.working.holds(at):
            return []
        return [self._planned(incident, self.place(job, incident), team.working.begins_after(at))]

    def place(self, job: Job, incident: Incident) -> int:
        """Return where in the chain a planned step stands: at its beginning if another team answers by now."""
        planned_for = job.payload.get("team")
        moved = planned_for is not None and planned_for != self.team_of(incident).name
        return 0 if moved else int(str(job.payload["step"]))

    def _chain(self, incident: Incident) -> Chain | None:
        return self.team_of(incident).chain(incident)

    def reach(self, step: EscalationStep, incident: Incident, at: datetime) -> Reach:
        """Return whom a step of a chain reaches at a moment: each person once, in the order of its targets."""
        reached = [self._reach(target, incident, at) for target in step.targets]
        return Reach(
            owners=tuple(dict.fromkeys(owner for each in reached for owner in each.owners)),
            here=any(each.here for each in reached),
            channels=tuple(channel for each in reached for channel in each.channels),
            messages=tuple(dict.fromkeys(user for each in reached for user in each.messages)),
            webhooks=tuple(name for each in reached for name in each.webhooks),
            notes=tuple(note for each in reached for note in each.notes),
        )

    def _reach(self, target: EscalationTarget, incident: Incident, at: datetime) -> Reach:
        team = self.team_of(incident)
        match target.kind:
            case TargetKind.HERE:
                return Reach(here=True)
            case TargetKind.CHANNEL:
                return Reach(channels=(target.name,))
            case TargetKind.WEBHOOK:
                return Reach(webhooks=(target.name,))
            case TargetKind.ROLE:
                return Reach(owners=(Owner(int(target.name), is_role=True),))
            case TargetKind.MESSAGE:
                people = self.owners([target.name] if target.name else team.schedule.who(at))
                return Reach(messages=tuple(owner.id for owner in people), notes=_nobody(people, target, team))
            case _:
                people = self._people(target, team, incident, at)
                return Reach(owners=people, notes=_nobody(people, target, team))

    def _people(self, target: EscalationTarget, team: Team, incident: Incident, at: datetime) -> tuple[Owner, ...]:
        if target.kind is TargetKind.OWNERS:
            services = firing_services(incident, self._catalogue) or (self._catalogue.find(None),)
            return tuple(owner for service in services for owner in service.owners)
        if target.kind is TargetKind.PERSON:
            return self.owners([target.name])
        if target.kind is TargetKind.ONCALL:
            return self.owners(team.schedule.who(at))
        coming = team.schedule.coming(at)
        return self.owners(coming.people) if coming else ()

    def coming(self, incident: Incident, job: Job) -> Coming | None:
        """Return what happens next if nobody answers, of the step that is planned."""
        chain = self._chain(incident)
        step = chain.step(self.place(job, incident)) if chain else None
        if step is None:
            return None
        return Coming(job.due_at, self.reach(step, incident, job.due_at).who)

    def _planned(self, incident: Incident, place: int, due: datetime) -> Planned:
        key = f"{incident.number}/{incident.version}/{place}/{int(due.timestamp())}"
        payload = {"step": place, "severity": incident.severity.name, "team": self.team_of(incident).name}
        return Planned(JobName.ESCALATE, key, due, payload, incident.number)


def _after_holder(chain: Chain | None, incident: Incident, place: int) -> int:
    """Return the place from which a chain goes on: whoever had it is called at once, the first who wait for that after."""
    later = range(place, len(chain.steps)) if chain and incident.ack else ()
    return next((each for each in later if chain and chain.steps[each].wait), place)


def _nobody(people: Sequence[Owner], target: EscalationTarget, team: Team) -> tuple[Phrase, ...]:
    if people:
        return ()
    key = "message" if target.kind is TargetKind.MESSAGE else target.kind.value
    return (Phrase(f"escalation.nobody_{key}", team=team.name, name=target.name),)
