"""Gathers all that is known of an incident, for people to finish: `/postmortem`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.core.access import Access
from bot.core.oncall.desk import OnCallDesk
from bot.core.viewing import Viewer
from bot.domain.asking import Asked
from bot.domain.incidents import Entry
from bot.domain.memory import Remembered, alike, traits_of
from bot.domain.people import Person, Right
from bot.domain.postmortems import PostedPicture, Postmortem, Summary
from bot.domain.views import IncidentView, MessageRef
from bot.errors import DeliveryError
from bot.ports import Clock, Exchanges, Incidents, Memories
from bot.ports.asking import Summarizer
from bot.ports.dashboards import PostedPictures

log = logging.getLogger(__name__)

_SIMILAR, _EXCHANGES = 5, 50
# Each text costs a millisecond or more. A storm has thousands of alerts, and a night of flapping as many lines.
_ALERTS, _FIRST_LINES, _LAST_LINES = 50, 100, 400

# Somebody's words into the same without secrets.
Redact = Callable[[str], str]


class Postmortems:
    """Gathers a post-mortem; `summarizer` words its summary where there is a model and money for it.

    `redactor` makes what takes secrets out of one post-mortem: the same value has the same placeholder in all of it.
    """

    def __init__(
        self,
        *,
        viewer: Viewer,
        incidents: Incidents,
        exchanges: Exchanges,
        memories: Memories,
        desk: OnCallDesk,
        summarizer: Summarizer | None,
        redactor: Callable[[], Redact],
        access: Access,
        clock: Clock,
        posted: PostedPictures | None = None,
    ) -> None:
        self._viewer = viewer
        self._incidents = incidents
        self._exchanges = exchanges
        self._memories = memories
        self._desk = desk
        self._summarizer = summarizer
        self._redactor = redactor
        self._access = access
        self._clock = clock
        self._posted = posted

    async def of(self, number: int, by: Person) -> Postmortem:
        """Gather what is known of an incident, over or not. Raises Refused."""
        await self._access.require(by, Right.READ, "postmortem", f"#{number}")
        redact = self._redactor()
        whole = await self._viewer.view(number)
        # The loop is for alerts.
        view = await asyncio.to_thread(_without_secrets, whole, redact)
        known = await self._exchanges.exchanges(number, _EXCHANGES)
        exchanges = await asyncio.to_thread(lambda: [replace(each, question=redact(each.question)) for each in known])
        traits = traits_of(view.incident, view.analysis)
        found = alike(traits, await self._memories.near(number, traits), _SIMILAR)
        card = await self._incidents.card(number)
        asked = Asked(view.incident, "", self._clock(), view.analysis, tuple(exchanges))
        return Postmortem(
            view=view,
            at=self._clock(),
            exchanges=exchanges,
            similar=[_forgetful(each, redact) for each in found],
            card=card,
            summary=await self._summary(asked),
            names=self._names(view),
            left_out=len(whole.timeline) - len(view.timeline),
            pictures=await self._pictures(card, number),
        )

    async def _pictures(self, card: MessageRef | None, number: int) -> Sequence[PostedPicture]:
        """Return what hangs below the card; without it the post-mortem still says where that is."""
        if card is None or self._posted is None:
            return ()
        try:
            return await self._posted.pictures(card, number)
        except DeliveryError as error:
            log.warning("the post-mortem of #%s has no pictures: %s", number, error)
            return ()

    async def _summary(self, asked: Asked) -> Summary | None:
        return await self._summarizer.summarise(asked) if self._summarizer else None

    def _names(self, view: IncidentView) -> Mapping[int, str]:
        actors = {entry.actor.id: entry.actor.name for entry in view.timeline}
        return {member.discord: key for key, member in self._desk.roster.people.items()} | actors


def _without_secrets(view: IncidentView, redact: Redact) -> IncidentView:
    """Return it with what people and rules wrote redacted, as much as people read; findings are so already."""
    fix = view.fix and replace(view.fix, words=redact(view.fix.words))
    alerts = tuple(
        replace(alert, annotations={name: redact(words) for name, words in alert.annotations.items()})
        for alert in view.incident.alerts[:_ALERTS]
    ) + tuple(replace(alert, annotations={}) for alert in view.incident.alerts[_ALERTS:])
    timeline = tuple(_redacted(entry, redact) for entry in _told(view.timeline))
    return replace(view, fix=fix, timeline=timeline, incident=replace(view.incident, alerts=alerts))


def _told(timeline: Sequence[Entry]) -> Sequence[Entry]:
    """Return how it began and how it ended."""
    if len(timeline) <= _FIRST_LINES + _LAST_LINES:
        return timeline
    return [*timeline[:_FIRST_LINES], *timeline[-_LAST_LINES:]]


def _redacted(entry: Entry, redact: Redact) -> Entry:
    # Whom a step has called is our own, and the mentions in it are looked up.
    kept = ("who", "until", "step", "count")
    detail = {name: value if name in kept else redact(value) for name, value in entry.detail.items()}
    return replace(entry, detail=detail)


def _forgetful(each: Remembered, redact: Redact) -> Remembered:
    fix = each.fix and replace(each.fix, words=redact(each.fix.words))
    return replace(each, cause=redact(each.cause), fix=fix)
