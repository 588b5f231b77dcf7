"""Renders the silences in force and those to come, page by page, each with all its matchers and Undo."""

from __future__ import annotations

from collections.abc import Sequence

from discord import ui

from bot.domain.mute_timings import MuteTiming
from bot.domain.views import SilenceRow
from bot.i18n import Language, text
from bot.ui.drawing import Drawing
from bot.ui.ids import SILENCES, UNDO_LISTED, custom_id
from bot.ui.limits import code, plain
from bot.ui.moments import until
from bot.ui.naming import made_by
from bot.ui.silences import matchers_of, undo_button

# Discord takes 40 components and 4,000 characters in a message.
_ROWS, _ROOM = 8, 3000
_ROW = 1200
# What is written of each takes 190 characters at most, of the room that is left.
_TIMINGS = 5


def list_view(
    rows: Sequence[SilenceRow], language: Language, page: int = 0, timings: Sequence[MuteTiming] = ()
) -> ui.LayoutView:
    """Show a page of the silences; one that has ended says so and has no button.

    Below the first page stand the times in which the source mutes by itself, to be read only.
    """
    view = Drawing()
    pages = _pages([(row, _row(row, language)) for row in rows])
    page = max(0, min(page, len(pages) - 1))
    count = sum(row.silence.ended_at is None for row in rows)
    head = text(language, "silence.list", count=count)
    if len(pages) > 1:
        head += " " + text(language, "silence.page", page=page + 1, pages=len(pages))
    view.add_item(ui.TextDisplay(head))
    for row, words in pages[page]:
        if row.silence.ended_at:
            view.add_item(ui.TextDisplay(words))
            continue
        section: ui.Section[ui.LayoutView] = ui.Section(accessory=undo_button(row, language, UNDO_LISTED))
        section.add_item(words)
        view.add_item(section)
    if timings and not page:
        view.add_item(ui.TextDisplay(_timings(timings, language)))
    if len(pages) > 1:
        view.add_item(_turning(page, len(pages), language))
    return view


def page_of(rows: Sequence[SilenceRow], row: int, language: Language) -> int:
    """Return the page on which a silence stands; the first if it stands on none."""
    pages = _pages([(each, _row(each, language)) for each in rows])
    return next((index for index, page in enumerate(pages) if any(each.id == row for each, _ in page)), 0)


def _pages(rows: Sequence[tuple[SilenceRow, str]]) -> list[list[tuple[SilenceRow, str]]]:
    pages: list[list[tuple[SilenceRow, str]]] = [[]]
    left = _ROOM
    for row, words in rows:
        if pages[-1] and (len(words) > left or len(pages[-1]) == _ROWS):
            pages.append([])
            left = _ROOM
        pages[-1].append((row, words))
        left -= len(words)
    return pages


def _turning(page: int, pages: int, language: Language) -> ui.ActionRow[ui.LayoutView]:
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    if page:
        row.add_item(ui.Button(label=text(language, "buttons.previous"), custom_id=custom_id(SILENCES, page - 1)))
    if page + 1 < pages:
        row.add_item(ui.Button(label=text(language, "buttons.next"), custom_id=custom_id(SILENCES, page + 1)))
    return row


def _timings(timings: Sequence[MuteTiming], language: Language) -> str:
    lines = [text(language, "silence.timings")]
    for timing in timings[:_TIMINGS]:
        when, routes = " · ".join(timing.when), ", ".join((*timing.mutes, *timing.active))
        now = {True: "timing_now", False: "timing_later", None: "timing_unknown"}[timing.covers]
        key = "timing_active" if timing.active else "timing_mutes" if timing.mutes else "timing_unused"
        names = {"name": plain(timing.name, 30), "when": code(when, 60), "routes": code(routes, 60)}
        lines.append(text(language, f"silence.{key}", **names, now=text(language, f"silence.{now}")))
    more = len(timings) - _TIMINGS
    return "\n".join([*lines, *([text(language, "card.more", count=more)] if more > 0 else [])])


def _row(row: SilenceRow, language: Language) -> str:
    silence, who = row.silence, made_by(row.silence)
    title = f"**{plain(row.rule or silence.comment, 100)}**"
    if silence.ended_at:
        return f"🔔 {title} {text(language, 'silence.row_ended')}"
    key = "silence.row_later" if row.pending else "silence.row"
    when = text(language, key, start=until(silence.starts_at), at=until(silence.ends_at), name=who)
    reason = plain(silence.comment, 120) if row.rule and silence.comment != row.rule else ""
    lines = [title, when + (f" · {reason}" if reason else ""), matchers_of(silence.matchers, _ROW - 500, language)]
    if row.forgotten:
        lines.insert(2, text(language, "silence.row_forgotten"))
    return "\n".join(lines)
