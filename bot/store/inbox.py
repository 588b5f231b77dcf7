"""Keeps webhook bodies before they are answered; marks them when taken in, and when shown."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update

from bot.domain.triage import UNKNOWN, Triage
from bot.ports import Delivery, Posted
from bot.store.changes import one_at_a_time
from bot.store.rows import storable
from bot.store.runner import Runner
from bot.store.tables import inbox

# Enough to find one short message among those of a bad day, and no burden for the memory.
_SEARCHED, _SEARCHED_BYTES = 200, 32 * 1024
# As many bytes of bodies are in the memory together, or one body.
_AT_ONCE_BYTES = 2 * 1024 * 1024
# So many are stored with one commit.
_MOST_TOGETHER = 256
_MOST_EARLIER = 2000
# Who leads listens to it, because another process may have stored what it has to show.
ARRIVED = "bongsu_arrived"


_KEEP = insert(inbox).returning(inbox.c.id)


class StoredInbox:
    """The table `inbox`, as `bot.ports.Inbox` describes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._arriving: list[tuple[dict[str, Any], asyncio.Future[int]]] = []
        self._keeping: asyncio.Task[None] | None = None

    async def keep(
        self, source: str, body: bytes, at: datetime, glance: Triage = UNKNOWN, signature: str | None = None
    ) -> int:
        """Store a body and return its id."""
        row = inbox_columns(Posted(source, body, at, glance, signature))
        done = asyncio.get_running_loop().create_future()
        self._arriving.append((row, done))
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep_all())
        return await done

    async def _keep_all(self) -> None:
        """Store what has arrived, all that arrives meanwhile with one commit after it.

        A commit waits for the disk, and each of many would; and whoever else works with the store gets a turn in between.
        """
        while batch := _first_batch(self._arriving):
            del self._arriving[: len(batch)]
            rows = [row for row, _ in batch]
            storing = asyncio.ensure_future(self._runner.write(partial(_stored, rows=rows)))
            await asyncio.wait([storing])
            error = storing.exception()
            for (_, done), number in zip(batch, [0] * len(batch) if error else storing.result(), strict=True):
                if done.done():
                    continue
                if error:
                    done.set_exception(error)
                else:
                    done.set_result(number)

    async def pending(self, limit: int) -> Sequence[Delivery]:

        def work(connection: Connection) -> Sequence[RowMapping]:
            numbers = _first(_in_order(connection, limit))
            query = select(inbox).where(inbox.c.id.in_(numbers))
            found = {row["id"]: row for row in connection.execute(query).mappings()}
            return [found[number] for number in numbers]

        return [_delivery(row) for row in await self._runner.read(work)]

    async def oldest(self) -> datetime | None:
        return await self._oldest("received")

    async def oldest_unshown(self) -> datetime | None:
        return await self._oldest("received", "applied")

    async def _oldest(self, *states: str) -> datetime | None:
        query = select(func.min(inbox.c.received_at)).where(inbox.c.state.in_(states))
        return await self._runner.read(lambda connection: connection.execute(query).scalar_one_or_none())

    async def signatures(self, since: datetime) -> Sequence[tuple[str, datetime]]:
        """Return the signatures of the bodies that came since then, oldest first."""
        query = select(inbox.c.signature, inbox.c.received_at).where(
            inbox.c.received_at >= since, inbox.c.signature.is_not(None)
        )
        rows = await self._runner.read(lambda connection: connection.execute(query.order_by(inbox.c.id)).all())
        return [(row[0], row[1]) for row in rows]

    async def set_aside(self, source: str, body: bytes, reason: str, at: datetime) -> None:
        values = {"source": source, "body": body, "received_at": at, "state": "rejected", "reason": storable(reason)}
        await self._runner.write(lambda connection: connection.execute(insert(inbox).values(values)))

    async def of_incident(self, incident: int, limit: int) -> Sequence[Delivery]:
        return await self._last(inbox.c.incident == incident, limit)

    async def refused(self, limit: int) -> Sequence[Delivery]:
        return await self._last(inbox.c.state == "rejected", limit)

    async def _last(self, which: ColumnElement[bool], limit: int) -> Sequence[Delivery]:
        query = select(inbox).where(which).order_by(inbox.c.id.desc()).limit(limit)
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [_delivery(row) for row in rows]

    async def reject(self, delivery: int, reason: str, at: datetime) -> None:
        values = {"state": "rejected", "reason": storable(f"{at.isoformat()} {reason}")}
        rejected = update(inbox).where(inbox.c.id == delivery).values(values)
        await self._runner.write(lambda connection: connection.execute(rejected))

    async def progress(self, word: str, since: datetime) -> str | None:
        """Tell how far the bodies that hold a word have come: the best state of those since then, None if there are none."""
        # Searched here, because the two databases have no way in common to look for bytes in bytes.
        query = (
            select(inbox.c.state, inbox.c.body)
            .where(inbox.c.received_at >= since, func.length(inbox.c.body) <= _SEARCHED_BYTES)
            .order_by(inbox.c.id.desc())
            .limit(_SEARCHED)
        )
        rows = await self._runner.read(lambda connection: connection.execute(query).all())
        found = {state for state, body in rows if word.encode() in body}
        return next((state for state in ("shown", "applied", "received", "rejected") if state in found), None)

    async def counts(self) -> dict[str, int]:
        query = select(inbox.c.state, func.count()).group_by(inbox.c.state)
        rows = await self._runner.read(lambda connection: connection.execute(query).all())
        found: dict[str, int] = {row[0]: row[1] for row in rows}
        return {state: found.get(state, 0) for state in ("received", "applied", "shown", "rejected")}


def inbox_columns(posted: Posted) -> dict[str, Any]:
    """Return the columns of a body that waits to be taken in."""
    return {
        "source": posted.source,
        "body": posted.body,
        "received_at": posted.received_at,
        "state": "received",
        "signature": posted.signature,
        "severity": posted.glance.severity.value,
        "group_name": posted.glance.group,
    }


def _first_batch(
    arriving: Sequence[tuple[dict[str, Any], asyncio.Future[int]]],
) -> Sequence[tuple[dict[str, Any], asyncio.Future[int]]]:
    """Return the first that are stored together, at least one if there is one."""
    return arriving[: len(_first([(0, len(row["body"])) for row, _ in arriving[:_MOST_TOGETHER]]))]


def _stored(connection: Connection, rows: Sequence[dict[str, Any]]) -> list[int]:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_notify(ARRIVED, "")))
    return [_stored_once(connection, row) for row in rows]


def number_of(connection: Connection, signature: str) -> int | None:
    """Return the body that was signed so, if there is one; nobody else stores one until the transaction ends."""
    one_at_a_time(connection, "signatures")
    taken = select(inbox.c.id).where(inbox.c.signature == signature).limit(1)
    return connection.execute(taken).scalar_one_or_none()


def _stored_once(connection: Connection, row: Mapping[str, Any]) -> int:
    """Store a body and return its id; what was signed and another process has taken is that one."""
    if row["signature"] is not None and (number := number_of(connection, row["signature"])) is not None:
        return number
    return connection.execute(_KEEP, row).scalar_one()


def _in_order(connection: Connection, limit: int) -> list[tuple[int, int]]:
    """Return ids and sizes: the worst, and before each what its group told earlier."""
    waiting = inbox.c.state == "received"
    worst = select(inbox.c.id, inbox.c.group_name).where(waiting).order_by(inbox.c.severity, inbox.c.id).limit(limit)
    wanted = connection.execute(worst).all()
    groups = {group for _, group in wanted}
    query = select(inbox.c.id, inbox.c.group_name, func.length(inbox.c.body)).where(
        waiting, inbox.c.group_name.in_(groups)
    )
    # What this leaves out is younger than all that it returns, so no group loses its order.
    rows = connection.execute(query.order_by(inbox.c.id).limit(_MOST_EARLIER)).all()
    taken: dict[int, int] = {}
    for number, group in wanted:
        taken |= {each: size for each, its_group, size in rows if its_group == group and each <= number}
    return list(taken.items())[:limit]


def _first(sizes: Sequence[tuple[int, int]]) -> list[int]:
    """Return the first that fit into the memory together, at least one."""
    total, numbers = 0, list[int]()
    for number, size in sizes:
        total += size
        if numbers and total > _AT_ONCE_BYTES:
            break
        numbers.append(number)
    return numbers


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(row["id"], row["source"], row["body"], row["received_at"])
