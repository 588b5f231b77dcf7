"""Gathers what is more than a channel carries into one digest, which calms down by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.core.access import Access
from bot.core.attempts import retry_after
from bot.domain.alerts import Severity
from bot.domain.digests import LANES, USUAL, Digest, StormRules
from bot.domain.incidents import PageReason
from bot.domain.messages import CARRIED_OUT_WITHIN, DISCORD_CLOCK_SKEW
from bot.domain.owners import Catalogue, Owner
from bot.domain.people import Person, Right
from bot.errors import ChannelClosed, DeliveryDelayed, DeliveryRefused, DeliveryUnanswered, MessageGone, OutOfDate
from bot.ports import Clock
from bot.ports.digests import DigestBoard, Digests, Drawn, Newcomer
from bot.ports.posted import Doubtful

log = logging.getLogger(__name__)

# So often a digest is drawn again at most: the last state wins.
_DRAWN_EVERY = timedelta(seconds=10)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Wait:
    """How long a lane is put off, and since when; by a clock that was set back before that it is put off no more."""

    since: datetime
    time: timedelta
    refused: bool

    def holds(self, at: datetime) -> bool:
        return timedelta() <= at - self.since < self.time


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
        doubtful: Doubtful | None = None,
    ) -> None:
        # Told before a digest shows what an earlier attempt may still post.
        self._doubtful = doubtful
        self._digests = digests
        self._board = board
        self._catalogue = catalogue
        self._clock = clock
        self._rules = rules
        self._busy = busy
        self._drawn_at: dict[int, datetime] = {}
        self._put_off: dict[str, _Wait] = {}
        # Of these we know that no attempt was made to post them.
        self._untried: set[int] = set()
        # Until then an edit that was cut off may still be carried out, and show what is true no more.
        self._doubted: dict[int, datetime] = {}
        self._shown: Callable[[Severity, float], None] = lambda _severity, _seconds: None
        self._paged: Callable[[PageReason], None] = lambda _reason: None

    def on_delivered(self, shown: Callable[[Severity, float], None], paged: Callable[[PageReason], None]) -> None:
        """Have somebody told of each notification that is shown, with the seconds it took, and of each call."""
        self._shown, self._paged = shown, paged

    def channels_changed(self) -> None:
        """Try what was refused again at once: somebody may have mended it; a limit of Discord's holds on."""
        self._put_off = {lane: wait for lane, wait in self._put_off.items() if not wait.refused}

    async def step(self, lane: str) -> bool:
        """Gather and draw for a lane of `LANES`; there is never more to do at once."""
        wait = self._put_off.get(lane)
        if wait and wait.holds(self._clock()):
            return False
        try:
            await self._gather(lane)
            for number in await self._digests.open(lane):
                await self._shown_somehow(number)
        except (DeliveryDelayed, DeliveryRefused) as error:
            wait = retry_after(error, attempts=1)
            log.warning("the digest of %s is tried again in %s: %s", lane, wait, error)
            self._put_off[lane] = _Wait(self._clock(), wait, isinstance(error, DeliveryRefused))
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
        if self._doubtful:
            await self._doubtful()
        there = await self._board.carried(severities)
        # An older card with this number belongs to a database that is no more.
        return [
            each
            for each in waiting
            if each.incident not in there or there[each.incident][1] < each.opened_at - DISCORD_CLOCK_SKEW
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
        if timedelta() <= at - self._drawn_at.get(number, _LONG_AGO) < _DRAWN_EVERY:
            return
        digest, drawn = await self._digests.load(number, at, self._rules.calm)
        if digest.calms(self._rules, at):
            log.info("the storm is over: %s of %s incidents go on", len(digest.open), len(digest.lines))
            await self._digests.calm(number, at)
            digest = replace(digest, calm_at=at, fresh=True)
        doubted = self._is_doubted(digest, at)
        # After its end nobody draws it any more.
        last, calls = digest.is_over(self._rules) and not doubted, digest.calls(self._catalogue)
        again = not doubted and number in self._doubted
        if digest.card is None or digest.fresh or last or again or any(calls.values()) or digest.promises:
            await self._draw(digest, drawn, calls, last=last)
            self._drawn_at[number] = at
            if not doubted:
                self._doubted.pop(number, None)
        if last:
            await self._digests.end(number, at)
            self._drawn_at.pop(number, None)

    def _is_doubted(self, digest: Digest, at: datetime) -> bool:
        """Tell whether an edit may still be carried out late; what an earlier process has drawn last is not known."""
        if digest.card is not None and digest.id not in self._drawn_at:
            self._doubted.setdefault(digest.id, at + CARRIED_OUT_WITHIN)
        until = self._doubted.get(digest.id, at)
        return timedelta() < until - at <= CARRIED_OUT_WITHIN

    async def _draw(self, digest: Digest, drawn: Drawn, calls: dict[int, tuple[Owner, ...]], *, last: bool) -> None:
        again = digest.card is None and digest.id not in self._untried
        self._untried.discard(digest.id)
        owners = tuple(dict.fromkeys(owner for some in calls.values() for owner in some))
        try:
            card, called = await self._board.digest(digest, owners, last=last, again=again)
        except MessageGone:
            await self._digests.gone(digest.id)
            return
        except DeliveryUnanswered:
            self._doubted[digest.id] = self._clock() + CARRIED_OUT_WITHIN
            raise
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
