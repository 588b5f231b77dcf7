"""Watches the Watchdog: an alert that always fires. When it stays away, nobody would hear of anything else."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from typing import Final

from bot.domain.alerts import AlertStatus
from bot.i18n import LANGUAGES, text
from bot.ports import Clock, Inbox, Keepsakes

# Of whom the alert is; what alert sources list ends none of it.
OURS: Final = "bongsu"
SILENT: Final = "WatchdogSilent"
_CLOCK_SKEW: Final = timedelta(minutes=1)
_HEARD, _AWAY, _PACE = "watchdog heard", "watchdog away", "watchdog pace"
# So often in a row within the time after which it is missed. Where Alertmanager repeats everything once in four hours, it comes
# but once, perhaps twice as groups change, and its silence means nothing.
_IN_TIME: Final = 3

log = logging.getLogger(__name__)


class Heartbeat:
    """Says so as a P1 of its own when the Watchdog is away for twice its interval; watched once it has come in time."""

    def __init__(self, *, inbox: Inbox, keepsakes: Keepsakes, clock: Clock, every: timedelta) -> None:
        self._inbox = inbox
        self._keepsakes = keepsakes
        self._clock = clock
        self._every = every
        # Nobody heard anything while this process was not there.
        self._began_at = clock()
        self._set_back_at: datetime | None = None

    async def heard(self) -> None:
        """Keep the time at which the heartbeat alert came, also for the process after this one."""
        at, before, pace = self._clock(), await self._keepsakes.recall(_HEARD), await self._pace()
        await self._keepsakes.remember(_HEARD, at.isoformat())
        if pace >= _IN_TIME:
            return
        gap = at - datetime.fromisoformat(before) if before else timedelta()
        if gap > 2 * self._every:
            log.warning("the Watchdog came after %s; it is watched once it comes every %s", gap, self._every)
        await self._keepsakes.remember(_PACE, str(1 if gap > 2 * self._every else pace + 1))

    async def _pace(self) -> int:
        return int(await self._keepsakes.recall(_PACE) or 0)

    async def step(self) -> bool:
        """Tell that it stays away, or that it is back; each once."""
        heard = await self._keepsakes.recall(_HEARD)
        if heard is None or not self._every or await self._pace() < _IN_TIME:
            return False
        last, at = datetime.fromisoformat(heard), self._clock()
        away = await self._keepsakes.recall(_AWAY)
        if at - self._since(last, at) > 2 * self._every:
            if not away:
                # The body first: what is told twice is one incident, as it has one beginning.
                await self._tell(AlertStatus.FIRING, last, at)
                await self._keepsakes.remember(_AWAY, heard)
        elif away and last != datetime.fromisoformat(away):
            await self._tell(AlertStatus.RESOLVED, datetime.fromisoformat(away), at)
            await self._keepsakes.remember(_AWAY, "")
        return False

    def _since(self, last: datetime, at: datetime) -> datetime:
        """Return since when it is missed; by a clock that was set back not since a time that is yet to come."""
        if last <= at + _CLOCK_SKEW:
            self._set_back_at = None
            self._began_at = min(self._began_at, at)
            return max(last, self._began_at)
        self._set_back_at = self._set_back_at or at
        return self._set_back_at

    async def _tell(self, status: AlertStatus, since: datetime, at: datetime) -> None:
        minutes = round(2 * self._every.total_seconds() / 60)
        words = {
            f"{name}{'' if language == 'en' else f'_{language}'}": text(language, f"watchdog.{name}", minutes=minutes)
            for language in LANGUAGES
            for name in ("summary", "description")
        }
        alert = {
            "status": status.value,
            "labels": {"alertname": SILENT, "severity": "critical", "service": "monitoring"},
            "annotations": words,
            "startsAt": since.isoformat(),
            "endsAt": at.isoformat() if status is AlertStatus.RESOLVED else "0001-01-01T00:00:00Z",
        }
        body = {"groupKey": f"{OURS}:{SILENT}", "status": status.value, "alerts": [alert]}
        await self._inbox.keep(OURS, json.dumps(body).encode(), at)
