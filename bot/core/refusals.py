"""Says on Discord what was refused for good: once, because whoever sends it will send it again and again."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import DeliveryRefused
from bot.ports import Clock, Inbox, Keepsakes, Warner

log = logging.getLogger(__name__)

# Said again after this time: by then it was forgotten, or another mistake.
_AGAIN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WebhookRefusal:
    """What was answered to whom: 400 for a body nobody can read, 401 for a wrong credential, 413 for too much."""

    source: str
    status: int
    problem: str
    body: bytes = b""

    @property
    def kind(self) -> str:
        """Name what is said once."""
        return f"refused:{self.source}:{self.status}"


class Refusals:
    """Remembers what was refused until it has been said, one of each kind."""

    def __init__(self, *, inbox: Inbox, keepsakes: Keepsakes, clock: Clock, warner: Warner | None = None) -> None:
        self._inbox = inbox
        self._keepsakes = keepsakes
        self._warner = warner
        self._clock = clock
        self._waiting: dict[str, WebhookRefusal] = {}

    def speak_through(self, warner: Warner) -> None:
        """Warn of what is refused through this one from now on: Discord is there later than the door."""
        self._warner = warner

    def note(self, refusal: WebhookRefusal) -> None:
        """Have something said that the door has just refused."""
        self._waiting.setdefault(refusal.kind, refusal)

    async def step(self) -> bool:
        """Say one of them; return whether another waits. Raises DeliveryDelayed if Discord does not take it for now."""
        refusal = next(iter(self._waiting.values()), None)
        if refusal is None or self._warner is None:
            return False
        if not await self._said(refusal):
            at = self._clock()
            if refusal.body:
                # Before it is said, so that whoever reads it finds it.
                await self._inbox.set_aside(refusal.source, refusal.body, refusal.problem, at)
            try:
                await self._warner.warn(f"refused.{refusal.status}", source=refusal.source, problem=refusal.problem)
            except DeliveryRefused as error:
                log.warning("what was refused cannot be said on Discord: %s", error)
            await self._keepsakes.remember(refusal.kind, at.isoformat())
        del self._waiting[refusal.kind]
        return bool(self._waiting)

    async def _said(self, refusal: WebhookRefusal) -> bool:
        before = await self._keepsakes.recall(refusal.kind)
        return before is not None and abs(self._clock() - datetime.fromisoformat(before)) < _AGAIN_AFTER
