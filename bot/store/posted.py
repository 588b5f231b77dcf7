"""Tells where the cards of incidents are, or the digests in their place, and whether they are just being posted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    delete,
    exists,
    literal,
    select,
    true,
    union_all,
    update,
)

from bot.domain.alerts import Severity
from bot.domain.incidents import State
from bot.domain.messages import MessageRef
from bot.ports.posted import KnownCard, Lost
from bot.store.digests import digests
from bot.store.former_cards import leave
from bot.store.kinds import IS_CALL, IS_CARD
from bot.store.queueing import LATE, queue_card
from bot.store.runner import Runner
from bot.store.tables import cards, incidents, outbox


class StoredCards:
    """The table `cards`, as `bot.ports.posted.KnownCards` and `bot.ports.posted.LostCards` describe it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def known(self, numbers: Collection[int], at: datetime) -> Mapping[int, KnownCard]:
        """Return them by number.

        A first card is posted, and a call may move what is there; a call that is put off has moved nothing yet.
        """
        waits = (outbox.c.incident == incidents.c.number) & outbox.c.done_at.is_(None)
        posted = (IS_CARD & cards.c.message_id.is_(None)) | (IS_CALL & LATE)
        moving = exists().where(waits, posted)
        needs_none = incidents.c.digest.is_not(None) | (incidents.c.state == State.RESOLVED.value)
        query = (
            select(
                *(incidents.c.number, incidents.c.opened_at, moving.label("moving"), needs_none.label("needs_none")),
                *(cards.c.channel_id, cards.c.message_id),
                *(digests.c.channel_id.label("digest_channel"), digests.c.message_id.label("digest_message")),
            )
            .outerjoin(cards, cards.c.incident == incidents.c.number)
            .outerjoin(digests, digests.c.id == incidents.c.digest)
            .where(incidents.c.number.in_(numbers))
        )
        rows = await self._runner.read(lambda connection: connection.execute(query, {"at": at}).mappings().all())
        return {
            row["number"]: KnownCard(_place(row), row["opened_at"], row["moving"], row["needs_none"]) for row in rows
        }

    async def placed(self, most: int) -> Sequence[MessageRef]:
        query = (
            select(cards.c.channel_id, cards.c.message_id, incidents.c.severity)
            .join(incidents, incidents.c.number == cards.c.incident)
            .where(incidents.c.state != State.RESOLVED.value, incidents.c.cards_lost < most)
        )
        # What is in a digest is no P1; and there is one of these, at most two.
        theirs = digests.c.message_id.is_not(None) & digests.c.ended_at.is_(None) & (digests.c.lost < most)
        gathered = select(digests.c.channel_id, digests.c.message_id, literal(Severity.P2.value)).where(theirs)
        both = union_all(query, gathered)
        rows = await self._runner.read(lambda connection: connection.execute(both).all())
        return [MessageRef(row[0], row[1]) for row in sorted(rows, key=lambda row: (row[2], -row[1]))]

    async def lose(self, channel: int, messages: Collection[int] | None, at: datetime, most: int) -> Lost:

        def work(connection: Connection) -> Lost:
            numbers, kept = _lost_cards(connection, channel, messages, most)
            for number in numbers:
                leave(connection, number)
                connection.execute(delete(cards).where(cards.c.incident == number))
                # With another one's name, or Discord may answer with the message that is gone.
                lost = update(incidents).where(incidents.c.number == number)
                connection.execute(lost.values(cards_lost=incidents.c.cards_lost + 1))
                queue_card(connection, number, at)
            gone, left = _lost_digests(connection, channel, messages, most)
            return Lost([*numbers, *[0] * gone], [*kept, *[0] * left])

        return await self._runner.write(work)


def _lost_cards(
    connection: Connection, channel: int, messages: Collection[int] | None, most: int
) -> tuple[list[int], list[int]]:
    """Return what goes on and has its card there, and of it what has lost too many."""
    query = (
        select(incidents.c.number, incidents.c.cards_lost)
        .join(cards, cards.c.incident == incidents.c.number)
        .where(_there(cards, channel, messages), incidents.c.state != State.RESOLVED.value)
        .order_by(incidents.c.number)
    )
    rows = connection.execute(query.with_for_update(of=incidents)).all()
    return [row[0] for row in rows if row[1] < most], [row[0] for row in rows if row[1] >= most]


def _lost_digests(connection: Connection, channel: int, messages: Collection[int] | None, most: int) -> tuple[int, int]:
    """Forget where the digests are that go on and are there; return how many, and how many have lost too many."""
    theirs = _there(digests, channel, messages) & digests.c.ended_at.is_(None)
    values = {"channel_id": None, "message_id": None, "lost": digests.c.lost + 1}
    gone = connection.execute(update(digests).where(theirs, digests.c.lost < most).values(values)).rowcount
    return gone, len(connection.execute(select(digests.c.id).where(theirs)).all())


def _there(table: Table, channel: int, messages: Collection[int] | None) -> ColumnElement[bool]:
    among = table.c.message_id.in_(messages) if messages is not None else true()
    return (table.c.channel_id == channel) & among


def _place(row: RowMapping) -> MessageRef | None:
    if row["message_id"] is not None:
        return MessageRef(row["channel_id"], row["message_id"])
    if row["digest_message"] is not None:
        return MessageRef(row["digest_channel"], row["digest_message"])
    return None
