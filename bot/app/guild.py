"""Asks over REST, without the gateway, what our guild has of what the settings name, and what we may do in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord

from bot.app.mistakes import near
from bot.app.settings import Settings
from bot.errors import ConfigurationError, QueryRejected, SourceUnavailable
from bot.i18n import Phrase
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


# Text and announcement channels; a forum or a voice channel takes no cards.
_TEXT = frozenset({0, 5})


@dataclass(frozen=True, slots=True)
class Guild:
    """A guild as Discord describes it to a bot: itself, its channels, and the bot as a member."""

    raw: dict[str, Any]
    channels: Sequence[dict[str, Any]]
    member: dict[str, Any]
    me: int

    def channel(self, wanted: str | int) -> dict[str, Any] | None:
        """Return a channel that takes cards, by name or id."""
        return next((each for each in self._called(wanted) if each.get("type", 0) in _TEXT), None)

    def no_channel(self, wanted: str | int) -> Phrase:
        """Say why there is no such channel: it is of a kind that takes no cards, is called nearly so, or is not there."""
        if self._called(wanted):
            return Phrase("check.no_text_channel", name=wanted)
        names = [str(each.get("name")) for each in self.channels if each.get("type", 0) in _TEXT]
        if meant := near(str(wanted), names):
            return Phrase("check.no_channel_near", name=wanted, near=meant)
        return Phrase("check.no_channel", name=wanted)

    def _called(self, wanted: str | int) -> list[dict[str, Any]]:
        name = str(wanted).removeprefix("#")
        return [each for each in self.channels if name in (str(each.get("name")), str(each.get("id")))]

    def missing_permissions(self, channel: dict[str, Any]) -> list[str]:
        """Return what we lack in a channel."""
        allowed = _permissions(self.raw, self.member, channel, self.me)
        return [name for name in _NEEDED if not getattr(allowed, name)]

    def has_role(self, role: int) -> bool:
        """Whether there is a role with this id; the one of everybody is none."""
        return any(str(each.get("id")) == str(role) for each in objects(self.raw.get("roles") or [], "discord"))


class GuildProbe:
    """Asks Discord about ourselves."""

    def __init__(self, session: aiohttp.ClientSession, settings: Settings) -> None:
        base = (settings.discord_api_url or "https://discord.com").rstrip("/")
        token = settings.discord_token.get_secret_value()
        self._http = JsonClient(session, f"{base}/api/v10", source="discord", token=token, scheme="Bot")
        self._id = settings.discord_guild_id

    async def login(self) -> tuple[int, str]:
        """Return our id and name. Raises ConfigurationError for a refused token, SourceError otherwise."""
        try:
            me = obj(await self._http.get("users/@me"))
        except SourceUnavailable as error:
            if _is(error, "reach.unauthorized"):
                raise ConfigurationError("errors.discord_login") from error
            raise
        return int(me.get("id", 0)), str(me.get("username", "?"))

    async def guild(self) -> Guild:
        """Return our guild. Raises ConfigurationError if we are not in it, SourceError otherwise."""
        me, _ = await self.login()
        try:
            raw = obj(await self._http.get(f"guilds/{self._id}"))
            member = obj(await self._http.get(f"guilds/{self._id}/members/{me}"))
            channels = objects(await self._http.get(f"guilds/{self._id}/channels"), "discord")
        except (QueryRejected, SourceUnavailable) as error:
            if isinstance(error, QueryRejected) or _is(error, "reach.forbidden"):
                raise ConfigurationError("check.no_guild", id=str(self._id), problem=error.detail) from error
            raise
        return Guild(raw, channels, member, me)

    async def has_member(self, user: int) -> bool:
        """Whether a person is in the guild. Raises SourceError if Discord does not say."""
        try:
            await self._http.get(f"guilds/{self._id}/members/{user}")
        except QueryRejected:
            return False
        return True


def _is(error: SourceUnavailable, key: str) -> bool:
    return isinstance(error.detail, Phrase) and error.detail.key == key


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
