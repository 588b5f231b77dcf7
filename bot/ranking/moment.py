"""Which samples count: those around the alert, those of its reference, and those of earlier times to compare it with."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.telemetry import Observations, Series

# The window of the alert (seconds before and after it), as the published baselines take it, and two samples at least.
_BEFORE_S, _AFTER_S, _STEPS = 300.0, 180.0, 2
# What an alert tells of may have begun a quarter of an hour before it. So the reference ends at the first of these before the
# alert (seconds) where so many samples are older, else at the last of them, and at half of that where too few are.
_UNTILS_S, _ENOUGH, _CLOSER_S = (1200.0, 900.0, 600.0), 20, 330.0
# Fewer samples than this are no reference; below this the nearer end is taken.
FEWEST, FEW = 3, 8
# Where too little was recorded even for that, all are parts of what was: so much before the alert is its window, and the
# reference ends before so much (shares of the time recorded before the alert).
_SHORT_WINDOW, _SHORT_UNTIL = 0.25, 0.5
# At most so many earlier times are looked at, where the reference is so many windows long at least.
MOST_EARLIER, _ROOM = 12, 3


@dataclass(frozen=True, slots=True)
class Moment:
    """Which samples count (epoch seconds): the window is [start, end], the reference all that is not after `until`."""

    fired_at: float
    start: float
    end: float
    until: float
    step: float

    @classmethod
    def of(cls, seen: Observations) -> Moment:
        """Make the one of an alert."""
        fired_at = seen.fired_at
        longest = max(seen.series, key=lambda series: len(series.points), default=None)
        times = [at for at, _ in longest.points] if longest else []
        step = _usual_step(times)
        start = fired_at - max(_BEFORE_S, _STEPS * step)
        end = fired_at + max(_AFTER_S, _STEPS * step)
        # What was bad before it came again is not the usual.
        usual_until = fired_at if seen.first_at is None else min(seen.first_at, fired_at)
        untils = [usual_until - max(before, (_STEPS + 1) * step) for before in _UNTILS_S]
        until = next((at for at in untils if bisect_right(times, at) >= _ENOUGH), untils[-1])
        if bisect_right(times, until) < FEW:
            until = min(start, usual_until - _CLOSER_S)
        if times and bisect_right(times, until) < FEWEST:
            lasted = max(0.0, usual_until - times[0])
            until = usual_until - _SHORT_UNTIL * lasted
            start = max(until, fired_at - max(_SHORT_WINDOW * lasted, _STEPS * step))
        return cls(fired_at, start, end, until, step)

    def earlier(self, told: Sequence[Series]) -> list[Moment]:
        """Choose times of the reference, evenly by its samples, at which as long a window as that of the alert can be looked at."""
        longest = max(told, key=lambda series: len(series.points), default=None)
        times = [at for at, _ in longest.points] if longest else []
        if not times or self.until - times[0] < _ROOM * (self.end - self.start):
            return []
        early, late = self.fired_at - self.start, self.end - self.fired_at
        able = times[bisect_left(times, times[0] + early) : bisect_right(times, self.until - late)]
        count = min(MOST_EARLIER, len(able))
        chosen = [able[(len(able) - 1) * at // max(1, count - 1)] for at in range(count)]
        return [Moment(at, at - early, at + late, self.until, self.step) for at in chosen]


def _usual_step(times: Sequence[float]) -> float:
    steps = sorted(later - earlier for earlier, later in pairwise(times))
    return steps[len(steps) // 2] if steps else 60.0
