"""An incident number into all that its card shows; from the store and the configuration alone, so that nothing hangs."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, quote, urlsplit

from bot.domain.alerts import Alert
from bot.domain.incidents import Incident
from bot.domain.owners import Catalogue, Service
from bot.domain.silences import covering
from bot.domain.views import IncidentView, Links
from bot.ports import Clock, Incidents, Investigations, SilenceBook


class Viewer:
    """Gathers incident, owner, silences and links."""

    def __init__(
        self,
        *,
        incidents: Incidents,
        book: SilenceBook,
        catalogue: Catalogue,
        grafana_url: str,
        clock: Clock,
        investigations: Investigations | None = None,
    ) -> None:
        self._investigations = investigations
        self._incidents = incidents
        self._book = book
        self._catalogue = catalogue
        self._grafana_url = grafana_url.rstrip("/")
        self._clock = clock

    async def view(self, number: int) -> IncidentView:
        """Return all that is shown of an incident. Raises UnknownIncident."""
        incident = await self._incidents.load(number)
        at = self._clock()
        known = [row.silence for row in await self._book.active(at)]
        service = self._catalogue.find(incident.service)
        done = await self._investigations.latest(number) if self._investigations else None
        return IncidentView(
            incident=incident,
            analysis=done.analysis if done else None,
            service=service,
            links=links(incident, service, self._grafana_url),
            silences=covering(known, incident.firing, at),
            timeline=tuple(await self._incidents.timeline(number)),
        )


def links(incident: Incident, service: Service, grafana_url: str) -> Links:
    """Collect the addresses: what the alert itself says goes before what the service's configuration says."""
    lead = incident.lead
    notes = lead.annotations
    rule = lead.generator_url
    if lead.rule_uid and grafana_url:
        rule = f"{grafana_url}/alerting/grafana/{quote(lead.rule_uid, safe='')}/view"
    return Links(
        dashboard=lead.dashboard_url or notes.get("dashboard_url", "") or service.dashboard,
        panel=lead.panel_url or notes.get("panel_url", ""),
        rule=rule,
        runbook=notes.get("runbook_url", "") or service.runbook,
        explore=_explore(lead, grafana_url),
    )


def _explore(lead: Alert, grafana_url: str) -> str:
    """Open the rule's own expression in Grafana's Explore, when Prometheus told it in its link."""
    try:
        query = urlsplit(lead.generator_url).query
    except ValueError:
        return ""
    if not grafana_url or not query.startswith("g0.expr="):
        return ""
    expression = parse_qs(query).get("g0.expr", [""])[0]
    start = int(lead.starts_at.timestamp() * 1000)
    pane = {
        "a": {
            "datasource": "prometheus",
            "queries": [{"refId": "A", "expr": expression}],
            "range": {"from": str(start - 1_800_000), "to": "now"},
        }
    }
    return f"{grafana_url}/explore?schemaVersion=1&panes={quote(json.dumps(pane, separators=(',', ':')))}"
