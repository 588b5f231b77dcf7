"""Remembers where cards were: below one that was moved or deleted its thread goes on, and people ask there."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Integer, Table, bindparam, exists, insert, select

from bot.store.tables import cards, metadata

former_cards = Table(
    "former_cards",
    metadata,
    # A thread has the id of the message that it began at.
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("incident", Integer, ForeignKey("incidents.number"), nullable=False),
)

_KNOWN = exists().where(former_cards.c.message_id == cards.c.message_id)
_LEAVE = insert(former_cards).from_select(
    ["message_id", "incident"],
    select(cards.c.message_id, cards.c.incident).where(cards.c.incident == bindparam("number"), ~_KNOWN),
)
_OF_MESSAGE = [
    select(table.c.incident).where(table.c.message_id == bindparam("message", type_=BigInteger))
    for table in (cards, former_cards)
]


def leave(connection: Connection, number: int) -> None:
    """Remember where the card of an incident is before another one takes its place, as part of a transaction."""
    connection.execute(_LEAVE, {"number": number})


def incident_of(connection: Connection, message: int) -> int | None:
    """Return the incident whose card a message is, or was."""
    found = (connection.execute(query, {"message": message}).scalars().first() for query in _OF_MESSAGE)
    return next((each for each in found if each is not None), None)
