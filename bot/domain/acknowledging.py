"""Tells who has an incident: taken, taken over, given back, lapsed. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.events import AckLapsed, Acknowledged, Outcome, Released
from bot.domain.incidents import Ack, Entry, EntryKind, Incident, PageReason, State
from bot.domain.people import BONGSU


def acknowledge(incident: Incident | None, event: Acknowledged) -> Outcome:
    """Give an incident to whoever takes it."""
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


def release(incident: Incident | None, event: Released) -> Outcome:
    """Take back from whoever had it."""
    if incident is None:
        return Outcome(None, refusal="errors.unknown_incident")
    if incident.state is State.RESOLVED:
        return Outcome(incident, refusal="errors.already_resolved")
    if incident.state is State.FIRING:
        return Outcome(incident, refusal="errors.not_acknowledged")
    released = replace(incident, state=State.FIRING, ack=None)
    # Taken before anybody was called, and now nobody would ever be.
    page = PageReason.OPENED if incident.paged_at is None else None
    return Outcome(released, (Entry(event.at, EntryKind.RELEASED, event.by),), page=page)


def lapse(incident: Incident | None, event: AckLapsed) -> Outcome:
    """End an acknowledgement whose time has come."""
    if incident is None or incident.state is not State.ACKNOWLEDGED or incident.ack is None:
        return Outcome(incident)
    if not is_over(incident.ack, event.at):
        return Outcome(incident)
    lapsed = replace(incident, state=State.FIRING, ack=None)
    entry = Entry(event.at, EntryKind.ACK_LAPSED, BONGSU, {"name": incident.ack.by.name})
    return Outcome(lapsed, (entry,), page=PageReason.ACK_LAPSED)


def is_over(ack: Ack | None, at: datetime) -> bool:
    """Tell whether nobody has it any more."""
    return ack is None or (ack.until is not None and ack.until <= at)
