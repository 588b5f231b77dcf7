"""An incident into its card, in the order a person woken at three asks: how bad, what, where, since when, how many, who.

Pure. Every piece of foreign text goes through `limits.plain` with a budget, so that the whole always fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.alerts import Alert, Severity
from bot.domain.durations import brief
from bot.domain.incidents import Incident, State
from bot.domain.views import IncidentView
from bot.i18n import Language, has, text
from bot.ui.limits import CARD_TEXT, address_of, link, plain

EMOJI = {Severity.P1: "🔴", Severity.P2: "🟠", Severity.P3: "🟡", Severity.P4: "🔵"}
COLOUR = {Severity.P1: 0xE5484D, Severity.P2: 0xF76B15, Severity.P3: 0xFFC53D, Severity.P4: 0x3E63DD}
GREEN = 0x30A46C

_INSTANCES_SHOWN = 5


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
    acknowledged: bool
    silenced: bool


def incident_card(view: IncidentView, language: Language) -> Card:
    """Draw an incident."""
    incident = view.incident
    resolved = incident.state is State.RESOLVED
    blocks = (
        _what(view, language),
        _instances(incident, language),
        _who(view, language),
    )
    head, called = _head(view, language), mention(view)
    # Links may be 500 characters each; they get what is left.
    left = CARD_TEXT - 100 - len(head) - len(called) - sum(map(len, blocks))
    return Card(
        incident=incident.number,
        colour=GREEN if resolved else COLOUR[incident.severity],
        head=head,
        body=tuple(block for block in blocks if block),
        links=_links(view, language, left),
        mention=called,
        actions=not resolved,
        acknowledged=incident.ack is not None,
        silenced=bool(view.silences),
    )


def mention(view: IncidentView) -> str:
    """Say who is called: P1 the owner and @here, P2 the owner, nobody below."""
    if view.incident.severity not in (Severity.P1, Severity.P2) or not view.incident.is_open:
        return ""
    owners = [owner.mention for owner in view.service.owners[:10]]
    return " ".join([*owners, "@here"] if view.incident.severity is Severity.P1 else owners)


def stamp(at: datetime, style: str = "R") -> str:
    """Write a moment as Discord shows it in each reader's own time; R runs ("3 minutes ago")."""
    return f"<t:{int(at.timestamp())}:{style}>"


def _head(view: IncidentView, language: Language) -> str:
    incident = view.incident
    emoji = "🟢" if incident.state is State.RESOLVED else EMOJI[incident.severity]
    where = f" · {plain(view.service.display, 60)}" if view.service.display else ""
    head = f"### {emoji} {incident.severity.name} · {plain(incident.title, 150)}{where} · #{incident.number}"
    return f"{head}\n{_since(incident, language)}"


def _since(incident: Incident, language: Language) -> str:
    opened = stamp(incident.opened_at)
    if incident.state is State.RESOLVED and incident.resolved_at:
        key = f"card.ended.{incident.end_reason}" if incident.end_reason else "card.ended.recovered"
        reason = text(language, key if has(key) else "card.ended.other", reason=plain(incident.end_reason or "", 40))
        lasted = brief(incident.resolved_at - incident.opened_at)
        return text(language, "card.resolved", reason=reason, at=stamp(incident.resolved_at), lasted=lasted)
    return text(language, "card.firing", at=opened)


def _what(view: IncidentView, language: Language) -> str:
    incident, lead = view.incident, view.incident.lead
    lines = [plain(lead.annotations.get("summary") or lead.annotations.get("description") or "", 500)]
    if lead.labels.get("alertname") == "TestAlert":
        lines.append(text(language, "card.test"))
    if lead.trouble:
        detail = plain(lead.annotations.get("Error", ""), 200)
        lines.append(text(language, f"card.trouble.{lead.trouble}", detail=detail))
    if not incident.severity_stated:
        lines.append(text(language, "card.severity_unknown"))
    if incident.flaps:
        lines.append(text(language, "card.flaps", count=incident.flaps))
    return "\n".join(line for line in lines if line)


def _instances(incident: Incident, language: Language) -> str:
    firing = incident.firing
    alerts = firing or incident.alerts
    key = "card.instances" if firing else "card.instances_ended"
    lines = [text(language, key, count=len(alerts))]
    lines += [f"- {_instance(alert, language)}" for alert in alerts[:_INSTANCES_SHOWN]]
    if len(alerts) > _INSTANCES_SHOWN:
        lines.append(text(language, "card.more", count=len(alerts) - _INSTANCES_SHOWN))
    if incident.truncated:
        lines.append(text(language, "card.truncated", count=incident.truncated))
    return "\n".join(lines)


def _instance(alert: Alert, language: Language) -> str:
    name = plain(alert.instance, 90)
    if not alert.firing or not alert.reading:
        return name
    if alert.threshold:
        reading, threshold = plain(alert.reading, 40), plain(alert.threshold, 40)
        return f"{name} — {text(language, 'card.reading', value=reading, threshold=threshold)}"
    return f"{name} — **{plain(alert.reading, 40)}**"


def _who(view: IncidentView, language: Language) -> str:
    incident = view.incident
    lines: list[str] = []
    if incident.ack:
        ack = incident.ack
        took = brief(max((incident.first_ack_at or ack.at) - incident.opened_at, timedelta()))
        lines.append(text(language, "card.acknowledged", name=plain(ack.by.name, 60), at=stamp(ack.at), took=took))
        if ack.until and incident.is_open:
            lines.append(text(language, "card.ack_until", at=stamp(ack.until)))
        if ack.note:
            lines.append(f"> {plain(ack.note, 300)}")
    elif incident.is_open:
        lines.append(text(language, "card.waiting", at=stamp(incident.opened_at)))
    for silence in view.silences[:2]:
        who = plain(silence.created_by.removeprefix("discord: ").split(" (")[0], 60)
        lines.append(text(language, "card.silenced", at=stamp(silence.ends_at), name=who))
    if len(view.silences) > 2:
        lines.append(text(language, "card.more_silences", count=len(view.silences) - 2))
    return "\n".join(lines)


def _links(view: IncidentView, language: Language, budget: int) -> str:
    written = ""
    found = [
        link(text(language, f"card.link.{name}"), address)
        for name, address in (
            ("dashboard", view.links.dashboard),
            ("panel", view.links.panel),
            ("rule", view.links.rule),
            ("runbook", view.links.runbook),
            ("explore", view.links.explore),
        )
        if address_of(address)
    ]
    for each in found:
        longer = f"{written} · {each}" if written and each else written or each
        written = longer if len(longer) <= budget else written
    return written
