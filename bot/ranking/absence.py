"""Finds services of which nothing is measured any more while the others are: a pod that went, before anything else tells so.

A service that is measured now and then, or later than the others, is compared with its own longest silence of before.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from bot.domain.evidence import Channel
from bot.domain.telemetry import Series
from bot.ranking.hits import Hit, number
from bot.ranking.moment import FEWEST, Moment
from bot.ranking.stats import squash

# One scrape is lost now and then (steps); those lost beyond that, or beyond what was usual, that count for one half.
_LOST, _HALF = 1, 1.0
# A step at which less of the services than this were measured is one that the measuring itself lost (ratio).
_MEASURED = 0.5


def absence_hits(told: Sequence[Series], moment: Moment) -> list[Hit]:
    """Return a hit for each service of which nothing was measured for longer than ever before, since the reference ended."""
    owned: Mapping[str, list[Series]] = defaultdict(list)
    for series in told:
        if _until(series, moment) >= FEWEST:
            owned[series.service].append(series)
    seen = {name: _steps(own, moment) for name, own in owned.items()}
    counts = Counter(step for steps in seen.values() for step in steps)
    measured = sorted(step for step, count in counts.items() if count >= max(2.0, _MEASURED * len(seen)))
    silent = {name: lost for name, steps in seen.items() if len(lost := _longest(measured, steps)) > _LOST}
    # Several that fall silent at one step share what measures them, or where they run: that speaks against none of them alone.
    together = Counter(lost[0] for lost in silent.values())
    hits: list[Hit] = []
    for name, lost in silent.items():
        strength = squash(len(lost) - max(_LOST, _usual(owned[name], moment)), _HALF) / together[lost[0]]
        if strength > 0:
            since = moment.until + moment.step * lost[0]
            values = {"minutes": number(len(lost) * moment.step / 60)}
            query = owned[name][0].query
            group = f"measured {name}"
            hits.append(Hit(Channel.METRIC, name, strength, since, "unmeasured", values, group, "unavailable", query))
    return hits


def _until(series: Series, moment: Moment) -> int:
    """Return how many points the reference has."""
    return bisect_right(series.points, (moment.until, math.inf))


def _steps(own: Iterable[Series], moment: Moment) -> set[int]:
    """Return at which steps after the reference anything was measured, until the alert's window ends."""
    return {
        round((at - moment.until) / moment.step)
        for series in own
        for at, _ in series.points[_until(series, moment) :]
        if at <= moment.end
    }


def _longest(measured: Iterable[int], own: set[int]) -> list[int]:
    """Return the longest run of steps at which others were measured and this one was not."""
    longest: list[int] = []
    run: list[int] = []
    for step in measured:
        run = [] if step in own else [*run, step]
        longest = max(longest, run, key=len)
    return longest


def _usual(own: Iterable[Series], moment: Moment) -> int:
    """Return for how many steps at most it was not measured before."""
    return min(
        max(round((later - earlier) / moment.step) - 1 for (earlier, _), (later, _) in pairwise(points))
        for series in own
        if len(points := series.points[: _until(series, moment)]) >= FEWEST
    )
