"""Renders a digest as one card: how many, by severity and service, the oldest, who has what; its lists, ten at a time. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import discord
from discord import ui

from bot.domain.digests import Digest, Line
from bot.domain.incidents import State
from bot.domain.owners import Owner
from bot.i18n import Language, text
from bot.ui.cards import COLOUR, GREEN
from bot.ui.drawing import Drawing
from bot.ui.ids import ACK, DIGEST, DIGEST_ONE, DIGEST_TURN, custom_id
from bot.ui.limits import BUTTON, CHOICES, OPTION, one_line, plain, shorten
from bot.ui.moments import since, stamp
from bot.ui.particulars import EMOJI

PAGE = 10
_SERVICES, _HOLDERS, _THEIRS = 8, 5, 5
# A value of a menu is at most so long, with the page before it.
_SERVICE_VALUE = 90
_OWNERS_CALLED = 40


def digest_layout(
    digest: Digest, language: Language, *, last: bool = False, call: Collection[Owner] = ()
) -> ui.LayoutView:
    """Lay a digest out; with `last` it says that it is over, and people are called by a new message only."""
    view = Drawing()
    worst = digest.open[0].severity if digest.open else None
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=COLOUR[worst] if worst and not last else GREEN)
    box.add_item(ui.TextDisplay(_head(digest, language, last=last)))
    body = _body(digest, language)
    if body:
        box.add_item(ui.TextDisplay(body))
    if digest.open and not last:
        box.add_item(_menu(DIGEST, digest, language, 0, ""))
    view.add_item(box)
    mention = call_text(call)
    if mention:
        view.add_item(ui.TextDisplay(mention))
    return view


def call_text(call: Collection[Owner]) -> str:
    """Mention whoever is called."""
    return " ".join(owner.mention for owner in list(call)[:_OWNERS_CALLED])


def call_below_text(call: Collection[Owner], incidents: Sequence[int], language: Language) -> str:
    """Call people for incidents that a digest shows."""
    named = ", ".join(f"#{number}" for number in incidents[:PAGE])
    more = f" +{len(incidents) - PAGE}" if len(incidents) > PAGE else ""
    return f"{text(language, 'digest.call', count=len(incidents))} {named}{more}\n{call_text(call)}"


def list_view(digest: Digest, language: Language, chosen: str) -> ui.LayoutView:
    """List a page of what goes on, of one service or of all, each with its button and all of its actions in the menu."""
    page, service = chosen_of(chosen)
    lines = _of(digest, service)
    pages = max((len(lines) + PAGE - 1) // PAGE, 1)
    page = max(0, min(page, pages - 1))
    shown = lines[page * PAGE : (page + 1) * PAGE]
    view = Drawing()
    name = plain(service, 60) if service else text(language, "digest.all")
    view.add_item(
        ui.TextDisplay(text(language, "digest.page", what=name, count=len(lines), page=page + 1, pages=pages))
    )
    for line in shown:
        view.add_item(_row(line, language))
    if shown:
        view.add_item(_each(digest, shown, language))
    if digest.open:
        view.add_item(_menu(DIGEST_TURN, digest, language, page, service, pages))
    return view


def chosen_of(value: str) -> tuple[int, str]:
    """Read a page and a service out of what was chosen in a menu."""
    page, _, service = value.partition(":")
    return int(page) if page.isdecimal() else 0, service


def _head(digest: Digest, language: Language, *, last: bool) -> str:
    count, ended = len(digest.open), digest.ended
    if last:
        words = text(language, "digest.over", total=len(digest.lines), ended=ended, count=count)
        return f"### 🟢 {words}"
    emoji = EMOJI[digest.open[0].severity] if digest.open else "🟢"
    lines = [f"### {emoji} {text(language, 'digest.head', count=count)}"]
    lines.append(text(language, "digest.since", at=since(digest.began_at), total=len(digest.lines), ended=ended))
    if digest.calm_at:
        lines.append(text(language, "digest.calm", at=stamp(digest.calm_at, "t")))
    return "\n".join(lines)


def _body(digest: Digest, language: Language) -> str:
    counts = digest.by_severity()
    lines = [" · ".join(f"{EMOJI[each]} {each.name}: **{counts[each]}**" for each in EMOJI if counts.get(each))]
    services = digest.by_service()
    if services:
        named = [f"{_service(name, language)} {count}" for name, count in services[:_SERVICES]]
        more = [f"+{len(services) - _SERVICES}"] if len(services) > _SERVICES else []
        lines.append(text(language, "digest.services", names=" · ".join([*named, *more])))
    if digest.open:
        oldest = min(digest.open, key=lambda line: line.opened_at)
        name = plain(oldest.title, 80)
        lines.append(text(language, "digest.oldest", number=oldest.number, name=name, at=since(oldest.opened_at)))
    for holder, held in digest.held()[:_HOLDERS]:
        numbers = ", ".join(f"#{line.number}" for line in held[:_THEIRS])
        more = f" +{len(held) - _THEIRS}" if len(held) > _THEIRS else ""
        lines.append(text(language, "digest.held", name=plain(holder, 60), numbers=numbers + more))
    nobody = sum(not line.holder for line in digest.open)
    if nobody:
        lines.append(text(language, "digest.nobody", count=nobody))
    return "\n".join(line for line in lines if line)


def _row(line: Line, language: Language) -> ui.Item[ui.LayoutView]:
    words = [f"{EMOJI[line.severity]} **#{line.number} {plain(line.title, 100)}**"]
    where = f"{_service(line.service, language)} · {since(line.opened_at)}"
    words.append(f"{where} · {text(language, 'digest.flapping')}" if line.flapping else where)
    if line.holder:
        words.append(text(language, "digest.holder", name=plain(line.holder, 60)))
    key = "buttons.take_over" if line.holder else "buttons.acknowledge"
    label = shorten(text(language, key, name=one_line(line.holder)[:40]), BUTTON)
    style = discord.ButtonStyle.secondary if line.state is State.ACKNOWLEDGED else discord.ButtonStyle.success
    button: ui.Button[ui.LayoutView] = ui.Button(label=label, style=style, custom_id=custom_id(ACK, line.number))
    section: ui.Section[ui.LayoutView] = ui.Section(accessory=button)
    section.add_item("\n".join(words))
    return section


def _each(digest: Digest, lines: Sequence[Line], language: Language) -> ui.ActionRow[ui.LayoutView]:
    menu: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=custom_id(DIGEST_ONE, digest.id), placeholder=text(language, "digest.one"), min_values=0
    )
    for line in lines:
        label = shorten(f"#{line.number} {one_line(line.title)}", OPTION)
        menu.add_option(label=label, value=str(line.number), emoji=EMOJI[line.severity])
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(menu)
    return row


def _menu(
    action: str, digest: Digest, language: Language, page: int, service: str, pages: int = 1
) -> ui.ActionRow[ui.LayoutView]:
    """Offer the pages beside this one, all incidents, and the services with the most."""
    options: dict[str, str] = {}
    if page + 1 < pages:
        options[f"{page + 1}:{service}"] = text(language, "buttons.next")
    if page:
        options[f"{page - 1}:{service}"] = text(language, "buttons.previous")
    options["0:"] = f"{text(language, 'digest.all')} ({len(digest.open)})"
    for name, count in digest.by_service():
        if name and len(name) <= _SERVICE_VALUE and len(options) < CHOICES:
            options.setdefault(f"0:{name}", f"{one_line(name) or '–'} ({count})")
    menu: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=custom_id(action, digest.id), placeholder=text(language, "digest.list"), min_values=0
    )
    for value, label in options.items():
        menu.add_option(label=shorten(label, OPTION), value=value)
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(menu)
    return row


def _of(digest: Digest, service: str) -> list[Line]:
    return [line for line in digest.open if not service or line.service == service]


def _service(name: str, language: Language) -> str:
    return plain(name, 60) if name else text(language, "digest.no_service")
