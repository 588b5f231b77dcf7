"""Replays noisy rules over the last weeks: which single change would have quietened each of them.

Prometheus is asked step by step and never twice at once, with a pause after each answer as long as that took, and a rule
that is evaluated often is looked at for fewer days: a report is not worth an alert that comes late.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.alerts import Severity
from bot.domain.incidents import Incident
from bot.domain.telemetry import Window
from bot.errors import SourceError
from bot.ports import Metrics
from bot.ports.reports import RuleBook
from bot.reporting.alert_rules import AlertRule
from bot.reporting.history import Target
from bot.reporting.overview import Judged, NotTuned
from bot.reporting.replay import Track
from bot.reporting.rules import Noise, is_real
from bot.reporting.tuning import Proposal, Real, RulePast, fired_of, proposal

DAYS: Final = timedelta(days=28)
# Evaluations that are asked for at once and of one rule in all, its series, and all their points.
_AT_ONCE, _EVALUATIONS, _SERIES, _POINTS = 1_440, 60_000, 50, 400_000
_MOST_PAUSE_S: Final = 2.0
# Whoever has to answer within so long may hear of it a part of that later.
_PART: Final = 0.5
_MOST_DELAY: Final = timedelta(minutes=10)
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a change must keep to: `apart` is the group_interval, `targets` say how soon somebody has to answer."""

    apart: timedelta = timedelta(minutes=5)
    targets: Mapping[Severity, Target] | None = None


class Replaying:
    """Judges noisy rules; `metrics` is None where there is no Prometheus. `group_of` says which series are told together."""

    def __init__(
        self,
        metrics: Metrics | None,
        book: RuleBook | None,
        group_of: Callable[[Mapping[str, str]], str],
        terms: Terms | None = None,
    ) -> None:
        self._metrics = metrics
        self._book = book
        self._group_of = group_of
        self._terms = terms or Terms()
        # Two who ask at the same moment are answered one after the other.
        self._turn = asyncio.Lock()

    async def judge(
        self,
        noises: Sequence[Noise],
        incidents: Sequence[Incident],
        at: datetime,
        within_s: float,
        since: datetime | None = None,
    ) -> list[Judged]:
        """Return each rule with what would have quietened it; those for which there is no time left without.

        `incidents` are those of all the days that are replayed, `DAYS` or `since` then: the real ones among them must
        not be lost.
        """
        until = asyncio.get_running_loop().time() + within_s
        if self._metrics is None or self._book is None:
            return [Judged(noise, NotTuned.NO_PROMETHEUS) for noise in noises]
        try:
            async with asyncio.timeout_at(until):
                await self._turn.acquire()
        except TimeoutError:
            return [Judged(noise, NotTuned.NO_TIME) for noise in noises]
        try:
            # The turn may have come at the very end: nothing is asked whose answer nobody waits for.
            if asyncio.get_running_loop().time() >= until:
                return [Judged(noise, NotTuned.NO_TIME) for noise in noises]
            past = Window(max(since or at - DAYS, at - DAYS), at)
            return await self._all(noises, incidents, past, until, self._book)
        finally:
            self._turn.release()

    async def _all(
        self, noises: Sequence[Noise], incidents: Sequence[Incident], past: Window, until: float, book: RuleBook
    ) -> list[Judged]:
        try:
            async with asyncio.timeout_at(until):
                rules = await book.alert_rules()
        except (SourceError, TimeoutError):
            return [Judged(noise, NotTuned.UNANSWERED) for noise in noises]
        judged: list[Judged] = []
        for noise in noises:
            theirs = [each for each in incidents if any(alert.name == noise.rule for alert in each.alerts)]
            judged.append(Judged(noise, await self._one(noise, rules, theirs, past, until)))
        return judged

    async def _one(
        self, noise: Noise, rules: Sequence[AlertRule], incidents: Sequence[Incident], past: Window, until: float
    ) -> Proposal | NotTuned:
        # One of the same name elsewhere is another rule; those that cannot be replayed are not in the book.
        named = [each for each in rules if (each.uid == noise.uid if noise.uid else each.name == noise.rule)]
        # Of two rules with one name nobody knows which one fired.
        if len(named) != 1:
            return NotTuned.UNKNOWN
        try:
            async with asyncio.timeout_at(until):
                return await self._tuned(named[0], incidents, past)
        except SourceError:
            return NotTuned.UNANSWERED
        except TimeoutError:
            return NotTuned.NO_TIME

    async def _tuned(self, rule: AlertRule, incidents: Sequence[Incident], window: Window) -> Proposal | NotTuned:
        at = window.end
        tracks = await self._tracks(rule, window)
        if isinstance(tracks, NotTuned):
            return tracks
        begun = min((track.points[0][0] for track in tracks), default=None)
        if begun is None:
            return NotTuned.NOT_SEEN
        days = max(math.ceil((at.timestamp() - begun) / _DAY_S), 1)
        real = [each for each in incidents if is_real(each)]
        known = frozenset(track.group for track in tracks)
        spans = [self._span(each, rule, known, at) for each in real]
        past = RulePast(tracks, days, spans, self._terms.apart, self._most_delay(incidents))
        # The loop is for alerts.
        found = await asyncio.to_thread(proposal, rule, past)
        if found is None and not await asyncio.to_thread(fired_of, rule, past):
            return NotTuned.NOT_SEEN
        return found or NotTuned.REAL

    def _span(self, incident: Incident, rule: AlertRule, known: frozenset[str], at: datetime) -> Real:
        # Labels that the rule itself adds are not on its series: what is of no known group may be of any.
        groups = {self._group_of(alert.labels) for alert in incident.alerts if alert.name == rule.name} & known
        return Real(incident.opened_at.timestamp(), (incident.resolved_at or at).timestamp(), frozenset(groups))

    def _most_delay(self, incidents: Sequence[Incident]) -> timedelta:
        worst = min((each.severity for each in incidents), key=lambda each: each.value, default=Severity.P4)
        target = (self._terms.targets or {}).get(worst, Target()).acknowledge
        return min(target * _PART, _MOST_DELAY) if target else _MOST_DELAY

    async def _tracks(self, rule: AlertRule, window: Window) -> list[Track] | NotTuned:
        """Ask for all moments at which the rule was evaluated and true."""
        assert self._metrics is not None
        step = rule.interval.total_seconds()
        # The very moments at which it is evaluated: in between it may have been otherwise.
        end = math.floor((window.end.timestamp() - rule.offset_s) / step) * step + rule.offset_s
        start = end - math.floor(min((window.end - window.start).total_seconds(), _EVALUATIONS * step) / step) * step
        found: dict[frozenset[tuple[str, str]], list[tuple[float, float]]] = {}
        count = 0
        while start < end:
            last = min(start + (_AT_ONCE - 1) * step, end)
            for labels, points in await self._ask(rule, Window.between(start, last), step):
                found.setdefault(labels, []).extend(points)
                count += len(points)
            if len(found) > _SERIES or count > _POINTS:
                return NotTuned.TOO_MANY
            start = last + step
        return [Track(self._group_of(dict(labels)), points) for labels, points in found.items() if points]

    async def _ask(
        self, rule: AlertRule, window: Window, step: float
    ) -> list[tuple[frozenset[tuple[str, str]], Sequence[tuple[float, float]]]]:
        assert self._metrics is not None
        loop = asyncio.get_running_loop()
        began = loop.time()
        series = await self._metrics.query_range(rule.expression, window, step, _SERIES + 1)
        await asyncio.sleep(min(loop.time() - began, _MOST_PAUSE_S))
        # An alert has no metric name.
        return [
            (frozenset((name, value) for name, value in each.labels.items() if name != "__name__"), each.points)
            for each in series
        ]
