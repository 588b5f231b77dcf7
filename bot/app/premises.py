"""Finds what the settings name in the guild and is not there: `run` refuses to start with it, as `check` does.

What was there once does not stop a start: somebody who leaves the guild must not silence every alert.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from bot.app.guild import GuildProbe
from bot.app.mistakes import configuration_error
from bot.app.settings import Settings
from bot.domain.owners import Catalogue
from bot.domain.teams import Roster
from bot.errors import ConfigurationError, SourceError
from bot.i18n import Phrase, text
from bot.ports import Keepsakes

log = logging.getLogger(__name__)

_KEEPSAKE = "premises"
_LONGEST_PAUSE_S = 60.0


@dataclass(frozen=True, slots=True)
class Missing:
    """Something the settings name that is not in the guild; `name` tells it from others."""

    name: str
    where: str
    problem: Phrase


async def missing(
    probe: GuildProbe, settings: Settings, catalogue: Catalogue, roster: Roster | None = None
) -> tuple[list[Missing], set[str]]:
    """Return what is not in the guild, and the names of what is. Raises ConfigurationError or SourceError."""
    guild = await probe.guild()
    absent: list[Missing] = []
    there: set[str] = set()
    urgent = settings.channels.urgent
    if guild.channel(urgent):
        there.add(f"channel {urgent}")
    else:
        absent.append(Missing(f"channel {urgent}", "channels.urgent", guild.no_channel(urgent)))
    for role, where in _roles(settings, catalogue).items():
        if guild.has_role(role):
            there.add(f"role {role}")
        else:
            absent.append(Missing(f"role {role}", where, Phrase("check.no_role", id=role)))
    for user, where in (_users(catalogue) | _members(roster)).items():
        if await probe.has_member(user):
            there.add(f"user {user}")
        else:
            absent.append(Missing(f"user {user}", where, Phrase("check.no_member", id=user)))
    return absent, there


async def require_premises(probe: GuildProbe, settings: Settings, catalogue: Catalogue, keepsakes: Keepsakes) -> None:
    """Look until Discord answers, then return. Raises ConfigurationError for what was never there."""
    pause = 1.0
    while True:
        try:
            absent, there = await missing(probe, settings, catalogue)
            break
        except SourceError as error:
            log.warning("the server cannot be looked at (%s), trying again in %.0f s", error.detail, pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
    seen = set(json.loads(await keepsakes.recall(_KEEPSAKE) or "[]"))
    if never := [each for each in absent if each.name not in seen]:
        raise configuration_error(Phrase("check.at", where=each.where, problem=each.problem) for each in never)
    for each in absent:
        log.error("%s: %s", each.where, text(settings.language, each.problem.key, **each.problem.values))
    if not there <= seen:
        await keepsakes.remember(_KEEPSAKE, json.dumps(sorted(seen | there)))


def require_identity(settings: Settings) -> None:
    """Raise ConfigurationError without a token or a guild to log in with."""
    if not settings.discord_token.get_secret_value():
        raise ConfigurationError("errors.no_token")
    if not settings.discord_guild_id:
        raise ConfigurationError("errors.no_guild_id")


def _roles(settings: Settings, catalogue: Catalogue) -> dict[int, str]:
    granted = settings.permissions
    rights = (
        ("read", granted.read),
        ("ack", granted.ack),
        ("silence", granted.silence),
        ("raw", granted.raw),
        ("oncall", granted.oncall),
    )
    named = {role: f"permissions.{name}" for name, roles in rights for role in roles}
    return _owners(catalogue, is_role=True) | named


def _users(catalogue: Catalogue) -> dict[int, str]:
    return _owners(catalogue, is_role=False)


def _members(roster: Roster | None) -> dict[int, str]:
    return {member.discord: f"oncall.yml, people.{key}" for key, member in (roster.people.items() if roster else ())}


def _owners(catalogue: Catalogue, *, is_role: bool) -> dict[int, str]:
    kind = "roles" if is_role else "users"
    places: Iterable[tuple[str, Iterable[tuple[int, bool]]]] = [
        ("services.yml, owners", ((each.id, each.is_role) for each in catalogue.default_owners)),
        *(
            (f"services.yml, services.{name}.owners", ((each.id, each.is_role) for each in service.owners))
            for name, service in catalogue.services.items()
            if service.owners != catalogue.default_owners
        ),
    ]
    return {number: f"{where}.{kind}" for where, owners in places for number, role in owners if role is is_role}
