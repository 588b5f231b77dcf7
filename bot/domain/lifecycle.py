"""The incident state machine: (incident or none, event) -> outcome. Pure and complete.

`docs/incidents.md` draws the table; `tests/domain/test_lifecycle.py` walks every cell of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.alerts import Alert, AlertStatus, Notification, Severity
from bot.domain.incidents import Ack, Entry, EntryKind, Incident, PageReason, State
from bot.domain.people import BONGSU, Person

# Firing again this soon after the end is the same trouble (a flap), later it is new trouble.
REOPEN_WITHIN = timedelta(minutes=30)

# A firing message this soon after the same episode ended is a copy that a second Grafana sent late.
LATE_COPY_WITHIN = timedelta(minutes=2)

# A flapping alert calls its owner again at most this often.
PAGE_AT_MOST_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Notified:
    """The source told about the group."""

    notification: Notification
    at: datetime


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A person takes it, until `until` if given."""

    by: Person
    at: datetime
    note: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """A person gives it back."""

    by: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class AckLapsed:
    """The time of the acknowledgement has come, if it still has one that is over."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Vanished:
    """The source no longer knows any of its alerts: a resolved message was lost."""

    at: datetime


Event = Notified | Acknowledged | Released | AckLapsed | Vanished


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event makes of an incident.

    `incident` is None when there was none and none begins. `refusal` is the key of a text for the person whose wish
    had no effect. With `begins` the incident is a new one that follows the resolved one.
    """

    incident: Incident | None
    entries: tuple[Entry, ...] = ()
    page: PageReason | None = None
    refusal: str | None = None
    begins: bool = False


def apply(incident: Incident | None, event: Event) -> Outcome:
    """Return what the event makes of the incident."""
    match event:
        case Notified():
            return _notified(incident, event)
        case Acknowledged():
            return _acknowledged(incident, event)
        case Released():
            return _released(incident, event)
        case AckLapsed():
            return _lapsed(incident, event)
        case Vanished():
            return _vanished(incident, event)


def _notified(incident: Incident | None, event: Notified) -> Outcome:
    if incident is None:
        return _open(event)
    if incident.state is not State.RESOLVED:
        return _told_while_open(incident, event)
    return _told_while_resolved(incident, event)


def _open(event: Notified) -> Outcome:
    notification, at = event.notification, event.at
    alerts = tuple(replace(alert, seen_at=at) for alert in notification.alerts)
    firing = [alert for alert in alerts if alert.firing]
    if not firing:
        return Outcome(None)

    stated = [alert.severity for alert in firing if alert.severity]
    incident = Incident(
        group=notification.group_key,
        source=notification.source,
        title=_title(notification),
        service=next((alert.service for alert in firing if alert.service), None),
        severity=_worst(firing),
        severity_stated=len(stated) == len(firing),
        state=State.FIRING,
        alerts=alerts,
        opened_at=min(at, *(alert.starts_at for alert in firing)),
        truncated=notification.truncated,
        paged_at=at,
        external_url=notification.external_url,
    )
    return Outcome(incident, (Entry(at, EntryKind.OPENED, BONGSU, {"count": str(len(firing))}),), begins=True)


def _told_while_open(incident: Incident, event: Notified) -> Outcome:
    notification, at = event.notification, event.at
    alerts = _merge(incident.alerts, notification.alerts, at)
    before = {alert.fingerprint for alert in incident.firing}
    after = {alert.fingerprint for alert in alerts if alert.firing}
    incident = replace(incident, alerts=alerts, truncated=notification.truncated)

    # Alerts that were cut off may still fire; only the source's own list (Vanished) can end such a group.
    if not after and not notification.truncated:
        return _resolve(incident, at)

    entries: list[Entry] = []
    if after - before:
        entries.append(Entry(at, EntryKind.JOINED, BONGSU, {"count": str(len(after - before))}))
    if before - after:
        entries.append(Entry(at, EntryKind.PARTLY_RESOLVED, BONGSU, {"count": str(len(before - after))}))
    severity = incident.severity.worse_of(_worst(incident.firing)) if after else incident.severity
    if severity is incident.severity:
        return Outcome(incident, tuple(entries))

    # Whoever acknowledged a warning has not promised to look at what it has become.
    entries.append(
        Entry(at, EntryKind.SEVERITY_RAISED, BONGSU, {"before": incident.severity.name, "after": severity.name})
    )
    raised = replace(incident, severity=severity, state=State.FIRING, ack=None, paged_at=at)
    return Outcome(raised, tuple(entries), page=PageReason.SEVERITY_RAISED)


def _told_while_resolved(incident: Incident, event: Notified) -> Outcome:
    at = event.at
    ended_at = incident.resolved_at or incident.opened_at
    ended = {alert.episode for alert in incident.alerts if not alert.firing}
    late = at - ended_at < LATE_COPY_WITHIN
    news = [a for a in event.notification.alerts if a.firing and not (late and a.episode in ended)]
    if not news:
        return Outcome(incident)
    if at - ended_at > REOPEN_WITHIN:
        return _open(event)

    page = incident.paged_at is None or at - incident.paged_at >= PAGE_AT_MOST_EVERY
    alerts = _merge(incident.alerts, event.notification.alerts, at)
    reopened = replace(
        incident,
        state=State.FIRING,
        alerts=alerts,
        severity=incident.severity.worse_of(_worst(news)),
        ack=None,
        resolved_at=None,
        end_reason=None,
        flaps=incident.flaps + 1,
        truncated=event.notification.truncated,
        paged_at=at if page else incident.paged_at,
    )
    entry = Entry(at, EntryKind.REOPENED, BONGSU, {"flaps": str(reopened.flaps)})
    return Outcome(reopened, (entry,), page=PageReason.REOPENED if page else None)


def _acknowledged(incident: Incident | None, event: Acknowledged) -> Outcome:
    if incident is None:
        return Outcome(None, refusal="errors.unknown_incident")
    if incident.state is State.RESOLVED:
        # Resolved wins: an acknowledgement that comes late must not bring it back.
        return Outcome(incident, refusal="errors.already_resolved")

    ack = Ack(event.by, event.at, event.note, event.until)
    held = incident.ack
    if held and held.by.id == event.by.id and (held.note, held.until) == (event.note, event.until):
        return Outcome(incident)
    kind = EntryKind.TAKEN_OVER if held and held.by.id != event.by.id else EntryKind.ACKNOWLEDGED
    detail = {"note": event.note, "until": event.until.isoformat() if event.until else ""}
    acknowledged = replace(incident, state=State.ACKNOWLEDGED, ack=ack, first_ack_at=incident.first_ack_at or event.at)
    return Outcome(acknowledged, (Entry(event.at, kind, event.by, detail),))


def _released(incident: Incident | None, event: Released) -> Outcome:
    if incident is None:
        return Outcome(None, refusal="errors.unknown_incident")
    if incident.state is State.RESOLVED:
        return Outcome(incident, refusal="errors.already_resolved")
    if incident.state is State.FIRING:
        return Outcome(incident, refusal="errors.not_acknowledged")
    released = replace(incident, state=State.FIRING, ack=None)
    return Outcome(released, (Entry(event.at, EntryKind.RELEASED, event.by),))


def _lapsed(incident: Incident | None, event: AckLapsed) -> Outcome:
    if incident is None or incident.state is not State.ACKNOWLEDGED or incident.ack is None:
        return Outcome(incident)
    if incident.ack.until is None or incident.ack.until > event.at:
        return Outcome(incident)
    lapsed = replace(incident, state=State.FIRING, ack=None, paged_at=event.at)
    entry = Entry(event.at, EntryKind.ACK_LAPSED, BONGSU, {"name": incident.ack.by.name})
    return Outcome(lapsed, (entry,), page=PageReason.ACK_LAPSED)


def _vanished(incident: Incident | None, event: Vanished) -> Outcome:
    if incident is None or incident.state is State.RESOLVED:
        return Outcome(incident)
    return _resolve(replace(incident, truncated=0), event.at, reason="Reconciled")


def _resolve(incident: Incident, at: datetime, reason: str | None = None) -> Outcome:
    ended = tuple(
        replace(alert, status=AlertStatus.RESOLVED, ends_at=at, seen_at=at) if alert.firing else alert
        for alert in incident.alerts
    )
    # The *Test* button never says that it is over, so that "a message was lost" would be wrong.
    is_test = all(alert.is_test for alert in incident.alerts)
    reason = "Test" if is_test else reason or incident.alerts[-1].end_reason
    resolved = replace(incident, state=State.RESOLVED, alerts=ended, resolved_at=at, end_reason=reason)
    return Outcome(resolved, (Entry(at, EntryKind.RESOLVED, BONGSU, {"reason": reason or ""}),))


def _merge(known: tuple[Alert, ...], told: tuple[Alert, ...], at: datetime) -> tuple[Alert, ...]:
    """Lay what was told over what was known; an alert that was not mentioned stays as it was.

    Grafana leaves out alerts that are silenced, inhibited or cut off, so that absence proves nothing.
    """
    merged = {alert.fingerprint: alert for alert in known}
    for alert in told:
        old = merged.get(alert.fingerprint)
        if old and not old.firing and alert.firing and alert.episode == old.episode and _just_ended(old, at):
            continue
        merged[alert.fingerprint] = replace(alert, seen_at=at)
    return tuple(merged.values())


def _just_ended(alert: Alert, at: datetime) -> bool:
    return alert.seen_at is not None and at - alert.seen_at < LATE_COPY_WITHIN


def _title(notification: Notification) -> str:
    names = {alert.name for alert in notification.alerts if alert.firing}
    return names.pop() if len(names) == 1 else f"{min(names)} +{len(names) - 1}"


def _worst(alerts: list[Alert] | tuple[Alert, ...]) -> Severity:
    worst = Severity.P4
    for alert in alerts:
        worst = worst.worse_of(alert.severity or Severity.P2)
    return worst
