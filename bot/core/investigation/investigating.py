"""Investigates: by itself what is severe, again when people ask, and keeps how they rate it."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.access import Access
from bot.core.investigation.collect import Collector, about
from bot.core.joined import whole
from bot.core.merging import Merging
from bot.core.viewing import Viewer
from bot.domain.alerts import Severity
from bot.domain.impact import impact_of
from bot.domain.incidents import Incident
from bot.domain.inquiries import Case, Inquiry, Rating, Subject
from bot.domain.owners import Catalogue
from bot.domain.people import Person, Right
from bot.domain.telemetry import Observations
from bot.domain.views import Report, ServiceReport
from bot.errors import BongsuError, Refused, TooSoon
from bot.ports import Analyst, Changes, Clock, Incidents, InvestigationQueue, Investigations, Runbooks

log = logging.getLogger(__name__)

_OTHERS, _PAST, _NAMES = 10, 5, 200
# What is older was missed for a reason (the bot was down); people know by now.
_STALE = timedelta(minutes=30)
# All that is read and asked has shorter deadlines of its own; this ends what hangs all the same.
_DEADLINE_S = 150.0
# Somebody looks at the screen meanwhile, but a model that is asked twice may take as long.
_ASKED_DEADLINE_S = 150.0
# However many ask about however many services, the sources are asked for so many at a time.
_EXAMINED_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Habits:
    """When an investigation begins by itself, how long it waits for the first evidence, how soon it may be repeated."""

    severities: Collection[Severity] = (Severity.P1, Severity.P2)
    settle: timedelta = timedelta(seconds=15)
    pause: timedelta = timedelta(minutes=2)


class Investigating:
    """Looks into incidents, one at a time for each worker that takes steps."""

    def __init__(
        self,
        *,
        queue: InvestigationQueue,
        investigations: Investigations,
        incidents: Incidents,
        collector: Collector,
        analyst: Analyst,
        runbooks: Runbooks,
        changes: Changes,
        viewer: Viewer,
        catalogue: Catalogue,
        access: Access,
        clock: Clock,
        habits: Habits,
        merging: Merging | None = None,
    ) -> None:
        self._merging = merging
        self._queue = queue
        self._investigations = investigations
        self._incidents = incidents
        self._collector = collector
        self._analyst = analyst
        self._runbooks = runbooks
        self.changes = changes
        self._viewer = viewer
        self._catalogue = catalogue
        self._access = access
        self._clock = clock
        self._habits = habits
        self._examined: dict[str, datetime] = {}
        self._examining = asyncio.Semaphore(_EXAMINED_AT_ONCE)

    async def admit(self) -> bool:
        """Put on the list what is severe and new; return whether there was anything."""
        at = self._clock()
        return bool(await self._queue.admit(self._habits.severities, at - _STALE, at))

    async def step(self) -> bool:
        """Look into the next incident of the list; return whether there was one."""
        inquiry = await self._queue.take()
        if inquiry is None:
            return False
        reason = "a defect of our own, see the log"
        done = False
        try:
            async with asyncio.timeout(_DEADLINE_S):
                await self._run(inquiry)
            done = True
        except TimeoutError:
            reason = f"not finished within {_DEADLINE_S:.0f} s"
        except BongsuError as error:
            reason = str(error)
        finally:
            task = asyncio.current_task()
            # When the process stops, the next one finds it running and does it again.
            if not done and not (task and task.cancelling()):
                log.warning("investigation %s of #%s failed: %s", inquiry.id, inquiry.incident, reason)
                await self._queue.fail(inquiry, reason)
        return True

    async def again(self, inquiry: int, by: Person) -> Inquiry:
        """Begin again what a report is about. Raises Refused."""
        await self._access.require(by, Right.ACK, "analyze", f"investigation {inquiry}")
        known = await self._investigations.load(inquiry)
        return await self.analyze(known.incident, by)

    async def analyze(self, incident: int, by: Person) -> Inquiry:
        """Begin an investigation because a person asks. Raises Refused."""
        await self._access.require(by, Right.ACK, "analyze", f"#{incident}")
        incident = (await whole(self._incidents, incident)).number
        return await self._queue.ask(incident, by, self._clock(), self._habits.pause)

    def rests(self, service: str) -> bool:
        """Tell whether a service was looked into a moment ago."""
        at = self._examined.get(service)
        return at is not None and self._clock() - at < self._habits.pause

    async def examine(self, service: str, by: Person) -> ServiceReport:
        """Look into a service now, whether or not anything of it fires; no incident, and nothing is kept.

        Raises Refused: NotAllowed, TooSoon, or that it was not finished in time.
        """
        await self._access.require(by, Right.ACK, "analyze", service)
        self._pace(service)
        done = False
        try:
            async with asyncio.timeout(_ASKED_DEADLINE_S), self._examining:
                report = await self._examine(service)
            done = True
        except TimeoutError as error:
            raise Refused("errors.not_finished", seconds=f"{_ASKED_DEADLINE_S:.0f}") from error
        finally:
            if not done:
                # Who got no answer may ask again at once.
                self._examined.pop(service, None)
        return report

    async def known(self, inquiry: int) -> Inquiry:
        """Return an investigation. Raises OutOfDate."""
        return await self._investigations.load(inquiry)

    async def rate(self, inquiry: int, by: Person, rating: Rating) -> dict[Rating, int]:
        """Keep what a person thinks of a report, and count what people think. Raises Refused."""
        await self._access.require(by, Right.READ, f"rate-{rating.value}", f"investigation {inquiry}")
        return await self._investigations.rate(inquiry, by, rating, self._clock())

    async def report(self, inquiry: int, by: Person | None = None) -> Report:
        """Return all that a report shows. Raises Refused."""
        if by is not None:
            await self._access.require(by, Right.READ, "report", f"investigation {inquiry}")
        known = await self._investigations.load(inquiry)
        return Report(await self._viewer.view(known.incident), known, self._catalogue)

    async def _run(self, inquiry: Inquiry) -> None:
        incident = await self._incidents.load(inquiry.incident)
        if inquiry.asked_by is None:
            # Logs and traces of the first seconds are still on their way.
            left = incident.opened_at + self._habits.settle - self._clock()
            await asyncio.sleep(max(0.0, left.total_seconds()))
        began = time.monotonic()
        case = await self.case(incident)
        analysis = await self._analyst.explain(case)
        impact = impact_of(case.observations)
        analysis = replace(analysis, seconds=round(time.monotonic() - began, 2), impact=impact)
        if self._merging and (cause := analysis.verdict.cause):
            edges = case.observations.edges
            analysis = replace(analysis, unexplained=await self._merging.unexplained(incident, cause.service, edges))
        await self._queue.finish(inquiry, analysis, self._clock())
        if self._merging:
            await self._merging.concluded(inquiry.incident, case.observations.edges)

    def _pace(self, service: str) -> None:
        at, pause = self._clock(), self._habits.pause
        self._examined = {name: since for name, since in self._examined.items() if at - since < pause}
        if service in self._examined:
            seconds = (self._examined[service] + pause - at).total_seconds()
            raise TooSoon("errors.too_soon", seconds=str(math.ceil(seconds)))
        self._examined[service] = at

    async def _examine(self, name: str) -> ServiceReport:
        began = time.monotonic()
        service = self._catalogue.find(name)
        # Those of the service first: of many only the first are named.
        firing = sorted(await self._incidents.open(), key=lambda each: each.service != name)
        subject = Subject(name, self._clock(), alerting=False)
        observations, runbook = await asyncio.gather(
            self._collector.look(subject, _titles(firing)), self._runbooks.read(service.runbook, "", name)
        )
        case = Case(
            number=0,
            severity=Severity.P2,
            title=service.display,
            observations=observations,
            services=self._names(name, observations),
            runbook=runbook,
            runbook_url=service.runbook,
        )
        analysis = await self._analyst.explain(case)
        told = {each.service for each in (*observations.series, *observations.lines, *observations.spans)}
        return ServiceReport(
            service=service,
            analysis=replace(analysis, seconds=round(time.monotonic() - began, 2), impact=impact_of(observations)),
            catalogue=self._catalogue,
            seen=name in told,
            incidents=tuple(each for each in firing if each.service == name),
        )

    async def case(self, incident: Incident) -> Case:
        """Gather all that an analyst is given."""
        # Only their titles, for as long as this takes: there may be thousands of alerts in them, and in a storm of them.
        newest = await self._incidents.open(_OTHERS + 1)
        others = _titles([each for each in newest if each.number != incident.number])
        lead, name = incident.lead, about(incident)
        service = self._catalogue.find(name)
        url = lead.annotations.get("runbook_url", "") or service.runbook
        observations, runbook, past = await asyncio.gather(
            self._collector.collect(incident, others),
            self._runbooks.read(url or lead.note("runbook"), lead.name, name),
            self._investigations.past(incident, _PAST),
        )
        return Case(
            number=incident.number,
            severity=incident.severity,
            title=incident.title,
            observations=observations,
            services=self._names(name, observations),
            runbook=runbook,
            runbook_url=url,
            past=tuple(past),
        )

    def _names(self, service: str | None, observations: Observations) -> tuple[str, ...]:
        """Return the services that may be named."""
        seen = {each.service for each in (*observations.series, *observations.lines, *observations.spans)}
        first = [service] if service else []
        return tuple(dict.fromkeys([*first, *self._catalogue.services, *sorted(seen)]))[:_NAMES]


def _titles(incidents: Sequence[Incident]) -> list[str]:
    return [f"{each.title} ({each.service})" if each.service else each.title for each in incidents[:_OTHERS]]
