"""Describes what Bongsu writes into Grafana: incidents as regions, what people and Bongsu did as points. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.dashboards import Pointer, pointer
from bot.domain.incidents import Entry, Incident
from bot.domain.silences import author_of
from bot.domain.telemetry import Change
from bot.domain.views import SilenceRow

OURS: Final = "bongsu"
# What of the timeline is worth a mark; the region of the incident tells the rest, and silences tell of themselves.
MARKED: Final = frozenset(
    {"acknowledged", "taken_over", "released", "ack_lapsed", "severity_raised", "escalated", "investigated", "fixed"}
)
_TEXT: Final = 500


@dataclass(frozen=True, slots=True)
class Note:
    """One annotation: a moment, or a region until `until`; `dashboard` is nothing for the whole organisation."""

    at: datetime
    text: str
    tags: tuple[str, ...]
    until: datetime | None = None
    dashboard: str = ""
    panel: int | None = None

    @property
    def digest(self) -> str:
        """Tell whether two say the same."""
        return hashlib.sha256(repr(self).encode("utf-8", "replace")).hexdigest()[:16]


def note_of_incident(incident: Incident) -> Note:
    """Make the region of an incident: from fire to resolve."""
    where = _where(incident)
    return Note(
        at=incident.opened_at,
        text=f"{incident.severity.name} {incident.title} #{incident.number}"[:_TEXT],
        tags=(OURS, "incident", *_tags(incident)),
        until=None if incident.is_open else incident.resolved_at,
        dashboard=where.uid if where else "",
        panel=where.panel if where else None,
    )


def note_of_entry(incident: Incident, entry: Entry, words: str) -> Note:
    """Make the mark of a line of the timeline, which says `words`."""
    where = _where(incident)
    return Note(
        at=entry.at,
        text=f"#{incident.number} {incident.title}: {words}"[:_TEXT],
        tags=(OURS, entry.kind.value, *_tags(incident)),
        dashboard=where.uid if where else "",
        panel=where.panel if where else None,
    )


def note_of_silence(row: SilenceRow) -> Note:
    """Make the region of a silence, from its beginning to its end, which may be yet to come; for the whole organisation."""
    silence = row.silence
    matchers = " ".join(map(str, silence.matchers))
    reason = "" if silence.comment == row.rule else f" {silence.comment}"
    words = f"🔕 {row.rule}{reason} ({author_of(silence).name}) {matchers}"
    services = {m.value for m in silence.matchers if m.is_equal and not m.is_regex and m.name == "service"}
    tags = (OURS, "silence", *(f"service:{name}" for name in sorted(services)), f"silence:{row.id}")
    return Note(silence.starts_at, words[:_TEXT], tags, silence.ended_at or silence.ends_at)


def note_of_change(change: Change, at: datetime) -> Note:
    """Make the mark of a deploy or another change, for the whole organisation."""
    service = (f"service:{change.service}",) if change.service else ()
    words = " ".join(part for part in (change.kind.value, change.service or "", change.id, change.text) if part)
    return Note(at, words[:_TEXT], (OURS, change.kind.value, *service))


def _tags(incident: Incident) -> Sequence[str]:
    service = (f"service:{incident.service}",) if incident.service else ()
    return (incident.severity.name, *service, f"incident:{incident.number}")


def _where(incident: Incident) -> Pointer | None:
    lead = incident.lead
    notes = lead.annotations
    own = f"/d/{notes.get('__dashboardUid__', '')}?viewPanel={notes.get('__panelId__', '')}"
    found = [each for each in map(pointer, (lead.panel_url, lead.dashboard_url, own)) if each]
    return next((each for each in found if each.panel is not None), next(iter(found), None))
