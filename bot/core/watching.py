"""Looks at the alert source: what it knows no more ends, what it never told is shown, and what is odd is said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.respond import Respond
from bot.domain.alerts import Alert, Rule
from bot.domain.incidents import Incident
from bot.domain.looks import YOUNG, Look, Memory, Notice, judge, of_source
from bot.domain.origins import organisation_of, without_organisation
from bot.errors import SourceError
from bot.ports import AlertSource, Clock, Incidents, Metrics

log = logging.getLogger(__name__)

# A message may come a little after the source lists the alert; after a group_wait and a group_interval it was lost.
_SETTLE = timedelta(minutes=1)
_OVERDUE = timedelta(minutes=10)

# So many of the last incidents tell from which organisations alerts come.
_RECENT = 50
_TARGETS_NAMED = 5


class SourceWatch:
    """Remembers what earlier looks have shown, because one look proves nothing."""

    def __init__(
        self,
        *,
        respond: Respond,
        source: AlertSource,
        metrics: Metrics | None,
        incidents: Incidents,
        clock: Clock,
        receiver: str,
        group_interval: timedelta,
        silenced: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._respond = respond
        self._source = source
        self._metrics = metrics
        self._incidents = incidents
        self._clock = clock
        self._receiver = receiver
        self._group_interval = group_interval
        self._silenced = silenced
        self._memory = Memory()
        self._unshown: dict[str, datetime] = {}
        self._listed: set[str] = set()
        self.notices: tuple[Notice, ...] = ()
        # Whether the source is the one whose alerts we show; nobody knows before the first look.
        self.trusted = False

    async def wanted(self) -> bool:
        """Tell whether a look is worth more than usual: to settle a doubt, or because a silence hides an end."""
        if await self._doubted():
            return True
        silenced = self._memory.silenced | self._silenced()
        return bool(silenced) and any(
            alert.fingerprint in silenced for incident in await self._incidents.open() for alert in incident.firing
        )

    async def look(self) -> bool:
        """Compare with the source, and do what is proved; return whether it answered."""
        try:
            alerts, rules, state = await asyncio.gather(self._source.alerts(), self._rules(), self._source.state())
        except SourceError as error:
            # Not knowing is no reason to call an alert resolved.
            log.info("not reconciled: %s", error)
            return False
        look = Look(self._clock(), alerts, rules or (), state)
        recent = [each for each in await self._incidents.recent(_RECENT) if each.source == self._source.name]
        elsewhere = _elsewhere(recent, look)
        self.trusted = not elsewhere
        if elsewhere:
            if not any(notice.key == "other_organisation" for notice in self.notices):
                log.warning("nothing is reconciled: the alert source shows organisation %s", state.organisation)
            values = {"seen": state.organisation, "expected": ", ".join(sorted(elsewhere))}
            self.notices = (Notice("other_organisation", values),)
            self._memory = Memory(rules=self._memory.rules)
            return True
        own = [each for each in await self._incidents.open() if each.source == self._source.name]
        self._listed |= {each.origin for each in own if look.active & {a.fingerprint for a in each.firing}}
        if rules is not None:
            await self._compare(look, own)
        await self._adopt(look)
        return rules is not None

    async def _rules(self) -> Sequence[Rule] | None:
        """Return the rules; None where whoever evaluates them does not tell, so that nothing is known to have ended."""
        try:
            return await self._source.rules()
        except SourceError as error:
            log.info("nothing is ended by a look at %s: %s", self._source.name, error)
            return None

    async def _doubted(self) -> Sequence[Incident]:
        """Return what is doubted of the source's own incidents; of another one's, its silence would say nothing."""
        return [each for each in await self._incidents.doubted() if each.source == self._source.name]

    async def _compare(self, look: Look, incidents: Sequence[Incident]) -> None:
        own = of_source(incidents, look, self._listed)
        # What ended before any look saw it silenced ended in silence as well.
        memory = replace(self._memory, silenced=self._memory.silenced | self._silenced())
        judgement = judge(own, look, memory, self._group_interval)
        self._memory = judgement.memory
        before = {notice.key for notice in self.notices}
        self.notices = (*judgement.notices, *await self._notices(look))
        for notice in judgement.notices:
            if notice.key not in before:
                log.warning("nothing is ended by looks at %s: %s %s", self._source.name, notice.key, notice.values)
        for number, ended in judgement.ended.items():
            for reason in sorted(set(ended.values())):
                await self._respond.vanish(number, {each for each, why in ended.items() if why == reason}, reason)
        if not judgement.notices:
            for incident in of_source(await self._doubted(), look, self._listed):
                await self._respond.recheck(incident.number, look.active)

    async def _adopt(self, look: Look) -> None:
        """Make up for messages that never came: the source lists what no card says, and nothing keeps it from us."""
        shown = {a.fingerprint for each in await self._of_the_same(look) for a in each.firing}
        told = [
            alert
            for alert in look.alerts
            if alert.fingerprint not in shown
            and not alert.silenced_by
            and not alert.muted
            # That it is listed does not say that it comes.
            and not alert.is_watchdog
            and self._receiver in alert.receivers
        ]
        self._unshown = {alert.fingerprint: self._unshown.get(alert.fingerprint, look.at) for alert in told}
        lost = [alert for alert in told if self._is_lost(alert, look.at)]
        if lost:
            log.warning("%s alerts fire that no card shows; they are shown now", len(lost))
            await self._respond.adopt(self._source.name, lost, look.state)

    async def _of_the_same(self, look: Look) -> list[Incident]:
        """Return the open incidents but those of another one like the source: what fires at both has one fingerprint."""
        incidents = await self._incidents.open()
        own = of_source([each for each in incidents if each.source == self._source.name], look, self._listed)
        return [*own, *(each for each in incidents if each.source != self._source.name)]

    def _is_lost(self, alert: Alert, at: datetime) -> bool:
        return at - self._unshown[alert.fingerprint] >= _SETTLE or at - alert.starts_at >= _OVERDUE

    async def _notices(self, look: Look) -> list[Notice]:
        """Tell of what makes alerts late or wrong although the source answers."""
        found: list[Notice] = []
        if self._metrics is None:
            return found
        try:
            started_at, frozen = await asyncio.gather(self._metrics.started_at(), self._metrics.frozen_targets())
        except SourceError as error:
            log.info("Prometheus did not say how it is: %s", error)
            return found
        late = max([YOUNG, *(rule.wait for rule in look.rules)])
        if started_at and look.at - started_at < late:
            found.append(
                Notice("source_restarted", {"name": self._metrics.name.capitalize(), "at": started_at.isoformat()})
            )
        if frozen:
            names = ", ".join(frozen[:_TARGETS_NAMED])
            found.append(Notice("sample_limit", {"count": str(len(frozen)), "names": names}))
        return found


def _elsewhere(recent: Sequence[Incident], look: Look) -> set[str]:
    """Return the organisations from which the server's alerts come, if it shows us none of them."""
    server = without_organisation(look.state.origin)
    known = {
        organisation_of(each.origin) for each in recent if not server or without_organisation(each.origin) == server
    } - {""}
    return known if look.state.organisation not in known | {""} else set()
