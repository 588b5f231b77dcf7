"""Lays a card out in Discord's components: a coloured container, two buttons, and one menu for the rest."""

from __future__ import annotations

import discord
from discord import ui

from bot.i18n import Language, text
from bot.ui.cards import Card
from bot.ui.drawing import Drawing
from bot.ui.ids import ACK, FIX, MENU, SILENCE, SPLIT, custom_id
from bot.ui.limits import BUTTON, OPTION, shorten


def card_layout(card: Card, language: Language, *, first: bool = False) -> ui.LayoutView:
    """Lay a card out; with `first` it carries the mention, which calls people only when a message is new."""
    view = Drawing()
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=card.colour)
    box.add_item(ui.TextDisplay(card.head))
    for block in card.body:
        box.add_item(ui.TextDisplay(block))
    if card.links:
        box.add_item(ui.Separator())
        box.add_item(ui.TextDisplay(card.links))
    if card.actions:
        box.add_item(_buttons(card, language))
    if card.asks_fix:
        box.add_item(_question(card, language))
    box.add_item(_menu(card, language))
    view.add_item(box)
    if first and card.mention:
        # Below the card: telephones show the first words of a message, and those should say what is wrong.
        view.add_item(ui.TextDisplay(card.mention))
    return view


def _buttons(card: Card, language: Language) -> ui.ActionRow[ui.LayoutView]:
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    # Everybody sees the same button, who has it as well: from whom it would be taken says that it is not for them.
    key = "buttons.take_over" if card.holder else "buttons.acknowledge"
    ack = shorten(text(language, key, name=card.holder), BUTTON)
    style = discord.ButtonStyle.secondary if card.holder else discord.ButtonStyle.success
    row.add_item(ui.Button(label=ack, style=style, custom_id=custom_id(ACK, card.incident), emoji="👀"))
    silence = text(language, "buttons.silence")
    grey = discord.ButtonStyle.secondary
    row.add_item(ui.Button(label=silence, style=grey, custom_id=custom_id(SILENCE, card.incident), emoji="🔕"))
    if card.joined:
        split = text(language, "buttons.split")
        row.add_item(ui.Button(label=split, style=grey, custom_id=custom_id(SPLIT, card.incident), emoji="✂️"))
    return row


def _question(card: Card, language: Language) -> ui.ActionRow[ui.LayoutView]:
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    label = shorten(text(language, "buttons.fix"), BUTTON)
    grey = discord.ButtonStyle.secondary
    row.add_item(ui.Button(label=label, style=grey, custom_id=custom_id(FIX, card.incident), emoji="🔧"))
    return row


def _menu(card: Card, language: Language) -> ui.ActionRow[ui.LayoutView]:
    names: list[str] = []
    if card.actions:
        names.append("ack_30m")
        if card.holder:
            names.append("release")
        if card.silenced:
            names.append("unsilence")
    names += ["timeline", "instances", *(["dashboard"] if card.pictured else [])]
    menu: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=custom_id(MENU, card.incident), placeholder=text(language, "buttons.more"), min_values=0
    )
    for name in names:
        label = text(language, f"buttons.menu.{name}")
        menu.add_option(label=label[:OPTION], value=name)
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(menu)
    return row
