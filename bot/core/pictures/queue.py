"""Takes pictures: cameras in turn until one succeeds, few at a time, one picture for all who want the same."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from bot.core.pictures.turns import QueueTurn, Turns
from bot.domain.exhibits import Exhibit, Missed, Phase, PictureProgress, Request
from bot.domain.pictures import Picture, Shot
from bot.errors import NoPicture, NotAllowed, OutOfDate, TooSoon
from bot.ports import Camera

# With less than this part of its time a camera that is out of time is told as begun too late.
_LATE = 0.6
_OUT_OF_TIME = frozenset({"timeout", "ladder.timeout", "starting"})


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """Of one answer: seconds in all, in the queue, and for each kind of camera; `reserve_s` is kept for each later step.

    Two of the promised twenty seconds are left for Discord.
    """

    total_s: float = 18.0
    queue_s: float = 9.0
    reserve_s: float = 3.5
    step_s: float = 12.0
    grace_s: float = 0.5
    kept_s: float = 15.0
    kept_bytes: int = 32 * 1024 * 1024
    waiting_each: int = 5


class Ticket:
    """One person's claim on a picture."""

    def __init__(self, number: int, person: int, job: PictureJob) -> None:
        self.number = number
        self.person = person
        self.cancelled = False
        self.job = job
        self._news = asyncio.Event()

    @property
    def progress(self) -> PictureProgress:
        """How far it is."""
        return self.job.progress

    async def news(self, within_s: float) -> Exhibit | None:
        """Wait for the answer; None after a change of progress, or when the time is over, or if it was cancelled."""
        try:
            async with asyncio.timeout(within_s):
                await self._news.wait()
        except TimeoutError:
            pass
        self._news.clear()
        if self.cancelled or not self.job.task.done():
            return None
        return self.job.task.result()

    def wake(self) -> None:
        """End a wait of `news`: the progress has changed, the picture is there, or it was called off."""
        self._news.set()


class PictureJob:
    """A picture that is being taken, and everybody who wants it."""

    def __init__(self, key: Hashable, request: Request, turn: QueueTurn) -> None:
        self.key = key
        self.request = request
        self.turn = turn
        self.tickets: set[Ticket] = set()
        self.phase: Phase | None = None
        self.task: asyncio.Task[Exhibit]

    @property
    def progress(self) -> PictureProgress:
        """How far it is."""
        return PictureProgress(self.phase) if self.phase else PictureProgress(Phase.QUEUE, self.turn.place)

    def tell(self) -> None:
        """Wake everybody who waits for it."""
        for ticket in self.tickets:
            ticket.wake()


class PictureQueue:
    """Takes pictures with the first camera that can."""

    def __init__(
        self,
        cameras: Sequence[Camera],
        most_at_once: int,
        limits: PictureLimits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cameras = cameras
        self._turns = Turns(most_at_once)
        self._limits = limits or PictureLimits()
        self._monotonic = monotonic
        self._numbers = itertools.count(1)
        self._jobs: dict[Hashable, PictureJob] = {}
        self._tickets: dict[int, Ticket] = {}
        self._kept: dict[Hashable, tuple[float, Exhibit]] = {}

    @property
    def able(self) -> bool:
        """Whether there is any camera."""
        return bool(self._cameras)

    def order(self, request: Request, person: int) -> Ticket:
        """Have a picture taken, or share one that is being taken or was a moment ago. Raises TooSoon for one too many."""
        key = _key(request)
        self._forget()
        job = self._jobs.get(key)
        if job is None and key not in self._kept and self._turns.waiting(person) >= self._limits.waiting_each:
            raise TooSoon("errors.pictures_waiting", count=str(self._limits.waiting_each))
        if job is None:
            job = self._begin(key, request, person)
        ticket = Ticket(next(self._numbers), person, job)
        job.tickets.add(ticket)
        self._tickets[ticket.number] = ticket
        job.task.add_done_callback(lambda _: self._done(ticket))
        return ticket

    def cancel(self, number: int, person: int) -> None:
        """Give up a ticket; the picture is taken on if others want it. Raises OutOfDate, or NotAllowed for others'."""
        ticket = self._tickets.get(number)
        if ticket is None or ticket.job.task.done():
            raise OutOfDate("errors.out_of_date")
        if ticket.person != person:
            raise NotAllowed("errors.not_your_picture")
        self.drop(ticket)

    def drop(self, ticket: Ticket) -> None:
        """Give up a ticket that nobody waits for any more."""
        job = ticket.job
        job.tickets.discard(ticket)
        ticket.cancelled = True
        ticket.wake()
        self._tickets.pop(ticket.number, None)
        if not job.tickets:
            job.task.cancel()
            self._end(job)

    def _begin(self, key: Hashable, request: Request, person: int) -> PictureJob:
        kept = self._kept.get(key)
        job = PictureJob(key, request, self._turns.ask(person))
        if kept:
            job.turn.end()
            job.task = asyncio.create_task(_answer(kept[1]), name="picture kept")
            return job
        job.task = asyncio.create_task(self._take(job), name=f"picture {request.shot.uid}")
        self._jobs[key] = job
        return job

    async def _take(self, job: PictureJob) -> Exhibit:
        loop = asyncio.get_running_loop()
        began = job.request.asked_at
        until = (loop.time() if began is None else began) + self._limits.total_s
        try:
            try:
                async with asyncio.timeout(self._limits.queue_s):
                    await job.turn.wait()
            except TimeoutError:
                return Exhibit(job.request, None, (Missed(Phase.QUEUE.value, "picture.ladder.busy"),))
            exhibit = await self._climb(job, until)
            self._keep(job, exhibit)
            return exhibit
        finally:
            self._end(job)

    def _end(self, job: PictureJob) -> None:
        job.turn.end()
        if self._jobs.get(job.key) is job:
            del self._jobs[job.key]
        # Everybody behind has moved up.
        for other in self._jobs.values():
            other.tell()

    async def _climb(self, job: PictureJob, until: float) -> Exhibit:
        missed: list[Missed] = []
        loop = asyncio.get_running_loop()
        for number, camera in enumerate(self._cameras):
            later = len(self._cameras) - number - 1
            left = until - loop.time() - later * self._limits.reserve_s - self._limits.grace_s
            late = not missed and left < self._limits.step_s * _LATE
            job.phase = Phase(camera.name)
            job.tell()
            try:
                picture = await self._shoot(camera, job.request.shot, min(self._limits.step_s, left))
            except NoPicture as error:
                # What the line took is no fault of the page.
                key = "picture.ladder.late" if late and error.reason in _OUT_OF_TIME else error.key
                missed.append(Missed(camera.name, key, error.detail))
            else:
                return Exhibit(job.request, picture, tuple(missed))
        return Exhibit(job.request, None, tuple(missed))

    async def _shoot(self, camera: Camera, shot: Shot, deadline_s: float) -> Picture:
        if deadline_s <= 0:
            raise NoPicture("ladder.timeout")
        try:
            # It promised to be in time; it is not waited for if it is not.
            async with asyncio.timeout(deadline_s + self._limits.grace_s):
                return await camera.take(shot, deadline_s)
        except TimeoutError as error:
            raise NoPicture("ladder.timeout") from error

    def _keep(self, job: PictureJob, exhibit: Exhibit) -> None:
        if exhibit.picture is None or not self._limits.kept_s:
            return
        self._kept[job.key] = (self._monotonic(), exhibit)
        while sum(_size(each) for _, each in self._kept.values()) > self._limits.kept_bytes:
            self._kept.pop(next(iter(self._kept)))
        asyncio.get_running_loop().call_later(self._limits.kept_s, self._forget)

    def _forget(self) -> None:
        oldest = self._monotonic() - self._limits.kept_s
        self._kept = {key: kept for key, kept in self._kept.items() if kept[0] > oldest}

    def _done(self, ticket: Ticket) -> None:
        self._tickets.pop(ticket.number, None)
        ticket.wake()


async def _answer(exhibit: Exhibit) -> Exhibit:
    return exhibit


def _size(exhibit: Exhibit) -> int:
    return sum(map(len, exhibit.picture.images)) if exhibit.picture else 0


def _key(request: Request) -> Hashable:
    """Two requests with the same key want the same picture: "the last hour" is the same for a few seconds."""
    shot = request.shot
    stretch = round(shot.window.seconds) if request.moving else (shot.window.start, shot.window.end)
    variables = tuple(sorted((name, values) for name, values in shot.variables.items()))
    return shot.uid, shot.panel, variables, shot.theme, shot.rows_open, shot.tab, stretch
