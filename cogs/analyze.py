"""`/analyze <alert>`: look into an incident, of any severity, again or for the first time."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import locale_str as _
from discord.ext import commands

from bot.client import BongsuClient
from bot.domain.people import Right
from bot.gate import Gate
from bot.i18n import text
from bot.investigating import Investigating
from bot.respond import Respond
from bot.ui.cards import EMOJI
from bot.ui.limits import CHOICE, CHOICES, one_line, shorten
from bot.ui.replies import language_for, person_of, say


class Analyze(commands.Cog):
    """What broke."""

    def __init__(self, respond: Respond, investigating: Investigating, gate: Gate) -> None:
        self._respond = respond
        self._investigating = investigating
        self._gate = gate

    @app_commands.command(
        name="analyze", description=_(text("en", "commands.analyze.description"), key="commands.analyze.description")
    )
    @app_commands.describe(alert=_(text("en", "commands.analyze.alert"), key="commands.analyze.alert"))
    async def analyze(self, interaction: discord.Interaction[BongsuClient], alert: str) -> None:
        """Begin an investigation; its report goes into the thread of the card."""
        await interaction.response.defer(ephemeral=True)
        found = await self._respond.find(alert)
        await self._investigating.analyze(found.number, person_of(interaction))
        await say(interaction, text(language_for(interaction), "analyze.started", number=found.number))

    @analyze.autocomplete("alert")
    async def alerts(
        self, interaction: discord.Interaction[BongsuClient], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the open incidents."""
        if not self._gate.allows(person_of(interaction), Right.READ):
            return []
        found = (await self._respond.candidates(typed))[:CHOICES]
        return [
            app_commands.Choice(
                name=shorten(one_line(f"{EMOJI[each.severity]} #{each.number} {each.title}"), CHOICE),
                value=f"#{each.number}",
            )
            for each in found
        ]


async def setup(bot: BongsuClient) -> None:
    """Load the command."""
    await bot.add_cog(Analyze(bot.services.respond, bot.services.investigating, bot.services.gate))
