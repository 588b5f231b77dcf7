"""Makes incidents into one, and one into two: what turned out to be one trouble, and what a person takes apart. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.acknowledging import is_over
from bot.domain.episodes import ended, worst
from bot.domain.events import Outcome
from bot.domain.flapping import calm
from bot.domain.incidents import Ack, Entry, EntryKind, Incident, PageReason, State
from bot.domain.joining import Host, Joining
from bot.domain.people import BONGSU, Person
from bot.domain.worsening import severity_now

# How the alerts of an incident end there when they go on in another one.
JOINED = "Joined"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """An incident and the service at which its investigation ended, if it did."""

    incident: Incident
    cause: str | None = None


def one_trouble(first: Conclusion, second: Conclusion, joining: Joining, at: datetime) -> Host | None:
    """Tell how the second incident belongs to the first, if it does: both end at one cause, or their alerts would join.

    What an investigation names must also lie on the way: each of their services is the cause, or calls it.
    """
    host, guest = first.incident, second.incident
    if not (host.is_open and guest.is_open) or host.source != guest.source or host.origin != guest.origin:
        return None
    if host.apart or guest.apart or guest.truncated or (guest.ack and host.ack and guest.ack.by.id != host.ack.by.id):
        return None
    known = joining
    if first.cause and second.cause and first.cause.lower() == second.cause.lower():
        known = joining.explained_by(first.cause, (*host.firing, *guest.firing))
    return known.host(guest.firing, guest.group, [host], at)


def merge(host: Host, guest: Incident, at: datetime) -> tuple[Outcome, Outcome]:
    """Return what becomes of the guest, and of the incident that takes its alerts in."""
    into = host.incident
    gone = replace(
        guest,
        state=State.RESOLVED,
        alerts=tuple(ended(alert, at, JOINED) if alert.firing else alert for alert in guest.alerts),
        resolved_at=max(at, guest.began_at),
        end_reason=JOINED,
        joined_to=into.number,
    )
    how = {alert.fingerprint: alert.joined for alert in host.alerts}
    usual = next(iter(how.values()), None)
    # Those that had joined it before stay as they were, so that they can still be split off.
    moved = {
        alert.fingerprint: alert if alert.joined else replace(alert, joined=how.get(alert.fingerprint, usual))
        for alert in guest.alerts
    }
    kept = tuple(alert for alert in into.alerts if alert.fingerprint not in moved)
    severity = into.severity.worse_of(guest.severity)
    raised = severity is not into.severity
    ack = _kept_ack(into, guest, at, raised=raised)
    whole = replace(
        into,
        alerts=(*kept, *moved.values()),
        cause=host.cause,
        joined_at=at,
        severity=severity,
        ack=ack,
        state=State.ACKNOWLEDGED if ack else State.FIRING,
        first_ack_at=min(filter(None, (into.first_ack_at, guest.first_ack_at)), default=None),
    )
    entry = Entry(at, EntryKind.MERGED, BONGSU, {"other": str(guest.number), "count": str(len(moved))})
    left = Entry(at, EntryKind.MERGED_INTO, BONGSU, {"other": str(into.number)})
    # Its own card has called already.
    page = PageReason.SEVERITY_RAISED if raised and not ack and guest.paged_at is None else None
    return Outcome(gone, (left,)), Outcome(whole, (entry,), page=page)


def split(incident: Incident, group: str, by: Person, at: datetime, *, take: bool = False) -> tuple[Outcome, Outcome]:
    """Return what is left of an incident, and the one that a group which had joined has for itself; with `take` `by` has it."""
    leaving = tuple(alert for alert in incident.alerts if alert.joined and alert.joined.group == group)
    firing = [alert for alert in leaving if alert.firing]
    if not incident.is_open or not firing:
        return Outcome(incident, refusal="errors.nothing_to_split"), Outcome(None)
    rest = tuple(alert for alert in incident.alerts if alert not in leaving)
    names = list(dict.fromkeys(alert.name for alert in firing))
    own = replace(
        calm(incident),
        number=0,
        version=0,
        group=group,
        title=names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}",
        service=firing[0].service,
        severity=worst(firing),
        state=State.ACKNOWLEDGED if take else State.FIRING,
        ack=Ack(by, at) if take else None,
        first_ack_at=at if take else None,
        alerts=tuple(replace(alert, joined=None) for alert in leaving),
        opened_at=min(alert.starts_at for alert in firing),
        reopened_at=None,
        flaps=0,
        truncated=0,
        # While nobody had the whole, all who were to come for it were called; whoever had it gives this back.
        paged_at=incident.paged_at if incident.state is State.FIRING else None,
        cause=None,
        joined_at=None,
        apart=True,
    )
    over = not any(alert.firing for alert in rest) and not incident.truncated
    left = replace(incident, alerts=rest, cause=incident.cause if any(a.joined for a in rest) else None)
    left = replace(left, severity=left.severity if over else severity_now(left))
    if over:
        left = replace(left, state=State.RESOLVED, resolved_at=max(at, incident.began_at))
    taken = [Entry(at, EntryKind.ACKNOWLEDGED, by, {"note": "", "until": ""})] if take else []
    origin = {"other": str(incident.number), "since": incident.began_at.isoformat()}
    opened = Entry(at, EntryKind.SPLIT_FROM, by, origin)
    gone = Entry(at, EntryKind.SPLIT, by, {"count": str(len(leaving))})
    return Outcome(left, (gone,)), Outcome(own, (opened, *taken), begins=True)


def _kept_ack(into: Incident, guest: Incident, at: datetime, *, raised: bool) -> Ack | None:
    """Return who has the whole: who had it, unless it was less than it is now."""
    mine = None if raised or is_over(into.ack, at) else into.ack
    theirs = None if guest.severity is not into.severity.worse_of(guest.severity) else guest.ack
    return mine or (None if is_over(theirs, at) else theirs)
