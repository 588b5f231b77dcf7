"""Finds all that a card shows of an incident; from store and configuration alone, so that nothing hangs."""

from __future__ import annotations

from typing import Protocol

from bot.core.links import links as links
from bot.core.muting import Muting
from bot.domain.alerts import Severity
from bot.domain.incidents import Incident
from bot.domain.jobs import Job
from bot.domain.memory import alike, traits_of
from bot.domain.owners import Catalogue, Service
from bot.domain.runbooks import RunbookPages
from bot.domain.views import Coming, IncidentView
from bot.ports import Clock
from bot.ports.views import Kept, Views


class Desk(Protocol):
    """Knows what happens next."""

    def coming(self, incident: Incident, job: Job) -> Coming | None:
        """Return what happens next if nobody answers, of the step that is planned."""
        ...


class Viewer:
    """Gathers incident, owner, silences and links."""

    def __init__(
        self,
        *,
        views: Views,
        muting: Muting,
        catalogue: Catalogue,
        grafana_url: str,
        clock: Clock,
        desk: Desk | None = None,
        pages: RunbookPages | None = None,
    ) -> None:
        self._pages = pages or RunbookPages()
        self._views = views
        self._clock = clock
        self._desk = desk
        self._muting = muting
        self._catalogue = catalogue
        self._grafana_url = grafana_url.rstrip("/")

    async def view(self, number: int) -> IncidentView:
        """Return all that is shown of an incident. Raises UnknownIncident."""
        return self.of(await self._views.read(number, self._clock()))

    def of(self, kept: Kept) -> IncidentView:
        """Return all that is shown of an incident of which this is kept."""
        incident, done = kept.incident, kept.inquiry
        service = self._catalogue.find(incident.lead.service or incident.service)
        analysis = done.analysis if done else None
        return IncidentView(
            incident=incident,
            like=next(iter(alike(traits_of(incident, analysis), kept.near, 1)), None),
            fix=kept.fix,
            analysis=analysis,
            analysis_is_past=done is not None and done.asked_at < incident.began_at,
            service=service,
            services=firing_services(incident, self._catalogue),
            links=links(incident, service, self._grafana_url, self._pages),
            silences=self._muting.shown(incident, kept.silences),
            timeline=tuple(kept.timeline),
            coming=self._desk.coming(incident, kept.escalation) if self._desk and kept.escalation else None,
            promised=kept.promised,
        )


def firing_services(incident: Incident, catalogue: Catalogue) -> tuple[Service, ...]:
    """Return every service of which something fires, that of the worst alert first; of what has ended, all it was about."""
    worst: dict[str, int] = {}
    for alert in incident.firing or incident.alerts:
        service, level = alert.service, (alert.severity or Severity.P2).value
        if service:
            worst[service] = min(level, worst.get(service, level))
    return tuple(dict.fromkeys(catalogue.find(service) for service in sorted(worst, key=lambda each: worst[each])))
