"""What autocomplete may offer: rules, alerts and dashboards, kept in memory because nobody waits for Grafana to type."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from bot.domain.alerts import Alert, Rule
from bot.domain.views import DashboardLink
from bot.errors import SourceError
from bot.ports import AlertSource, Dashboards

log = logging.getLogger(__name__)

T = TypeVar("T")


class Directory:
    """The last answer of each source; one that does not answer leaves the old one standing."""

    def __init__(self, source: AlertSource, dashboards: Dashboards) -> None:
        self._source = source
        self._dashboards = dashboards
        self.rules: Sequence[Rule] = ()
        self.alerts: Sequence[Alert] = ()
        self.dashboards: Sequence[DashboardLink] = ()

    async def refresh(self) -> None:
        """Ask all sources at once."""
        rules, alerts, dashboards = await asyncio.gather(
            _ask(self._source.rules(), self.rules),
            _ask(self._source.alerts(), self.alerts),
            _ask(self._dashboards.search(), self.dashboards),
        )
        self.rules = rules
        self.alerts = alerts
        self.dashboards = dashboards

    async def alerts_now(self, within_s: float) -> Sequence[Alert]:
        """Ask what fires now; what was known before if there is no answer in time."""
        try:
            async with asyncio.timeout(within_s):
                self.alerts = await self._source.alerts()
        except (SourceError, TimeoutError) as error:
            log.info("using the alerts known before: %s", error)
        return self.alerts


async def _ask(answer: Awaitable[Sequence[T]], before: Sequence[T]) -> Sequence[T]:
    try:
        return await answer
    except SourceError as error:
        log.info("not refreshed: %s", error)
        return before
