#!/usr/bin/env bash
# aiolimiter 1.3.0 (PyPI): AsyncLimiter(100, 30) lets 199 through within the first 30 seconds.
# Expected: its README: "this section is *at most* going to entered 100 times in a 30 second period".
# Seen: 100 at once, and one more each 0.3 seconds from then on: whoever limits calls to a service by its own rule is refused by it.
. "$(dirname "$0")/lib.sh"
python aiolimiter==1.3.0 <<'PROGRAM'
import asyncio

from aiolimiter import AsyncLimiter


class Leaping(asyncio.SelectorEventLoop):
    """A loop whose clock goes on to the next timer as soon as there is nothing else to do."""

    now = 0.0

    def time(self):
        return self.now

    def _run_once(self):
        if not self._ready and self._scheduled:
            self.now = max(self.now, self._scheduled[0].when())
        super()._run_once()


async def entered():
    limiter, at = AsyncLimiter(100, 30), []
    for _ in range(250):
        async with limiter:
            at.append(asyncio.get_running_loop().time())
    return sum(moment < 29.999 for moment in at)


loop = Leaping()
print("within 30 seconds", loop.run_until_complete(entered()))
PROGRAM
seen "within 30 seconds 199"
