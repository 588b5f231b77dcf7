"""Tells how bad an incident is while open, and who must hear when it grows or gets worse. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.alerts import Alert, Severity
from bot.domain.episodes import worst
from bot.domain.incidents import Ack, Incident
from bot.domain.routing import REOPEN_WITHIN

# Whoever was called is called again at most this often, and never sooner than that.
PAGE_AT_MOST_EVERY = timedelta(minutes=5)


def severity_now(incident: Incident) -> Severity:
    """Tell how bad it is: the worst that fires; nobody knows how bad that is which was cut off."""
    now = worst(incident.firing) if incident.firing else incident.severity
    return incident.severity.worse_of(now) if incident.truncated else now


def promised(incident: Incident, ack: Ack) -> Severity:
    """Tell the worst of what fired when somebody took it, or has fired since."""
    return worst(alert for alert in incident.alerts if alert.firing or (alert.ends_at or ack.at) >= ack.at)


def over_since(incident: Incident, before: Incident, at: datetime) -> datetime | None:
    """Return until when something as bad had fired, if all that is worse than before only fires again: it has called."""
    just_ended = {
        alert.fingerprint: alert.seen_at
        for alert in before.alerts
        if not alert.firing and alert.seen_at and at - alert.seen_at <= REOPEN_WITHIN and _is_worse(alert, before)
    }
    if not all(alert.fingerprint in just_ended for alert in incident.firing if _is_worse(alert, before)):
        return None
    return max(just_ended.values(), default=None)


def _is_worse(alert: Alert, before: Incident) -> bool:
    return (alert.severity or Severity.P2).value < before.severity.value


def concerns_somebody(incident: Incident, before: Incident, joined: set[str]) -> bool:
    """Tell whether somebody must hear of what has joined: who has it, or the owners of another service."""
    if not joined or incident.ack:
        return bool(joined)
    services = {alert.service for alert in before.firing}
    return any(
        alert.fingerprint in joined and alert.service not in services and not (alert.joined and alert.joined.quiet)
        for alert in incident.firing
    )


def call_again_at(incident: Incident, at: datetime, until: datetime | None = None) -> datetime:
    """Return when somebody may be called again, as calls `until` then allow it."""
    paged_at = incident.paged_at
    # A clock that was set back leaves calls that lie ahead of it.
    if paged_at is None or paged_at > at:
        return at
    return max(at, min(paged_at, until or paged_at) + PAGE_AT_MOST_EVERY)
