"""Tells how bad an incident is while open, and who must hear when it grows or gets worse. Pure."""

from __future__ import annotations

from datetime import datetime

from bot.domain.alerts import Severity
from bot.domain.episodes import worst
from bot.domain.incidents import Ack, Incident
from bot.domain.routing import REOPEN_WITHIN


def severity_now(incident: Incident) -> Severity:
    """Tell how bad it is: the worst that fires; nobody knows how bad that is which was cut off."""
    now = worst(incident.firing) if incident.firing else incident.severity
    return incident.severity.worse_of(now) if incident.truncated else now


def promised(incident: Incident, ack: Ack) -> Severity:
    """Tell the worst of what fired when somebody took it, or has fired since."""
    return worst(alert for alert in incident.alerts if alert.firing or (alert.ends_at or ack.at) >= ack.at)


def only_flaps(incident: Incident, before: Incident, at: datetime) -> bool:
    """Tell whether all that fires and is worse than before had only just ended: it called when it began."""
    just_ended = {
        alert.fingerprint
        for alert in before.alerts
        if not alert.firing and alert.seen_at and at - alert.seen_at <= REOPEN_WITHIN
    }
    worse = [alert for alert in incident.firing if (alert.severity or Severity.P2).value < before.severity.value]
    return bool(worse) and all(alert.fingerprint in just_ended for alert in worse)


def concerns_somebody(incident: Incident, before: Incident, joined: set[str]) -> bool:
    """Tell whether somebody must hear of what has joined: who has it, or the owners of another service."""
    if not joined or incident.ack:
        return bool(joined)
    services = {alert.service for alert in before.firing}
    return any(
        alert.fingerprint in joined and alert.service not in services and not (alert.joined and alert.joined.quiet)
        for alert in incident.firing
    )
