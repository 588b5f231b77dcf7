"""Works off the outbox: what still has to be shown, on to Discord; each incident has one card, whatever dies in between."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.core.attempts import Attempts, is_refused
from bot.core.direct_messages import DirectMessages
from bot.core.first_cards import FirstCards
from bot.core.viewing import Viewer
from bot.domain.alerts import Severity
from bot.domain.incidents import Incident, PageReason, State
from bot.domain.inquiries import InquiryState
from bot.domain.owners import Catalogue
from bot.domain.views import IncidentView, MessageRef, Page, Report
from bot.errors import DeliveryError, DeliveryUnanswered, OutOfDate
from bot.ports import Announcer, Clock, Investigations, Keepsakes, Outbox, Task, TaskKind
from bot.ports.oncall import Messenger
from bot.ports.posted import Doubtful

_CARD_PAUSE = timedelta(seconds=2)

_MOST_AT_ONCE = 20

# The first card of these calls their owners.
_CALLING = (Severity.P1, Severity.P2)


class Pace:
    """Leaves room for P1: of five messages in five seconds, which is what a channel takes, the last two are for P1 alone."""

    def __init__(self, most: int = 3, within_s: float = 5.0, now: Callable[[], float] = time.monotonic) -> None:
        self._within_s = within_s
        self._now = now
        self._taken: deque[float] = deque(maxlen=most)
        self._last_p1 = -math.inf

    def took(self, severity: Severity) -> None:
        """Take note of a message, of a P1 as well: while many of them come, nothing less takes the room of the next."""
        self._taken.append(self._now())
        if severity is Severity.P1:
            self._last_p1 = self._now()

    def lets(self, waiting: Sequence[Task]) -> bool:
        """Tell whether the first of those that wait may go out now.

        What is less than a P1 waits for its room, unless it is alone and no P1 came lately: then it is in nobody's way.
        """
        alone = len(waiting) == 1 and self._now() - self._last_p1 >= self._within_s
        return self._is_free() or alone or waiting[0].severity is Severity.P1

    def _is_free(self) -> bool:
        return len(self._taken) < (self._taken.maxlen or 0) or self._now() - self._taken[0] >= self._within_s


class CardDelivery:
    """Shows what is due, the most severe first; a lane for each channel, so that none waits for another one's."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        announcer: Announcer,
        viewer: Viewer,
        clock: Clock,
        investigations: Investigations | None = None,
        catalogue: Catalogue | None = None,
        pace: Pace | None = None,
        messenger: Messenger | None = None,
        keepsakes: Keepsakes | None = None,
        doubtful: Doubtful | None = None,
    ) -> None:
        # Told before a card is posted, or that of an incident drawn, of which an earlier attempt may still be on its way.
        self._doubtful = doubtful
        # The last attempt at these was answered, so that it is not on its way any more.
        self._answered: set[int] = set()
        self.first_cards = FirstCards(viewer, announcer)
        self._owners = DirectMessages(messenger, clock, keepsakes)
        self._attempts = Attempts(outbox, clock)
        self._pace = pace
        self._outbox = outbox
        self._announcer = announcer
        self._viewer = viewer
        self._clock = clock
        self._investigations = investigations
        self._catalogue = catalogue or Catalogue()
        self._shown: Callable[[Severity, float], None] = lambda _severity, _seconds: None
        self._paged: Callable[[PageReason], None] = lambda _reason: None
        # An incident that becomes worse changes its lane; what shows it must not be in both.
        self._under_way: set[int] = set()
        # What other lanes have shown while one of them reads: a card that has moved meanwhile is drawn where it was.
        self._reading: dict[object, set[int]] = {}
        # Put off for long, because somebody has to mend something first; and whether somebody may have.
        self._refused: set[int] = set()
        self._is_mended = False

    def on_delivered(self, shown: Callable[[Severity, float], None], paged: Callable[[PageReason], None]) -> None:
        """Have somebody told of each notification that is shown, with the seconds it took, and of each call."""
        self._shown, self._paged = shown, paged

    def channels_changed(self) -> None:
        """Try what was refused again at once: somebody may have mended it."""
        self._is_mended = True

    def under_way(self) -> frozenset[int]:
        """Tell of which incidents something is just being shown."""
        return frozenset(self._under_way)

    async def step(self, lane: Collection[Severity] = tuple(Severity), *, unseen: bool | None = None) -> bool:
        """Work off what is due for these severities; return whether there was anything.

        With `unseen` first cards and calls only, or all but them. The outbox is read again before each task: what came in
        between may be worse than what waits.
        """
        if self._is_mended:
            # What another lane hears meanwhile is of the next time; what the store does not take is tried again.
            refused = frozenset(self._refused)
            await self._outbox.hurry(refused, self._clock())
            self._refused -= refused
            self._is_mended = False
        tried: set[int] = set()
        while len(tried) < _MOST_AT_ONCE:
            most = len(tried) + len(self._under_way) + 2
            first = self.first_cards.take(lane) if unseen is not False and not tried else None
            tasks, changed = ([first.task], set[int]()) if first else await self._due(most, lane, unseen)
            free = [each for each in tasks if each.id not in tried and each.incident not in self._under_way]
            if changed & {each.incident for each in free}:
                continue
            pace = self._pace if unseen and Severity.P1 in lane else None
            if not free or (pace and not pace.lets(free)):
                break
            task = free[0]
            if pace:
                pace.took(task.severity)
            tried.add(task.id)
            self.first_cards.begun(task.id)
            self._under_way.add(task.incident)
            try:
                await self._try(task, first.view if first else None)
            finally:
                self._under_way.discard(task.incident)
                for seen in self._reading.values():
                    seen.add(task.incident)
        return bool(tried)

    async def _due(self, most: int, lane: Collection[Severity], unseen: bool | None) -> tuple[Sequence[Task], set[int]]:
        """Return what is due, and of which incidents another lane has just shown something: what was read may be stale."""
        reader = object()
        changed = self._reading[reader] = set[int]()
        try:
            return await self._outbox.due(self._clock(), most, lane, unseen=unseen), changed
        finally:
            del self._reading[reader]

    async def _try(self, task: Task, read: IncidentView | None) -> None:
        failure = await self._attempts.make(task, partial(self._deliver, read=read))
        if is_refused(failure):
            self._refused.add(task.id)
            unheard = task.kind is TaskKind.CALL or (task.kind is TaskKind.CARD and task.card is None)
            if unheard and task.severity in _CALLING:
                await self._owners.tell(await self._viewer.view(task.incident), failure)

    async def _deliver(self, task: Task, read: IncidentView | None) -> None:
        if task.inquiry is not None:
            await self._tell(task, task.inquiry)
        elif task.reason is not None:
            await self._call(task, task.reason)
        else:
            await self._show(task, read)

    async def _show(self, task: Task, read: IncidentView | None = None) -> None:
        if task.card is None:
            await self._post(task, read)
            return
        if task.attempts and self._doubtful and task.id not in self._answered:
            await self._doubtful(task.incident)
        view = await self._viewer.view(task.incident)
        try:
            await self._announcer.edit(task.card, view)
        except DeliveryUnanswered:
            self._answered.discard(task.id)
            raise
        except DeliveryError:
            self._answered.add(task.id)
            raise
        self._answered.discard(task.id)
        await self._written(task, view, task.card)

    async def _post(self, task: Task, read: IncidentView | None) -> None:
        """Post a first card. What is promised while it is on its way is still to be kept: it was drawn before."""
        # What was read with the change that makes it due shows nothing later.
        read_at = task.created_at if read else self._clock()
        view = read or await self._viewer.view(task.incident)
        found = await self._announcer.find(view) if task.attempts else None
        if found is not None:
            # An earlier attempt has posted it and died before it could write that down; nobody knows what it shows.
            raised = [number for number, reason in view.promised.items() if reason is PageReason.SEVERITY_RAISED]
            await self._outbox.delivered(task, 0, found.ref, self._clock(), called=raised if found.called else None)
            await self._show(replace(task, card=found.ref))
            return
        if task.attempts and self._doubtful:
            await self._doubtful()
        ref = await self._announcer.post(view, task.lost)
        # A card that came out when it was over, or when somebody had it, has called nobody; nor has one in the
        # place of another that had called, so what is promised since then is still to be kept.
        called = view.incident.state is State.FIRING and not view.incident.has_called(task.lost)
        await self._written(task, view, ref, called=view.promised if called else None, read_at=read_at)
        if called and view.incident.severity in _CALLING:
            self._paged(PageReason.OPENED)

    async def _written(
        self,
        task: Task,
        view: IncidentView,
        ref: MessageRef,
        *,
        called: Collection[int] | None = None,
        read_at: datetime | None = None,
    ) -> None:
        incident, done_at = view.incident, self._clock()
        shown = await self._outbox.delivered(task, incident.version, ref, done_at, called=called, called_at=read_at)
        for at in shown:
            self._shown(incident.severity, max((self._clock() - at).total_seconds(), 0.0))

    async def _call(self, task: Task, reason: PageReason) -> None:
        """Keep the promise to call somebody, however late, unless nobody need come any more."""
        read_at = self._clock()
        view = await self._viewer.view(task.incident)
        page, needless = Page(view, reason, task.id), nobody_need_come(view.incident, task.created_at)
        # Also when nobody need come any more: a card that was moved by an attempt of which we never heard is the card.
        moved = await self._announcer.promote(task.card, page, post=not needless) if task.card else None
        if moved is None and needless:
            await self._outbox.drop(task)
            return
        if moved is not None and task.card and self._doubtful:
            # There a card may stand again: of an edit that was cut off and is carried out late, or because it could not
            # be pointed from.
            await self._doubtful(task.incident, task.card)
        sent = moved or await self._announcer.page(task.card, page)
        await self._outbox.delivered(
            task,
            view.incident.version,
            sent,
            self._clock(),
            called=view.promised,
            called_at=read_at,
            moved=moved is not None,
        )
        self._paged(reason)

    async def _tell(self, task: Task, number: int) -> None:
        """Post a report below its card, as soon as there is a card."""
        if task.card is None:
            # Nothing was tried, so nothing has failed: the attempt is taken back before the store counts it.
            waiting = replace(task, attempts=task.attempts - 1)
            await self._outbox.failed(waiting, "no card yet", self._clock() + _CARD_PAUSE)
            return
        try:
            inquiry = await self._investigations.load(number) if self._investigations else None
        except OutOfDate:
            inquiry = None
        if inquiry is None or inquiry.state in (InquiryState.WAITING, InquiryState.RUNNING):
            # Forgotten, or asked for by a process whose successor investigates no more.
            await self._outbox.failed(task, "nothing to report", None)
            return
        view = await self._viewer.view(task.incident)
        report = Report(view, inquiry, self._catalogue)
        sent = await self._announcer.report(task.card, report, again=task.attempts > 0)
        await self._outbox.delivered(task, view.incident.version, sent, self._clock())


def nobody_need_come(incident: Incident, asked_at: datetime) -> bool:
    """Tell whether it is over, or somebody has taken it since the call was promised."""
    return not incident.is_open or (incident.ack is not None and incident.ack.at >= asked_at)
