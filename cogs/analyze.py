"""Looks into an incident again, or into a service for which nothing fires: `/analyze <alert or service>`."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.core.access import Access
from bot.core.directory import nearest
from bot.core.investigation.investigating import Investigating
from bot.core.respond import Respond
from bot.core.status import StatusDesk
from bot.domain.incidents import Incident
from bot.domain.people import Person, Right
from bot.errors import InvalidTarget, UnknownIncident
from bot.i18n import Language, text
from bot.ui.choices import incident_choice
from bot.ui.client import BongsuClient, localized
from bot.ui.limits import CHOICE, CHOICES, one_line
from bot.ui.replies import language_for, person_of, say
from bot.ui.service_report import service_layout

# Incidents are offered first, and leave room for as many services.
_SERVICES = 10


class Analyze(commands.Cog):
    """What broke."""

    def __init__(
        self, respond: Respond, investigating: Investigating, desk: StatusDesk, access: Access, language: Language
    ) -> None:
        self._respond = respond
        self._investigating = investigating
        self._desk = desk
        self._access = access
        self._language: Language = language

    @app_commands.command(name="analyze", description=localized("commands.analyze.description"))
    @app_commands.describe(target=localized("commands.analyze.target"))
    async def analyze(self, interaction: discord.Interaction[BongsuClient], target: str) -> None:
        """Begin an investigation: an incident's report goes into its thread, a service's is the answer."""
        service = self._desk.named(target)
        if service is None:
            await self._incident(interaction, target)
        else:
            await self._service(interaction, service)

    async def _incident(self, interaction: discord.Interaction[BongsuClient], typed: str) -> None:
        await interaction.response.defer(ephemeral=True)
        person = person_of(interaction)
        found = await self._find(typed, person)
        await self._investigating.analyze(found.number, person)
        await say(interaction, text(language_for(interaction), "analyze.started", number=found.number))

    async def _find(self, typed: str, person: Person) -> Incident:
        """Find an incident by number, title or service. Raises NotAllowed or InvalidTarget."""
        try:
            return await self._respond.find(typed, person, Right.ACK, "analyze")
        except UnknownIncident as error:
            wanted = typed.strip().lower()
            found = next(
                (i for i in await self._respond.candidates(wanted) if (i.service or "").lower() == wanted), None
            )
            if wanted and found:
                return found
            titles = (incident.heading for incident in await self._respond.candidates(""))
            near = nearest(typed, [*self._desk.services(""), *titles])
            raise InvalidTarget("errors.nothing_to_analyze", typed=typed[:80], near=near) from error

    async def _service(self, interaction: discord.Interaction[BongsuClient], service: str) -> None:
        """Answer to the whole channel, as /status does; who sees it is fixed by the deferral, a refusal is for the asker."""
        person = person_of(interaction)
        public = self._access.allows(person, Right.ACK) and not self._investigating.rests(service)
        await interaction.response.defer(ephemeral=not public)
        report = await self._investigating.examine(service, person)
        # In the language in which the analyst wrote it, as in threads.
        view = service_layout(report, self._language)
        await interaction.followup.send(view=view, allowed_mentions=discord.AllowedMentions.none())

    @analyze.autocomplete("target")
    async def targets(
        self, interaction: discord.Interaction[BongsuClient], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the open incidents, and the services."""
        if not self._access.allows(person_of(interaction), Right.READ):
            return []
        services = [name for name in self._desk.services(typed) if len(name) <= CHOICE][:_SERVICES]
        incidents = (await self._respond.candidates(typed))[: CHOICES - len(services)]
        return [
            *map(incident_choice, incidents),
            *(app_commands.Choice(name=f"🩺 {one_line(name)}"[:CHOICE], value=name) for name in services),
        ]


async def setup(bot: BongsuClient) -> None:
    """Load the command."""
    known = bot.services
    await bot.add_cog(Analyze(known.respond, known.investigating, known.status, known.access, known.language))
