"""Renders an incident as its card, in the order a person woken at three asks: how bad, what, where, since when, who.

Pure. Every piece of foreign text goes through `limits.plain` with a budget, so that the whole always fits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.pictures.picturing import pointed
from bot.domain.alerts import Severity, in_language
from bot.domain.episodes import reasons
from bot.domain.incidents import EntryKind, Incident, PageReason, State
from bot.domain.lifecycle import MIXED
from bot.domain.owners import Owner
from bot.domain.views import Coming, IncidentView
from bot.i18n import Language, has, text
from bot.ui.gist import gist
from bot.ui.impact import impact_line
from bot.ui.limits import CARD_TEXT, address_of, link, one_line, plain
from bot.ui.memory import fix_line, like_line
from bot.ui.moments import since, spell, stamp
from bot.ui.naming import silenced_lines
from bot.ui.particulars import EMOJI as EMOJI
from bot.ui.particulars import ended_as, what, which

COLOUR = {Severity.P1: 0xE5484D, Severity.P2: 0xF76B15, Severity.P3: 0xFFC53D, Severity.P4: 0x3E63DD}
GREEN = 0x30A46C
# What ended without having recovered is not green: nobody knows how it is.
ENDED, GREY = "⚪", 0x8B8D98

_OWNERS_CALLED = 10
_WHO = 300
_SERVICES_NAMED, _PLACES_NAMED = 3, 2
_TAKEN = frozenset({EntryKind.ACKNOWLEDGED, EntryKind.TAKEN_OVER})
# Who took what was not as bad has not taken this.
_LET_GO = frozenset({EntryKind.RELEASED, EntryKind.ACK_LAPSED, EntryKind.SEVERITY_RAISED})


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says and which actions it offers; `mention` is only for the first post."""

    incident: int
    colour: int
    head: str
    body: tuple[str, ...]
    links: str
    mention: str
    actions: bool
    holder: str
    silenced: bool
    pictured: bool = False
    asks_fix: bool = False
    joined: bool = False


def incident_card(view: IncidentView, language: Language) -> Card:
    """Draw an incident."""
    spoken = tuple(in_language(alert, language) for alert in view.incident.alerts)
    view = replace(view, incident=replace(view.incident, alerts=spoken))
    incident = view.incident
    resolved = incident.state is State.RESOLVED
    blocks = (
        what(incident, language),
        _verdict(view, language),
        which(incident, language),
        _who(view, language),
        _remembered(view, language),
    )
    head, call = _head(view, language), mention(view)
    # Links may be 500 characters each; they get what is left.
    left = CARD_TEXT - 100 - len(head) - len(call) - sum(map(len, blocks))
    return Card(
        incident=incident.number,
        colour=(GREY if not_recovered(incident) else GREEN) if resolved else COLOUR[incident.severity],
        head=head,
        body=tuple(block for block in blocks if block),
        links=_links(view, language, left),
        mention=call,
        actions=not resolved,
        # Who had it before it came again is asked for the same answer as everybody else.
        holder=one_line(incident.ack.by.name).strip()[:40] or "–" if incident.ack and not incident.unanswered else "",
        silenced=bool(view.silences),
        pictured=pointed(view) is not None,
        asks_fix=resolved and view.fix is None and not all(alert.is_test for alert in incident.alerts),
        joined=any(alert.joined for alert in incident.firing),
    )


def _remembered(view: IncidentView, language: Language) -> str:
    if view.fix:
        return fix_line(view.fix)
    return like_line(view.like, language) if view.like and view.incident.is_open else ""


def _verdict(view: IncidentView, language: Language) -> str:
    if view.analysis is None:
        return ""
    said = gist(view.analysis, language)
    # What was found out before it came again may be of another trouble.
    if view.analysis_is_past:
        return f"{text(language, 'card.verdict_before')}\n{said}" if said else ""
    impact = impact_line(view.analysis.impact, language) if view.incident.is_open else ""
    return "\n".join(line for line in (impact, said) if line)


def called(view: IncidentView) -> tuple[Owner, ...]:
    """Choose the owners who are called: of P1 and P2, and of nothing that somebody has already."""
    if view.incident.severity not in (Severity.P1, Severity.P2) or view.incident.state is not State.FIRING:
        return ()
    owners = [owner for service in (view.services or (view.service,)) for owner in service.owners]
    return tuple(dict.fromkeys(owners))[:_OWNERS_CALLED]


def everyone_called(view: IncidentView) -> bool:
    """Tell whether the first card also calls everybody who is here."""
    return view.incident.severity is Severity.P1 and view.incident.state is State.FIRING


def paged(view: IncidentView, reason: PageReason) -> tuple[Owner, ...]:
    """Choose who is called again: whoever has it, else the owners, of what has joined those who were not called yet."""
    ack = view.incident.ack
    if ack and view.incident.is_open:
        return (Owner(ack.by.id, is_role=False),)
    everybody = called(view)
    if reason is not PageReason.JOINED:
        return everybody
    since = view.incident.paged_at
    late = [each for each in view.incident.firing if each.joined and (since is None or each.joined.at >= since)]
    before = {(each.service or "").lower() for each in view.incident.firing if each not in late}
    services = [each for each in view.services if each.name.lower() in before]
    known = {owner for service in services for owner in service.owners}
    return tuple(owner for owner in everybody if owner not in known) or everybody


def mention(view: IncidentView) -> str:
    """Say who is called, as Discord reads it."""
    return " ".join([*(owner.mention for owner in called(view)), *(["@here"] if everyone_called(view) else [])])


def _head(view: IncidentView, language: Language) -> str:
    incident = view.incident
    emoji = (
        (ENDED if not_recovered(incident) else "🟢") if incident.state is State.RESOLVED else EMOJI[incident.severity]
    )
    services = view.services or ((view.service,) if view.service.display else ())
    shown = ", ".join(plain(each.display, 60) for each in services[:_SERVICES_NAMED])
    shown += f" +{len(services) - _SERVICES_NAMED}" if len(services) > _SERVICES_NAMED else ""
    place = " · ".join(plain(each, 60) for each in incident.places[:_PLACES_NAMED])
    where = "".join(f" · {each}" for each in (shown, place) if each)
    title = plain(incident.heading, 150) or "–"
    head = f"### {emoji} {incident.severity.name} · {title}{where} · #{incident.number}"
    return f"{head}\n{_since(incident, language)}"


def _since(incident: Incident, language: Language) -> str:
    if incident.joined_to is not None:
        return text(language, "card.joined_to", number=incident.joined_to)
    if incident.state is State.RESOLVED and incident.resolved_at:
        lasted = spell(max(incident.resolved_at - incident.began_at, timedelta()), language)
        reason = how_it_ended(incident, language)
        return text(language, "card.resolved", reason=reason, at=stamp(incident.resolved_at), lasted=lasted)
    if incident.flapping_since:
        key = "card.flapping" if incident.firing else "card.flapping_quiet"
        return text(language, key, count=incident.flapped, at=stamp(incident.flapping_since, "t"))
    if incident.reopened_at:
        return text(language, "card.again", at=since(incident.reopened_at), first=stamp(incident.opened_at, "t"))
    return text(language, "card.firing", at=since(incident.opened_at))


def _before(at: datetime, incident: Incident) -> datetime:
    """Return the beginning that came before a moment: an acknowledgement may be of the time before."""
    return incident.began_at if incident.began_at <= at else incident.opened_at


def not_recovered(incident: Incident) -> bool:
    """Tell whether something of it ended without being known to have recovered."""
    # What goes on under another card is not over.
    return incident.joined_to is not None or any(not alert.recovered and not alert.is_test for alert in incident.ended)


def how_it_ended(incident: Incident, language: Language) -> str:
    """Say how an incident ended, for each way how many of its alerts if there are several ways."""
    if incident.end_reason == MIXED:
        counted = sorted(reasons(incident.ended).items())
        return ", ".join(_ended_count(reason, count, language) for reason, count in counted)
    return ended_as(incident.end_reason, language)


def _ended_count(reason: str, count: int, language: Language) -> str:
    key = f"card.ended_count.{reason or 'recovered'}"
    return text(language, key if has(key) else "card.ended_count.other", count=count, reason=plain(reason, 40))


def _who(view: IncidentView, language: Language) -> str:
    incident = view.incident
    lines: list[str] = []
    if incident.ack:
        ack = incident.ack
        took = spell(max(ack.at - _before(ack.at, incident), timedelta()), language)
        key = "card.acknowledged" if incident.is_open else "card.was_acknowledged"
        lines.append(text(language, key, name=plain(ack.by.name, 60), at=since(ack.at), took=took))
        if ack.until and incident.is_open:
            lines.append(text(language, "card.ack_until", at=stamp(ack.until)))
        if ack.note:
            lines.append(f"> {plain(ack.note, 300)}")
        if incident.unanswered:
            lines.append(text(language, "card.anew", at=since(incident.began_at)))
    elif incident.is_open:
        lines.append(text(language, "card.waiting", at=since(_waiting_since(view))))
    if view.coming:
        # What is silenced calls nobody, whenever its next step is due.
        key = "card.escalates_loud" if view.silent else "card.escalates"
        lines.append(text(language, key, who=_whom(view.coming, language), at=stamp(view.coming.at)))
    return "\n".join([*lines, *silenced_lines(view, language)])


def _waiting_since(view: IncidentView) -> datetime:
    """Return since when nobody has it: since it began, or whoever had it no longer does."""
    waiting, held = view.incident.began_at, False
    for entry in view.timeline:
        if held and entry.kind in _LET_GO:
            waiting = max(waiting, entry.at)
        held = entry.kind in _TAKEN or (held and entry.kind not in _LET_GO)
    return waiting


def _whom(coming: Coming, language: Language) -> str:
    """Name who is called next, whole names only; the card itself calls nobody who is named there."""
    named = [text(language, "card.here") if each == "@here" else each for each in coming.who]
    while named[1:] and len(", ".join(named)) > _WHO:
        named.pop()
    return ", ".join(named) or text(language, "card.nobody")


def _links(view: IncidentView, language: Language, budget: int) -> str:
    written = ""
    for name in ("dashboard", "panel", "rule", "runbook", "explore"):
        address = address_of(getattr(view.links, name))
        each = link(text(language, f"card.link.{name}"), address)
        longer = f"{written} · {each}" if written else each
        written = longer if address and len(longer) <= budget else written
    return written
