"""Shows the webhooks an incident was made of, as they came: `/incident raw [alert]`."""

from __future__ import annotations

import io
from collections.abc import Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot.core.access import Access
from bot.core.respond import Respond
from bot.domain.people import Right
from bot.i18n import text
from bot.ports import Delivery
from bot.ui.choices import incident_choice
from bot.ui.client import BongsuClient, localized
from bot.ui.limits import CHOICES, plain
from bot.ui.replies import language_for, person_of, say

# Discord takes 10 MiB with a message; one body fits, whatever it is.
_MOST_BYTES = 9 * 1024 * 1024


class IncidentCog(
    commands.GroupCog,
    group_name="incident",
    group_description=localized("commands.incident.description"),
):
    """What an incident was made of."""

    def __init__(self, respond: Respond, access: Access) -> None:
        self._respond = respond
        self._access = access

    @app_commands.command(
        name="raw",
        description=localized("commands.incident.raw.description"),
    )
    @app_commands.describe(alert=localized("commands.incident.raw.alert"))
    async def raw(self, interaction: discord.Interaction[BongsuClient], alert: str = "") -> None:
        """Hand out bodies to the asker alone: nothing in them is redacted."""
        await interaction.response.defer(ephemeral=True)
        person = person_of(interaction)
        found = await self._respond.find(alert, person, Right.RAW, "raw") if alert else None
        bodies = await self._respond.raw(found.number if found else None, person)
        language = language_for(interaction)
        key = ("raw.done" if bodies else "raw.none") if found else ("raw.refused" if bodies else "raw.none_refused")
        values = {"number": found.number, "title": plain(found.heading, 100)} if found else {}
        if not bodies:
            await say(interaction, text(language, key, **values))
            return
        files = _files(bodies)
        left_out = len(bodies) - len(files)
        words = text(language, key, **values) + (f"\n{text(language, 'raw.more', count=left_out)}" if left_out else "")
        await interaction.followup.send(
            words, files=files, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )

    @raw.autocomplete("alert")
    async def alerts(
        self, interaction: discord.Interaction[BongsuClient], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the open incidents."""
        if not self._access.allows(person_of(interaction), Right.RAW):
            return []
        return [incident_choice(incident) for incident in (await self._respond.candidates(typed))[:CHOICES]]


def _files(bodies: Sequence[Delivery]) -> list[discord.File]:
    """Make files of the newest bodies, as many as fit."""
    room, files = _MOST_BYTES, list[discord.File]()
    for each in bodies:
        room -= len(each.body)
        if room < 0:
            break
        name = f"{each.received_at:%Y%m%dT%H%M%SZ}-{each.source}-{each.id}.json"
        files.append(discord.File(io.BytesIO(each.body), filename=name))
    return files


async def setup(bot: BongsuClient) -> None:
    """Load the group."""
    await bot.add_cog(IncidentCog(bot.services.respond, bot.services.access))
