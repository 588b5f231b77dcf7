"""What must happen by the clock: acknowledgements lapse, silences are watched, lost messages are made up for."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.directory import Directory
from bot.domain.incidents import Incident
from bot.errors import SourceError
from bot.ports import AlertSource, Clock, Incidents
from bot.respond import Respond
from bot.silencing import Silencing

log = logging.getLogger(__name__)

# An alert may be announced a little before the source lists it.
_SETTLE = timedelta(minutes=2)


class Patrol:
    """Walks its rounds; a source that does not answer is asked again on the next one."""

    def __init__(
        self,
        *,
        respond: Respond,
        silencing: Silencing,
        directory: Directory,
        source: AlertSource,
        incidents: Incidents,
        prune: Callable[[datetime], Awaitable[None]],
        clock: Clock,
        reconcile_every: timedelta,
    ) -> None:
        self._respond = respond
        self._silencing = silencing
        self._directory = directory
        self._source = source
        self._incidents = incidents
        self._prune = prune
        self._clock = clock
        self._reconcile_every = reconcile_every
        self._reconciled_at = clock()
        self._pruned_at: datetime | None = None

    async def lapse(self) -> bool:
        """End acknowledgements whose time has come."""
        return bool(await self._respond.lapse())

    async def refresh(self) -> bool:
        """Ask the sources what there is: rules, alerts, dashboards, silences."""
        await self._directory.refresh()
        try:
            await self._silencing.sync()
        except SourceError as error:
            log.info("silences not refreshed: %s", error)
        now = self._clock()
        if now - self._reconciled_at >= self._reconcile_every:
            self._reconciled_at = now
            await self.reconcile()
        if self._pruned_at is None or now - self._pruned_at >= timedelta(days=1):
            self._pruned_at = now
            await self._prune(now - timedelta(days=30))
        return False

    async def reconcile(self) -> None:
        """Resolve the open incidents of which the source knows nothing any more."""
        incidents = [i for i in await self._incidents.open() if i.source == self._source.name]
        if not incidents:
            return
        try:
            alerts = await self._source.alerts()
        except SourceError as error:
            # Not knowing is no reason to call an alert resolved.
            log.info("not reconciled: %s", error)
            return
        active = {alert.fingerprint for alert in alerts}
        for incident in incidents:
            if self._settled(incident) and not any(alert.fingerprint in active for alert in incident.firing):
                await self._respond.vanish(incident.number)

    def _settled(self, incident: Incident) -> bool:
        heard = max((alert.seen_at or incident.opened_at for alert in incident.alerts), default=incident.opened_at)
        return self._clock() - heard >= _SETTLE
