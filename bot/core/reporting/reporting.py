"""Reports what a stretch of time was like for the people on call: `/report`, and the report that comes by itself."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from bot.core.access import Access
from bot.core.links import links
from bot.core.oncall.desk import OnCallDesk
from bot.core.reporting.forecasting import Forecasting
from bot.core.reporting.replaying import DAYS, Replaying
from bot.domain.alerts import Severity
from bot.domain.incidents import Incident
from bot.domain.memory import Remembered
from bot.domain.owners import Catalogue, Owner
from bot.domain.people import Person, Right
from bot.domain.searches import Search
from bot.domain.telemetry import Window
from bot.errors import NoPicture
from bot.i18n import Language
from bot.ports import Clock, Memories
from bot.ports.reports import Histories, Painter
from bot.reporting.answering import answered
from bot.reporting.history import History, Target, counted
from bot.reporting.overview import Overview, Standing
from bot.reporting.pages import load_of, pages_of
from bot.reporting.rules import noisiest, untidy

log = logging.getLogger(__name__)

# More are hardly read within a report, and each costs a few milliseconds.
_MOST_INCIDENTS: Final = 3_000
_MOST_EXPORTED: Final = 20_000
_NOISIEST: Final = 5
# Whoever typed a command waits; the clock does not.
_ASKED_S, _BY_ITSELF_S = 60.0, 300.0

Standings = Callable[[datetime], Awaitable[Standing]]


async def nothing_standing(_: datetime) -> Standing:
    """Return an empty overview: for a report that is not told of silences."""
    return Standing()


@dataclass(frozen=True, slots=True)
class ReportTerms:
    """What the team has settled: its services, its time zone, how soon somebody has to answer."""

    catalogue: Catalogue
    zone: tzinfo
    zone_name: str
    grafana_url: str = ""
    targets: Mapping[Severity, Target] = field(default_factory=dict[Severity, Target])


class Reporting:
    """Gathers a report."""

    def __init__(
        self,
        *,
        histories: Histories,
        memories: Memories,
        desk: OnCallDesk,
        replaying: Replaying,
        forecasting: Forecasting,
        painter: Painter | None,
        terms: ReportTerms,
        access: Access,
        clock: Clock,
        standings: Standings = nothing_standing,
    ) -> None:
        self._histories = histories
        self._memories = memories
        self._desk = desk
        self._replaying = replaying
        self._forecasting = forecasting
        self._painter = painter
        self.terms = terms
        self._access = access
        self._clock = clock
        self._standings = standings

    @property
    def now(self) -> datetime:
        """Tell the time."""
        return self._clock()

    async def asked(self, window: Window, by: Person) -> Overview:
        """Gather a report that a person asked for. Raises Refused."""
        await self._access.require(by, Right.READ, "report", f"{window.start:%F}..{window.end:%F}")
        return await self.overview(window, _ASKED_S)

    async def overview(self, window: Window, within_s: float = _BY_ITSELF_S) -> Overview:
        """Gather a report, with what there is time to replay within so many seconds."""
        terms = self.terms
        history = await self._histories.between(window, _MOST_INCIDENTS)
        incidents = counted(history)
        before = Window(window.start - (window.end - window.start), window.start)
        replayed = await self._histories.between(Window(window.end - DAYS, window.end), _MOST_INCIDENTS)
        # What is not known to have been real must not be replayed as if it were not.
        since = replayed.incidents[0].opened_at if replayed.cut else None
        noises = noisiest(history, _NOISIEST)
        rules = await self._replaying.judge(noises, counted(replayed), window.end, within_s, since)
        load = load_of(pages_of(history, self._owners, self._zone_of))
        return Overview(
            window=window,
            zone=terms.zone,
            zone_name=terms.zone_name,
            incidents=len(incidents),
            before=await self._count(before, replayed),
            cut=history.cut,
            load=load,
            answered=answered(incidents, terms.targets, window.end),
            rules=tuple(rules),
            untidy=untidy(history, self._has_runbook, lambda incident: bool(self._owners(incident))),
            endings=tuple(await self._forecasting.endings(self._clock())),
            standing=await self._standings(self._clock()),
            advice=history.advice,
            names=self._names(history),
        )

    async def _count(self, window: Window, known: History) -> int:
        """Count the incidents of a stretch of time as those of the report are counted, where they are known."""
        first = known.incidents[0].opened_at if known.cut else window.end + (window.end - window.start) - DAYS
        if window.start < first:
            return await self._histories.count(window)
        return sum(window.start <= each.opened_at < window.end for each in counted(known))

    async def picture(self, overview: Overview, language: Language) -> bytes | None:
        """Draw it; nothing if nobody can draw, or there is nothing to see."""
        if self._painter is None or not overview.incidents:
            return None
        try:
            return await self._painter.draw(overview, language)
        except NoPicture as error:
            log.warning("the report has no picture: %s", error)
            return None

    async def incidents(self, window: Window) -> Sequence[Remembered]:
        """Return the incidents that began in a stretch of time, for an export."""
        return await self._memories.search(Search(since=window.start, until=window.end), _MOST_EXPORTED)

    def _owners(self, incident: Incident) -> Sequence[Owner]:
        return self.terms.catalogue.find(incident.service).owners

    def _zone_of(self, incident: Incident) -> tzinfo:
        team = self._desk.team_of(incident)
        # Without a file of its own there is one team without a name, and no zone.
        return team.zone if team.name else self.terms.zone

    def _has_runbook(self, incident: Incident) -> bool:
        return bool(links(incident, self.terms.catalogue.find(incident.service), self.terms.grafana_url).runbook)

    def _names(self, history: History) -> Mapping[int, str]:
        actors = {entry.actor.id: entry.actor.name for lines in history.entries.values() for entry in lines}
        return actors | {member.discord: key for key, member in self._desk.roster.people.items()}


def last(length: timedelta, at: datetime) -> Window:
    """Return the stretch of time that ends then."""
    return Window((at - length).astimezone(UTC), at.astimezone(UTC))
