"""Takes and gives back incidents: `/ack <alert> [note] [for]` and `/unack <alert>`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import discord
from discord import app_commands
from discord.ext import commands

from bot.core.access import Access
from bot.core.respond import Respond
from bot.domain.durations import parse_duration
from bot.domain.incidents import Incident
from bot.domain.people import Right
from bot.i18n import text
from bot.ui.choices import incident_choice
from bot.ui.client import BongsuClient, localized
from bot.ui.limits import CHOICES, plain
from bot.ui.replies import language_for, person_of, say

_LEAST, _MOST = timedelta(minutes=1), timedelta(days=7)


class AckCog(commands.Cog):
    """Who has it."""

    def __init__(self, respond: Respond, access: Access, zone: tzinfo) -> None:
        self._respond = respond
        self._access = access
        self._zone = zone

    @app_commands.command(name="ack", description=localized("commands.ack.description"))
    @app_commands.rename(lasts="for")
    @app_commands.describe(
        alert=localized("commands.ack.alert"),
        note=localized("commands.ack.note"),
        lasts=localized("commands.ack.for"),
    )
    async def ack(
        self,
        interaction: discord.Interaction[BongsuClient],
        alert: str,
        note: app_commands.Range[str, 0, 300] = "",
        lasts: app_commands.Range[str, 0, 40] = "",
    ) -> None:
        """Take an incident; the card tells everybody, the answer only the asker."""
        await interaction.response.defer(ephemeral=True)
        length = None
        if lasts:
            now = datetime.now(UTC)
            length = parse_duration(lasts, now=now, zone=self._zone, least=_LEAST, most=_MOST).lasts
        person = person_of(interaction)
        found = await self._respond.find(alert, person, Right.ACK, "ack")
        incident = await self._respond.acknowledge(found.number, person, note, length)
        await self._answer(interaction, "ack.done", incident)

    @app_commands.command(name="unack", description=localized("commands.unack.description"))
    @app_commands.describe(alert=localized("commands.ack.alert"))
    async def unack(self, interaction: discord.Interaction[BongsuClient], alert: str) -> None:
        """Give an incident back."""
        await interaction.response.defer(ephemeral=True)
        person = person_of(interaction)
        found = await self._respond.find(alert, person, Right.ACK, "unack")
        incident = await self._respond.release(found.number, person)
        await self._answer(interaction, "ack.released", incident)

    @ack.autocomplete("alert")
    @unack.autocomplete("alert")
    async def alerts(
        self, interaction: discord.Interaction[BongsuClient], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the open incidents, those that nobody has first."""
        if not self._access.allows(person_of(interaction), Right.READ):
            return []
        return [incident_choice(incident) for incident in (await self._respond.candidates(typed))[:CHOICES]]

    async def _answer(self, interaction: discord.Interaction[BongsuClient], key: str, incident: Incident) -> None:
        title = plain(incident.heading, 100)
        await say(interaction, text(language_for(interaction), key, number=incident.number, title=title))


async def setup(bot: BongsuClient) -> None:
    """Load the group."""
    await bot.add_cog(AckCog(bot.services.respond, bot.services.access, bot.services.zone))
