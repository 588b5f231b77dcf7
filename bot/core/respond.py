"""Takes notifications in, and what people do about incidents: acknowledge, give back."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.core.access import Access
from bot.core.arrivals import READ_AT_ONCE_BYTES, Arrivals, read
from bot.core.at_once import AtOnce
from bot.core.correlation import Correlation
from bot.core.endings import Endings
from bot.core.joined import whole
from bot.core.viewing import Viewer
from bot.domain import lifecycle
from bot.domain.alerts import Alert, Notification
from bot.domain.episodes import RECONCILED
from bot.domain.events import AckLapsed, Acknowledged, Event, Outcome, Rechecked, Released, Settled, Vanished
from bot.domain.flapping import USUAL as USUAL_FLAPPING
from bot.domain.flapping import FlappingRules
from bot.domain.incidents import Incident
from bot.domain.labels import USUAL, Vocabulary
from bot.domain.looks import SourceState
from bot.domain.notifications import compose
from bot.domain.people import Person, Right
from bot.domain.triage import triage
from bot.domain.views import IncidentView
from bot.errors import BongsuError, InvalidNotification, OutOfDate, Refused, UnknownIncident
from bot.ports import Arrival, AuditRow, Clock, Delivery, Inbox, Incidents

log = logging.getLogger(__name__)

_MOST_STUMBLES = 5
# Discord takes as many files with a message.
_MOST_RAW = 10

# A replica whose message was late tells the end within a group_interval as well; after that its message was none.
_DOUBTED_FOR = timedelta(minutes=6)


async def _nobody() -> None:
    """Watch for nothing."""


class Respond:
    """The life of incidents, told by what people and alert sources can do to them."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        incidents: Incidents,
        viewer: Viewer,
        access: Access,
        clock: Clock,
        vocabulary: Vocabulary = USUAL,
        endings: Endings | None = None,
        correlation: Correlation | None = None,
        flapping: FlappingRules = USUAL_FLAPPING,
    ) -> None:
        self._arrivals = Arrivals(
            vocabulary=vocabulary, endings=endings, correlation=correlation, flapping=flapping, clock=clock
        )
        self._is_taking = False
        self.at_once = AtOnce(incidents=incidents, arrivals=self._arrivals, busy=lambda: self._is_taking)
        self._inbox = inbox
        self._vocabulary = vocabulary
        self._incidents = incidents
        self._viewer = viewer
        self._access = access
        self._clock = clock
        self._stumbles: Counter[int] = Counter()
        self._suspects = set[int]()
        self._watchdog: Callable[[], Awaitable[None]] = _nobody
        self._unreadable: Callable[[str, int], None] = lambda _source, _count: None

    def on_unreadable(self, callback: Callable[[str, int], None]) -> None:
        """Have somebody told of a source whose alerts could not be read, and of how many."""
        self._unreadable = callback

    def on_watchdog(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Have somebody told each time the Watchdog comes."""
        self._watchdog = callback

    async def take_in(self, limit: int) -> bool:
        """Take in what waits in the inbox, the worst first; return whether anything did.

        A body over which we stumble because of a defect of our own goes behind the others, and is set aside in the end,
        so that it hides no other alert. A store that does not answer is nobody's defect: that is tried for ever.
        """
        self._is_taking = True
        try:
            return await self._take_in(limit)
        finally:
            self._is_taking = False

    async def _take_in(self, limit: int) -> bool:
        waiting = deque(sorted(await self._inbox.pending(limit), key=lambda each: self._stumbles[each.id]))
        found = bool(waiting)
        while waiting:
            number = waiting[0].id
            if self._stumbles[number] >= _MOST_STUMBLES:
                await self._inbox.reject(number, "could not be taken in, see the log", self._clock())
                waiting.popleft()
                continue
            if some := self._together(waiting):
                await self._receive_together(some)
                waiting = deque(list(waiting)[len(some) :])
                continue
            self._stumbles[number] += 1
            self._suspects.discard(number)
            try:
                # Nobody holds a body of megabytes any longer than it takes to read it.
                await self.receive(waiting.popleft())
            except BongsuError:
                del self._stumbles[number]
                raise
            del self._stumbles[number]
        return found

    def _together(self, waiting: Iterable[Delivery]) -> Sequence[Delivery]:
        """Return the first that may be taken in with one commit: small ones, over none of which we have stumbled."""
        some, size = list[Delivery](), 0
        for each in waiting:
            size += len(each.body)
            if size > READ_AT_ONCE_BYTES or self._stumbles[each.id] or each.id in self._suspects:
                break
            some.append(each)
        return some if len(some) > 1 else ()

    async def _receive_together(self, some: Sequence[Delivery]) -> None:
        # If it is one of them over which we stumble, each is taken in by itself, in the same order.
        numbers, arrivals = {each.id for each in some}, list[Arrival]()
        self._suspects |= numbers
        for each in some:
            if (notification := await self._readable(each)) is None:
                continue
            if self._arrivals.asks(notification):
                # What fires does not wait until Prometheus has said whether something else is over.
                await self._store(arrivals)
                arrivals = []
            arrivals.append(await self._arrivals.of(each.id, notification))
        await self._store(arrivals)
        self._suspects -= numbers

    async def _store(self, arrivals: Sequence[Arrival]) -> None:
        while arrivals:
            arrivals = arrivals[len(await self._incidents.receive_some(arrivals)) :]

    async def receive(self, delivery: Delivery) -> Sequence[Outcome]:
        """Turn one kept webhook body into what it means for incidents; nothing for a body nobody can read."""
        number, notification = delivery.id, await self._readable(delivery)
        del delivery
        if notification is None:
            return ()
        found = await self._arrivals.of(number, notification)
        return await self._incidents.receive(number, found.notification, found.tell, found.at, found.beside)

    async def _readable(self, delivery: Delivery) -> Notification | None:
        """Read a kept body; one that nobody can read is set aside."""
        try:
            notification = await read(delivery.source, delivery.body, delivery.received_at, self._vocabulary)
        except InvalidNotification as error:
            await self._inbox.reject(delivery.id, str(error), self._clock())
            return None
        if notification.unreadable:
            log.warning("%s alerts of a body of %s cannot be read", notification.unreadable, notification.source)
            self._unreadable(notification.source, notification.unreadable)
        return await self._without_watchdog(notification)

    async def _without_watchdog(self, notification: Notification) -> Notification:
        """Take the sign that the chain of alerts works for what it is, and no incident."""
        if not any(alert.is_watchdog for alert in notification.alerts):
            return notification
        if any(alert.is_watchdog and alert.firing for alert in notification.alerts):
            await self._watchdog()
        return replace(notification, alerts=tuple(a for a in notification.alerts if not a.is_watchdog))

    async def adopt(self, source: str, alerts: Sequence[Alert], state: SourceState) -> None:
        """Put alerts into the inbox whose own webhook was lost, one group for each rule."""
        at = self._clock()
        for name in dict.fromkeys(alert.name for alert in alerts):
            body = compose([each for each in alerts if each.name == name], state.external_url, state.organisation)
            await self._inbox.keep(source, body, at, triage(body, self._vocabulary))

    async def require_card(self, number: int, message: int) -> None:
        """Refuse what was pressed below the card of another incident: a database that is no more gave its number too.

        Ids of messages grow with time: whatever is older than the card that we know is not about its incident.
        Raises OutOfDate.
        """
        card = await self._incidents.card(number)
        if card is not None and message < card.message_id and await self._incidents.of_card(message) != number:
            raise OutOfDate("errors.unknown_card", number=str(number))
        if card is None:
            try:
                await self._incidents.load(number)
            except UnknownIncident as error:
                raise OutOfDate("errors.unknown_card", number=str(number)) from error

    async def acknowledge(self, number: int, by: Person, note: str = "", lasts: timedelta | None = None) -> Incident:
        """Have a person take an incident, for a while if `lasts` is given. Raises Refused."""
        row = await self._access.require(by, Right.ACK, "ack", f"#{number}")
        until = row.at + lasts if lasts else None
        return await self._wish(number, Acknowledged(by, row.at, note, until), row)

    async def release(self, number: int, by: Person) -> Incident:
        """Have a person give an incident back. Raises Refused."""
        row = await self._access.require(by, Right.ACK, "unack", f"#{number}")
        return await self._wish(number, Released(by, row.at), row)

    async def lapse(self) -> int:
        """End the acknowledgements, and the flapping, whose time has come; return how many."""
        at = self._clock()
        for doubted in await self._incidents.doubted():
            # Nobody could be asked: what may fire is shown as if it does.
            if doubted.doubted_at and not at - _DOUBTED_FOR < doubted.doubted_at <= at:
                await self.recheck(doubted.number, {alert.fingerprint for alert in doubted.alerts})
        numbers = await self._incidents.lapsed(at)
        for number in numbers:
            await self._incidents.change(number, lambda incident: lifecycle.apply(incident, AckLapsed(at)), at)
        settling = await self._incidents.settling(at)
        for number in settling:
            await self._incidents.change(number, lambda incident: lifecycle.apply(incident, Settled(at)), at)
        return len(numbers) + len(settling)

    async def vanish(self, number: int, fingerprints: Collection[str] | None = None, reason: str = RECONCILED) -> None:
        """End the alerts of an incident that its source is known to know no more, all of them if none are named."""
        at = self._clock()
        event = Vanished(at, None if fingerprints is None else frozenset(fingerprints), reason)
        await self._incidents.change(number, lambda incident: lifecycle.apply(incident, event), at)

    async def recheck(self, number: int, active: Collection[str]) -> None:
        """Settle a doubt about an incident: of its alerts that may have ended, these are active."""
        at = self._clock()
        event = Rechecked(at, frozenset(active))
        await self._incidents.change(number, lambda incident: lifecycle.apply(incident, event), at)

    async def find(self, typed: str, by: Person, right: Right, action: str) -> Incident:
        """Find an incident by `#42`, `42` or its title, of several the newest active one, for who has the right.

        Raises UnknownIncident, and NotAllowed before that: whoever may not know of it does not hear whether it is there.
        """
        await self._access.require(by, right, action, typed.strip()[:100])
        wanted = typed.strip().removeprefix("#").split(" ", 1)[0]
        if wanted.isdecimal() and len(wanted) < 10:
            return await self._incidents.load(int(wanted))
        for incident in await self._incidents.open():
            if typed.strip().lower() in (incident.heading.lower(), incident.title.lower()):
                return incident
        raise UnknownIncident("errors.unknown_incident")

    async def candidates(self, typed: str) -> Sequence[Incident]:
        """Return the open incidents that what was typed may mean, newest first, those that nobody has first."""
        wanted = typed.strip().lower()
        found = [
            i for i in await self._incidents.open() if wanted in f"#{i.number} {i.heading} {i.service or ''}".lower()
        ]
        return sorted(found, key=lambda incident: incident.ack is not None)

    async def read(self, number: int, by: Person) -> IncidentView:
        """Return all that is shown of an incident to somebody who may see it. Raises Refused."""
        await self._access.require(by, Right.READ, "read", f"#{number}")
        return await self._viewer.view(number)

    async def raw(self, number: int | None, by: Person) -> Sequence[Delivery]:
        """Return the bodies an incident was made of as they came, newest first; of none, those that were refused.

        Raises Refused.
        """
        await self._access.require(by, Right.RAW, "raw", f"#{number}" if number else "refused")
        found = self._inbox.refused(_MOST_RAW) if number is None else self._inbox.of_incident(number, _MOST_RAW)
        return await found

    async def _wish(self, number: int, event: Event, row: AuditRow) -> Incident:
        outcome = await self._incidents.change(
            number, lambda incident: lifecycle.apply(incident, event), row.at, audit=row
        )
        if outcome.refusal:
            into = await whole(self._incidents, number) if outcome.incident else None
            if into and into.number != number and into.is_open:
                raise Refused("errors.joined", number=str(number), other=str(into.number))
            raise Refused(outcome.refusal)
        if outcome.incident is None:
            raise UnknownIncident("errors.unknown_incident")
        return outcome.incident
