"""Reads what an operator has set up in Grafana: data sources, their health, contact points, who is routed to them.

Source: Grafana's HTTP API, "Data source" and "Alerting provisioning" (11.5 to 13.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bot.errors import QueryRejected, SourceUnavailable
from bot.telemetry.http import JsonClient
from bot.telemetry.readings import listed, plain
from bot.telemetry.shapes import obj

# What Grafana writes where a secret stands.
REDACTED = "[REDACTED]"


@dataclass(frozen=True, slots=True)
class GrafanaSource:
    """One data source; `kind` is its plugin, such as `prometheus`."""

    uid: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """One integration of a contact point; several may share a name. Secrets in `settings` are redacted by Grafana."""

    uid: str
    name: str
    kind: str
    tells_resolved: bool
    settings: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def most_alerts(self) -> str:
        """Return how many alerts a message holds at most; "0" for any number."""
        return str(self.settings.get("maxAlerts") or "0")


async def data_sources(http: JsonClient) -> Sequence[GrafanaSource]:
    """Return all data sources. Raises SourceError."""
    found = listed(await http.get("api/datasources"), http.source)
    return [GrafanaSource(plain(raw.get("uid")), plain(raw.get("name")), plain(raw.get("type"))) for raw in found]


async def healthy(http: JsonClient, source: GrafanaSource) -> bool | None:
    """Ask Grafana whether it reaches a data source; None if its plugin cannot tell. Raises SourceError if it does not."""
    try:
        answer = obj(await http.get(f"api/datasources/uid/{quote(source.uid, safe='')}/health"))
    except (QueryRejected, SourceUnavailable) as error:
        if _cannot_tell(error) and source.kind not in ("prometheus", "loki", "tempo"):
            return None
        raise
    if answer.get("status") != "OK":
        raise QueryRejected(http.source, plain(answer.get("message")) or "its health is not OK")
    return True


async def contact_points(http: JsonClient) -> Sequence[ContactPoint]:
    """Return all contact points. Raises SourceError."""
    return [
        ContactPoint(
            plain(raw.get("uid")),
            plain(raw.get("name")),
            plain(raw.get("type")),
            not raw.get("disableResolveMessage"),
            obj(raw.get("settings")),
        )
        for raw in listed(await http.get("api/v1/provisioning/contact-points"), http.source)
    ]


async def routed(http: JsonClient) -> frozenset[str]:
    """Return the names of the contact points that some notification policy sends to. Raises SourceError."""
    return frozenset(_receivers(obj(await http.get("api/v1/provisioning/policies")), http.source))


def _receivers(route: dict[str, Any], source: str) -> list[str]:
    below = [name for child in listed(route.get("routes"), source) for name in _receivers(child, source)]
    return [*([plain(route["receiver"])] if route.get("receiver") else []), *below]


def _cannot_tell(error: QueryRejected | SourceUnavailable) -> bool:
    # 404 "Plugin not found" (nothing of it runs in the backend) and "Not found", or 501, by version.
    words = error.detail.lower()
    return "not found" in words or "404" in words or "501" in words or "not implemented" in words
