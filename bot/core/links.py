"""Finds the addresses a card offers: what the alert says goes before what the service's configuration says. No I/O."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from bot.domain.alerts import Alert
from bot.domain.incidents import Incident
from bot.domain.owners import Service
from bot.domain.plans import explore_address
from bot.domain.runbooks import RunbookPages
from bot.domain.selectors import linked_expression
from bot.domain.views import Links

# Discord takes no longer address.
_MOST_LINK = 512
_IN_ADDRESSES = "%:/?#[]@!$&'()*+,;=~"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - compared, not listened on
# Names that only machines beside Grafana know: a container, a service of Kubernetes.
_INTERNAL = re.compile(r"^[^.:]+$|\.(?:svc|local|internal|localhost|localdomain|lan|svc\.cluster\.local)$")
_GRAFANA_PATH = re.compile(r"/(?:d|d-solo|alerting|explore|dashboard)(?:/|$|\?)")
# What of a dashboard's address is worth keeping when the values of its variables make it too long.
_KEPT = frozenset({"orgId", "from", "to", "viewPanel"})

_RUNBOOK = ("runbook_url", "runbookurl", "runbook-url", "runbook_link", "runbook", "playbook_url", "playbook")
_DOCUMENTS = ("documentation", "documentation_url", "docs", "doc_url", "wiki", "wiki_url", "sop", "help_url")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`", re.DOTALL)
_NOWHERE = RunbookPages()
_ADDRESS = re.compile(r"https?://[^\s<>\"'`|]+", re.IGNORECASE)
_WITHOUT_SCHEME = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?/\S*", re.IGNORECASE)


def links(incident: Incident, service: Service, grafana_url: str, pages: RunbookPages = _NOWHERE) -> Links:
    """Collect the addresses of an incident."""
    lead = incident.lead
    rule = lead.generator_url
    if lead.rule_uid and grafana_url:
        rule = f"{grafana_url}/alerting/grafana/{quote(lead.rule_uid, safe='')}/view"
    dashboard, panel = _dashboard(lead, grafana_url)
    return Links(
        dashboard=shortened(_public(usable(dashboard) or service.dashboard, grafana_url)),
        panel=shortened(_public(usable(panel), grafana_url)),
        rule=shortened(_public(usable(rule), grafana_url)),
        runbook=shortened(_public(_runbook(lead), grafana_url))
        or pages.address(lead.note(*_RUNBOOK), lead.name)
        or service.runbook
        or pages.address(incident.service or ""),
        explore=_explore(lead, grafana_url),
    )


def usable(written: str) -> str:
    """Return an address that a person can open, with what people leave unescaped in it; nothing for other words."""
    address = written.strip().strip("<>")
    if not address:
        return ""
    if not address.lower().startswith(("http://", "https://")):
        # In the midst of a sentence, or a link of Markdown.
        found = _ADDRESS.search(address)
        bare = _WITHOUT_SCHEME.fullmatch(address)
        address = found[0].rstrip(".,;)]") if found else f"https://{address}" if bare else ""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        named = bool(host) and parts.scheme in ("http", "https")
        if not host.isascii():
            # 위키.example is written xn--… everywhere but on the screen.
            address = address.replace(host, host.encode("idna").decode(), 1)
    except ValueError:
        return ""
    return quote(address, safe=_IN_ADDRESSES) if named else ""


def shortened(address: str) -> str:
    """Return an address that Discord takes: of a long one the page itself, of a graph's the alerts beside it."""
    if len(address) <= _MOST_LINK:
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    page = re.sub(r"/(?:graph|query)$", "/alerts", parts.path)
    kept = urlencode([each for each in parse_qsl(parts.query) if each[0] in _KEPT])
    found = urlunsplit((parts.scheme, parts.netloc, page, kept if page == parts.path else "", ""))
    return found if len(found) <= _MOST_LINK else f"{parts.scheme}://{parts.netloc}/"


def _runbook(lead: Alert) -> str:
    """Find the address of a runbook; people have it among annotations or labels, under many names."""
    labels = {name.lower(): value for name, value in lead.labels.items()}
    found = (usable(lead.note(name)) or usable(labels.get(name, "")) for name in (*_RUNBOOK, *_DOCUMENTS))
    return next((address for address in found if address), "")


def _dashboard(lead: Alert, grafana_url: str) -> tuple[str, str]:
    """Return the addresses of dashboard and panel; from the uid where Grafana sends nothing but that."""
    dashboard = lead.dashboard_url or lead.note("dashboard_url", "dashboardurl", "dashboard", "grafana_dashboard")
    panel = lead.panel_url or lead.note("panel_url", "panelurl", "panel")
    uid, number = (lead.annotations.get(name, "") for name in ("__dashboardUid__", "__panelId__"))
    if not dashboard and uid and grafana_url:
        dashboard = f"{grafana_url}/d/{quote(uid, safe='')}"
        panel = panel or (f"{dashboard}?viewPanel={quote(number, safe='')}" if number else "")
    return dashboard, panel


def _public(address: str, grafana_url: str) -> str:
    """Lead to Grafana as people reach it, where the alert names it as it knows itself: localhost, a container."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return address
    found = _GRAFANA_PATH.search(parts.path)
    if not grafana_url or not found or not (host in _LOCAL or _INTERNAL.search(host)):
        return address
    # Grafana may be served below a path of its own, here and there.
    return grafana_url + address[address.index(parts.netloc) + len(parts.netloc) + found.start() :]


def _is_logql(expression: str) -> bool:
    """Tell a query of logs: it pipes lines, or counts those of a selector that names no metric."""
    bare = _QUOTED.sub('""', expression)
    return "|" in bare or re.search(r"\w\s*\(\s*\{(?!\s*\"\"\s*[,}])(?![^}]*__name__)[^}]*\}\s*\[", bare) is not None


def _explore(lead: Alert, grafana_url: str) -> str:
    """Open the rule's own expression in Grafana's Explore, when Prometheus told it in its link."""
    expression = linked_expression(lead)
    if not grafana_url or not expression:
        return ""
    if _is_logql(expression):
        # Loki's ruler writes the same link, and nobody says under which name Grafana knows Loki.
        return ""
    # A clock that is ahead of ours must not put the beginning into the future.
    start = min(lead.starts_at, lead.seen_at or lead.starts_at)
    return explore_address(grafana_url, "prometheus", {"expr": expression}, start - timedelta(minutes=30))
