"""Tells and changes who is on call: `/oncall [team] [when]`, `/override`, `/swap`, `/page`, `/escalate` and `/snooze`."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import discord
from discord import app_commands
from discord.ext import commands

from bot.core.access import Access
from bot.core.oncall.service import MOST_AHEAD, MOST_SNOOZE, OnCallService
from bot.core.respond import Respond
from bot.domain.durations import parse_duration, parse_moment, parse_span
from bot.domain.people import Right
from bot.i18n import text
from bot.ui.choices import incident_choice
from bot.ui.client import BongsuClient, localized
from bot.ui.limits import CHOICE, CHOICES, plain
from bot.ui.moments import stamp
from bot.ui.oncall import oncall_text
from bot.ui.replies import language_for, person_of, say

Interaction = discord.Interaction[BongsuClient]
Typed = app_commands.Range[str, 0, 60]


class OnCall(commands.Cog):
    """Who is on call, and whom to call."""

    def __init__(self, oncall: OnCallService, respond: Respond, access: Access, zone: tzinfo) -> None:
        self._oncall = oncall
        self._respond = respond
        self._access = access
        self._zone = zone

    @app_commands.command(name="oncall", description=localized("commands.oncall.description"))
    @app_commands.describe(team=localized("commands.oncall.team"), when=localized("commands.oncall.when"))
    async def oncall(self, interaction: Interaction, team: Typed = "", when: Typed = "") -> None:
        """Tell who is on call."""
        await interaction.response.defer(ephemeral=True)
        at = self._moment(when) if when else None
        reports = await self._oncall.report(team or None, at, person_of(interaction))
        await say(interaction, oncall_text(reports, self._oncall.roster, language_for(interaction)))

    @app_commands.command(name="override", description=localized("commands.override.description"))
    @app_commands.rename(begins="from", ends="to")
    @app_commands.describe(
        person=localized("commands.override.person"),
        begins=localized("commands.override.from"),
        ends=localized("commands.override.to"),
        team=localized("commands.oncall.team"),
    )
    async def override(
        self, interaction: Interaction, person: Typed, begins: Typed, ends: Typed, team: Typed = ""
    ) -> None:
        """Have somebody stand in."""
        await interaction.response.defer(ephemeral=True)
        start, end = parse_span(begins, ends, now=self._oncall.now, zone=self._zone, most=MOST_AHEAD)
        found, member, before = await self._oncall.override(person, start, end, person_of(interaction), team or None)
        values = {"team": plain(found.name, 60), "who": f"<@{member.discord}>", "before": ", ".join(before) or "–"}
        await self._answer(interaction, "oncall.overridden", **values, start=stamp(start, "f"), end=stamp(end, "f"))

    @app_commands.command(name="swap", description=localized("commands.swap.description"))
    @app_commands.describe(person=localized("commands.swap.person"), team=localized("commands.oncall.team"))
    async def swap(self, interaction: Interaction, person: Typed, team: Typed = "") -> None:
        """Swap the next shift with that of somebody else."""
        await interaction.response.defer(ephemeral=True)
        mine, theirs = await self._oncall.swap(person, person_of(interaction), team or None)
        values = {"mine": stamp(mine.start, "f"), "theirs": stamp(theirs.start, "f")}
        await self._answer(interaction, "oncall.swapped", who=plain(person, 60), **values)

    @app_commands.command(name="page", description=localized("commands.page.description"))
    @app_commands.describe(whom=localized("commands.page.whom"), words=localized("commands.page.text"))
    @app_commands.rename(words="text")
    async def page(self, interaction: Interaction, whom: Typed, words: app_commands.Range[str, 1, 300]) -> None:
        """Call somebody by hand."""
        await interaction.response.defer(ephemeral=True)
        owners = await self._oncall.page(whom, words, person_of(interaction))
        await self._answer(interaction, "oncall.paged", who=" ".join(owner.mention for owner in owners))

    @app_commands.command(name="escalate", description=localized("commands.escalate.description"))
    @app_commands.describe(alert=localized("commands.ack.alert"))
    async def escalate(self, interaction: Interaction, alert: str) -> None:
        """Take the next step now."""
        await interaction.response.defer(ephemeral=True)
        person = person_of(interaction)
        found = await self._respond.find(alert, person, Right.ACK, "escalate")
        await self._oncall.escalate(found.number, person)
        await self._answer(interaction, "oncall.escalated", number=found.number)

    @app_commands.command(name="snooze", description=localized("commands.snooze.description"))
    @app_commands.rename(lasts="for")
    @app_commands.describe(alert=localized("commands.ack.alert"), lasts=localized("commands.snooze.for"))
    async def snooze(self, interaction: Interaction, alert: str, lasts: Typed) -> None:
        """Put the next step off."""
        await interaction.response.defer(ephemeral=True)
        length = parse_duration(
            lasts, now=self._oncall.now, zone=self._zone, least=timedelta(minutes=1), most=MOST_SNOOZE
        ).lasts
        person = person_of(interaction)
        found = await self._respond.find(alert, person, Right.ACK, "snooze")
        due = await self._oncall.snooze(found.number, length, person)
        await self._answer(interaction, "oncall.snoozed", number=found.number, at=stamp(due))

    @oncall.autocomplete("team")
    @override.autocomplete("team")
    @swap.autocomplete("team")
    async def teams(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the teams."""
        return self._offer(interaction, self._oncall.names(typed))

    @override.autocomplete("person")
    @swap.autocomplete("person")
    async def people(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the people."""
        return self._offer(interaction, self._oncall.people(typed))

    @page.autocomplete("whom")
    async def anybody(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer teams and people."""
        return self._offer(interaction, [*self._oncall.names(typed), *self._oncall.people(typed)])

    @escalate.autocomplete("alert")
    @snooze.autocomplete("alert")
    async def alerts(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the open incidents, those that nobody has first."""
        if not self._access.allows(person_of(interaction), Right.READ):
            return []
        return [incident_choice(incident) for incident in (await self._respond.candidates(typed))[:CHOICES]]

    def _offer(self, interaction: Interaction, names: list[str]) -> list[app_commands.Choice[str]]:
        if not self._access.allows(person_of(interaction), Right.READ):
            return []
        return [app_commands.Choice(name=name[:CHOICE], value=name[:CHOICE]) for name in names[:CHOICES]]

    def _moment(self, typed: str) -> datetime:
        return parse_moment(typed, now=self._oncall.now, zone=self._zone, most=MOST_AHEAD)

    async def _answer(self, interaction: Interaction, key: str, **values: object) -> None:
        await say(interaction, text(language_for(interaction), key, **values))


async def setup(bot: BongsuClient) -> None:
    """Load the group."""
    services = bot.services
    await bot.add_cog(OnCall(services.oncall, services.respond, services.access, services.zone))
