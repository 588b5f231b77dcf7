"""Asks "What fixed it?": a button below a card that is over, a form, and its answer, which outlives the process."""

from __future__ import annotations

import re
from typing import Any, Self, cast

import discord
from discord import ui

from bot.domain.people import Right
from bot.i18n import Language, text
from bot.ui import ids
from bot.ui.buttons import Interaction, Press, run
from bot.ui.limits import plain
from bot.ui.replies import language_for, person_of, say_error

_MOST = 400
# Discord itself keeps a form open no longer than it takes an answer for; ours is not waited for at all.
_FORGOTTEN_S = 900.0
_PATTERN = ids.pattern(ids.FIX)


class FixForm(ui.Modal):
    """One field: what has ended it. Its answer is read by `submitted`, whichever process made the form."""

    def __init__(self, number: int, language: Language) -> None:
        title = text(language, "fix.title", number=number)[:45]
        super().__init__(title=title, custom_id=ids.custom_id(ids.FIX, number), timeout=_FORGOTTEN_S)
        words: ui.TextInput[Any] = ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=_MOST, placeholder=text(language, "fix.example")[:100]
        )
        self.add_item(ui.Label(text=text(language, "fix.label")[:45], component=words))


class FixButton(ui.DynamicItem[ui.Button[Any]], template=_PATTERN):
    """Opens the form, for who may acknowledge."""

    def __init__(self, item: ui.Button[Any], number: int) -> None:
        super().__init__(item)
        self.number = number

    @classmethod
    async def from_custom_id(cls, _: Interaction, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """Read the number out of the id."""
        return cls(cast("ui.Button[Any]", item), int(match["number"]))

    async def callback(self, interaction: Interaction) -> None:
        """Open the form, which must be the first answer, or say why not."""
        services = Press(interaction, self.number).services
        mine = interaction.guild_id == services.guild_id
        if not (mine and services.access.allows(person_of(interaction), Right.ACK)):
            await run(interaction, ids.FIX, self.number, _refuse)
            return
        try:
            await interaction.response.send_modal(FixForm(self.number, language_for(interaction)))
        except discord.HTTPException as error:
            await say_error(interaction, error)


async def submitted(interaction: Interaction) -> None:
    """Keep the answer of a form, if it is one of ours."""
    data = cast("dict[str, Any]", interaction.data or {})
    found = _PATTERN.fullmatch(str(data.get("custom_id", "")))
    if interaction.type is not discord.InteractionType.modal_submit or found is None:
        return

    async def keep(press: Press) -> None:
        fix = await press.services.remembering.fix(press.number, press.person, _written(data.get("components")))
        await press.say("fix.done", number=press.number, words=plain(fix.words, 300))

    await run(interaction, ids.FIX, int(found["number"]), keep)


async def _refuse(press: Press) -> None:
    await press.services.access.require(press.person, Right.ACK, "fix", f"#{press.number}")


def _written(components: Any) -> str:
    """Find the text of the one field, however deep Discord wraps it."""
    for each in cast("list[dict[str, Any]]", components or []):
        if "value" in each:
            return str(each["value"])
        inner = each.get("components") or ([each["component"]] if each.get("component") else [])
        if found := _written(inner):
            return found
    return ""
