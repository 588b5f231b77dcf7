"""Finds earlier incidents: `/similar <incident>` and `/incidents [filter] [export]`."""

from __future__ import annotations

import io
from datetime import tzinfo

import discord
from discord import app_commands
from discord.ext import commands

from bot.core.access import Access
from bot.core.remembering import Remembering
from bot.core.respond import Respond
from bot.domain.people import Right
from bot.ui.choices import incident_choice
from bot.ui.client import BongsuClient, localized
from bot.ui.limits import CHOICES
from bot.ui.memory import incident_list, similar_list, table
from bot.ui.replies import language_for, person_of, say

_LISTED = 15
# A row has some 300 bytes, and Discord takes 10 MiB with a message.
_EXPORTED = 20_000


class MemoryCog(commands.Cog):
    """What happened before."""

    def __init__(self, remembering: Remembering, respond: Respond, access: Access, guild_id: int, zone: tzinfo) -> None:
        self._remembering = remembering
        self._respond = respond
        self._access = access
        self._guild_id = guild_id
        self._zone = zone

    @app_commands.command(name="similar", description=localized("commands.similar.description"))
    @app_commands.describe(incident=localized("commands.similar.incident"))
    async def similar(self, interaction: discord.Interaction[BongsuClient], incident: str) -> None:
        """List the earlier incidents that resemble one."""
        await interaction.response.defer(ephemeral=True)
        person = person_of(interaction)
        found = await self._respond.find(incident, person, Right.READ, "similar")
        known = await self._remembering.similar(found.number, person)
        await say(interaction, similar_list(found.number, known, self._guild_id, language_for(interaction)))

    @app_commands.command(
        name="incidents",
        description=localized("commands.incidents.description"),
    )
    @app_commands.rename(wanted="filter")
    @app_commands.describe(
        wanted=localized("commands.incidents.filter"),
        export=localized("commands.incidents.export"),
    )
    async def incidents(
        self,
        interaction: discord.Interaction[BongsuClient],
        wanted: app_commands.Range[str, 0, 200] = "",
        export: bool = False,
    ) -> None:
        """List incidents, or hand them out as CSV, to the asker alone."""
        await interaction.response.defer(ephemeral=True)
        limit = _EXPORTED if export else _LISTED + 1
        found = await self._remembering.find(wanted, person_of(interaction), limit)
        words = incident_list(found[:_LISTED], self._guild_id, language_for(interaction), len(found) > _LISTED)
        if not export:
            await say(interaction, words)
            return
        file = discord.File(io.BytesIO(table(found, self._zone)), filename="incidents.csv")
        none = discord.AllowedMentions.none()
        await interaction.followup.send(words, file=file, ephemeral=True, suppress_embeds=True, allowed_mentions=none)

    @similar.autocomplete("incident")
    async def known(self, interaction: discord.Interaction[BongsuClient], typed: str) -> list[app_commands.Choice[str]]:
        """Offer the open incidents; of others the number is typed."""
        if not self._access.allows(person_of(interaction), Right.READ):
            return []
        return [incident_choice(incident) for incident in (await self._respond.candidates(typed))[:CHOICES]]


async def setup(bot: BongsuClient) -> None:
    """Load the group."""
    services = bot.services
    await bot.add_cog(
        MemoryCog(services.remembering, services.respond, services.access, services.guild_id, services.zone)
    )
