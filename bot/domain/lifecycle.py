"""Decides what becomes of an incident: (incident or none, event) -> outcome. Pure and complete.

`docs/incidents.md` draws the table; `tests/domain/test_lifecycle.py` walks every cell of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.domain.acknowledging import acknowledge, is_over, lapse, release
from bot.domain.alerts import Alert, Notification, Severity
from bot.domain.episodes import TESTED, ended, goes_on, is_late_copy, last_end, merge, reasons, revived, told, worst
from bot.domain.events import AckLapsed, Acknowledged, Event, Notified, Outcome, Rechecked, Released, Settled, Vanished
from bot.domain.flapping import USUAL, FlappingRules, calm, watched
from bot.domain.incidents import Entry, EntryKind, Incident, PageReason, State
from bot.domain.joining import NEVER, Joining
from bot.domain.people import BONGSU
from bot.domain.routing import REOPEN_WITHIN, Known, route
from bot.domain.worsening import call_again_at, concerns_somebody, over_since, promised, severity_now

# What the end of an incident is called when its alerts ended in different ways.
MIXED = "Mixed"


def tell(
    known: Known,
    notification: Notification,
    at: datetime,
    joining: Joining = NEVER,
    flapping: FlappingRules = USUAL,
) -> list[tuple[Incident | None, Outcome]]:
    """Return each incident that a message is about, with what the message makes of it; the main one comes first."""
    parts = route(notification, known, at, joining)
    return [(incident, apply(incident, Notified(part, at), flapping)) for incident, part in parts]


def apply(incident: Incident | None, event: Event, flapping: FlappingRules = USUAL) -> Outcome:
    """Return what the event makes of the incident."""
    match event:
        case Notified():
            return watched(incident, _notified(incident, event), event.at, flapping)
        case Acknowledged():
            return acknowledge(incident, event)
        case Released():
            return release(incident, event)
        case AckLapsed():
            return lapse(incident, event)
        case Vanished():
            return watched(incident, _vanished(incident, event), event.at, told=False)
        case Rechecked():
            return watched(incident, _rechecked(incident, event), event.at, told=False)
        case Settled():
            return _settled(incident, event)


def _notified(incident: Incident | None, event: Notified) -> Outcome:
    if incident is None:
        return _open(event)
    if not incident.origin and event.notification.origin:
        # It was adopted before its source told it.
        incident = replace(incident, origin=event.notification.origin, external_url=event.notification.external_url)
    if incident.state is not State.RESOLVED:
        return _told_while_open(incident, event)
    return _told_while_resolved(incident, event)


def _open(event: Notified) -> Outcome:
    notification, at = event.notification, event.at
    alerts = told(notification, at)
    firing = [alert for alert in alerts if alert.firing]
    if not firing:
        return Outcome(None)
    incident = Incident(
        group=notification.group_key,
        source=notification.source,
        title=notification.title,
        service=next((alert.service for alert in sorted(firing, key=_level) if alert.service), None),
        severity=worst(firing),
        state=State.FIRING,
        alerts=alerts,
        opened_at=min(at, *(alert.starts_at for alert in firing)),
        truncated=notification.truncated,
        external_url=notification.external_url,
        origin=notification.origin,
    )
    return Outcome(incident, (Entry(at, EntryKind.OPENED, BONGSU, {"count": str(len(firing))}),), begins=True)


def _level(alert: Alert) -> int:
    return (alert.severity or Severity.P2).value


def _told_while_open(incident: Incident, event: Notified) -> Outcome:
    notification, at = event.notification, event.at
    alerts = merge(incident.alerts, told(notification, at), at, trusted=_trusted(notification))
    truncated = incident.truncated if notification.group_key in incident.groups else notification.truncated
    return _go_on(replace(incident, alerts=alerts, truncated=truncated), incident, at)


def _go_on(incident: Incident, before: Incident, at: datetime) -> Outcome:
    """Tell what has changed while it is open, and end it if nothing fires any more."""
    old = {alert.fingerprint for alert in before.firing}
    new = {alert.fingerprint for alert in incident.firing}
    # Alerts that were cut off may still fire; only the source's own list (Vanished) can end such a group.
    if not new and not incident.truncated:
        return _resolve(incident, at)

    begun = new - old
    news = [alert for alert in incident.firing if alert.fingerprint in begun]
    # More of what is known already is no news to an investigation.
    if news and _kinds(news) - _kinds((*before.firing, *before.ended)):
        incident = replace(incident, joined_at=at)
    entries: list[Entry] = []
    if news:
        entries.append(Entry(at, EntryKind.JOINED, BONGSU, {"count": str(len(news))}))
    if old - new:
        entries.append(Entry(at, EntryKind.PARTLY_RESOLVED, BONGSU, {"count": str(len(old - new))}))
    incident = replace(incident, severity=severity_now(incident))
    if incident.severity.value < before.severity.value:
        return _worse(incident, before, entries, at)
    if not concerns_somebody(incident, before, begun):
        return Outcome(incident, tuple(entries))
    # Whoever owns what has joined was not called yet, so that nothing limits how soon they are.
    page_at = at if any(alert.joined for alert in news) and not incident.ack else call_again_at(incident, at)
    return Outcome(incident, tuple(entries), page=PageReason.JOINED, page_at=page_at)


def _kinds(alerts: Iterable[Alert]) -> set[tuple[str | None, str]]:
    """Return the service and the rule of each."""
    return {(alert.service, alert.name) for alert in alerts}


def _worse(incident: Incident, before: Incident, entries: list[Entry], at: datetime) -> Outcome:
    """Call whoever must come because something worse fires than before; what only flaps is no news."""
    if incident.ack and promised(before, incident.ack).value <= incident.severity.value:
        return Outcome(incident, tuple(entries), page=PageReason.JOINED, page_at=call_again_at(incident, at))
    if over_at := over_since(incident, before, at):
        # Whoever was called since then was called for less, and that puts off nothing.
        page_at = call_again_at(incident, at, until=over_at)
        return Outcome(incident, tuple(entries), page=PageReason.REOPENED, page_at=page_at)
    return _raise(incident, before.severity, entries, at)


def _raise(incident: Incident, before: Severity, entries: list[Entry], at: datetime) -> Outcome:
    # Whoever acknowledged a warning has not promised to look at what it has become.
    detail = {"before": before.name, "after": incident.severity.name}
    entries.append(Entry(at, EntryKind.SEVERITY_RAISED, BONGSU, detail))
    raised = replace(incident, state=State.FIRING, ack=None)
    return Outcome(raised, tuple(entries), page=PageReason.SEVERITY_RAISED)


def _told_while_resolved(incident: Incident, event: Notified) -> Outcome:
    at, trusted = event.at, _trusted(event.notification)
    known = {alert.fingerprint: alert for alert in incident.alerts}
    heard = [alert for alert in told(event.notification, at) if alert.firing or alert.fingerprint in known]
    news = [alert for alert in heard if alert.firing and not (not trusted and _late(known, alert, at))]
    alerts = merge(incident.alerts, heard, at, trusted=trusted)
    if not news:
        return _corrected(incident, alerts, at)
    same = any(alert.fingerprint in known and goes_on(known[alert.fingerprint], alert) for alert in news)
    if at - incident.closed_at > REOPEN_WITHIN and not same:
        return _open(event)
    return _reopen(replace(incident, truncated=event.notification.truncated), alerts, news, at)


def _late(known: dict[str, Alert], alert: Alert, at: datetime) -> bool:
    return alert.fingerprint in known and is_late_copy(known[alert.fingerprint], alert, at)


def _corrected(incident: Incident, alerts: tuple[Alert, ...], at: datetime) -> Outcome:
    """Take over a real end in the place of one that we had to guess."""
    if alerts == incident.alerts:
        return Outcome(incident)
    corrected = replace(incident, alerts=alerts)
    return Outcome(replace(corrected, resolved_at=_ended_at(corrected, at), end_reason=_end_reason(corrected)))


def _reopen(incident: Incident, alerts: tuple[Alert, ...], news: list[Alert], at: datetime) -> Outcome:
    """Go on with an incident that had ended, or seemed to; whoever had it has it again."""
    known = {alert.fingerprint: alert for alert in incident.alerts}
    # What we ended ourselves, and what then goes on as it was, has never ended.
    never_ended = all(
        alert.fingerprint in known
        and goes_on(known[alert.fingerprint], alert)
        and known[alert.fingerprint].ended_as is not None
        for alert in news
    )
    severity = severity_now(replace(incident, alerts=alerts))
    covered = severity.value >= incident.severity.value
    ack = incident.ack if covered and not is_over(incident.ack, at) else None
    began_at = max(incident.resolved_at or incident.opened_at, min(alert.starts_at for alert in news))
    reopened = replace(
        incident,
        state=State.ACKNOWLEDGED if ack else State.FIRING,
        alerts=alerts,
        severity=severity,
        ack=ack,
        resolved_at=None,
        end_reason=None,
        flaps=incident.flaps + (not never_ended),
        reopened_at=incident.reopened_at if never_ended else min(began_at, at),
    )
    entry = Entry(at, EntryKind.REOPENED, BONGSU, {"flaps": str(reopened.flaps)})
    if never_ended and ack:
        return Outcome(reopened, (entry,))
    # Whoever was called for less was not called for this.
    page, page_at = (
        (PageReason.REOPENED, call_again_at(incident, at)) if covered else (PageReason.SEVERITY_RAISED, None)
    )
    return Outcome(reopened, (entry,), page=page, page_at=page_at)


def _vanished(incident: Incident | None, event: Vanished) -> Outcome:
    if incident is None or incident.state is State.RESOLVED:
        return Outcome(incident)
    gone = event.fingerprints
    alerts = tuple(
        ended(alert, event.at, event.reason) if alert.firing and (gone is None or alert.fingerprint in gone) else alert
        for alert in incident.alerts
    )
    fires = any(alert.firing for alert in alerts)
    if fires and alerts == incident.alerts:
        return Outcome(incident)
    outcome = _go_on(replace(incident, alerts=alerts, truncated=incident.truncated if fires else 0), incident, event.at)
    hidden = not fires and not incident.firing and outcome.incident
    # All we were shown had ended; what was cut off has ended in the way of which we hear now.
    return replace(outcome, incident=replace(hidden, end_reason=event.reason)) if hidden else outcome


def _rechecked(incident: Incident | None, event: Rechecked) -> Outcome:
    if incident is None or incident.doubted_at is None:
        return Outcome(incident)
    news = [
        alert
        for alert in incident.alerts
        if alert.doubted_at and not alert.firing and alert.fingerprint in event.active
    ]
    back = {alert.fingerprint for alert in news}
    alerts = tuple(
        revived(alert, event.at) if alert.fingerprint in back else replace(alert, doubted_at=None)
        for alert in incident.alerts
    )
    if not news:
        return Outcome(replace(incident, alerts=alerts))
    if incident.state is State.RESOLVED:
        return _reopen(incident, alerts, [alert for alert in alerts if alert.firing], event.at)
    return _go_on(replace(incident, alerts=alerts), incident, event.at)


def _settled(incident: Incident | None, event: Settled) -> Outcome:
    """End the flapping; what does not fire is over now, and of what goes on unheard somebody must hear."""
    if incident is None or incident.flapping_since is None or incident.flapping_until is None:
        return Outcome(incident)
    # What began ahead of the clock is of one that was set back.
    if incident.flapping_since <= event.at < incident.flapping_until:
        return Outcome(incident)
    entry = Entry(event.at, EntryKind.SETTLED, BONGSU, {"count": str(incident.flapped)})
    settled = calm(incident)
    if settled.state is State.RESOLVED:
        return Outcome(settled, (entry,))
    if not settled.firing and not settled.truncated:
        outcome = _resolve(settled, event.at)
        return replace(outcome, entries=(entry, *outcome.entries))
    settled = replace(settled, severity=severity_now(settled))
    page = PageReason.REOPENED if settled.state is State.FIRING else None
    return Outcome(settled, (entry,), page=page, page_at=call_again_at(settled, event.at) if page else None)


def _resolve(incident: Incident, at: datetime) -> Outcome:
    # How bad it was, and not only what of it was left in the end.
    severity = worst(incident.ended) if incident.ended else incident.severity
    resolved = replace(incident, state=State.RESOLVED, end_reason=_end_reason(incident), severity=severity)
    resolved = replace(resolved, resolved_at=_ended_at(incident, at))
    return Outcome(resolved, (Entry(at, EntryKind.RESOLVED, BONGSU, {"reason": resolved.end_reason or ""}),))


def _ended_at(incident: Incident, at: datetime) -> datetime:
    return last_end(incident.ended, incident.began_at, at)


def _end_reason(incident: Incident) -> str | None:
    # The *Test* button never says that it is over, so that "a message was lost" would be wrong.
    if all(alert.is_test for alert in incident.alerts):
        return TESTED
    counted = reasons(incident.ended)
    return MIXED if len(counted) > 1 else next(iter(counted), None) or None


def _trusted(notification: Notification) -> bool:
    return notification.adopted or notification.repeated
