"""Names what a report on a stretch of time needs: what happened, the rules as they stand, a picture, a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.messages import MessageRef
from bot.domain.telemetry import Window
from bot.i18n import Language
from bot.reporting.alert_rules import AlertRule
from bot.reporting.history import History
from bot.reporting.overview import Overview


class Histories(Protocol):
    """What the store tells about a stretch of time."""

    async def between(self, window: Window, limit: int) -> History:
        """Return the newest incidents that began in it, at most `limit`."""
        ...

    async def count(self, window: Window) -> int:
        """Count the incidents that began in it."""
        ...


class RuleBook(Protocol):
    """The alert rules as their server evaluates them."""

    async def alert_rules(self) -> Sequence[AlertRule]:
        """Return them; those that ask no Prometheus are left out. Raises SourceError."""
        ...


class Painter(Protocol):
    """Somebody who draws."""

    async def draw(self, overview: Overview, language: Language) -> bytes:
        """Draw one picture, a PNG. Raises NoPicture."""
        ...


class Board(Protocol):
    """A channel of Discord."""

    async def tell(
        self, channel: str | int, number: int, overview: Overview, picture: bytes | None, *, again: bool
    ) -> MessageRef:
        """Post a report in a channel, by name or id; nothing means the channel for urgent alerts.

        `number` is its own for ever; with `again` an earlier attempt may have posted it. Raises DeliveryDelayed or
        DeliveryRefused.
        """
        ...
