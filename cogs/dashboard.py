"""`/dashboard <name>`."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import locale_str as _
from discord.ext import commands

from bot.client import BongsuClient
from bot.dashboards import DashboardFinder
from bot.domain.people import Right
from bot.gate import Gate
from bot.i18n import text
from bot.ui.limits import CHOICE, CHOICES, link, one_line, plain, shorten
from bot.ui.replies import language_for, person_of, say


class Dashboard(commands.Cog):
    """Finds the picture."""

    def __init__(self, finder: DashboardFinder, gate: Gate) -> None:
        self._finder = finder
        self._gate = gate

    @app_commands.command(
        name="dashboard",
        description=_(text("en", "commands.dashboard.description"), key="commands.dashboard.description"),
    )
    @app_commands.describe(name=_(text("en", "commands.dashboard.name"), key="commands.dashboard.name"))
    async def dashboard(self, interaction: discord.Interaction[BongsuClient], name: str) -> None:
        """Answer with the deep link."""
        await interaction.response.defer(ephemeral=True)
        await self._gate.require(person_of(interaction), Right.READ, "dashboard", name[:100])
        found = self._finder.find(name)
        label = text(language_for(interaction), "dashboard.open")
        await say(interaction, f"📊 **{plain(found.title, 200)}** {link(label, found.url)}")

    @dashboard.autocomplete("name")
    async def names(self, interaction: discord.Interaction[BongsuClient], typed: str) -> list[app_commands.Choice[str]]:
        """Offer dashboards by title, folder and tag, from memory."""
        if not self._gate.allows(person_of(interaction), Right.READ):
            return []
        found = self._finder.candidates(typed)[:CHOICES]
        return [
            app_commands.Choice(
                name=shorten(one_line(f"{each.folder} / {each.title}" if each.folder else each.title), CHOICE),
                value=shorten(each.uid or each.title, CHOICE),
            )
            for each in found
        ]


async def setup(bot: BongsuClient) -> None:
    """Load the group."""
    await bot.add_cog(Dashboard(bot.services.dashboards, bot.services.gate))
