"""Looks back: `/report [span] [export]` and `/postmortem <incident>`."""

from __future__ import annotations

import io
from datetime import timedelta

import discord
from discord import app_commands
from discord.ext import commands

from bot.core.access import Access
from bot.core.reporting.postmortems import Postmortems
from bot.core.reporting.reporting import Reporting, last
from bot.core.respond import Respond
from bot.domain.people import Right
from bot.domain.ranges import parse_range
from bot.domain.telemetry import Window
from bot.i18n import text
from bot.ui.bulletins import report_files
from bot.ui.choices import incident_choice
from bot.ui.client import BongsuClient, localized
from bot.ui.limits import CHOICES
from bot.ui.postmortem import postmortem_file
from bot.ui.replies import language_for, person_of
from bot.ui.team_report import report_message

Interaction = discord.Interaction[BongsuClient]

_SPANS = {
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "주": timedelta(days=7),
    "월": timedelta(days=30),
}


class ReportCog(commands.Cog):
    """What a stretch of time was like, and what an incident was."""

    def __init__(
        self, reporting: Reporting, postmortems: Postmortems, respond: Respond, access: Access, guild_id: int
    ) -> None:
        self._reporting = reporting
        self._postmortems = postmortems
        self._respond = respond
        self._access = access
        self._guild_id = guild_id

    @app_commands.command(name="report", description=localized("commands.report.description"))
    @app_commands.describe(span=localized("commands.report.span"), export=localized("commands.report.export"))
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

    @app_commands.command(name="postmortem", description=localized("commands.postmortem.description"))
    @app_commands.describe(incident=localized("commands.postmortem.incident"))
    async def postmortem(self, interaction: Interaction, incident: str) -> None:
        """Hand out a post-mortem to finish, to the asker alone."""
        await interaction.response.defer(ephemeral=True)
        person = person_of(interaction)
        found = await self._respond.find(incident, person, Right.READ, "postmortem")
        gathered = await self._postmortems.of(found.number, person)
        language, terms = language_for(interaction), self._reporting.terms
        content = postmortem_file(gathered, language, terms.zone, terms.zone_name, self._guild_id)
        pictures = [discord.File(io.BytesIO(each.image), each.name) for each in gathered.pictures]
        await interaction.followup.send(
            text(language, "postmortem.done", number=found.number),
            files=[discord.File(io.BytesIO(content), f"postmortem-{found.number}.md"), *pictures],
            ephemeral=True,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    @postmortem.autocomplete("incident")
    async def known(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the open incidents; of others the number is typed."""
        if not self._access.allows(person_of(interaction), Right.READ):
            return []
        return [incident_choice(incident) for incident in (await self._respond.candidates(typed))[:CHOICES]]

    @report.autocomplete("span")
    async def spans(self, _interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer week and month."""
        return [app_commands.Choice(name=name, value=name) for name in ("week", "month") if name.startswith(typed)]

    def _window(self, span: str) -> Window:
        length = _SPANS.get(span.strip().lower())
        now = self._reporting.now
        return last(length, now) if length else parse_range(span, now=now, zone=self._reporting.terms.zone).window


async def setup(bot: BongsuClient) -> None:
    """Load the group."""
    services = bot.services
    cog = ReportCog(services.reporting, services.postmortems, services.respond, services.access, services.guild_id)
    await bot.add_cog(cog)
