"""Keeps digests: which incidents one card shows for all, and what of them it has shown."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, RowMapping, exists, insert, select, update

from bot.domain.alerts import Severity
from bot.domain.digests import Digest, Line
from bot.domain.incidents import State
from bot.domain.messages import MessageRef
from bot.domain.owners import Owner
from bot.errors import OutOfDate
from bot.ports.digests import Drawn, Newcomer
from bot.store.digest_table import COLLECTS, digests
from bot.store.due import is_due, moments
from bot.store.kinds import IS_CALL, IS_CARD
from bot.store.queueing import queue_card
from bot.store.runner import Runner
from bot.store.tables import cards, inbox, incidents, outbox

_AT_ONCE = 500
# What has become a P1 gets a card and a call of its own: it is the digest's no more, although it still names it.
_LESS = incidents.c.severity != Severity.P1.value


class StoredDigests:
    """The table `digests`, as `bot.ports.digests.Digests` describes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def newcomers(self, severities: Collection[Severity]) -> Sequence[Newcomer]:
        less = [each.value for each in severities if each is not Severity.P1]
        query = (
            select(outbox.c.incident, incidents.c.opened_at, outbox.c.attempts)
            .join(incidents, incidents.c.number == outbox.c.incident)
            .outerjoin(cards, cards.c.incident == outbox.c.incident)
            .where(outbox.c.done_at.is_(None), IS_CARD, cards.c.message_id.is_(None))
            .where(incidents.c.digest.is_(None), incidents.c.joined_to.is_(None), incidents.c.severity.in_(less))
            .order_by(outbox.c.id)
        )
        rows = await self._runner.read(lambda connection: connection.execute(query).all())
        return [Newcomer(row[0], row[1], row[2] > 0) for row in rows]

    async def collecting(self, lane: str) -> int | None:
        """Return the digest of a lane that takes what comes."""
        return await self._runner.read(lambda connection: _collecting(connection, lane))

    async def absorb(self, lane: str, incidents: Collection[int], at: datetime) -> int:

        def work(connection: Connection) -> int:
            number = _collecting(connection, lane)
            if number is None:
                new = insert(digests).values(lane=lane, began_at=at).returning(digests.c.id)
                number = connection.execute(new).scalar_one()
            for some in _portions(incidents):
                connection.execute(_absorbed(some, number, at))
            return number

        return await self._runner.write(work)

    async def open(self, lane: str) -> Sequence[int]:
        query = select(digests.c.id).where(digests.c.lane == lane, digests.c.ended_at.is_(None))
        return await self._runner.read(lambda connection: list(connection.execute(query).scalars()))

    async def load(self, digest: int, at: datetime, lately: timedelta) -> tuple[Digest, Drawn]:
        query = (
            select(
                *(incidents.c.number, incidents.c.title, incidents.c.severity, incidents.c.service, incidents.c.state),
                *(incidents.c.opened_at, incidents.c.ack, incidents.c.paged_at, incidents.c.version),
                *(incidents.c.flapping_since, incidents.c.digested_at),
                _row_waits(IS_CARD).label("waits"),
                _row_waits(IS_CALL).label("promised"),
            )
            .where(incidents.c.digest == digest, _LESS)
            .order_by(incidents.c.number)
        )

        def work(connection: Connection) -> tuple[Digest, Drawn]:
            head = connection.execute(select(digests).where(digests.c.id == digest)).mappings().one_or_none()
            if head is None:
                raise OutOfDate("errors.out_of_date")
            rows = connection.execute(query, moments(at)).mappings().all()
            # By a clock that was set back nothing came later than now.
            came = sum(row["digested_at"] is not None and at - lately < row["digested_at"] <= at for row in rows)
            waiting = {row["number"]: row["version"] for row in rows if row["waits"]}
            return _digest(head, rows, came, fresh=bool(waiting)), Drawn(waiting)

        # Made of thousands of rows where the event loop does not wait for it.
        return await self._runner.read(work)

    async def shown(
        self, digest: Digest, drawn: Drawn, card: MessageRef, at: datetime, called: Mapping[int, Collection[Owner]]
    ) -> Sequence[tuple[Severity, datetime]]:
        """Write down that a digest was drawn, and for which incidents whom it called."""
        owners = digest.called | {owner for some in called.values() for owner in some}
        known = json.dumps([[owner.id, owner.is_role] for owner in sorted(owners, key=lambda each: each.id)])
        place = {"channel_id": card.channel_id, "message_id": card.message_id, "called": known}

        def work(connection: Connection) -> Sequence[tuple[Severity, datetime]]:
            connection.execute(update(digests).where(digests.c.id == digest.id).values(place))
            for some in _portions([line.number for line in digest.lines if line.number in called or line.promised]):
                _have_heard(connection, some, called, at)
            return [each for some in _portions(drawn.versions) for each in _drawn(connection, some, drawn, at)]

        return await self._runner.write(work)

    async def gone(self, digest: int) -> None:
        values = {"channel_id": None, "message_id": None, "lost": digests.c.lost + 1}
        changed = update(digests).where(digests.c.id == digest).values(values)
        await self._runner.write(lambda connection: connection.execute(changed))

    async def calm(self, digest: int, at: datetime) -> None:
        changed = update(digests).where(digests.c.id == digest, digests.c.calm_at.is_(None)).values(calm_at=at)
        await self._runner.write(lambda connection: connection.execute(changed))

    async def end(self, digest: int, at: datetime) -> None:
        mine = incidents.c.digest == digest

        def work(connection: Connection) -> None:
            # What came and was never shown is owed a card, although it is over.
            owed = exists().where(inbox.c.incident == incidents.c.number, inbox.c.state == "applied")
            is_over = (incidents.c.state == State.RESOLVED.value) & ~owed
            over = select(incidents.c.number).where(mine, _LESS, is_over)
            going_on = select(incidents.c.number).where(mine, ~is_over)
            # A report or a picture of what is over has no card below which it could stand.
            left = update(outbox).where(outbox.c.incident.in_(over), outbox.c.done_at.is_(None))
            connection.execute(left.values(done_at=at, last_error="superseded"))
            # Whoever was called below the digest is not called again by the card.
            again = update(incidents).where(mine, _LESS, incidents.c.paged_at.is_not(None))
            connection.execute(again.values(cards_lost=incidents.c.cards_lost + 1))
            for number in connection.execute(going_on).scalars().all():
                queue_card(connection, number, at)
            connection.execute(update(incidents).where(mine).values(digest=None))
            connection.execute(update(digests).where(digests.c.id == digest).values(ended_at=at))

        await self._runner.write(work)


def _absorbed(numbers: Sequence[int], digest: int, at: datetime) -> Executable:
    # Its card came out meanwhile, or it became a P1.
    has_card = exists().where(cards.c.incident == incidents.c.number)
    free = incidents.c.digest.is_(None) & _LESS & ~has_card
    return update(incidents).where(incidents.c.number.in_(numbers), free).values(digest=digest, digested_at=at)


def _have_heard(connection: Connection, numbers: Sequence[int], called: Collection[int], at: datetime) -> None:
    """Write down of what is still the digest's that its calls are made; whom it called for looks now.

    All together: with statements for each line, webhooks that came in a storm waited an eighth of a second.
    """
    query = select(incidents.c.number).where(incidents.c.number.in_(numbers), _LESS).order_by(incidents.c.number)
    less = connection.execute(query.with_for_update()).scalars().all()
    looked_at = incidents.c.number.in_([number for number in less if number in called])
    connection.execute(update(incidents).where(looked_at).values(paged_at=at))
    promised = outbox.c.incident.in_(less) & IS_CALL & outbox.c.done_at.is_(None)
    connection.execute(update(outbox).where(promised).values(done_at=at, last_error="superseded"))


def _row_waits(which: ColumnElement[bool]) -> ColumnElement[bool]:
    mine = (outbox.c.incident == incidents.c.number) & which
    return exists().where(mine, outbox.c.done_at.is_(None), is_due() | (outbox.c.attempts > 0))


def _collecting(connection: Connection, lane: str) -> int | None:
    query = select(digests.c.id).where(digests.c.lane == lane, COLLECTS)
    return connection.execute(query.order_by(digests.c.id.desc()).limit(1)).scalar_one_or_none()


def _drawn(
    connection: Connection, numbers: Sequence[int], drawn: Drawn, at: datetime
) -> list[tuple[Severity, datetime]]:
    """Mark as shown what has not changed since it was drawn."""
    query = select(incidents.c.number, incidents.c.version).where(incidents.c.number.in_(numbers)).with_for_update()
    same = [number for number, version in connection.execute(query).all() if drawn.versions[number] == version]
    waiting = outbox.c.incident.in_(same) & IS_CARD & outbox.c.done_at.is_(None)
    connection.execute(update(outbox).where(waiting).values(done_at=at, last_error=""))
    unshown = inbox.c.incident.in_(same) & (inbox.c.state == "applied")
    came = connection.execute(
        select(incidents.c.severity, inbox.c.received_at)
        .join(incidents, incidents.c.number == inbox.c.incident)
        .where(unshown)
    ).all()
    connection.execute(update(inbox).where(unshown).values(state="shown"))
    return [(Severity(severity), received_at) for severity, received_at in came]


def _digest(head: RowMapping, rows: Sequence[RowMapping], came: int, *, fresh: bool) -> Digest:
    return Digest(
        id=head["id"],
        lane=head["lane"],
        began_at=head["began_at"],
        lines=tuple(_line(row) for row in rows),
        calm_at=head["calm_at"],
        card=MessageRef(head["channel_id"], head["message_id"]) if head["message_id"] is not None else None,
        lost=head["lost"],
        called=frozenset(Owner(number, is_role=is_role) for number, is_role in json.loads(head["called"])),
        fresh=fresh,
        lately=came,
    )


def _line(row: RowMapping) -> Line:
    by: dict[str, Any] = json.loads(row["ack"])["by"] if row["ack"] else {}
    return Line(
        number=row["number"],
        title=row["title"],
        severity=Severity(row["severity"]),
        service=row["service"] or "",
        state=State(row["state"]),
        opened_at=row["opened_at"],
        holder=by.get("name", ""),
        holder_id=by.get("id", 0),
        paged_at=row["paged_at"],
        flapping=row["flapping_since"] is not None,
        promised=row["promised"],
    )


def _portions(numbers: Collection[int]) -> Iterator[list[int]]:
    todo = list(numbers)
    for start in range(0, len(todo), _AT_ONCE):
        yield todo[start : start + _AT_ONCE]
