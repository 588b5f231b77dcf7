"""Tells places that do not depend on it how Bongsu is: a ping while it works, a word when Discord is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.alerts import Severity
from bot.errors import BongsuError, SourceError
from bot.i18n import Language, text
from bot.ports import Clock, Incidents, Outbox

log = logging.getLogger(__name__)

Ping = Callable[[], Awaitable[None]]

_PATIENCE_S = 10.0
_AWAY = timedelta(minutes=2)
_NAMED = 10


class HealthcheckService(Protocol):
    """A dead man's switch in the style of healthchecks.io: `sign` is nothing, `/start` or `/fail`."""

    async def ping(self, sign: str, words: str) -> None:
        """Ping it. Raises SourceError."""
        ...


class Fallback(Protocol):
    """A webhook that reaches people without Discord."""

    async def say(self, words: str) -> None:
        """Say something there. Raises SourceError."""
        ...


class VitalSigns:
    """Pings the outside while everything that a card needs works, and says what does not."""

    def __init__(self, outside: HealthcheckService, pings: Mapping[str, Ping]) -> None:
        self._outside = outside
        self._pings = pings
        self._started = False

    async def step(self) -> bool:
        """Ping once."""
        if not self._started:
            await self._tell("/start", "")
            self._started = True
        found = await asyncio.gather(*(_problem(name, ping) for name, ping in self._pings.items()))
        problems = [problem for problem in found if problem]
        await self._tell("/fail" if problems else "", "\n".join(problems))
        return False

    async def _tell(self, sign: str, words: str) -> None:
        try:
            await self._outside.ping(sign, words)
        except SourceError as error:
            # Who waits for it misses it and says so: that is what it is for.
            log.warning("the dead man's switch was not reached: %s", error)


class OutOfReach:
    """Says by the fallback that Discord has been out of reach for two minutes, what is open, and when it is back."""

    def __init__(
        self,
        *,
        fallback: Fallback,
        discord: Ping,
        outbox: Outbox,
        incidents: Incidents,
        clock: Clock,
        language: Language,
    ) -> None:
        self._fallback = fallback
        self._discord = discord
        self._outbox = outbox
        self._incidents = incidents
        self._clock = clock
        self._language: Language = language
        self._since: datetime | None = None
        self._told: set[int] | None = None

    async def step(self) -> bool:
        """Look whether Discord can be reached, and say what has changed; a word that was not taken is said again."""
        at = self._clock()
        if await self._reached(at):
            if self._told is not None:
                await self._fallback.say(text(self._language, "fallback.back"))
            self._since, self._told = None, None
            return False
        self._since = self._since or at
        if at - self._since < _AWAY:
            return False
        urgent = [each for each in await self._incidents.open() if each.severity in (Severity.P1, Severity.P2)]
        new = [each for each in urgent if each.number not in (self._told or set())]
        if self._told is None or new:
            lines = [f"{each.severity.name} #{each.number} {each.title} {each.service or ''}".strip() for each in new]
            more = [text(self._language, "card.more", count=len(new) - _NAMED)] if len(new) > _NAMED else []
            head = text(self._language, "fallback.away", since=f"{self._since:%H:%M} UTC")
            await self._fallback.say("\n".join([head, *lines[:_NAMED], *more]))
            self._told = (self._told or set()) | {each.number for each in urgent}
        return False

    async def _reached(self, at: datetime) -> bool:
        # The gateway may be there although no message is taken.
        return await _problem("discord", self._discord) is None and await self._outbox.lag(at) < _AWAY.total_seconds()


async def _problem(name: str, ping: Ping) -> str | None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await ping()
    except TimeoutError:
        return f"{name}: no answer within {_PATIENCE_S:g} s"
    except BongsuError as error:
        return f"{name}: {error}"
    return None
