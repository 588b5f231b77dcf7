"""Gathers what is more than a channel carries into one digest, which calms down by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.access import Access
from bot.domain.alerts import Severity
from bot.domain.digests import LANES, USUAL, Digest, StormRules
from bot.domain.incidents import PageReason
from bot.domain.owners import Catalogue, Owner
from bot.domain.people import Person, Right
from bot.errors import ChannelClosed, DeliveryDelayed, DeliveryRefused, MessageGone, OutOfDate
from bot.ports import Clock
from bot.ports.digests import DigestBoard, Digests, Drawn, Newcomer

log = logging.getLogger(__name__)

# So often a digest is drawn again at most: the last state wins.
_DRAWN_EVERY = timedelta(seconds=10)
_SOON = timedelta(seconds=2)
_REFUSED_RETRY = timedelta(minutes=5)
# An older card with this number belongs to a database that is no more; the clocks need not agree.
_CLOCK_SKEW = timedelta(minutes=5)


class Storm:
    """Gathers what waits for a channel into digests, and draws them."""

    def __init__(
        self,
        *,
        digests: Digests,
        board: DigestBoard,
        catalogue: Catalogue,
        clock: Clock,
        rules: StormRules = USUAL,
        busy: Callable[[], Collection[int]] = tuple,
    ) -> None:
        self._digests = digests
        self._board = board
        self._catalogue = catalogue
        self._clock = clock
        self._rules = rules
        self._busy = busy
        self._next: dict[int, datetime] = {}
        self._put_off: dict[str, datetime] = {}
        # Of these we know that no attempt was made to post them.
        self._untried: set[int] = set()
        self._shown: Callable[[Severity, float], None] = lambda _severity, _seconds: None
        self._paged: Callable[[PageReason], None] = lambda _reason: None

    def on_delivered(self, shown: Callable[[Severity, float], None], paged: Callable[[PageReason], None]) -> None:
        """Have somebody told of each notification that is shown, with the seconds it took, and of each call."""
        self._shown, self._paged = shown, paged

    def channels_changed(self) -> None:
        """Try what was refused again at once: somebody may have mended it."""
        self._put_off.clear()

    async def step(self, lane: str) -> bool:
        """Gather and draw for a lane of `LANES`; there is never more to do at once."""
        if self._clock() < self._put_off.get(lane, self._clock()):
            return False
        try:
            await self._gather(lane)
            for number in await self._digests.open(lane):
                await self._shown_somehow(number)
        except DeliveryDelayed as error:
            wait = max(timedelta(seconds=error.retry_after_s), _SOON)
            log.warning("the digest of %s is delayed: %s", lane, error)
            self._put_off[lane] = self._clock() + wait
        except ChannelClosed as error:
            log.error("the digest of %s is refused, will go to another channel: %s", lane, error)  # noqa: TRY400
            self._put_off[lane] = self._clock() + _SOON
        except DeliveryRefused as error:
            log.error("the digest of %s is refused, will try again in 5 min: %s", lane, error)  # noqa: TRY400
            self._put_off[lane] = self._clock() + _REFUSED_RETRY
        return False

    async def _gather(self, lane: str) -> None:
        """Take up what waits for a first card, if that is more than a channel carries or a digest collects already."""
        collecting = await self._digests.collecting(lane)
        waiting = await self._digests.newcomers(LANES[lane])
        if not waiting or (collecting is None and len(waiting) <= self._rules.cards):
            return
        busy = set(self._busy())
        numbers = [
            each.incident for each in await self._without_card(LANES[lane], waiting) if each.incident not in busy
        ]
        if not numbers or (collecting is None and len(numbers) <= self._rules.cards):
            return
        digest = await self._digests.absorb(lane, numbers, self._clock())
        if collecting is None:
            log.warning("more is to be shown than the channel carries: %s incidents become a digest", len(numbers))
            self._untried.add(digest)

    async def _without_card(self, severities: Collection[Severity], waiting: Sequence[Newcomer]) -> list[Newcomer]:
        """Leave out those that have a card although an attempt to post it seemed to fail; their own task finds it."""
        if not any(each.tried for each in waiting):
            return list(waiting)
        there = await self._board.carried(severities)
        return [
            each
            for each in waiting
            if each.incident not in there or there[each.incident][1] < each.opened_at - _CLOCK_SKEW
        ]

    async def _shown_somehow(self, number: int) -> None:
        """Care for a digest; what Discord takes from none is shown, and called for, by cards again."""
        try:
            await self._care(number)
        except ChannelClosed:
            raise
        except DeliveryRefused:
            await self._digests.end(number, self._clock())
            raise

    async def _care(self, number: int) -> None:
        at = self._clock()
        if at < self._next.get(number, at):
            return
        digest, drawn = await self._digests.load(number, at, self._rules.calm)
        if digest.calms(self._rules, at):
            log.info("the storm is over: %s of %s incidents go on", len(digest.open), len(digest.lines))
            await self._digests.calm(number, at)
            digest = replace(digest, calm_at=at, fresh=True)
        last, calls = digest.is_over(self._rules), digest.calls(self._catalogue)
        if digest.card is None or digest.fresh or last or any(calls.values()) or digest.promises:
            await self._draw(digest, drawn, calls, last=last)
            self._next[number] = at + _DRAWN_EVERY
        if last:
            await self._digests.end(number, at)
            self._next.pop(number, None)

    async def _draw(self, digest: Digest, drawn: Drawn, calls: dict[int, tuple[Owner, ...]], *, last: bool) -> None:
        again = digest.card is None and digest.id not in self._untried
        self._untried.discard(digest.id)
        owners = tuple(dict.fromkeys(owner for some in calls.values() for owner in some))
        try:
            card, called = await self._board.digest(digest, owners, last=last, again=again)
        except MessageGone:
            await self._digests.gone(digest.id)
            return
        missed = [owner for owner in owners if owner not in called]
        if missed:
            # An edit calls nobody, and what an earlier attempt has posted has not called who came since.
            await self._board.call_below(replace(digest, card=card), missed, sorted(calls))
        at = self._clock()
        came = await self._digests.shown(digest, drawn, card, at, calls)
        for severity, received_at in came:
            self._shown(severity, max((at - received_at).total_seconds(), 0.0))
        if owners:
            self._paged(PageReason.OPENED)


class DigestDesk:
    """What people may ask of a digest."""

    def __init__(self, *, digests: Digests, access: Access, clock: Clock) -> None:
        self._digests = digests
        self._access = access
        self._clock = clock

    async def read(self, number: int, by: Person, message: int | None = None) -> Digest:
        """Return a digest; of the message it was pressed below, if that is not only the presser's. Raises Refused."""
        await self._access.require(by, Right.READ, "read", f"digest {number}")
        digest, _ = await self._digests.load(number, self._clock(), timedelta())
        if message is not None and digest.card is not None and message < digest.card.message_id:
            # A database that is no more gave its number too.
            raise OutOfDate("errors.out_of_date")
        return digest
