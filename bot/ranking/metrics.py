"""Metrics: how far a series left its own normal, in its bad direction, and since when; unit-free.

Values are compared by their logarithm, with a floor that belongs to the series, so that milliseconds, bytes and ratios
can stand beside one another and a series that was zero cannot win by moving at all.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.domain.kinds import less_is_worse
from bot.domain.telemetry import MetricKind, Series
from bot.ranking.stats import spread

# The onset is looked for in this long before the alert; what is older is the reference.
LOOK_BACK_S = 1800.0
_FEWEST = 3
# A reference of so many samples is judged once; a shorter one grows with the onset that is considered.
_ENOUGH = 8
# Spread of a logarithm below which a series is "constant": a tenth up or down wakes nobody.
_STEADY = 0.1
# Parts of the mean, and of the largest value, that are added before the logarithm.
_FLOOR_MEAN, _FLOOR_MOST = 0.05, 0.03
# More samples than this after the onset do not make it more certain: neighbours in time are alike.
_MOST_SURE = 4
# If the latest samples keep less than this part of the growth, it is over; and then this part of it is believed.
_STILL, _OVER = 0.25, 0.25
_NEARLY = 0.95


@dataclass(frozen=True, slots=True)
class Deviation:
    """How a series left its normal: in standard deviations, since when, and from what to what (means, in its unit).

    `middle` is the usual level on the scale on which levels are compared.
    """

    series: Series
    z: float
    growth: float
    onset: float
    before: float
    after: float
    middle: float = 0.0

    @property
    def delta(self) -> float:
        """How much worse it became, in its unit."""
        return abs(self.after - self.before)


def deviation(series: Series, fired_at: float, *, late: float = 0.0) -> Deviation | None:
    """Find the onset after which a series was worst; None if it has too few samples to say.

    `late` are seconds after the alert at which an onset is still believed.
    """
    times = [at for at, _ in series.points]
    values, scaled, worse = _scaled(series)
    cut = bisect_left(times, fired_at - LOOK_BACK_S)
    if len(times) < _FEWEST + 1:
        return None
    step = _usual_step(times)
    reference = spread(scaled[:cut]) if cut >= _ENOUGH else None
    total = sum(scaled)
    found: list[Deviation] = []
    seen = sum(scaled[: max(cut, _FEWEST)])
    for index in range(max(cut, _FEWEST), len(times)):
        count = len(times) - index
        if times[index] > fired_at + max(step, late) or (count < 2 and step < 60):
            break
        middle, sd = reference or spread(scaled[:index])
        moved = ((total - seen) / count - middle) * (-1 if worse < 0 else 1)
        seen += scaled[index]
        if worse == 0:
            moved = abs(moved)
        z = moved / max(sd, _STEADY) * math.sqrt(min(count, _MOST_SURE) / _MOST_SURE)
        after = sum(values[index:]) / count
        found.append(Deviation(series, z, moved, times[index], _middle(values[: cut or index]), after, middle))
    if not found:
        return None
    most = max(each.z for each in found)
    # The earliest onset that is nearly as good as the best: what comes first is the cause.
    best = next(each for each in found if each.z >= (_NEARLY * most if most > 0 else most))
    return _while_it_lasts(best, times, scaled, worse)


def _while_it_lasts(
    best: Deviation | None, times: Sequence[float], scaled: Sequence[float], worse: int
) -> Deviation | None:
    """Believe little of what was over before the alert was looked at."""
    if best is None or best.z <= 0:
        return best
    since = len(times) - bisect_left(times, best.onset)
    latest = scaled[-max(2, since // 4) :]
    now = sum(latest) / len(latest) - best.middle
    still = abs(now) if worse == 0 else now * worse
    return best if still >= _STILL * best.growth else replace(best, z=best.z * _OVER)


def _scaled(series: Series) -> tuple[list[float], list[float], int]:
    """Return the values, their logarithms, and the bad direction (1 up, -1 down, 0 both)."""
    values = [value for _, value in series.points]
    worse = -1 if less_is_worse(series.name, series.kind) else 0 if series.kind is MetricKind.TRAFFIC else 1
    if series.kind is MetricKind.AVAILABILITY:
        # What matters is the share that fails: from 100 % to 98 % is from nothing to something.
        top = 100.0 if max(values) > 1.5 else 1.0
        lost = [max(0.0, top - value) for value in values]
        return lost, [math.log(value + 0.01 * top) for value in lost], 1
    if min(values) < 0:
        size = max(map(abs, values)) or 1.0
        return values, [value / size for value in values], worse
    ordered = sorted(values)
    # Not the maximum: one spike must not hide everything else.
    high = ordered[min(len(ordered) - 1, int(0.98 * len(ordered)))]
    floor = _FLOOR_MEAN * sum(values) / len(values) + _FLOOR_MOST * high or 1.0
    return values, [math.log(value + floor) for value in values], worse


def _usual_step(times: Sequence[float]) -> float:
    steps = sorted(later - earlier for earlier, later in pairwise(times))
    return steps[len(steps) // 2]


def _middle(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
