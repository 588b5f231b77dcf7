"""Names what is asked of cards that may stand on Discord twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.alerts import Severity
from bot.domain.messages import MessageRef


@dataclass(frozen=True, slots=True)
class PostedCard:
    """A message that carries the buttons of an incident, and when it was posted."""

    incident: int
    ref: MessageRef
    at: datetime


@dataclass(frozen=True, slots=True)
class KnownCard:
    """Where the store has the card of an incident, or the digest in its place; `moving` while one is to be posted.

    Of what is over, or in a digest that is posted anew, it `needs_none`.
    """

    ref: MessageRef | None
    opened_at: datetime
    moving: bool
    needs_none: bool


@dataclass(frozen=True, slots=True)
class ChannelPage:
    """The ids of the messages of a channel, from the first that was asked for back to `since`."""

    messages: frozenset[int]
    since: int


class PostedCards(Protocol):
    """Discord, as the place where cards are found by their buttons. Raises DeliveryDelayed or DeliveryRefused."""

    async def listed(self, severity: Severity) -> Sequence[PostedCard]:
        """Return the cards among the last messages of the channel of a severity."""
        ...

    async def still(self, ref: MessageRef) -> PostedCard | None:
        """Return the card that a message is, if it is there and one."""
        ...

    async def page(self, last: MessageRef) -> ChannelPage:
        """Return which messages there are from this one back. Raises MessageGone if its channel is gone."""
        ...

    async def is_there(self, ref: MessageRef) -> bool:
        """Tell whether there is a message, or its channel."""
        ...

    async def point(self, posted: PostedCard, to: MessageRef) -> None:
        """Have a card that is one too many say where the other one is."""
        ...

    async def remove(self, posted: PostedCard) -> None:
        """Take a card away."""
        ...


class KnownCards(Protocol):
    """Where the store has cards."""

    async def known(self, numbers: Collection[int], at: datetime) -> Mapping[int, KnownCard]:
        """Return them by the numbers of their incidents, as it is now."""
        ...


@dataclass(frozen=True, slots=True)
class Lost:
    """Of which incidents the card that was deleted is posted `again` at once, and which are `left`; 0 stands for a digest."""

    again: Sequence[int]
    left: Sequence[int]


class LostCards(Protocol):
    """Where the store has cards, as the place that is told that they are gone."""

    async def placed(self, most: int) -> Sequence[MessageRef]:
        """Return where the cards and digests of what goes on are, the worst and newest first; none that `lose` leaves."""
        ...

    async def lose(self, channel: int, messages: Collection[int] | None, at: datetime, most: int) -> Lost:
        """Forget the cards and digests of what goes on among these messages, or all in a channel, so that they are posted.

        What has lost as many as `most` is left as it is.
        """
        ...


class Doubtful(Protocol):
    """Is told that an earlier attempt may still be carried out: at any card, that of an incident, or where that was."""

    async def __call__(self, incident: int | None = None, left: MessageRef | None = None) -> None:
        """Have it looked at later."""
        ...
