"""Names the table of digests, and whose first card a digest takes the place of."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, ColumnElement, Integer, String, Table, Text, bindparam, case, exists

from bot.domain.alerts import Severity
from bot.domain.digests import LANES
from bot.store.columns import UtcDateTime
from bot.store.kinds import IS_CARD, written
from bot.store.tables import cards, incidents, metadata, outbox

digests = Table(
    "digests",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("lane", String(20), nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("calm_at", UtcDateTime),
    Column("ended_at", UtcDateTime, index=True),
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    # How many of its messages somebody has deleted.
    Column("lost", Integer, nullable=False, server_default="0"),
    # The owners it has called, in JSON.
    Column("called", Text, nullable=False, server_default="[]"),
    # Menus name it: a number must never mean another one.
    sqlite_autoincrement=True,
)

# A digest looks each second; whatever keeps it from that keeps back no card for longer.
_GATHERED_WITHIN, _CLOCK_SKEW = timedelta(seconds=20), timedelta(minutes=1)
# As long as it takes what comes.
COLLECTS = digests.c.calm_at.is_(None) & digests.c.ended_at.is_(None)
_LANE = case(
    *((incidents.c.severity.in_(written(each.value for each in some)), name) for name, some in LANES.items()), else_=""
)


def lately(at: datetime) -> dict[str, datetime]:
    """Return the values that `is_to_be_gathered` asks for."""
    return {"lately": at - _GATHERED_WITHIN, "now": at + _CLOCK_SKEW}


def is_to_be_gathered() -> ColumnElement[bool]:
    """Select first cards that a digest is about to take the place of: each would cost a message and be looked at by nobody.

    What may have been posted already is not among them: its own task finds it. Nor is what no digest has taken for long.
    """
    since, now = (bindparam(name, type_=outbox.c.created_at.type) for name in ("lately", "now"))
    young = (outbox.c.created_at > since) & (outbox.c.created_at <= now)
    first = IS_CARD & cards.c.message_id.is_(None) & (outbox.c.attempts == 0) & young
    less = (incidents.c.severity != Severity.P1.value) & incidents.c.joined_to.is_(None) & incidents.c.digest.is_(None)
    return first & less & exists().where(digests.c.lane == _LANE, COLLECTS)
