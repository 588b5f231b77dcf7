"""Words what earlier incidents teach: the line on a card, lists, and a table for spreadsheets. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime, tzinfo

from bot.domain.memory import Fix, Remembered
from bot.i18n import Language, text
from bot.ui.limits import CONTENT, fit, link, plain
from bot.ui.moments import spell, stamp
from bot.ui.particulars import EMOJI

_WORDS = 160
_COLUMNS = (
    *(
        "number",
        "severity",
        "title",
        "service",
        "opened_at",
        "acknowledged_at",
        "resolved_at",
        "seconds_to_acknowledge",
    ),
    *("seconds_to_resolve", "flaps", "mechanism", "cause", "fix", "fixed_by"),
)


def like_line(like: Remembered, language: Language) -> str:
    """Say in one line which incident it resembles: "like #42 on 12 Aug: rolled back v3.2, 14 min"."""
    return text(language, "memory.like", number=like.number, at=stamp(like.opened_at, "D"), what=_what(like, language))


def fix_line(fix: Fix) -> str:
    """Say what has ended it, and who says so."""
    return f"🔧 {plain(fix.words, _WORDS)} (**{plain(fix.by.name, 60)}**)"


def similar_list(number: int, found: Sequence[Remembered], guild: int, language: Language) -> str:
    """List what resembles an incident, with links to the cards, in whose threads pictures and reports stand."""
    if not found:
        return text(language, "memory.none", number=number)
    lines = [text(language, "memory.similar", number=number), *(_line(each, guild, language) for each in found)]
    return fit(lines, CONTENT)


def incident_list(found: Sequence[Remembered], guild: int, language: Language, more: bool) -> str:
    """List incidents, newest first."""
    if not found:
        return text(language, "memory.not_found")
    lines = [_line(each, guild, language) for each in found]
    return fit([*lines, *([text(language, "memory.more")] if more else [])], CONTENT)


def table(found: Sequence[Remembered], zone: tzinfo) -> bytes:
    """Write incidents as CSV, with times of the team's zone; a byte order mark tells spreadsheets that it is UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for each in found:
        moments = [at.astimezone(zone).isoformat(timespec="seconds") if at else "" for at in _moments(each)]
        took = [round((at - each.opened_at).total_seconds()) if at else "" for at in (each.acked_at, each.resolved_at)]
        words = (each.traits.mechanism, each.cause, *((each.fix.words, each.fix.by.name) if each.fix else ("", "")))
        named = (each.number, each.severity.name, _cell(each.title), _cell(each.traits.service))
        writer.writerow([*named, *moments, *took, each.flaps, *map(_cell, words)])
    return "\ufeff".encode() + out.getvalue().encode("utf-8", "replace")


def _moments(each: Remembered) -> tuple[datetime | None, ...]:
    return each.opened_at, each.acked_at, each.resolved_at


def _cell(words: str) -> str:
    """Return words that no spreadsheet takes for a formula."""
    return f"'{words}" if words.startswith(("=", "+", "-", "@", "\t", "\r")) else words


def _what(each: Remembered, language: Language) -> str:
    done = plain(each.fix.words if each.fix else each.cause, _WORDS)
    lasted = spell(each.lasted, language) if each.lasted is not None else text(language, "memory.open")
    return f"{done}, {lasted}" if done else lasted


def _line(each: Remembered, guild: int, language: Language) -> str:
    number = f"#{each.number}"
    if each.card:
        number = link(number, f"https://discord.com/channels/{guild}/{each.card.channel_id}/{each.card.message_id}")
    service = f" · {plain(each.traits.service, 60)}" if each.traits.service else ""
    title = f"{EMOJI[each.severity]} {number} **{plain(each.title, 80)}**{service}"
    return f"- {title} · {stamp(each.opened_at, 'D')}: {_what(each, language)}"
