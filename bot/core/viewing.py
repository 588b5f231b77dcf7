"""Finds all that a card shows of an incident; from store and configuration alone, so that nothing hangs."""

from __future__ import annotations

import asyncio
from typing import Protocol

from bot.core.links import links as links
from bot.core.muting import Muting
from bot.domain.alerts import Severity
from bot.domain.evidence import Analysis
from bot.domain.incidents import Incident
from bot.domain.inquiries import Inquiry
from bot.domain.memory import Fix, Remembered, alike, traits_of
from bot.domain.owners import Catalogue, Service
from bot.domain.runbooks import RunbookPages
from bot.domain.views import Coming, IncidentView
from bot.ports import Incidents, Investigations, Memories


class Desk(Protocol):
    """Knows what happens next."""

    async def coming(self, incident: Incident) -> Coming | None:
        """Return what happens next if nobody answers."""
        ...


class Viewer:
    """Gathers incident, owner, silences and links."""

    def __init__(
        self,
        *,
        incidents: Incidents,
        muting: Muting,
        catalogue: Catalogue,
        grafana_url: str,
        investigations: Investigations | None = None,
        memories: Memories | None = None,
        desk: Desk | None = None,
        pages: RunbookPages | None = None,
    ) -> None:
        self._pages = pages or RunbookPages()
        self._memories = memories
        self._investigations = investigations
        self._incidents = incidents
        self._desk = desk
        self._muting = muting
        self._catalogue = catalogue
        self._grafana_url = grafana_url.rstrip("/")

    async def view(self, number: int) -> IncidentView:
        """Return all that is shown of an incident. Raises UnknownIncident."""
        incident = await self._incidents.load(number)
        service = self._catalogue.find(incident.lead.service or incident.service)
        # At once: with each of them in turn, the card would wait as often for the store's thread and for this one.
        done, fix, silences, lines, coming = await asyncio.gather(
            self._done(number),
            self._fix(incident),
            self._muting.of(incident),
            self._incidents.timeline(number),
            self._coming(incident),
        )
        analysis = done.analysis if done else None
        return IncidentView(
            incident=incident,
            like=await self._like(incident, analysis),
            fix=fix,
            analysis=analysis,
            analysis_is_past=done is not None and done.asked_at < incident.began_at,
            service=service,
            services=firing_services(incident, self._catalogue),
            links=links(incident, service, self._grafana_url, self._pages),
            silences=silences,
            timeline=tuple(lines),
            coming=coming,
        )

    async def _done(self, number: int) -> Inquiry | None:
        return await self._investigations.latest(number) if self._investigations else None

    async def _fix(self, incident: Incident) -> Fix | None:
        return await self._memories.fix_of(incident.number) if self._memories and not incident.is_open else None

    async def _coming(self, incident: Incident) -> Coming | None:
        return await self._desk.coming(incident) if self._desk else None

    async def _like(self, incident: Incident, analysis: Analysis | None) -> Remembered | None:
        if self._memories is None or not incident.is_open:
            return None
        traits = traits_of(incident, analysis)
        return next(iter(alike(traits, await self._memories.near(incident.number, traits), 1)), None)


def firing_services(incident: Incident, catalogue: Catalogue) -> tuple[Service, ...]:
    """Return every service of which something fires, that of the worst alert first; of what has ended, all it was about."""
    worst: dict[str, int] = {}
    for alert in incident.firing or incident.alerts:
        service, level = alert.service, (alert.severity or Severity.P2).value
        if service:
            worst[service] = min(level, worst.get(service, level))
    return tuple(dict.fromkeys(catalogue.find(service) for service in sorted(worst, key=lambda each: worst[each])))
