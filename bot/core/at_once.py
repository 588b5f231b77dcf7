"""Takes in what comes alone with the commit that keeps it: its card waits for the disk once."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable

from bot.core.arrivals import Arrivals
from bot.core.first_cards import FirstCards
from bot.errors import BongsuError
from bot.ports import Incidents, Posted

log = logging.getLogger(__name__)

# What comes so soon after another has company, and is compared with it before it is shown.
_COMPANY_S = 0.1


class AtOnce:
    """Keeps nothing while others wait: those are kept first, all together, and taken in in their order."""

    def __init__(
        self, *, incidents: Incidents, arrivals: Arrivals, busy: Callable[[], bool], company_s: float = _COMPANY_S
    ) -> None:
        self._company_s = company_s
        self._incidents = incidents
        self._arrivals = arrivals
        self._busy = busy
        self._taking: asyncio.Future[bool] | None = None
        self._cards: FirstCards | None = None
        self._took_at = -math.inf

    def show_through(self, cards: FirstCards) -> None:
        """Have a card that is due at once drawn while its incident is on its way to the disk."""
        self._cards = cards

    async def take(self, posted: Posted) -> bool:
        """Keep a body and take it in; False if nothing was kept. Raises SourceUnavailable.

        Over a defect of our own nothing is kept here: the worker of the inbox knows how to go on.
        """
        if (self._taking and not self._taking.done()) or self._busy():
            return False
        # What is begun is done, also if whoever has sent it is gone; nobody else holds it then.
        self._taking = taking = asyncio.ensure_future(self._take(posted))
        await asyncio.wait([taking])
        error = taking.exception()
        if error is None:
            return taking.result()
        if isinstance(error, BongsuError):
            raise error
        log.error("what came could not be taken in at once, going on", exc_info=error)
        return False

    async def _take(self, posted: Posted) -> bool:
        arrival = await self._arrivals.plain(posted)
        if arrival is None:
            return False
        began = asyncio.get_running_loop().time()
        cards = self._cards if began - self._took_at > self._company_s else None
        self._took_at = began
        taken = await self._incidents.receive_at_once(posted, arrival, cards.draw if cards else None)
        if taken and taken.first and cards:
            cards.stored(taken.first)
        return taken is not None
