"""Names what is kept of digests, and how they come to Discord."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.alerts import Severity
from bot.domain.digests import Digest
from bot.domain.messages import MessageRef
from bot.domain.owners import Owner


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An incident whose first card waits; with `tried` that card may exist all the same."""

    incident: int
    opened_at: datetime
    tried: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a digest showed when it was drawn: the version of each of its incidents whose change waited to be shown."""

    versions: Mapping[int, int]


class Digests(Protocol):
    """Which incidents are shown by digests."""

    async def newcomers(self, severities: Collection[Severity]) -> Sequence[Newcomer]:
        """Return whose first card waits; P1 is never among them."""
        ...

    async def absorb(self, lane: str, incidents: Collection[int], at: datetime) -> int:
        """Have these shown by the digest of a lane that collects, which begins if there is none; return its id."""
        ...

    async def collecting(self, lane: str) -> int | None:
        """Return the digest of a lane that takes what comes, None if each has a card of its own."""
        ...

    async def open(self, lane: str) -> Sequence[int]:
        """Return the digests of a lane that are not over."""
        ...

    async def load(self, digest: int, at: datetime, lately: timedelta) -> tuple[Digest, Drawn]:
        """Return a digest and what of it waits to be shown. Raises OutOfDate."""
        ...

    async def shown(
        self, digest: Digest, drawn: Drawn, card: MessageRef, at: datetime, called: Mapping[int, Collection[Owner]]
    ) -> Sequence[tuple[Severity, datetime]]:
        """Write down that a digest was drawn, and for which incidents whom it called.

        Returns severity and time of each notification that is shown by now and was not before.
        """
        ...

    async def gone(self, digest: int) -> None:
        """Forget where a digest is, because its message was deleted."""
        ...

    async def calm(self, digest: int, at: datetime) -> None:
        """Let what comes from now on have cards of its own again."""
        ...

    async def end(self, digest: int, at: datetime) -> None:
        """Give what goes on a card of its own; what is over was shown."""
        ...


class DigestBoard(Protocol):
    """Discord, as the place where digests are."""

    async def digest(
        self, digest: Digest, call: Collection[Owner], *, last: bool, again: bool
    ) -> tuple[MessageRef, Collection[Owner]]:
        """Post a digest, or draw it again where it is; return where it is, and whom of these its first post has called.

        With `last` it says that it is over. With `again` an earlier attempt may have posted it: look for it first.
        Raises MessageGone, DeliveryDelayed or DeliveryRefused.
        """
        ...

    async def call_below(self, digest: Digest, call: Collection[Owner], incidents: Sequence[int]) -> MessageRef:
        """Call people for incidents of a digest that is there. Raises DeliveryDelayed or DeliveryRefused."""
        ...

    async def carried(self, severities: Collection[Severity]) -> Mapping[int, tuple[MessageRef, datetime]]:
        """Return the newest cards in the channel of these severities, by the number of their incident, and since when."""
        ...
