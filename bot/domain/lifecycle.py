"""The incident state machine: (incident or none, event) -> outcome. Pure and complete.

`docs/incidents.md` draws the table; `tests/domain/test_lifecycle.py` walks every cell of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.alerts import Alert, AlertStatus, Notification, Severity
from bot.domain.events import AckLapsed, Acknowledged, Event, Notified, Outcome, Released, Vanished
from bot.domain.incidents import Ack, Entry, EntryKind, Incident, PageReason, State
from bot.domain.people import BONGSU

# Firing again this soon after the end is the same trouble (a flap), later it is new trouble.
REOPEN_WITHIN = timedelta(minutes=30)

# A firing message of another replica this soon after the same episode ended is a copy that was late.
LATE_COPY_WITHIN = timedelta(minutes=2)

# What an end is called that nobody told us, and one of alerts that ended in different ways.
RECONCILED, MIXED = "Reconciled", "Mixed"

# A flapping alert calls its owner again at most this often.
PAGE_AT_MOST_EVERY = timedelta(minutes=5)


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
    alerts = _heard(notification, at)
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
    alerts = _merge(incident.alerts, _heard(notification, at), at)
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
    # Counted from when we heard of it, which may be long after it ended.
    ended_at = max([incident.resolved_at or incident.opened_at, *(a.seen_at for a in incident.alerts if a.seen_at)])
    known = {alert.fingerprint: alert for alert in incident.alerts}
    heard = _heard(event.notification, at)
    news = [
        a for a in heard if a.firing and not (a.fingerprint in known and _is_late_copy(known[a.fingerprint], a, at))
    ]
    if not news:
        return _corrected(incident, heard, at)
    # What we ended ourselves has never ended if the very same episode goes on.
    goes_on = incident.end_reason == RECONCILED and any(
        alert.episode == known[alert.fingerprint].episode for alert in news if alert.fingerprint in known
    )
    if at - ended_at > REOPEN_WITHIN and not goes_on:
        return _open(event)

    severity = incident.severity.worse_of(_worst(news))
    # Whoever had it has it again, unless it got worse than what was promised.
    ack = incident.ack if severity is incident.severity and not _is_over(incident.ack, at) else None
    # A clock that was set back leaves calls that lie ahead of it.
    called = incident.paged_at is not None and timedelta() <= at - incident.paged_at < PAGE_AT_MOST_EVERY
    page = not called and not (ack and incident.end_reason == RECONCILED)
    reopened = replace(
        incident,
        state=State.ACKNOWLEDGED if ack else State.FIRING,
        alerts=_merge(incident.alerts, heard, at),
        severity=severity,
        ack=ack,
        resolved_at=None,
        end_reason=None,
        flaps=incident.flaps + 1,
        truncated=event.notification.truncated,
        paged_at=at if page else incident.paged_at,
    )
    entry = Entry(at, EntryKind.REOPENED, BONGSU, {"flaps": str(reopened.flaps)})
    return Outcome(reopened, (entry,), page=PageReason.REOPENED if page else None)


def _corrected(incident: Incident, heard: tuple[Alert, ...], at: datetime) -> Outcome:
    """Take over the end that was told in the place of one that we had to guess."""
    known = {alert.fingerprint for alert in incident.alerts}
    ends = tuple(alert for alert in heard if not alert.firing and alert.fingerprint in known)
    if incident.end_reason != RECONCILED or not ends:
        return Outcome(incident)
    alerts = _merge(incident.alerts, ends, at)
    return Outcome(
        replace(incident, alerts=alerts, resolved_at=_ended_at(alerts, incident, at), end_reason=_reason(alerts))
    )


def _is_over(ack: Ack | None, at: datetime) -> bool:
    return ack is None or (ack.until is not None and ack.until <= at)


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
    return _resolve(replace(incident, truncated=0), event.at, reason=RECONCILED)


def _resolve(incident: Incident, at: datetime, reason: str | None = None) -> Outcome:
    ended = tuple(
        replace(alert, status=AlertStatus.RESOLVED, ends_at=at, seen_at=at) if alert.firing else alert
        for alert in incident.alerts
    )
    # The *Test* button never says that it is over, so that "a message was lost" would be wrong.
    is_test = all(alert.is_test for alert in incident.alerts)
    reason = "Test" if is_test else reason or _reason(ended)
    resolved_at = at if is_test else _ended_at(ended, incident, at)
    resolved = replace(incident, state=State.RESOLVED, alerts=ended, resolved_at=resolved_at, end_reason=reason)
    return Outcome(resolved, (Entry(at, EntryKind.RESOLVED, BONGSU, {"reason": reason or ""}),))


def _ended_at(ended: tuple[Alert, ...], incident: Incident, at: datetime) -> datetime:
    """Return when the last of them ended as far as that can be true: not before the beginning, and not to come."""
    last = max((alert.ends_at for alert in ended if alert.ends_at), default=at)
    return max(min(last, at), min(incident.opened_at, at))


def _reason(ended: tuple[Alert, ...]) -> str | None:
    """Say why it ended: the reason of all of them, `Mixed` where only some have recovered."""
    reasons = {alert.end_reason for alert in ended}
    return MIXED if len(reasons) > 1 else reasons.pop()


def _heard(notification: Notification, at: datetime) -> tuple[Alert, ...]:
    return tuple(replace(alert, seen_at=at, told_by=notification.external_url) for alert in notification.alerts)


def _merge(known: tuple[Alert, ...], heard: tuple[Alert, ...], at: datetime) -> tuple[Alert, ...]:
    """Lay what was told over what was known; an alert that was not mentioned stays as it was.

    Grafana leaves out alerts that are silenced, inhibited or cut off, so that absence proves nothing.
    """
    merged = {alert.fingerprint: alert for alert in known}
    for alert in heard:
        old = merged.get(alert.fingerprint)
        if old and (_is_late_copy(old, alert, at) or _is_end_of_before(old, alert)):
            continue
        merged[alert.fingerprint] = alert
    return tuple(merged.values())


def _is_late_copy(old: Alert, alert: Alert, at: datetime) -> bool:
    """Tell whether it may be an old message: another replica says that it fires just after the same episode ended."""
    if old.firing or not alert.firing or alert.episode != old.episode or old.seen_at is None:
        return False
    # One sender tells one thing after the other; two need not.
    return old.told_by != alert.told_by and timedelta() <= at - old.seen_at < LATE_COPY_WITHIN


def _is_end_of_before(old: Alert, alert: Alert) -> bool:
    """Tell whether an end is that of an earlier episode than the one that fires."""
    if not old.firing or alert.firing or alert.ends_at is None:
        return False
    return alert.starts_at < old.starts_at and alert.ends_at <= old.starts_at


def _title(notification: Notification) -> str:
    names = {alert.name for alert in notification.alerts if alert.firing}
    return names.pop() if len(names) == 1 else f"{min(names)} +{len(names) - 1}"


def _worst(alerts: list[Alert] | tuple[Alert, ...]) -> Severity:
    worst = Severity.P4
    for alert in alerts:
        worst = worst.worse_of(alert.severity or Severity.P2)
    return worst
