"""Finds the incident that a message is about. Pure.

An alert belongs to the incident that shows it, whatever route told it and however it was grouped on the way; only what
no incident shows goes by its group. So one alert is one incident, also after `group_by` was changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.alerts import Alert, Notification
from bot.domain.episodes import goes_on
from bot.domain.incidents import Incident
from bot.domain.joining import NEVER, Host, Joining

# Firing again this soon after the end is the same trouble (a flap), later it is new trouble.
REOPEN_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows that a message may be about: incidents, and for fingerprints the number of theirs.

    `beside` are open incidents of services that may be of the same trouble.
    """

    incidents: Sequence[Incident] = ()
    incident_of: Mapping[str, int] = field(default_factory=dict[str, int])
    beside: Sequence[Incident] = ()


def route(
    notification: Notification, known: Known, at: datetime, joining: Joining = NEVER
) -> list[tuple[Incident | None, Notification]]:
    """Divide a message among the incidents it is about, None for a new one; the part that its group names comes first."""
    by_number = {each.number: each for each in known.incidents if _may_be_told(each, notification)}
    group = _of_group(notification, list(by_number.values()), at)
    owners = {number: _Owner.of(each, at) for number, each in by_number.items()}
    parts: dict[int | None, list[Alert]] = {}
    unassigned: list[Alert] = []
    for alert in notification.alerts:
        own = owners.get(known.incident_of.get(alert.fingerprint, 0))
        if own is not None and own.takes(alert, at):
            parts.setdefault(own.number, []).append(alert)
        else:
            unassigned.append(alert)
    if unassigned:
        number = _incident_for(group, by_number, parts, unassigned)
        if number is None and (host := _host(notification, known, unassigned, at, joining)):
            number, unassigned = host.incident.number, list(host.alerts)
            by_number[number] = replace(host.incident, cause=host.cause)
        parts.setdefault(number, []).extend(unassigned)
    main = group.number if group and group.number in parts else next(iter(parts), None)
    ordered = sorted(parts, key=lambda number: number != main)
    return [
        (
            by_number[number] if number is not None else None,
            # Nobody knows whose alerts were cut off; the count stands on one card.
            replace(
                notification,
                alerts=tuple(parts[number]),
                truncated=notification.truncated if number == main else 0,
            ),
        )
        for number in ordered
    ]


@dataclass(frozen=True, slots=True)
class _Owner:
    """An incident that shows alerts of which a message may tell; looked through once for thousands of them."""

    number: int
    alerts: Mapping[str, Alert]
    # Whether what fires now is of its trouble.
    goes_on: bool

    @classmethod
    def of(cls, incident: Incident, at: datetime) -> _Owner:
        alerts = {alert.fingerprint: alert for alert in incident.alerts}
        return cls(incident.number, alerts, incident.is_open or _is_a_flap(incident, at))

    def takes(self, alert: Alert, at: datetime) -> bool:
        """Tell whether it is the one that shows this alert."""
        old = self.alerts.get(alert.fingerprint)
        if self.goes_on or not alert.firing:
            return old is None or not _is_over_there(old, alert, at)
        # It never ended, whatever we were told or thought.
        return old is not None and goes_on(old, alert)


def _is_over_there(old: Alert, alert: Alert, at: datetime) -> bool:
    """Tell whether an alert that had joined ended there long ago: what begins now is new trouble, though others go on."""
    if old.joined is None or old.firing or not alert.firing or goes_on(old, alert):
        return False
    return old.seen_at is not None and at - old.seen_at > REOPEN_WITHIN


def _may_be_told(incident: Incident, notification: Notification) -> bool:
    return incident.source == notification.source and notification.may_come_from(incident.origin)


def _of_group(notification: Notification, incidents: Sequence[Incident], at: datetime) -> Incident | None:
    same = [each for each in incidents if each.group == notification.group_key]
    newest = max(same, key=lambda each: each.number, default=None)
    if newest and newest.joined_to is not None:
        newest = next((each for each in incidents if each.number == newest.joined_to), None)
    return newest if newest and (newest.is_open or _is_a_flap(newest, at)) else None


def _host(
    notification: Notification, known: Known, alerts: Sequence[Alert], at: datetime, joining: Joining
) -> Host | None:
    if notification.truncated:
        return None
    beside = [each for each in known.beside if _may_be_told(each, notification)]
    return joining.host(alerts, notification.group_key, beside, at)


def _incident_for(
    group: Incident | None,
    by_number: Mapping[int, Incident],
    parts: Mapping[int | None, Sequence[Alert]],
    unassigned: Sequence[Alert],
) -> int | None:
    if group is not None:
        return group.number
    # A group that was formed anew and has grown: what is new joins what it stands beside.
    beside = [number for number in parts if number is not None and any(alert.firing for alert in parts[number])]
    if not beside or not any(alert.firing for alert in unassigned):
        return None
    return max(beside, key=lambda number: (by_number[number].is_open, len(parts[number])))


def _is_a_flap(incident: Incident, at: datetime) -> bool:
    return at - incident.closed_at <= REOPEN_WITHIN
