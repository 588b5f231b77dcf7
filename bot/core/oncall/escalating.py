"""Takes the steps of an escalation, each once, until somebody answers."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.oncall.desk import OnCallDesk, Reach
from bot.core.viewing import Viewer
from bot.domain.escalations import Chain
from bot.domain.incidents import Entry, EntryKind, Incident
from bot.domain.jobs import Job, Planned
from bot.domain.owners import Owner
from bot.domain.people import BONGSU
from bot.domain.views import Call, IncidentView, MessageRef
from bot.errors import ChannelClosed, DeliveryDelayed, DeliveryError, DeliveryRefused, MessageGone, SourceError
from bot.i18n import Phrase
from bot.ports import Clock
from bot.ports.oncall import Caller, Escalations, Hooks

log = logging.getLogger(__name__)

# A call belongs below its card; when there is none after so many attempts, a minute or so, people are called without it.
_ATTEMPTS_FOR_CARD = 6
# What is silenced calls nobody, but may be loud again.
_SILENCED_PAUSE = timedelta(minutes=5)
_MOST_SKIPPED = 50


class Escalating:
    """Takes the steps that are due."""

    def __init__(
        self,
        *,
        desk: OnCallDesk,
        viewer: Viewer,
        escalations: Escalations,
        caller: Caller,
        hooks: Hooks,
        clock: Clock,
    ) -> None:
        self._desk = desk
        self._viewer = viewer
        self._escalations = escalations
        self._caller = caller
        self._hooks = hooks
        self._clock = clock

    async def step(self, job: Job) -> Sequence[Planned]:
        """Take a step, unless somebody has it, it is over, or it became worse and has another chain."""
        assert job.incident is not None
        view = await self._viewer.view(job.incident)
        incident, at = view.incident, self._clock()
        if not incident.unanswered or job.payload.get("severity") != incident.severity.name:
            return ()
        place = self._desk.place(job, incident)
        if held := self._desk.held(job, incident, at):
            return held
        if view.silent:
            # The key is another one each time, because the moment is.
            return [
                replace(each, due_at=at + _SILENCED_PAUSE, key=f"{each.key}/{int(at.timestamp())}")
                for each in self._desk.steps(incident, place, at)
            ]
        chain = self._desk.team_of(incident).chain(incident)
        # The file may have lost the step meanwhile: then whom it names has been called.
        if chain and chain.step(place):
            await self._take(job, view, chain, place)
        return ()

    async def remind(self, job: Job) -> Sequence[Planned]:
        """Ask who holds an incident for long, and nobody else, whether it is still so; once."""
        assert job.incident is not None
        incident = (await self._viewer.view(job.incident)).incident
        if incident.is_open and incident.ack and incident.ack.by.id == job.payload.get("person"):
            who = (Owner(incident.ack.by.id, is_role=False),)
            values = {"number": incident.number, "title": incident.title, "since": incident.ack.at}
            await self._call(job, Call(job.id, "escalation.remind", values, who), incident.number)
        return ()

    async def _take(self, job: Job, view: IncidentView, chain: Chain, place: int) -> None:
        incident, at, notes = view.incident, self._clock(), list[Phrase]()
        for _ in range(_MOST_SKIPPED):
            step = chain.step(place)
            if step is None:
                break
            reach = self._desk.reach(step, incident, at)
            notes += reach.notes
            reached = await self._reached(job, incident, place, reach, notes)
            if reached.anybody:
                entry = _entry(incident, place, " ".join(reached.who), self._clock())
                following = self._desk.steps(incident, place + 1, self._clock())
                await self._escalations.advance(job, [entry], following, self._clock())
                return
            place += 1
        # The chain ends without anybody: that is told where everybody reads it.
        log.error("escalation of #%s reaches nobody: %s", incident.number, "; ".join(notes))
        call = Call(job.id, "escalation.nobody", {"number": incident.number}, here=True, notes=tuple(notes))
        await self._call(job, call, incident.number)
        entry = _entry(incident, place, "@here", self._clock())
        await self._escalations.advance(job, [entry], (), self._clock())

    async def _reached(self, job: Job, incident: Incident, place: int, reach: Reach, notes: list[Phrase]) -> Reach:
        """Call all of a step; return what of it was reached. Raises DeliveryDelayed."""
        values = {"number": incident.number, "title": incident.title, "step": place + 1}
        call = Call(job.id, "escalation.call", values, reach.owners, reach.here, tuple(notes), number=incident.number)
        named = reach.owners or reach.here
        seen = bool(named) and await self._tried(
            self._call(job, call, incident.number), notes, Phrase("escalation.card_not_reached")
        )
        channels = [
            channel
            for channel in reach.channels
            if await self._tried(self._caller.call_in(channel, call, again=job.again), notes, _not_reached(channel))
        ]
        messages = [
            user
            for user in reach.messages
            if await self._tried(self._caller.message(user, call, again=job.again), notes, _not_reached(f"<@{user}>"))
        ]
        webhooks = [name for name in reach.webhooks if await self._posted(job, incident, name, notes)]
        # A channel names the same people as the card.
        seen = seen or bool(channels)
        owners = reach.owners if seen else ()
        return Reach(owners, seen and reach.here, tuple(channels), tuple(messages), tuple(webhooks))

    async def _tried(self, sending: Awaitable[MessageRef], notes: list[Phrase], otherwise: Phrase) -> bool:
        try:
            await sending
        except DeliveryDelayed:
            raise
        except DeliveryError as error:
            log.warning("escalation does not reach %s: %s", otherwise.values.get("where", "the card"), error)
            notes.append(otherwise)
            return False
        return True

    async def _posted(self, job: Job, incident: Incident, name: str, notes: list[Phrase]) -> bool:
        values = {
            "id": str(job.id),
            "number": str(incident.number),
            "title": incident.title,
            "severity": incident.severity.name,
            "service": incident.service or "",
            "since": incident.began_at.isoformat(),
        }
        try:
            await self._hooks.post(self._desk.roster.webhooks[name], values)
        except SourceError as error:
            log.warning("escalation of #%s does not reach the webhook %s: %s", incident.number, name, error)
            notes.append(_not_reached(name))
            return False
        return True

    async def _call(self, job: Job, call: Call, number: int) -> MessageRef:
        card = await self._escalations.card(number)
        if card is None and job.attempts < _ATTEMPTS_FOR_CARD:
            raise DeliveryDelayed("no card yet")
        if card is not None:
            try:
                return await self._caller.call(card, call, again=job.again)
            except (DeliveryRefused, MessageGone) as error:
                # Whoever is to be woken is woken wherever we may write.
                log.warning("the channel of the card of #%s takes no call: %s", number, error)
        try:
            return await self._caller.call_in("", call, again=job.again)
        except ChannelClosed:
            # By now it is known that it has to be another one.
            return await self._caller.call_in("", call, again=job.again)


def _not_reached(where: str) -> Phrase:
    return Phrase("escalation.not_reached", where=where)


def _entry(incident: Incident, place: int, who: str, at: datetime) -> Entry:
    detail = {"step": str(place), "severity": incident.severity.name, "who": who}
    return Entry(at, EntryKind.ESCALATED, BONGSU, detail)
