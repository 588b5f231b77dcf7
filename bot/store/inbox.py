"""Webhook bodies: kept before they are answered, marked when taken in, done when shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update

from bot.ports import Delivery
from bot.store.rows import storable
from bot.store.runner import Runner
from bot.store.tables import inbox

# Enough to find one short message among those of a bad day, and no burden for the memory.
_SEARCHED, _SEARCHED_BYTES = 200, 32 * 1024
# As many bytes of bodies are in the memory together, or one body.
_AT_ONCE_BYTES = 2 * 1024 * 1024


class StoredInbox:
    """The table `inbox`, as `bot.ports.Inbox` describes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def keep(self, source: str, body: bytes, at: datetime) -> int:
        """Store a body and return its id."""
        row = insert(inbox).values(source=source, body=body, received_at=at, state="received").returning(inbox.c.id)
        return await self._runner.write(lambda connection: connection.execute(row).scalar_one())

    async def pending(self, limit: int) -> Sequence[Delivery]:
        """Return the bodies that no incident has taken in yet, oldest first."""
        sizes = (
            select(inbox.c.id, func.length(inbox.c.body))
            .where(inbox.c.state == "received")
            .order_by(inbox.c.id)
            .limit(limit)
        )

        def work(connection: Connection) -> Sequence[RowMapping]:
            numbers = _first([(row[0], row[1]) for row in connection.execute(sizes)])
            query = select(inbox).where(inbox.c.id.in_(numbers)).order_by(inbox.c.id)
            return connection.execute(query).mappings().all()

        return [_delivery(row) for row in await self._runner.read(work)]

    async def set_aside(self, source: str, body: bytes, reason: str, at: datetime) -> None:
        """Store a body that was refused, for people to look at."""
        values = {"source": source, "body": body, "received_at": at, "state": "rejected", "reason": storable(reason)}
        await self._runner.write(lambda connection: connection.execute(insert(inbox).values(values)))

    async def of_incident(self, incident: int, limit: int) -> Sequence[Delivery]:
        """Return the last bodies that were taken into an incident, newest first."""
        return await self._last(inbox.c.incident == incident, limit)

    async def refused(self, limit: int) -> Sequence[Delivery]:
        """Return the last bodies that nobody could read, newest first."""
        return await self._last(inbox.c.state == "rejected", limit)

    async def _last(self, which: ColumnElement[bool], limit: int) -> Sequence[Delivery]:
        query = select(inbox).where(which).order_by(inbox.c.id.desc()).limit(limit)
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [_delivery(row) for row in rows]

    async def reject(self, delivery: int, reason: str, at: datetime) -> None:
        """Set a body aside that cannot be understood; it stays for inspection."""
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
        """Count bodies by state: `received`, `applied`, `shown`, `rejected`."""
        query = select(inbox.c.state, func.count()).group_by(inbox.c.state)
        rows = await self._runner.read(lambda connection: connection.execute(query).all())
        found: dict[str, int] = {row[0]: row[1] for row in rows}
        return {state: found.get(state, 0) for state in ("received", "applied", "shown", "rejected")}


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
