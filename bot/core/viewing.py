"""An incident number into all that its card shows; from the store and the configuration alone, so that nothing hangs."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from bot.core.muting import Muting
from bot.domain.alerts import Alert, Severity
from bot.domain.incidents import Incident
from bot.domain.owners import Catalogue, Service
from bot.domain.views import IncidentView, Links
from bot.ports import Incidents, Investigations

# Discord takes no longer address in a button.
_MOST_LINK = 512
_IN_ADDRESSES = "%:/?#[]@!$&'()*+,;=~"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - compared, not listened on
_GRAFANA_PATHS = ("/d/", "/d-solo/", "/alerting/", "/explore", "/dashboard/")


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
    ) -> None:
        self._investigations = investigations
        self._incidents = incidents
        self._muting = muting
        self._catalogue = catalogue
        self._grafana_url = grafana_url.rstrip("/")

    async def view(self, number: int) -> IncidentView:
        """Return all that is shown of an incident. Raises UnknownIncident."""
        incident = await self._incidents.load(number)
        service = self._catalogue.find(incident.service)
        done = await self._investigations.latest(number) if self._investigations else None
        return IncidentView(
            incident=incident,
            analysis=done.analysis if done else None,
            analysis_is_past=done is not None and done.asked_at < incident.began_at,
            service=service,
            services=firing_services(incident, self._catalogue),
            links=links(incident, service, self._grafana_url),
            silences=await self._muting.of(incident),
            timeline=tuple(await self._incidents.timeline(number)),
        )


def firing_services(incident: Incident, catalogue: Catalogue) -> tuple[Service, ...]:
    """Return every service of which something fires, that of the worst alert first; of what has ended, all it was about."""
    worst_first = sorted(incident.firing or incident.alerts, key=lambda alert: (alert.severity or Severity.P2).value)
    return tuple(dict.fromkeys(catalogue.find(alert.service) for alert in worst_first if alert.service))


def links(incident: Incident, service: Service, grafana_url: str) -> Links:
    """Collect the addresses: what the alert itself says goes before what the service's configuration says."""
    lead = incident.lead
    rule = lead.generator_url
    if lead.rule_uid and grafana_url:
        rule = f"{grafana_url}/alerting/grafana/{quote(lead.rule_uid, safe='')}/view"
    elif len(rule) > _MOST_LINK:
        # The expression is in the address of Prometheus' graph; where that is too long, the list of its alerts is near.
        rule = _alerts_page(rule)
    dashboard = lead.dashboard_url or lead.note("dashboard_url", "dashboard")
    return Links(
        dashboard=_public(usable(dashboard) or service.dashboard, grafana_url),
        panel=_public(usable(lead.panel_url or lead.note("panel_url", "panel")), grafana_url),
        rule=_public(rule, grafana_url),
        runbook=usable(lead.note("runbook_url")) or usable(lead.note("runbook")) or service.runbook,
        explore=_explore(lead, grafana_url),
    )


def usable(written: str) -> str:
    """Return an address that a person can open, with what people leave unescaped in it; nothing for other words."""
    try:
        parts = urlsplit(written.strip())
        named = bool(parts.hostname) and parts.scheme in ("http", "https")
    except ValueError:
        return ""
    return quote(written.strip(), safe=_IN_ADDRESSES) if named else ""


def _public(address: str, grafana_url: str) -> str:
    """Lead to Grafana as people reach it, where the alert names it as it knows itself: localhost."""
    try:
        parts = urlsplit(address)
        here = parts.hostname in _LOCAL
    except ValueError:
        return address
    if not grafana_url or not here or not parts.path.startswith(_GRAFANA_PATHS):
        return address
    return grafana_url + address.split(parts.netloc, 1)[1]


def _alerts_page(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if not parts.path.endswith("/graph"):
        return address
    return urlunsplit((parts.scheme, parts.netloc, parts.path.removesuffix("graph") + "alerts", "", ""))


def _explore(lead: Alert, grafana_url: str) -> str:
    """Open the rule's own expression in Grafana's Explore, when Prometheus told it in its link."""
    try:
        query = urlsplit(lead.generator_url).query
    except ValueError:
        return ""
    if not grafana_url or not query.startswith("g0.expr="):
        return ""
    expression = parse_qs(query).get("g0.expr", [""])[0]
    # A clock that is ahead of ours must not put the beginning into the future.
    start = int(min(lead.starts_at, lead.seen_at or lead.starts_at).timestamp() * 1000)
    pane = {
        "a": {
            "datasource": "prometheus",
            "queries": [{"refId": "A", "expr": expression}],
            "range": {"from": str(start - 1_800_000), "to": "now"},
        }
    }
    return f"{grafana_url}/explore?schemaVersion=1&panes={quote(json.dumps(pane, separators=(',', ':')))}"
