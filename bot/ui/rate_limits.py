"""Waits for Discord by the requests that are left, not by the window in which they are counted.

discord.py 2.7 refuses before it asks when a bucket's window ends later than it is told to wait, even with requests left;
and who takes the last request of a bucket is held, with the answer in hand, until the window ends.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final

import discord
from discord.http import Ratelimit

# Less than the deadline of a call of ours, or that would come first, and nobody would know when to try again.
LONGEST_WAIT_S: Final = 10.0


class Bucket(Ratelimit):
    """The requests that one bucket of Discord's has left."""

    __slots__ = ()

    def __init__(self) -> None:
        # Whether there are too many is for us to say; the base class looks at the window alone.
        super().__init__(None)

    async def acquire(self) -> None:
        """Take a request; wait for one. Raises discord.RateLimited if that would take too long."""
        if self.is_expired():
            self.reset()
        left_s = self._left_s()
        if self.remaining <= 0 and left_s > LONGEST_WAIT_S:
            raise discord.RateLimited(left_s)
        await super().acquire()

    async def __aexit__(self, *_: object) -> None:
        self.outgoing -= 1
        if self.expires is None and not self.dirty:
            # An answer without a word about limits.
            self.reset()
        free = self.remaining - self.outgoing
        if free > 0:
            self._wake(free)

    async def _refresh(self) -> None:
        async with self._sleeping:
            if (left_s := self._left_s()) > 0:
                await asyncio.sleep(left_s)
            if self.is_expired() or self.expires is None:
                self.reset()
        self._wake(self.remaining)

    def _left_s(self) -> float:
        return self.expires - self._loop.time() if self.expires is not None else 0.0


def count_requests(client: discord.Client) -> None:
    """Have a client wait by the requests that are left; discord.py offers no way to say so."""
    http: Any = client.http
    # A 429 that names a longer time is for the outbox, which keeps it.
    http.max_ratelimit_timeout = LONGEST_WAIT_S
    http.get_ratelimit = partial(_bucket, http)


def _bucket(http: Any, key: str) -> Ratelimit:
    buckets: dict[str, Ratelimit] = http._buckets  # noqa: SLF001 - discord.py's own, of Ratelimit
    if key not in buckets:
        buckets[key] = Bucket()
        http._try_clear_expired_ratelimits()  # noqa: SLF001
    return buckets[key]
