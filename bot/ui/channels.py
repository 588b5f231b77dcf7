"""Chooses the channel of a severity's cards, and where that is gone or forbidden any that takes them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import discord

from bot.domain.alerts import Severity
from bot.errors import ChannelClosed, DeliveryRefused, SourceUnavailable

log = logging.getLogger(__name__)

Resolve = Callable[[str | int], Awaitable[int]]

# Then a channel that refused us is tried again: somebody may have mended it without our hearing of it.
_CLOSED_S: Final = 300.0
_URGENT: Final = (Severity.P1, Severity.P2)


class Channels:
    """Resolves names to ids, and remembers which channels refuse us."""

    def __init__(
        self, client: discord.Client, guild_id: int, wanted: Mapping[Severity, str | int], fallback: str | int
    ) -> None:
        self._client = client
        self._guild_id = guild_id
        self._wanted = wanted
        self._fallback = fallback
        self._known: dict[str | int, int] = {}
        self._missed: set[str | int] = set()
        self._closed: dict[int, float] = {}
        self._problem: str | None = None

    def forget(self) -> None:
        """Ask anew which channels there are, because some of them have changed."""
        self._known.clear()
        self._closed.clear()

    async def of(self, severity: Severity) -> int:
        """Return the channel for cards of a severity. Raises DeliveryRefused, ChannelClosed if another one is left."""
        named = [
            found
            for wanted in (self._wanted[severity], self._fallback)
            if (found := await self._named(wanted)) is not None
        ]
        found = next((each for each in named if not self.is_closed(each)), None)
        if found is not None:
            return found
        # Whoever is to be woken is woken wherever we may write.
        others = [each for each in dict.fromkeys(self._known.values()) if not self.is_closed(each)]
        if severity in _URGENT and others and self._problem:
            return others[0]
        if named:
            return named[0]
        told = f"there is no channel {self._fallback}: create it, or name another under channels.urgent"
        self._problem = told
        raise ChannelClosed(told) if severity in _URGENT and others else DeliveryRefused(told)

    async def named(self, wanted: str | int) -> int:
        """Return a channel by name or id. Raises DeliveryRefused if there is none."""
        found = await self._resolve(wanted)
        if found is None:
            raise DeliveryRefused(f"there is no channel {wanted}")
        return found

    def close(self, channel_id: int, severity: Severity, error: DeliveryRefused) -> DeliveryRefused:
        """Remember that a channel refuses us; return what that means for who wanted to write there."""
        self._closed[channel_id] = asyncio.get_running_loop().time() + _CLOSED_S
        if severity in _URGENT:
            self._problem = str(error.values.get("detail"))
        others = any(not self.is_closed(each) for each in self._known.values())
        return error if severity in _URGENT and others else DeliveryRefused(str(error.values.get("detail")))

    @asynccontextmanager
    async def closing(self, channel_id: int, severity: Severity) -> AsyncGenerator[None]:
        """Remember a channel that refuses us within the block, so that the next attempt goes elsewhere."""
        try:
            yield
        except ChannelClosed as error:
            raise self.close(channel_id, severity, error) from error
        self.took(channel_id)

    async def urgency(self, channel_id: int) -> Severity:
        """Return what is said in a channel, if it is not known: P1 in the one for urgent alerts."""
        return Severity.P1 if channel_id == await self._resolve(self._fallback) else Severity.P3

    def took(self, channel_id: int) -> None:
        """Take note of a channel that lets us in; if it is the one for urgent alerts, all is well again."""
        if channel_id == self._known.get(_key(self._fallback)):
            self._problem = None

    def problem(self) -> None:
        """Raise SourceUnavailable while the channel for urgent alerts does not take them."""
        if self._problem:
            raise SourceUnavailable("channels", self._problem)

    async def _named(self, wanted: str | int) -> int | None:
        found = await self._resolve(wanted)
        if found is None and wanted not in self._missed:
            self._missed.add(wanted)
            log.warning("there is no channel %s; its alerts go to %s", wanted, self._fallback)
        return found

    async def _resolve(self, wanted: str | int) -> int | None:
        key = _key(wanted)
        if key not in self._known:
            self._known.clear()
            for channel in await self._client.http.get_all_guild_channels(self._guild_id):
                if channel["type"] in (discord.ChannelType.text.value, discord.ChannelType.news.value):
                    self._known[int(channel["id"])] = int(channel["id"])
                    self._known.setdefault(channel["name"], int(channel["id"]))
        return self._known.get(key)

    def is_closed(self, channel_id: int) -> bool:
        """Tell whether a channel has refused us a moment ago."""
        return self._closed.get(channel_id, 0.0) > asyncio.get_running_loop().time()


def _key(wanted: str | int) -> str | int:
    return int(wanted) if str(wanted).isdecimal() else str(wanted).removeprefix("#")
