"""Holds one press of a button or choice in a menu: who, what, and the services to do it with."""

from __future__ import annotations

from typing import Any, Protocol, cast

import discord
from discord import ui

from bot.core.services import Services
from bot.domain.people import Person
from bot.errors import OutOfDate
from bot.i18n import Language, text
from bot.ui.replies import UNKNOWN_MESSAGE, language_for, person_of, say

Interaction = discord.Interaction[Any]


class PressClient(Protocol):
    """The client, as far as a button may know it."""

    services: Services


class Press:
    """One press: who, what, and the services to do it with."""

    def __init__(self, interaction: Interaction, number: int, mark: str = "") -> None:
        self.interaction = interaction
        self.number = number
        self.mark = mark
        client: PressClient = interaction.client
        self.services: Services = client.services
        self.person: Person = person_of(interaction)
        self.language: Language = language_for(interaction)

    @property
    def values(self) -> list[str]:
        """What was chosen in a menu."""
        data = cast("dict[str, Any]", self.interaction.data or {})
        return [str(value) for value in data.get("values", [])]

    def require_mark(self, mark: str) -> None:
        """Refuse what was pressed for another thing of the same number. Raises OutOfDate."""
        if self.mark and self.mark != mark:
            raise OutOfDate("errors.unknown_button")

    async def say(self, key: str, **values: object) -> None:
        """Answer the presser alone."""
        await say(self.interaction, text(self.language, key, **values))

    async def replace(self, view: ui.LayoutView) -> None:
        """Put another view in the place of the one pressed, or below it if that is gone."""
        try:
            await self.interaction.edit_original_response(view=view)
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            # Whoever pressed has closed it meanwhile, but what became of the press they shall hear.
            await self.interaction.followup.send(view=view, ephemeral=True)
