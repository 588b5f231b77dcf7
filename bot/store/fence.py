"""Writes nothing once another process leads.

Whoever begins to lead raises the number of the term in the store. Each transaction of a leader holds that row until it
commits, so a number that was raised is never followed by a write of an earlier one, however long that process was
suspended.
"""

from __future__ import annotations

import asyncio
import time
from typing import TypeVar

from sqlalchemy import BigInteger, Column, Connection, String, Table, select

from bot.errors import SourceUnavailable
from bot.store.runner import Meanwhile, Runner, Work
from bot.store.tables import metadata

T = TypeVar("T")

TERM = "term"
_ANOTHER = "another process leads"
# Linux has it, where alone machines sleep under a server.
_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

# Two rows: `term`, which each transaction of the leader holds, and `beat`, which the leader raises all the time.
leadership = Table(
    "leadership",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", BigInteger, nullable=False),
)


def boot_time() -> float:
    """Return seconds of a clock that also runs while the machine sleeps, and that nobody sets."""
    return time.clock_gettime(_CLOCK)


class Term:
    """The time in which this process leads; without a number it is the only one, and leads until it ends."""

    def __init__(self, number: int | None = None, lease_until: float = float("inf")) -> None:
        self.number = number
        self.lease_until = lease_until
        # Without the lock another may lead already, whatever the lease says.
        self.locked = True
        self.over = asyncio.Event()

    def holds(self) -> bool:
        """Tell whether no other process can lead at this moment."""
        return self.locked and not self.over.is_set() and boot_time() < self.lease_until


class FencedRunner:
    """Does work for one term. Raises SourceUnavailable when another term has begun."""

    def __init__(self, runner: Runner, term: Term) -> None:
        self._runner = runner
        self._term = term

    async def write(self, work: Work[T], meanwhile: Meanwhile[T] | None = None) -> T:
        """Do it and commit, if this term still is the last one."""

        def fenced(connection: Connection) -> T:
            held = select(leadership.c.value).where(leadership.c.name == TERM).with_for_update(read=True)
            if connection.execute(held).scalar_one() != self._term.number:
                self._term.over.set()
                raise SourceUnavailable("store", _ANOTHER)
            return work(connection)

        return await self._runner.write(fenced, meanwhile)

    async def read(self, work: Work[T]) -> T:
        """Do it and roll back."""
        return await self._runner.read(work)
