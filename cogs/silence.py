"""Silences rules: `/silence <rule> <duration> [scope] [reason]` and `/silences`."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.core.access import Access
from bot.core.directory import RuleTarget
from bot.core.silencing import Silencing
from bot.domain.alerts import Severity
from bot.domain.durations import brief
from bot.domain.people import Right
from bot.domain.silences import Scope
from bot.errors import InvalidDuration
from bot.ui.client import BongsuClient, localized
from bot.ui.limits import CHOICE, CHOICES, one_line, shorten
from bot.ui.naming import EMOJI
from bot.ui.replies import language_for, person_of
from bot.ui.silence_list import list_view
from bot.ui.silences import preview_view

_LENGTHS = ("15m", "30m", "1h", "2h", "4h", "8h", "1d", "3d", "1w")


class SilencesCog(commands.Cog):
    """Mute what is known, with a seat belt."""

    def __init__(self, silencing: Silencing, access: Access) -> None:
        self._silencing = silencing
        self._access = access

    @app_commands.command(name="silence", description=localized("commands.silence.description"))
    @app_commands.describe(
        rule=localized("commands.silence.rule"),
        duration=localized("commands.silence.duration"),
        scope=localized("commands.silence.scope"),
        reason=localized("commands.silence.reason"),
    )
    @app_commands.choices(
        scope=[
            app_commands.Choice(
                name=localized(f"silence.scope.{scope.value}"),
                value=scope.value,
            )
            for scope in (Scope.RULE, Scope.SERVICE, Scope.INSTANCE)
        ]
    )
    async def silence(
        self,
        interaction: discord.Interaction[BongsuClient],
        rule: str,
        duration: app_commands.Range[str, 1, 60],
        scope: str | None = None,
        reason: app_commands.Range[str, 0, 200] = "",
    ) -> None:
        """Show what it would mute; nothing is muted before Confirm."""
        await interaction.response.defer(ephemeral=True)
        wanted = Scope(scope) if scope else None
        preview = await self._silencing.propose(rule, duration, person_of(interaction), wanted, reason)
        await interaction.followup.send(view=preview_view(preview, language_for(interaction)), ephemeral=True)

    @app_commands.command(name="silences", description=localized("commands.silences.description"))
    async def silences(self, interaction: discord.Interaction[BongsuClient]) -> None:
        """List the silences in force and those to come, each with Undo."""
        await interaction.response.defer(ephemeral=True)
        await self._access.require(person_of(interaction), Right.READ, "silences", "")
        rows, timings = await self._silencing.listed(), await self._silencing.timings()
        view = list_view(rows, language_for(interaction), timings=timings)
        await interaction.followup.send(view=view, ephemeral=True)

    @silence.autocomplete("rule")
    async def rules(self, interaction: discord.Interaction[BongsuClient], typed: str) -> list[app_commands.Choice[str]]:
        """Offer rules and firing instances."""
        if not self._access.allows(person_of(interaction), Right.READ):
            return []
        return [_choice(target) for target in self._silencing.targets(typed)[:CHOICES]]

    @silence.autocomplete("duration")
    async def durations(
        self, _interaction: discord.Interaction[BongsuClient], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer usual lengths, after what was typed if it can be understood."""
        usual = [each for each in _LENGTHS if each.startswith(typed) and each != typed]
        return [*self._understood(typed), *(app_commands.Choice(name=each, value=each) for each in usual)][:CHOICES]

    def _understood(self, typed: str) -> list[app_commands.Choice[str]]:
        try:
            length = self._silencing.read_length(typed)
        except InvalidDuration:
            return []
        name = f"{typed.strip()} ({brief(length.lasts)})" if length.fixed else typed.strip()
        return [app_commands.Choice(name=shorten(one_line(name), CHOICE), value=typed.strip()[:CHOICE])]


def _choice(target: RuleTarget) -> app_commands.Choice[str]:
    severity = EMOJI[_severity(target)]
    what = f"{target.name} · {target.sample.instance}" if target.sample else target.name
    # The count is what a person chooses by, so a long name gives way to it.
    firing = f" · 🔥 {len(target.firing)}" if target.firing else ""
    return app_commands.Choice(
        name=shorten(one_line(f"{severity} {what}"), CHOICE - len(firing)) + firing, value=target.value
    )


def _severity(target: RuleTarget) -> Severity:
    stated = target.rule.severity or next((alert.severity for alert in target.firing if alert.severity), None)
    return stated or Severity.P2


async def setup(bot: BongsuClient) -> None:
    """Load the group."""
    await bot.add_cog(SilencesCog(bot.services.silencing, bot.services.access))
