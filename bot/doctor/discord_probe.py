"""What a bot token may do in a guild, asked over REST without logging in to the gateway."""

from __future__ import annotations

from typing import Any

import aiohttp
import discord

from bot.errors import ConfigurationError, QueryRejected, SourceUnavailable
from bot.telemetry.http import JsonClient
from bot.telemetry.shapes import obj, objects

_NEEDED = (
    "view_channel",
    "send_messages",
    "embed_links",
    "attach_files",
    "read_message_history",
    "create_public_threads",
    "send_messages_in_threads",
    "mention_everyone",
)


class DiscordProbe:
    """Asks Discord about ourselves."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: str, guild_id: int) -> None:
        self._http = JsonClient(session, f"{base.rstrip('/')}/api/v10", source="discord", token=token, scheme="Bot")
        self._guild_id = guild_id
        self._me = 0

    async def login(self) -> str:
        """Return our name. Raises ConfigurationError for a refused token, SourceError otherwise."""
        try:
            me = obj(await self._http.get("users/@me"))
        except SourceUnavailable as error:
            if "HTTP 401" in error.detail:
                raise ConfigurationError("errors.discord_login") from error
            raise
        self._me = int(me.get("id", 0))
        return str(me.get("username", "?"))

    async def missing_permissions(self, wanted: str) -> list[str] | None:
        """Return what we lack in a channel, by name or id; None if there is no such channel."""
        try:
            channels = objects(await self._http.get(f"guilds/{self._guild_id}/channels"), "discord")
            guild = obj(await self._http.get(f"guilds/{self._guild_id}"))
            member = obj(await self._http.get(f"guilds/{self._guild_id}/members/{self._me}"))
        except (QueryRejected, SourceUnavailable) as error:
            raise ConfigurationError("check.no_guild", id=str(self._guild_id), problem=error.detail) from error
        name = wanted.removeprefix("#")
        found = next((each for each in channels if name in (str(each.get("name")), str(each.get("id")))), None)
        if found is None:
            return None
        allowed = _permissions(guild, member, found, self._me)
        return [name for name in _NEEDED if not getattr(allowed, name)]


def _permissions(
    guild: dict[str, Any], member: dict[str, Any], channel: dict[str, Any], me: int
) -> discord.Permissions:
    """Compute permissions as Discord documents it: roles, then overwrites of everyone, of roles, of ourselves."""
    roles = {str(role) for role in member.get("roles") or ()} | {str(guild.get("id"))}
    mine = [role for role in objects(guild.get("roles") or [], "discord") if str(role.get("id")) in roles]
    value = 0
    for role in mine:
        value |= int(role.get("permissions") or 0)
    if discord.Permissions(value).administrator:
        return discord.Permissions.all()
    overwrites = {str(each.get("id")): each for each in objects(channel.get("permission_overwrites") or [], "discord")}
    value = _overwritten(value, [overwrites.get(str(guild.get("id")))])
    value = _overwritten(value, [overwrites.get(role) for role in roles - {str(guild.get("id"))}])
    return discord.Permissions(_overwritten(value, [overwrites.get(str(me))]))


def _overwritten(value: int, overwrites: list[dict[str, Any] | None]) -> int:
    denied = allowed = 0
    for each in overwrites:
        if each:
            denied |= int(each.get("deny") or 0)
            allowed |= int(each.get("allow") or 0)
    return (value & ~denied) | allowed
