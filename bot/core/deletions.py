"""Brings back the card of what goes on when somebody deletes it: without it nobody could see or take it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

from bot.errors import SourceUnavailable
from bot.ports import Clock
from bot.ports.posted import LostCards

log = logging.getLogger(__name__)

# Whoever deletes a card so often means it, or is a program that would go on for ever: from then on it comes back with
# the next change, and below each step of its escalation, as there is something new to read.
MOST_AT_ONCE = 3


class Deletions:
    """Hears what was deleted on Discord, by whomever; our own cards that are one too many are not the ones we look for."""

    def __init__(self, *, cards: LostCards, clock: Clock, changed: Callable[[], None]) -> None:
        self._cards = cards
        self._clock = clock
        self._changed = changed

    async def deleted(self, channel: int, messages: Collection[int] | None) -> None:
        """Have the cards among these messages posted anew, or all of a channel that is gone; they call nobody again."""
        try:
            lost = await self._cards.lose(channel, messages, self._clock(), MOST_AT_ONCE)
        except SourceUnavailable as error:
            log.warning("a card that was deleted is looked for later: %s", error)
            return
        if lost.again:
            log.warning("somebody deleted the card of %s; it is posted anew", _named(lost.again))
            self._changed()
        if lost.left:
            log.warning(
                "the card of %s was deleted %s times; it comes back with its next change",
                _named(lost.left),
                MOST_AT_ONCE + 1,
            )


def _named(numbers: Collection[int]) -> str:
    return ", ".join(f"#{number}" if number else "a digest" for number in numbers)
