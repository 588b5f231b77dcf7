"""Silences a service for a while: `/maintenance <service> <from> <to> [reason]`."""

from __future__ import annotations

from datetime import timedelta, tzinfo

import discord
from discord import app_commands
from discord.ext import commands

from bot.core.access import Access
from bot.core.maintenance import Maintenance
from bot.domain.durations import parse_span
from bot.domain.people import Right
from bot.ui.client import BongsuClient, localized
from bot.ui.limits import CHOICE, CHOICES
from bot.ui.replies import language_for, person_of
from bot.ui.silences import maintenance_view

Interaction = discord.Interaction[BongsuClient]
Typed = app_commands.Range[str, 1, 60]
_MOST_AHEAD = timedelta(days=366)


class MaintenanceTimes(commands.Cog):
    """Silence a service while people work on it."""

    def __init__(self, maintenance: Maintenance, access: Access, zone: tzinfo) -> None:
        self._maintenance = maintenance
        self._access = access
        self._zone = zone

    @app_commands.command(name="maintenance", description=localized("commands.maintenance.description"))
    @app_commands.rename(begins="from", ends="to")
    @app_commands.describe(
        service=localized("commands.maintenance.service"),
        begins=localized("commands.maintenance.from"),
        ends=localized("commands.maintenance.to"),
        reason=localized("commands.silence.reason"),
    )
    async def maintenance(
        self,
        interaction: Interaction,
        service: app_commands.Range[str, 1, 100],
        begins: Typed,
        ends: Typed,
        reason: app_commands.Range[str, 0, 200] = "",
    ) -> None:
        """Plan it; its team hears of the beginning and of the end."""
        await interaction.response.defer(ephemeral=True)
        start, end = parse_span(begins, ends, now=self._maintenance.now, zone=self._zone, most=_MOST_AHEAD)
        rows = await self._maintenance.plan(service, start, end, person_of(interaction), reason)
        await interaction.followup.send(view=maintenance_view(rows, language_for(interaction)), ephemeral=True)

    @maintenance.autocomplete("service")
    async def services(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the services."""
        if not self._access.allows(person_of(interaction), Right.READ):
            return []
        names = self._maintenance.services(typed)[:CHOICES]
        return [app_commands.Choice(name=name[:CHOICE], value=name[:CHOICE]) for name in names]


async def setup(bot: BongsuClient) -> None:
    """Load the group."""
    services = bot.services
    await bot.add_cog(MaintenanceTimes(services.maintenance, services.access, services.zone))
