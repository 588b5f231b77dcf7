"""`/report [span] [export]` and `/postmortem <incident>`."""

from __future__ import annotations

from datetime import timedelta, tzinfo

import discord
from discord import app_commands
from discord.app_commands import locale_str as _
from discord.ext import commands

from bot.core.reporting.reporting import Reporting, last
from bot.domain.ranges import parse_range
from bot.domain.telemetry import Window
from bot.i18n import text
from bot.ui.bulletins import report_files
from bot.ui.client import BongsuClient
from bot.ui.replies import language_for, person_of
from bot.ui.team_report import report_message

Interaction = discord.Interaction[BongsuClient]

_SPANS = {
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "주": timedelta(days=7),
    "월": timedelta(days=30),
}


def _key(key: str) -> app_commands.locale_str:
    return _(text("en", key), key=key)


class Report(commands.Cog):
    """What a stretch of time was like, and what an incident was."""

    def __init__(self, reporting: Reporting, zone: tzinfo) -> None:
        self._reporting = reporting
        self._zone = zone

    @app_commands.command(name="report", description=_key("commands.report.description"))
    @app_commands.describe(span=_key("commands.report.span"), export=_key("commands.report.export"))
    async def report(
        self, interaction: Interaction, span: app_commands.Range[str, 1, 60] = "week", export: bool = False
    ) -> None:
        """Tell what a stretch of time was like, to the asker alone."""
        await interaction.response.defer(ephemeral=True)
        window, language = self._window(span), language_for(interaction)
        overview = await self._reporting.asked(window, person_of(interaction))
        picture = await self._reporting.picture(overview, language)
        incidents = await self._reporting.incidents(window) if export else None
        await interaction.followup.send(
            report_message(overview, language),
            files=report_files(overview, picture, language, incidents),
            ephemeral=True,
            suppress_embeds=True,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    @report.autocomplete("span")
    async def spans(self, _interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer week and month."""
        return [app_commands.Choice(name=name, value=name) for name in ("week", "month") if name.startswith(typed)]

    def _window(self, span: str) -> Window:
        length = _SPANS.get(span.strip().lower())
        now = self._reporting.now
        return last(length, now) if length else parse_range(span, now=now, zone=self._zone).window


async def setup(bot: BongsuClient) -> None:
    """Load the group."""
    services = bot.services
    await bot.add_cog(Report(services.reporting, services.zone))
