"""Describes teams: who is in them, who of them is on call, and whom to call when nobody answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta, tzinfo
from typing import Final

from bot.domain.escalations import DEFAULT, Chain, Chains, Webhook
from bot.domain.feeds import Feed
from bot.domain.incidents import Incident
from bot.domain.rotations import Hours
from bot.domain.schedules import Schedule, Stint
from bot.domain.working_time import WorkingTime

# The labels by which rules of other people say whose it is.
TEAM_LABELS: Final = ("team", "owner", "owner_team", "owning_team", "squad")


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the roster: a key, who that is on Discord, and how calendars call them."""

    key: str
    discord: int
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """People with a schedule; `services` are those whose incidents it answers, `channel` is where handovers are told."""

    name: str
    schedule: Schedule = field(default_factory=Schedule)
    chains: Chains = field(default_factory=lambda: DEFAULT)
    services: frozenset[str] = frozenset()
    channel: str | int = ""
    zone: tzinfo = UTC
    working: WorkingTime = field(default_factory=lambda: WorkingTime(Hours(), UTC))

    def chain(self, incident: Incident) -> Chain | None:
        """Return the chain for an incident of this severity, if there is one."""
        return self.chains.get(incident.severity)

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """The calendars among its layers."""
        return tuple(layer for layer in self.schedule.layers if isinstance(layer, Feed))

    def overridden(self, stints: tuple[Stint, ...]) -> Team:
        """Return the team with what was agreed on Discord, which wins over what stands in the file."""
        schedule = replace(self.schedule, overrides=(*self.schedule.overrides, *stints))
        return replace(self, schedule=schedule)


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody and all teams; without a file one team without a schedule."""

    people: Mapping[str, Member] = field(default_factory=dict[str, Member])
    teams: Mapping[str, Team] = field(default_factory=lambda: {"": Team("")})
    webhooks: Mapping[str, Webhook] = field(default_factory=dict[str, Webhook])
    # How long somebody may hold an incident before they are asked; nothing means for ever.
    remind_after: timedelta | None = None

    def team_of(self, incident: Incident) -> Team:
        """Return the team that answers an incident: the one that lists its service, else that of its label, else the first."""
        service = (incident.service or "").casefold()
        # services.yml finds a service however its label is written.
        listed = (team for team in self.teams.values() if service in map(str.casefold, team.services))
        return next(listed, None) or self._labelled(incident) or next(iter(self.teams.values()))

    def _labelled(self, incident: Incident) -> Team | None:
        """Return the team that the labels of what began it name."""
        named = {name.lower(): value for name, value in incident.alerts[0].labels.items()} if incident.alerts else {}
        words = [named[label].strip().casefold() for label in TEAM_LABELS if label in named]
        return next((team for word in words for team in self.teams.values() if team.name.casefold() == word), None)

    def by_discord(self, user: int) -> Member | None:
        """Return who somebody on Discord is."""
        return next((member for member in self.people.values() if member.discord == user), None)
