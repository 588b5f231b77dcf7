"""Makes incidents that turn out to be one trouble one, and takes apart what was joined wrongly."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from bot.core.access import Access
from bot.core.correlation import Correlation
from bot.domain.events import Outcome
from bot.domain.evidence import Confidence
from bot.domain.incidents import Incident
from bot.domain.joining import unexplained
from bot.domain.merging import Conclusion, merge, one_trouble, split
from bot.domain.people import Person, Right
from bot.errors import Refused
from bot.ports import Clock, Incidents, Investigations

log = logging.getLogger(__name__)

# More that began around the same time is a storm, in which nobody can tell what belongs to what.
_MOST = 20


class Merging:
    """Compares what has been found out about incidents that are open at the same time."""

    def __init__(
        self,
        *,
        correlation: Correlation,
        incidents: Incidents,
        investigations: Investigations,
        access: Access,
        clock: Clock,
    ) -> None:
        self.correlation = correlation
        self._incidents = incidents
        self._investigations = investigations
        self._access = access
        self._clock = clock

    async def unexplained(self, incident: Incident, cause: str, calls: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        """Return what fires and is of another trouble than the cause, as far as is known with these calls."""
        await self.correlation.learn(calls)
        return unexplained(cause, incident.alerts, (await self.correlation.joining()).calls)

    async def concluded(self, number: int, calls: Iterable[tuple[str, str]] = ()) -> None:
        """Join what turns out to be of one trouble, now that an incident was investigated, which has shown these calls."""
        await self.correlation.learn(calls)
        joining = await self.correlation.joining()
        if not joining.window:
            return
        own = await self._incidents.load(number)
        if not own.is_open:
            return
        around = (own.began_at - joining.window, own.began_at + joining.window)
        near = await self._incidents.open(_MOST + 1, began=around)
        if len(near) > _MOST:
            return
        causes = {each.number: await self._cause(each) for each in near}
        if number not in causes:
            # It was over before the others were read.
            return
        for other in sorted(near, key=lambda each: each.number):
            # The first keeps its card, its thread and whoever has it.
            first, second = min(number, other.number), max(number, other.number)
            if other.number != number and await self._try(first, second, causes):
                number = first

    async def split(self, number: int, group: str, by: Person, *, take: bool = False) -> Incident:
        """Give a group that had joined an incident of its own; with `take` the person has that one. Raises Refused."""
        row = await self._access.require(by, Right.ACK, "split", f"#{number}")

        def decide(incidents: Sequence[Incident]) -> Sequence[tuple[Incident | None, Outcome]]:
            left, own = split(incidents[0], group, by, row.at, take=take)
            return [(incidents[0], left), (None, own)]

        outcomes = await self._incidents.rearrange([number], decide, row.at, row)
        own = outcomes[-1].incident
        if own is None:
            raise Refused(outcomes[0].refusal or "errors.nothing_to_split")
        return own

    async def _cause(self, incident: Incident) -> str | None:
        """Name the service at which the investigation of the trouble of now ended, if it is not inconclusive."""
        done = await self._investigations.latest(incident.number)
        if done is None or done.analysis is None or done.asked_at < incident.began_at:
            return None
        if done.analysis.verdict.confidence is Confidence.INCONCLUSIVE:
            return None
        lead = done.analysis.ranking.lead
        return lead.service if lead else None

    async def _try(self, first: int, second: int, causes: dict[int, str | None]) -> bool:
        joining, at = await self.correlation.joining(), self._clock()

        def decide(incidents: Sequence[Incident]) -> Sequence[tuple[Incident | None, Outcome]]:
            into, guest = incidents
            found = one_trouble(Conclusion(into, causes[first]), Conclusion(guest, causes[second]), joining, at)
            if found is None:
                return []
            gone, whole = merge(found, guest, at)
            return [(guest, gone), (into, whole)]

        merged = bool(await self._incidents.rearrange([first, second], decide, at))
        if merged:
            log.info("#%s is of the same trouble as #%s, and has joined it", second, first)
        return merged
