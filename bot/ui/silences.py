"""Renders proposals and lists of silences, as replies for one person's eyes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import discord
from discord import ui

from bot.domain.proposals import Later, Preview, scopes_of
from bot.domain.silences import Matcher
from bot.domain.views import SilenceRow
from bot.i18n import Language, text
from bot.ui.drawing import Drawing
from bot.ui.ids import CANCEL, CONFIRM, LASTS, SCOPE, UNDO, custom_id
from bot.ui.limits import code, plain
from bot.ui.marks import of_silence
from bot.ui.moments import spell, stamp, until
from bot.ui.naming import names_of
from bot.ui.particulars import EMOJI

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
_SHOWN_INSTANCES, _SHOWN_LATER, _SHOWN_INHIBITED = 5, 5, 3


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
    section: ui.Section[ui.LayoutView] = ui.Section(accessory=undo_button(row, language, UNDO))
    section.add_item(text(language, "silence.made", rule=_title(row), at=stamp(row.silence.ends_at, "f")))
    section.add_item(matchers_of(row.silence.matchers, 1000, language))
    view.add_item(section)
    return view


def maintenance_view(rows: Sequence[SilenceRow], language: Language) -> ui.LayoutView:
    """Show the silences of a maintenance that was planned, each with Undo."""
    view = Drawing()
    for row in rows[:_SHOWN_INSTANCES]:
        section: ui.Section[ui.LayoutView] = ui.Section(accessory=undo_button(row, language, UNDO))
        at = {"start": until(row.silence.starts_at), "end": until(row.silence.ends_at)}
        section.add_item(text(language, "maintenance.planned", service=_title(row), **at))
        section.add_item(matchers_of(row.silence.matchers, 500, language))
        view.add_item(section)
    return view


def ended_view(row: SilenceRow, language: Language) -> ui.LayoutView:
    """Show a silence that was ended, in the place of the one with Undo."""
    return said(text(language, "silence.undone", rule=_title(row)))


def said(words: str) -> ui.LayoutView:
    """Show one sentence in the place of a dialogue."""
    view = Drawing()
    view.add_item(ui.TextDisplay(words))
    return view


def _heading(preview: Preview, language: Language) -> str:
    draft = preview.draft
    # Its matcher is a uid, which tells nobody where it is.
    folder = f"{draft.rule.folder} / " if draft.rule.uid and draft.rule.folder else ""
    rule = plain(f"{folder}{draft.rule.name}", 150)
    lasts = timedelta(seconds=draft.lasts_s) if draft.lasts_s else None
    key = "silence.propose" if lasts else "silence.propose_until"
    length = spell(lasts, language) if lasts else ""
    return text(language, key, rule=rule, lasts=length, at=stamp(draft.ends_at, "f"))


def _muted(preview: Preview, language: Language) -> str:
    count = len(preview.muted)
    lines = [text(language, "silence.mutes_none" if not count else "silence.mutes", count=count)]
    if preview.critical:
        lines.append(text(language, "silence.critical", count=preview.critical))
    if len(preview.services) > 1:
        names = ", ".join(plain(name, 40) for name in preview.services[:10])
        lines.append(text(language, "silence.services", names=names))
    lines += [f"- {name}" for name in names_of(preview.muted)[:_SHOWN_INSTANCES]]
    if count > _SHOWN_INSTANCES:
        lines.append(text(language, "card.more", count=count - _SHOWN_INSTANCES))
    lines += _around(preview, language)
    if preview.narrower:
        scope = text(language, f"silence.scope.{preview.narrower.value}")
        lines.append(text(language, "silence.narrower", scope=scope, count=preview.narrower_count))
    lines.append(matchers_of(preview.draft.matchers, 700, language))
    lines += _about_values(preview, language)
    if preview.stale:
        lines.append(text(language, "silence.stale"))
    lines.append(text(language, "silence.only_firing"))
    return "\n".join(lines)


def _around(preview: Preview, language: Language) -> list[str]:
    """Say what of the card stays loud, and what else would fall silent when it fires."""
    lines: list[str] = []
    if preview.loud:
        names = ", ".join(names_of((*preview.loud, *preview.muted))[: min(len(preview.loud), _SHOWN_INSTANCES)])
        lines.append(text(language, "silence.stays_loud", count=len(preview.loud), names=names))
    if preview.held_back:
        count = len(preview.held_back)
        names = ", ".join(names_of((*preview.held_back, *preview.muted))[: min(count, _SHOWN_INHIBITED)])
        lines.append(text(language, "silence.held_back", count=count, names=names))
    if preview.later:
        shown = preview.later[:_SHOWN_LATER]
        names = ", ".join(_later(each) for each in shown)
        names += f" +{len(preview.later) - len(shown)}" if len(preview.later) > len(shown) else ""
        lines.append(text(language, "silence.mutes_later", names=names))
    return lines


def _later(each: Later) -> str:
    severity = f"{EMOJI[each.severity]} {each.severity.name} " if each.severity else ""
    return f"{severity}{plain(each.name, 60)}" + (f" ({plain(each.service, 40)})" if each.service else "")


def _about_values(preview: Preview, language: Language) -> list[str]:
    lines: list[str] = []
    for key, matchers in (("silence.moving", preview.moving), ("silence.doubtful", preview.doubtful)):
        if matchers:
            shown = " ".join(code(str(matcher), 80) for matcher in matchers[:3])
            lines.append(text(language, key, labels=shown))
    return lines


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
    return [
        discord.SelectOption(
            label=text(language, f"silence.scope.{scope.value}"),
            value=scope.value,
            default=preview.draft.scope is scope,
        )
        for scope in scopes_of(preview.draft)
    ]


def _select(options: list[discord.SelectOption], name: str) -> ui.ActionRow[ui.LayoutView]:
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(ui.Select(custom_id=name, options=options))
    return row


def undo_button(row: SilenceRow, language: Language, action: str) -> ui.Button[ui.LayoutView]:
    """Make the button that ends a silence."""
    return ui.Button(label=text(language, "buttons.undo"), custom_id=custom_id(action, row.id, of_silence(row)))


def _title(row: SilenceRow) -> str:
    return plain(row.rule or row.silence.comment, 100)


def matchers_of(matchers: Sequence[Matcher], room: int, language: Language) -> str:
    """Write the matchers that fit into the room; whole ones, because half a matcher says something else."""
    written = ""
    for index, matcher in enumerate(matchers):
        longer = f"{written} {code(str(matcher), 250)}".strip()
        if len(longer) > room:
            return f"{written} {text(language, 'silence.more_matchers', count=len(matchers) - index)}".strip()
        written = longer
    return written or "–"
