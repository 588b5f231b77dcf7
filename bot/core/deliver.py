"""Works off the outbox: what still has to be shown, on to Discord; each incident has one card, whatever dies in between."""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.direct_messages import DirectMessages
from bot.core.viewing import Viewer
from bot.domain.alerts import Severity
from bot.domain.incidents import Incident, PageReason, State
from bot.domain.inquiries import InquiryState
from bot.domain.owners import Catalogue
from bot.domain.views import IncidentView, MessageRef, Page, Report
from bot.errors import (
    BongsuError,
    ChannelClosed,
    DeliveryDelayed,
    DeliveryRefused,
    MessageGone,
    OutOfDate,
)
from bot.ports import Announcer, Clock, Investigations, Outbox, Task
from bot.ports.oncall import Messenger

log = logging.getLogger(__name__)

# A refused card (no permission, channel deleted) is tried again at this pace: somebody may mend the permission.
_REFUSED_RETRY = timedelta(minutes=5)
_MOST_PATIENCE = timedelta(minutes=2)

# What was found out is worth reading much longer; but not the next day, below a card that nobody looks at any more.
_REPORT_STALE = timedelta(hours=6)
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
    ) -> None:
        self._owners = DirectMessages(messenger, clock)
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
        # Put off for long, because somebody has to mend something first; and whether somebody may have.
        self._refused: set[int] = set()
        self._is_mended = False
        # Over these we stumbled because of a defect of our own.
        self._stumbled: set[int] = set()

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
            tasks = await self._outbox.due(self._clock(), most, lane, unseen=unseen)
            free = [each for each in tasks if each.id not in tried and each.incident not in self._under_way]
            pace = self._pace if unseen and Severity.P1 in lane else None
            if not free or (pace and not pace.lets(free)):
                break
            task = free[0]
            if pace:
                pace.took(task.severity)
            tried.add(task.id)
            self._under_way.add(task.incident)
            try:
                await self._try(task)
            finally:
                self._under_way.discard(task.incident)
        return bool(tried)

    async def _try(self, task: Task) -> None:
        """Deliver a task; one over which we stumble lets the others pass, and is tried again later and later."""
        # Written down ahead of a clock that was set back, it would be due again at once whenever it is put off.
        task = replace(task, created_at=min(task.created_at, self._clock()))
        if task.id in self._stumbled:
            self._stumbled.discard(task.id)
            await self._outbox.failed(task, "a defect, see the log", self._clock() + _backoff(task.attempts + 1))
            return
        self._stumbled.add(task.id)
        try:
            await self._deliver(task)
        except BongsuError:
            # A store that does not answer is nobody's defect.
            self._stumbled.discard(task.id)
            raise
        self._stumbled.discard(task.id)

    async def _deliver(self, task: Task) -> None:
        try:
            if task.inquiry is not None:
                await self._tell(task, task.inquiry)
            elif task.page is None:
                await self._show(task)
            else:
                await self._call(task)
        except MessageGone:
            await self._outbox.forget_card(task.incident, self._clock())
            # At once the first time; what is gone again and again would keep us busy with nothing else.
            wait = _backoff(task.attempts) if task.attempts else timedelta()
            await self._outbox.failed(task, "message gone", self._clock() + wait)
        except DeliveryDelayed as error:
            wait = max(timedelta(seconds=error.retry_after_s), _backoff(task.attempts))
            log.warning("message on #%s delayed: %s", task.incident, error)
            await self._outbox.failed(task, str(error), self._clock() + wait)
        except ChannelClosed as error:
            log.error("message on #%s refused, will go to another channel: %s", task.incident, error)  # noqa: TRY400
            await self._outbox.failed(task, str(error), self._clock() + _backoff(task.attempts))
        except DeliveryRefused as error:
            log.error("message on #%s refused, will try again in 5 min: %s", task.incident, error)  # noqa: TRY400
            self._refused.add(task.id)
            await self._outbox.failed(task, str(error), self._clock() + _REFUSED_RETRY)
            unheard = task.page is not None or (task.card is None and task.inquiry is None)
            if unheard and task.severity in _CALLING:
                await self._owners.tell(await self._viewer.view(task.incident), error)

    async def _show(self, task: Task) -> None:
        if task.card is None:
            await self._post(task)
            return
        view = await self._viewer.view(task.incident)
        await self._announcer.edit(task.card, view)
        await self._written(task, view, task.card)

    async def _post(self, task: Task) -> None:
        """Post a first card. What is promised while it is on its way is still to be kept: it was drawn before."""
        promised = await self._outbox.promised(task.incident)
        view = await self._viewer.view(task.incident)
        found = await self._announcer.find(view) if task.attempts else None
        if found is not None:
            # An earlier attempt has posted it and died before it could write that down; nobody knows what it shows.
            raised = [number for number, reason in promised.items() if reason is PageReason.SEVERITY_RAISED]
            await self._outbox.delivered(task, 0, found.ref, self._clock(), called=raised if found.called else None)
            await self._show(replace(task, card=found.ref))
            return
        ref = await self._announcer.post(view, task.lost)
        # A card that came out when it was over, or when somebody had it, has called nobody; nor has one in the
        # place of another that had called, so what is promised since then is still to be kept.
        silent = bool(task.lost) and view.incident.paged_at is not None
        called = view.incident.state is State.FIRING and not silent
        await self._written(task, view, ref, called=promised if called else None)
        if called and view.incident.severity in _CALLING:
            self._paged(PageReason.OPENED)

    async def _written(
        self, task: Task, view: IncidentView, ref: MessageRef, *, called: Collection[int] | None = None
    ) -> None:
        incident = view.incident
        for at in await self._outbox.delivered(task, incident.version, ref, self._clock(), called=called):
            self._shown(incident.severity, max((self._clock() - at).total_seconds(), 0.0))

    async def _call(self, task: Task) -> None:
        """Keep the promise to call somebody, however late, unless nobody need come any more."""
        promised = await self._outbox.promised(task.incident)
        view = await self._viewer.view(task.incident)
        assert task.page is not None
        page, needless = Page(view, task.page, task.id), nobody_need_come(view.incident, task.created_at)
        # Also when nobody need come any more: a card that was moved by an attempt of which we never heard is the card.
        moved = await self._announcer.promote(task.card, page, post=not needless) if task.card else None
        if moved is None and needless:
            await self._outbox.drop(task)
            return
        sent: MessageRef = moved or await self._announcer.page(task.card, page)
        await self._outbox.delivered(
            task, view.incident.version, sent, self._clock(), called=promised, moved=moved is not None
        )
        self._paged(task.page)

    async def _tell(self, task: Task, number: int) -> None:
        """Post a report below its card, as soon as there is a card."""
        if self._clock() - task.created_at > _REPORT_STALE:
            await self._outbox.failed(task, "stale", None)
            return
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


def _backoff(attempts: int) -> timedelta:
    return min(timedelta(seconds=2**attempts), _MOST_PATIENCE)
