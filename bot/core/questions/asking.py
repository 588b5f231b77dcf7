"""Answers questions in the thread of a card: one at a time in a thread, in place, remembered."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from bot.core.access import Access
from bot.core.joined import whole
from bot.domain.asking import Answered, Asked, Heard
from bot.domain.inquiries import Exchange
from bot.domain.people import Right
from bot.domain.views import MessageRef
from bot.errors import BongsuError, DeliveryDelayed, DeliveryError, MessageGone
from bot.i18n import Language, text
from bot.ports import Answerer, Clock, Exchanges, Incidents, Investigations, Speaker

log = logging.getLogger(__name__)

# The answerer has shorter deadlines of its own; this ends what hangs all the same.
_DEADLINE_S = 75.0
_AT_ONCE = 4
_REMEMBERED = 500
_EXCHANGES = 20
_TRIES, _LONGEST_PAUSE_S = 3, 10.0


class Asking:
    """Answers people who mention Bongsu in the thread of a card."""

    def __init__(
        self,
        *,
        exchanges: Exchanges,
        investigations: Investigations,
        incidents: Incidents,
        answerer: Answerer,
        access: Access,
        clock: Clock,
        language: Language,
        speaker: Speaker | None = None,
        deadline_s: float = _DEADLINE_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._exchanges = exchanges
        self._investigations = investigations
        self._incidents = incidents
        self._answerer = answerer
        self._access = access
        self._clock = clock
        self._language: Language = language
        self._deadline_s = deadline_s
        self._sleep = sleep
        # Without one nobody is heard.
        self._speaker = speaker
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._busy: set[int] = set()

    async def heard(self, heard: Heard) -> None:
        """Answer a message that mentions us, if its thread belongs to one of our cards; never the same message twice."""
        speaker = self._speaker
        # Discord repeats events when a connection is resumed.
        if speaker is None or heard.message in self._seen:
            return
        self._seen[heard.message] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        below = await self._exchanges.incident_of(heard.thread)
        if below is None:
            return
        number = (await whole(self._incidents, below)).number
        try:
            await self._answer(heard, number, speaker)
        except DeliveryError as error:
            log.warning("a question about #%s could not be answered: %s", number, error)

    async def _answer(self, heard: Heard, number: int, speaker: Speaker) -> None:
        refusal = await self._refusal(heard, number)
        if refusal:
            await speaker.say(heard.thread, refusal, heard.message)
            return
        self._busy.add(heard.thread)
        try:
            ref = await speaker.say(heard.thread, text(self._language, "ask.looking"), heard.message)
            await self._find_out(heard, number, speaker, ref)
        finally:
            self._busy.discard(heard.thread)

    async def _refusal(self, heard: Heard, number: int) -> str:
        """Say why there will be no answer; nothing if there will be one."""
        try:
            await self._access.require(heard.by, Right.READ, "ask", f"#{number}")
        except BongsuError as error:
            return text(self._language, error.key, **error.values)
        if not any(char.isalnum() for char in heard.words):
            return text(self._language, "ask.empty")
        if heard.thread in self._busy:
            return text(self._language, "ask.busy")
        return text(self._language, "ask.crowded") if len(self._busy) >= _AT_ONCE else ""

    async def _find_out(self, heard: Heard, number: int, speaker: Speaker, ref: MessageRef) -> None:
        done = False
        try:
            async with asyncio.timeout(self._deadline_s):
                answered = await self._answered(heard, number)
            await self._show(speaker, ref, heard, answered)
            done = True
        except TimeoutError:
            log.warning("a question about #%s was not answered within %.0f s", number, self._deadline_s)
        finally:
            task = asyncio.current_task()
            # Nothing can be said any more while the process stops.
            if not done and not (task and task.cancelling()):
                await speaker.change(ref, text(self._language, "ask.failed"))

    async def _answered(self, heard: Heard, number: int) -> Answered:
        incident = await self._incidents.load(number)
        latest = await self._investigations.latest(number)
        earlier = await self._exchanges.exchanges(number, _EXCHANGES)
        at = self._clock()
        asked = Asked(incident, heard.words, at, latest.analysis if latest else None, tuple(earlier))
        answered = await self._answerer.answer(asked)
        said = " ".join(claim.text for claim in answered.claims)
        findings = answered.findings
        await self._exchanges.remember(Exchange(number, heard.by, at, answered.question, said, findings, answered.usd))
        return answered

    async def _show(self, speaker: Speaker, ref: MessageRef, heard: Heard, answered: Answered) -> None:
        """Put the answer in place of the first message, or of a new one if somebody deleted that."""
        for left in reversed(range(_TRIES)):
            try:
                await speaker.answer(ref, answered)
                return
            except MessageGone:
                ref = await speaker.say(heard.thread, text(self._language, "ask.looking"), None)
            except DeliveryDelayed as error:
                if not left:
                    raise
                await self._sleep(min(error.retry_after_s, _LONGEST_PAUSE_S))
