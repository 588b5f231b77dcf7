"""Words to owners alone, where no channel takes what should wake them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from bot.domain.alerts import Severity
from bot.domain.incidents import Incident, State
from bot.domain.views import Call, IncidentView
from bot.errors import DeliveryError, DeliveryRefused
from bot.ports import Clock
from bot.ports.oncall import Messenger

log = logging.getLogger(__name__)

# Numbers of calls that no job has.
_NUMBERS = 1 << 40
# Whoever was written to looks at all that fires; less than a P1 is not told sooner than this.
_PAUSE = timedelta(minutes=5)


class DirectMessages:
    """Remembers who was told what."""

    def __init__(self, messenger: Messenger | None, clock: Clock) -> None:
        self._messenger = messenger
        self._clock = clock
        self._told: set[tuple[int, Severity, int]] = set()
        self._wrote_at: dict[int, datetime] = {}

    async def tell(self, view: IncidentView, error: DeliveryRefused) -> None:
        """Write to the owners of an incident, or to who owns the server. Once is enough."""
        incident = view.incident
        if self._messenger is None or incident.state is not State.FIRING:
            return
        services = view.services or (view.service,)
        people = dict.fromkeys(owner.id for service in services for owner in service.owners if not owner.is_role)
        detail = str(error.values.get("detail") or error)
        values = {"number": incident.number, "title": incident.heading, "severity": incident.severity.name}
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
        once, at = (incident.number, incident.severity, user), self._clock()
        if self._messenger is None or once in self._told:
            return True
        lately = user in self._wrote_at and abs(at - self._wrote_at[user]) < _PAUSE
        if lately and incident.severity is not Severity.P1:
            # Whoever was told of one of a storm looks at all of it.
            self._told.add(once)
            return True
        try:
            await self._messenger.message(user, call, again=False)
        except DeliveryError as failed:
            log.error("#%s could not be told to %s in private: %s", incident.number, user, failed)  # noqa: TRY400
            return False
        self._told.add(once)
        self._wrote_at[user] = at
        return True
