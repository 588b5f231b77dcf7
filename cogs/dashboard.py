"""Pictures a dashboard: `/dashboard <name> [panel] [range] [variables] [theme] [rows]`."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.core.access import Access
from bot.core.pictures.finder import DashboardFinder
from bot.core.pictures.picturing import Picturing
from bot.domain.exhibits import Order
from bot.domain.people import Right
from bot.ui.client import BongsuClient, localized
from bot.ui.limits import CHOICE, CHOICES, one_line, shorten
from bot.ui.pictures import show
from bot.ui.replies import language_for, person_of


class Dashboard(commands.Cog):
    """Finds the dashboard, and its picture."""

    def __init__(self, finder: DashboardFinder, picturing: Picturing, access: Access) -> None:
        self._finder = finder
        self._picturing = picturing
        self._access = access

    @app_commands.command(name="dashboard", description=localized("commands.dashboard.description"))
    @app_commands.describe(
        name=localized("commands.dashboard.name"),
        panel=localized("commands.dashboard.panel"),
        stretch=localized("commands.dashboard.range"),
        variables=localized("commands.dashboard.variables"),
        theme=localized("commands.dashboard.theme"),
        rows=localized("commands.dashboard.rows"),
    )
    @app_commands.rename(stretch="range")
    @app_commands.choices(
        theme=[
            app_commands.Choice(name=localized(f"commands.dashboard.themes.{word}"), value=word)
            for word in ("dark", "light")
        ]
    )
    async def dashboard(
        self,
        interaction: discord.Interaction[BongsuClient],
        name: str,
        panel: str = "",
        stretch: str = "",
        variables: str = "",
        theme: Literal["dark", "light"] | None = None,
        rows: bool = False,
    ) -> None:
        """Answer with the picture, or with the deep link where there is nothing to take pictures with."""
        await interaction.response.defer(ephemeral=True)
        order = Order(name, panel, stretch, variables, theme, rows)
        request = await self._picturing.request(order, person_of(interaction))
        await show(interaction, self._picturing, request, language_for(interaction))

    @dashboard.autocomplete("name")
    async def names(self, interaction: discord.Interaction[BongsuClient], typed: str) -> list[app_commands.Choice[str]]:
        """Offer dashboards by title, folder and tag, from memory."""
        if not self._access.allows(person_of(interaction), Right.READ):
            return []
        return offered(self._finder, typed)

    @dashboard.autocomplete("panel")
    async def panels(
        self, interaction: discord.Interaction[BongsuClient], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the panels of the dashboard that was chosen."""
        if not self._access.allows(person_of(interaction), Right.READ):
            return []
        found = await self._picturing.panels(str(getattr(interaction.namespace, "name", "")), typed)
        return [
            _choice(f"{each.row} / {each.title}" if each.row else each.title, f"panel-{each.id}")
            for each in found[:CHOICES]
        ]


def offered(finder: DashboardFinder, typed: str) -> list[app_commands.Choice[str]]:
    """Return the choices for what was typed, from memory."""
    return [
        _choice(f"{each.folder} / {each.title}" if each.folder else each.title, each.uid or each.title)
        for each in finder.candidates(typed)[:CHOICES]
    ]


def _choice(name: str, value: str) -> app_commands.Choice[str]:
    # Discord refuses a choice without a name, and with it all others.
    return app_commands.Choice(name=shorten(one_line(name), CHOICE) or "–", value=shorten(value, CHOICE))


async def setup(bot: BongsuClient) -> None:
    """Load the group."""
    await bot.add_cog(Dashboard(bot.services.dashboards, bot.services.picturing, bot.services.access))
