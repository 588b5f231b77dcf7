"""Tells where the cards of incidents are, or the digests in their place, and whether they are just being posted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import RowMapping, exists, select

from bot.domain.incidents import State
from bot.domain.messages import MessageRef
from bot.ports.posted import KnownCard
from bot.store.digests import digests
from bot.store.kinds import IS_CALL, IS_CARD
from bot.store.queueing import LATE
from bot.store.runner import Runner
from bot.store.tables import cards, incidents, outbox


class StoredCards:
    """The table `cards`, as `bot.ports.posted.KnownCards` describes it."""

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


def _place(row: RowMapping) -> MessageRef | None:
    if row["message_id"] is not None:
        return MessageRef(row["channel_id"], row["message_id"])
    if row["digest_message"] is not None:
        return MessageRef(row["digest_channel"], row["digest_message"])
    return None
