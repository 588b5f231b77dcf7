"""Proposals and lists of silences, as replies for one person's eyes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import discord
from discord import ui

from bot.domain.silences import Preview, Scope
from bot.domain.views import SilenceRow
from bot.i18n import Language, text
from bot.ui.drawing import Drawing
from bot.ui.ids import CANCEL, CONFIRM, LASTS, SCOPE, UNDO, custom_id
from bot.ui.limits import code, plain
from bot.ui.moments import spell, stamp, until

LENGTHS = (
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(days=1),
    timedelta(days=3),
)
_LISTED = 8
_SHOWN_INSTANCES = 5


def preview_view(preview: Preview, language: Language) -> ui.LayoutView:
    """Show what a proposal would mute, with its length, its scope, Confirm and Cancel."""
    draft = preview.draft
    view = Drawing()
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=0xF76B15 if preview.critical else 0x3E63DD)
    box.add_item(ui.TextDisplay(_heading(preview, language)))
    box.add_item(ui.TextDisplay(_muted(preview, language)))
    box.add_item(_select(_lengths(preview, language), custom_id(LASTS, draft.id)))
    box.add_item(_select(_scopes(preview, language), custom_id(SCOPE, draft.id)))
    buttons: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    danger = discord.ButtonStyle.danger if preview.critical else discord.ButtonStyle.primary
    confirm = text(language, "buttons.confirm")
    buttons.add_item(ui.Button(label=confirm, style=danger, custom_id=custom_id(CONFIRM, draft.id)))
    buttons.add_item(ui.Button(label=text(language, "buttons.cancel"), custom_id=custom_id(CANCEL, draft.id)))
    box.add_item(buttons)
    view.add_item(box)
    return view


def confirmed_view(row: SilenceRow, language: Language) -> ui.LayoutView:
    """Show a silence that was made, with Undo."""
    view = Drawing()
    section: ui.Section[ui.LayoutView] = ui.Section(accessory=_undo(row, language))
    rule = plain(row.rule, 150)
    section.add_item(text(language, "silence.made", rule=rule, at=stamp(row.silence.ends_at, "f")))
    section.add_item(_matchers(row, 1000))
    view.add_item(section)
    return view


def said(words: str) -> ui.LayoutView:
    """Show one sentence in the place of a dialogue."""
    view = Drawing()
    view.add_item(ui.TextDisplay(words))
    return view


def list_view(rows: Sequence[SilenceRow], language: Language) -> ui.LayoutView:
    """Show the silences in force with who, why, until when, and Undo for each."""
    view = Drawing()
    view.add_item(ui.TextDisplay(text(language, "silence.list", count=len(rows))))
    for row in rows[:_LISTED]:
        section: ui.Section[ui.LayoutView] = ui.Section(accessory=_undo(row, language))
        section.add_item(_row(row, language))
        view.add_item(section)
    if len(rows) > _LISTED:
        view.add_item(ui.TextDisplay(text(language, "silence.more", count=len(rows) - _LISTED)))
    return view


def _heading(preview: Preview, language: Language) -> str:
    draft = preview.draft
    rule = plain(draft.rule.name, 150)
    lasts = timedelta(seconds=draft.lasts_s) if draft.lasts_s else None
    key = "silence.propose" if lasts else "silence.propose_until"
    length = spell(lasts, language) if lasts else ""
    return text(language, key, rule=rule, lasts=length, at=stamp(draft.ends_at, "f"))


def _muted(preview: Preview, language: Language) -> str:
    count = len(preview.muted)
    lines = [text(language, "silence.mutes_none" if not count else "silence.mutes", count=count)]
    if preview.critical:
        lines.append(text(language, "silence.critical", count=preview.critical))
    if preview.services:
        names = ", ".join(plain(name, 40) for name in preview.services[:10])
        lines.append(text(language, "silence.services", names=names))
    lines += [f"- {plain(alert.instance, 100)}" for alert in preview.muted[:_SHOWN_INSTANCES]]
    if count > _SHOWN_INSTANCES:
        lines.append(text(language, "card.more", count=count - _SHOWN_INSTANCES))
    if preview.narrower:
        scope = text(language, f"silence.scope.{preview.narrower.value}")
        lines.append(text(language, "silence.narrower", scope=scope, count=preview.narrower_count))
    lines.append(" ".join(code(str(matcher), 120) for matcher in preview.matchers[:6]))
    if preview.stale:
        lines.append(text(language, "silence.stale"))
    lines.append(text(language, "silence.only_firing"))
    return "\n".join(lines)


def _lengths(preview: Preview, language: Language) -> list[discord.SelectOption]:
    lasts = preview.draft.lasts_s
    options = [
        discord.SelectOption(
            label=text(language, "silence.for", lasts=spell(length, language)),
            value=str(int(length.total_seconds())),
            default=lasts == length.total_seconds(),
        )
        for length in LENGTHS
    ]
    if not any(option.default for option in options):
        # What was typed is none of the usual lengths; it stays chosen until another one is.
        key, words = ("silence.for", spell(timedelta(seconds=lasts), language)) if lasts else ("silence.as_typed", "")
        typed = discord.SelectOption(label=text(language, key, lasts=words), value="0", default=True)
        options.insert(0, typed)
    return options


def _scopes(preview: Preview, language: Language) -> list[discord.SelectOption]:
    draft = preview.draft
    possible = [Scope.RULE]
    if draft.sample and draft.sample.service:
        possible.append(Scope.SERVICE)
    if draft.sample:
        possible.append(Scope.INSTANCE)
    return [
        discord.SelectOption(
            label=text(language, f"silence.scope.{scope.value}"), value=scope.value, default=draft.scope is scope
        )
        for scope in possible
    ]


def _select(options: list[discord.SelectOption], name: str) -> ui.ActionRow[ui.LayoutView]:
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(ui.Select(custom_id=name, options=options))
    return row


def _undo(row: SilenceRow, language: Language) -> ui.Button[ui.LayoutView]:
    return ui.Button(label=text(language, "buttons.undo"), custom_id=custom_id(UNDO, row.id))


def _row(row: SilenceRow, language: Language) -> str:
    silence = row.silence
    who = plain(silence.created_by.removeprefix("discord: ").split(" (")[0], 60)
    ends = text(language, "silence.row", at=until(silence.ends_at), name=who)
    reason = plain(silence.comment, 120)
    title = f"**{plain(row.rule, 100)}**" if row.rule else _matchers(row, 180)
    return f"{title}\n{ends}" + (f" · {reason}" if reason and reason != plain(row.rule, 120) else "")


def _matchers(row: SilenceRow, room: int) -> str:
    """Write the matchers that fit into the room; whole ones, because half a matcher says something else."""
    written = ""
    for matcher in row.silence.matchers:
        longer = f"{written} {code(str(matcher), 100)}".strip()
        if len(longer) > room:
            return f"{written} …"
        written = longer
    return written or "–"
