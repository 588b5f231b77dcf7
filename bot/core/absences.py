"""Looks whether the cards of what goes on are still on Discord: of what is deleted while nobody listens nobody tells us."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.core.deletions import MOST_AT_ONCE, Deletions
from bot.domain.messages import MessageRef
from bot.errors import DeliveryDelayed, DeliveryRefused, MessageGone
from bot.ports import Clock
from bot.ports.posted import LostCards, PostedCards

log = logging.getLogger(__name__)

# So many questions at a time; what is left is looked at the next time, before anything is looked at again.
_MOST_QUESTIONS = 10


class Absences:
    """Goes round the cards and digests that the store has on Discord, a hundred messages of a channel with each question."""

    def __init__(
        self, *, cards: LostCards, posted: PostedCards, deletions: Deletions, clock: Clock, every: timedelta
    ) -> None:
        self._cards = cards
        self._posted = posted
        self._deletions = deletions
        self._clock = clock
        self._every = every
        self._began_at: datetime | None = None
        self._looked_at = set[int]()

    def channels_changed(self) -> None:
        """Begin anew with the next look: nobody told us what was deleted before a new session, or where we saw nothing."""
        self._began_at = None

    async def look(self) -> bool:
        """Look at some of them, the worst and of these the newest first; what is gone is posted anew."""
        at, placed = self._clock(), await self._cards.placed(MOST_AT_ONCE)
        left = self._not_yet(placed)
        is_due = self._began_at is None or not at - self._every < self._began_at <= at
        if self._began_at is None or (is_due and not left):
            self._looked_at.clear()
            self._began_at, left = at, placed
        try:
            for _ in range(_MOST_QUESTIONS):
                if left:
                    await self._look_around(left[0], left)
                left = self._not_yet(left)
        except DeliveryDelayed as error:
            log.info("whether cards were deleted is looked at later: %s", error)
        return False

    async def _look_around(self, first: MessageRef, placed: Sequence[MessageRef]) -> None:
        """Look at a message, and at those of ours among the hundred before it."""
        channel = first.channel_id
        there = {each.message_id for each in placed if each.channel_id == channel}
        try:
            page = await self._posted.page(first)
            below = {each for each in there if page.since <= each <= first.message_id}
            absent = below - page.messages
            # Who may not read what was said before is shown an empty channel.
            if absent and (page.messages or not await self._posted.is_there(first)):
                await self._deletions.deleted(channel, absent)
        except MessageGone:
            below = there
            await self._deletions.deleted(channel, None)
        except DeliveryRefused as error:
            log.info("whether cards were deleted is not known of channel %s: %s", channel, error)
            below = there
        self._looked_at |= below

    def _not_yet(self, placed: Collection[MessageRef]) -> list[MessageRef]:
        return [each for each in placed if each.message_id not in self._looked_at]
