"""Renders the longer answers of a card's menu: its timeline and all its instances."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.domain.incidents import Entry, Incident
from bot.domain.views import IncidentView
from bot.i18n import Language, text
from bot.ui.limits import plain
from bot.ui.moments import stamp
from bot.ui.particulars import apart_of, ended_as, mark_of_end

_MESSAGE = 2000
_LINES = 40
# What the texts of entries may name; most entries have little of it.
_PLACEHOLDERS = ("count", "before", "after", "flaps", "note", "until", "reason", "name", "other", "who", "step")


def timeline(view: IncidentView, language: Language) -> str:
    """Tell an incident's story, newest lines kept when it is long."""
    lines = [_entry(entry, language) for entry in view.timeline[-_LINES:]]
    head = f"**#{view.incident.number} {plain(view.incident.heading, 100)}**"
    return _fit(head, lines, newest=True)


def instances(incident: Incident, language: Language) -> str:
    """List all instances, firing ones first."""
    ended = [alert for alert in incident.alerts if not alert.firing]
    alerts = [*incident.firing, *ended]
    several = len({alert.name for alert in alerts}) > 1
    lines: list[str] = []
    for alert, apart in zip(alerts, apart_of(alerts), strict=True):
        name = plain(" ".join(part for part in (alert.name if several else "", apart) if part) or alert.instance, 120)
        if alert.firing:
            lines.append(f"- 🔥 {name} {stamp(alert.starts_at)}")
            continue
        how = "" if alert.recovered else f" — {ended_as(alert.end_reason, language)}"
        lines.append(f"- {mark_of_end(alert)} {name}{how}")
    head = text(language, "card.instances", count=len(incident.firing))
    return _fit(head, lines, newest=False)


def _entry(entry: Entry, language: Language) -> str:
    # The mentions are our own, and an answer to one person calls nobody.
    said = entry_words(entry, language, lambda words: plain(words, 120), stamp, entry.detail.get("who", ""))
    return f"- {stamp(entry.at, 'T')} {said}"


def entry_words(
    entry: Entry, language: Language, safe: Callable[[str], str], moment: Callable[[datetime], str], who: str
) -> str:
    """Say what a line of the timeline tells: `safe` makes anybody's words harmless, `moment` writes a time."""
    values = {name: safe(value) for name, value in entry.detail.items()}
    if values.get("until"):
        values["until"] = moment(datetime.fromisoformat(entry.detail["until"]))
    if "step" in values:
        values |= {"step": str(int(entry.detail["step"]) + 1), "who": who}
    known = dict.fromkeys(_PLACEHOLDERS, "")
    actor = safe(entry.actor.name)
    return text(language, f"timeline.{entry.kind.value}", **{**known, **values, "actor": actor}).strip()


def _fit(head: str, lines: list[str], *, newest: bool) -> str:
    kept: list[str] = []
    left = _MESSAGE - len(head) - 20
    for line in reversed(lines) if newest else lines:
        if len(line) + 1 > left:
            kept.append("…")
            break
        kept.append(line)
        left -= len(line) + 1
    ordered = list(reversed(kept)) if newest else kept
    return "\n".join([head, *ordered])
