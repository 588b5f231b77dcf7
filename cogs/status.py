"""Tells how we are: `/status [service]`."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.core.access import Access
from bot.core.status import StatusDesk
from bot.domain.people import Right
from bot.ui.client import BongsuClient, localized
from bot.ui.limits import CHOICE, CHOICES
from bot.ui.replies import language_for, person_of
from bot.ui.status import status_view


class StatusCog(commands.Cog):
    """Says how we are."""

    def __init__(self, desk: StatusDesk, access: Access) -> None:
        self._desk = desk
        self._access = access

    @app_commands.command(name="status", description=localized("commands.status.description"))
    @app_commands.describe(service=localized("commands.status.service"))
    async def status(self, interaction: discord.Interaction[BongsuClient], service: str | None = None) -> None:
        """Answer to the whole channel: during an incident everybody wants to see the same numbers."""
        person = person_of(interaction)
        # Who sees the answer is fixed by the deferral, and a refusal or a slip concerns nobody but the asker.
        public = self._access.allows(person, Right.READ) and (service is None or self._desk.knows(service))
        await interaction.response.defer(ephemeral=not public)
        await self._access.require(person, Right.READ, "status", (service or "")[:100])
        report = await self._desk.report(service)
        await interaction.followup.send(view=status_view(report, language_for(interaction)))

    @status.autocomplete("service")
    async def services(
        self, interaction: discord.Interaction[BongsuClient], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the configured services."""
        if not self._access.allows(person_of(interaction), Right.READ):
            return []
        names = self._desk.services(typed)[:CHOICES]
        return [app_commands.Choice(name=name[:CHOICE], value=name[:CHOICE]) for name in names]


async def setup(bot: BongsuClient) -> None:
    """Load the group."""
    await bot.add_cog(StatusCog(bot.services.status, bot.services.access))
