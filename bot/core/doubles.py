"""Looks for what Discord did after all, when another attempt had long taken its place: a second card, an old drawing.

A request that was cut off may still be carried out. In the same channel the nonce makes one message of both; but when the
severity has changed meanwhile, or a channel was closed, the next attempt went into another channel. An edit that is
carried out late shows what is true no more, such as green while it burns, or a card where there is only a sign left; so
the card is drawn once more after it, and the sign is put back. A process that starts knows nothing of what an earlier one
has asked for, so it looks, too.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import cast

from bot.domain.alerts import Severity
from bot.domain.jobs import Job, JobName, Planned
from bot.domain.messages import CARRIED_OUT_WITHIN, DISCORD_CLOCK_SKEW, MessageRef
from bot.errors import DeliveryRefused, MessageGone
from bot.ports import Clock, Incidents, Jobs
from bot.ports.posted import KnownCard, KnownCards, PostedCard, PostedCards

log = logging.getLogger(__name__)

# One look serves all of so many seconds.
_TOGETHER_S = 15


class Doubles:
    """Leaves one card of each incident; the others point to it, or are taken away where there is none."""

    def __init__(
        self, *, jobs: Jobs, incidents: Incidents, known: KnownCards, posted: PostedCards, clock: Clock
    ) -> None:
        self._jobs = jobs
        self._incidents = incidents
        self._known = known
        self._posted = posted
        self._clock = clock

    async def expect(self, incident: int | None = None, left: MessageRef | None = None) -> None:
        """Have it looked for as soon as no earlier attempt can be carried out any more; said before the next attempt.

        The card of an incident that is named is there, and may be drawn as it was once more; or where it has `left`.
        """
        at = self._clock()
        await self._jobs.plan([_look(at, incident, left)], at)

    async def run(self, job: Job) -> Sequence[Planned]:
        """Look; again later, if what is there twice is just being written down. Raises DeliveryRefused at the end."""
        if job.payload:
            card = await self._posted.still(_left(job))
            return await self._settle([card] if card else [])
        if job.incident is None:
            return await self._look_through()
        await self._incidents.redraw([job.incident], self._clock())
        return ()

    async def _look_through(self) -> Sequence[Planned]:
        listed, refused = dict[int, PostedCard](), list[DeliveryRefused]()
        for severity in (Severity.P1, Severity.P3):
            try:
                listed |= {each.ref.message_id: each for each in await self._posted.listed(severity)}
            except DeliveryRefused as error:
                # What is in the other channel does not wait for that.
                log.warning("cards that came late are not looked for in the channel of %s: %s", severity.name, error)
                refused.append(error)
        return await self._settle(listed.values(), refused)

    async def _settle(self, listed: Iterable[PostedCard], refused: Iterable[DeliveryRefused] = ()) -> Sequence[Planned]:
        """Leave one card of each; what is refused is tried again when all else is done."""
        cards, failures, moving = list(listed), list(refused), False
        # Read after Discord was: what is posted and not written down yet is seen to be moving.
        known = await self._known.known({each.incident for each in cards}, self._clock())
        often = Counter(each.incident for each in cards)
        for each in cards:
            place = known.get(each.incident)
            if place is None or each.at < place.opened_at - DISCORD_CLOCK_SKEW:
                # Of a database that is no more.
                continue
            if place.moving:
                moving |= often[each.incident] > 1 or place.ref is None or place.ref != each.ref
                continue
            try:
                moving |= await self._leave_one(each, place)
            except MessageGone:
                # Somebody has deleted it, which is just as well.
                continue
            except DeliveryRefused as error:
                log.warning("no sign could be left on the second card of #%s: %s", each.incident, error)
                failures.append(error)
        if failures:
            raise failures[0]
        return [_look(self._clock())] if moving else ()

    async def _leave_one(self, card: PostedCard, place: KnownCard) -> bool:
        """Mark or take away a card that is one too many; return whether that is to be seen later."""
        if place.ref is not None:
            if place.ref.message_id != card.ref.message_id:
                log.warning("#%s was posted twice; the card that came late points to the other one", card.incident)
                await self._posted.point(card, place.ref)
            return False
        if place.needs_none:
            log.warning("#%s needs no card any more; the one that came late is taken away", card.incident)
            await self._posted.remove(card)
            return False
        await self._incidents.redraw([card.incident], self._clock())
        return True


def _look(at: datetime, incident: int | None = None, left: MessageRef | None = None) -> Planned:
    turn = int((at + CARRIED_OUT_WITHIN).timestamp()) // _TOGETHER_S + 1
    due_at = datetime.fromtimestamp(turn * _TOGETHER_S, UTC)
    parts = [turn, *([incident] if incident is not None else []), *([left.message_id] if left else [])]
    payload: dict[str, object] = {"channel": left.channel_id, "message": left.message_id} if left else {}
    return Planned(JobName.DOUBLES, "/".join(map(str, parts)), due_at, payload, incident)


def _left(job: Job) -> MessageRef:
    return MessageRef(cast("int", job.payload["channel"]), cast("int", job.payload["message"]))
