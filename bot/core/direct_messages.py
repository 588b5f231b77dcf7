"""Words to owners alone, where no channel takes what should wake them; who was told is known after a restart too."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta

from bot.domain.alerts import Severity
from bot.domain.incidents import Incident, State
from bot.domain.views import Call, IncidentView
from bot.errors import DeliveryError, DeliveryRefused
from bot.ports import Clock, Keepsakes
from bot.ports.oncall import Messenger

log = logging.getLogger(__name__)

# Numbers of calls that no job has.
_NUMBERS = 1 << 40
# Whoever was written to looks at all that fires; less than a P1 is not told sooner than this.
_PAUSE = timedelta(minutes=5)
_KEEPSAKE, _KEPT = "told in private", 300

# An incident, its severity, and who was told of it; and when they were written to, if not of another one a moment ago.
Told = tuple[int, int, int]


class DirectMessages:
    """Remembers who was told what."""

    def __init__(self, messenger: Messenger | None, clock: Clock, keepsakes: Keepsakes | None = None) -> None:
        self._messenger = messenger
        self._clock = clock
        self._keepsakes = keepsakes
        self._told: dict[Told, datetime | None] | None = None

    async def tell(self, view: IncidentView, error: DeliveryRefused) -> None:
        """Write to the owners of an incident, or to who owns the server. Once is enough."""
        incident = view.incident
        if self._messenger is None or incident.state is not State.FIRING:
            return
        services = view.services or (view.service,)
        people = dict.fromkeys(owner.id for service in services for owner in service.owners if not owner.is_role)
        detail = str(error.values.get("detail") or error)
        values = {"number": incident.number, "title": incident.heading, "severity": incident.severity.name}
        if self._told is None:
            self._told = await self._recalled()
        number = _NUMBERS + incident.number * 10 + incident.severity.value
        call = Call(number, "page.no_channel", {**values, "problem": detail})
        heard = [await self._write(user, incident, call) for user in people]
        if any(heard):
            return
        try:
            await self._write(await self._messenger.guild_owner(), incident, call)
        except DeliveryError as failed:
            log.error("#%s could not be told to anybody in private either: %s", incident.number, failed)  # noqa: TRY400

    async def _write(self, user: int, incident: Incident, call: Call) -> bool:
        """Write to one person, who may take no messages: the others are written to all the same."""
        told, at = self._told or {}, self._clock()
        once = (incident.number, incident.severity.value, user)
        if self._messenger is None or once in told:
            return True
        wrote = [moment for (_, _, who), moment in told.items() if who == user and moment]
        if incident.severity is not Severity.P1 and any(abs(at - moment) < _PAUSE for moment in wrote):
            # Whoever was told of one of a storm looks at all of it.
            await self._remember(once, None)
            return True
        try:
            await self._messenger.message(user, call, again=False)
        except DeliveryError as failed:
            log.error("#%s could not be told to %s in private: %s", incident.number, user, failed)  # noqa: TRY400
            return False
        await self._remember(once, at)
        return True

    async def _remember(self, once: Told, at: datetime | None) -> None:
        newest = [*(self._told or {}).items(), (once, at)][-_KEPT:]
        self._told = dict(newest)
        if self._keepsakes:
            kept = json.dumps([[*each, moment and moment.isoformat()] for each, moment in newest])
            await self._keepsakes.remember(_KEEPSAKE, kept)

    async def _recalled(self) -> dict[Told, datetime | None]:
        kept = await self._keepsakes.recall(_KEEPSAKE) if self._keepsakes else None
        return {
            (number, severity, user): datetime.fromisoformat(moment) if moment else None
            for number, severity, user, moment in json.loads(kept or "[]")
        }
