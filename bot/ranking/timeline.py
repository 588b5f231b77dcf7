"""The moments of a case, and the step at one of them: the same question for log templates, spans and gaps between spans.

An alert is late, so its onset is looked for. And what counts as normal is often older than the incident, recorded on a
system in another mood: a step counts only if what comes after it differs from the older reference *and* from the minutes
just before it, where there are any.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.ranking.stats import shares_differ

# The onset is looked for from this long before the alert (a `for:` of five minutes over a rate of two, and ten minutes until
# somebody asks) until just after it: closely at first, then by the minute (seconds).
_LOOK_BACK_S, _CLOSELY_S = 900.0, 240.0
# What is looked at where nothing says what was recorded (seconds before the alert).
_UNRECORDED_S = 600.0
_STEP_S, _WIDE_STEP_S = 30.0, 60.0
# Less than this after an onset says nothing, and less before it is no reference (seconds).
_SHORTEST_S, _SHORTEST_BEFORE_S = 15.0, 55.0
# So many samples of the minutes just before are needed to overrule the older reference.
_FEWEST_NEAR = 3
# The minutes just before must be this far from what comes after, in parts of the distance of the older reference.
_LEAST_STEP = 0.5
# Standard deviations of a rank test that count in full; with two or three samples it cannot be reached.
_SURE = 4.0


@dataclass(frozen=True, slots=True)
class Clockface:
    """When the alert fired, what was recorded, where the older reference ends, and which onsets are considered.

    `recorded` holds how many seconds were recorded before each onset and after it.
    """

    fired_at: float
    far_end: float
    end: float
    onsets: tuple[float, ...]
    recorded: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, fired_at: float, stretches: Iterable[tuple[float, float]], onset: float | None = None) -> Clockface:
        """Make one from the stretches that were recorded; an onset known to be earlier widens the search."""
        recorded = tuple(stretches) or ((fired_at - _UNRECORDED_S, fired_at),)
        end = max(high for _, high in recorded)
        late = min(fired_at + _STEP_S, end - _SHORTEST_S)
        first = min(fired_at - _LOOK_BACK_S, (onset or fired_at) - 2 * _STEP_S)
        close = [late - _STEP_S * step for step in range(int(_CLOSELY_S // _STEP_S) + 1)]
        wide = [
            close[-1] - _WIDE_STEP_S * step for step in range(1, min(int((close[-1] - first) // _WIDE_STEP_S) + 1, 60))
        ]
        # Before the first record nothing can have begun, and a reference that is cut short makes anything look new.
        begin = min(low for low, _ in recorded)
        able = [at for at in (*close, *wide) if at > begin]
        onsets = (
            tuple(at for at in able if _seconds(recorded, begin, at) >= _SHORTEST_BEFORE_S) or tuple(able) or (late,)
        )
        lengths = tuple((_seconds(recorded, 0.0, at), _seconds(recorded, at, end + 1)) for at in onsets)
        return cls(fired_at, first - _STEP_S, end, onsets, lengths)


def _seconds(stretches: Iterable[tuple[float, float]], start: float, end: float) -> float:
    return sum(max(0.0, min(end, high) - max(start, low)) for low, high in stretches)


@dataclass(frozen=True, slots=True)
class LevelStep:
    """A step at an onset: by how many standard deviations, and the shares (or means) before and after."""

    z: float
    onset: float
    before: float
    after: float
    samples: int


def share_step(clock: Clockface, total: Sequence[float], marked: Sequence[float]) -> LevelStep | None:
    """Find the onset at which the share of marked samples changed most; both are sorted moments."""
    best: LevelStep | None = None
    if len(marked) == len(total):
        # All of them are, at any time.
        return None
    far_n, far_k = bisect_left(total, clock.far_end), bisect_left(marked, clock.far_end)
    for onset in clock.onsets:
        to_n, to_k = bisect_left(total, onset), bisect_left(marked, onset)
        n, k = len(total) - to_n, len(marked) - to_k
        if n < 2 or to_n < 2:
            continue
        before, after = to_k / to_n, k / n
        near_n = to_n - far_n
        if far_n >= 2 and near_n >= _FEWEST_NEAR:
            near = (to_k - far_k) / near_n
            if (after - near) * (after - far_k / far_n) <= 0:
                continue
            if abs(after - near) < _LEAST_STEP * abs(after - far_k / far_n):
                continue
        z = shares_differ(to_k, to_n, k, n)
        if best is None or abs(z) > abs(best.z):
            best = LevelStep(z, onset, before, after, n)
    return best


def level_step(
    clock: Clockface, moments: Sequence[float], values: Sequence[float], floor: float, least: float
) -> LevelStep | None:
    """Find the onset after which a duration grew most, and by more than `least`; they are sorted by their moments.

    Durations are compared by their logarithm with `floor` ms added, because nobody waits for a millisecond. `z` is how
    much the logarithm of the median grew, lowered where a rank test is not sure of it.
    """

    def middle(some: Sequence[float]) -> float:
        return math.log(_middle(some) + floor)

    far_n = bisect_left(moments, clock.far_end)
    far = middle(values[:far_n]) if far_n >= 3 else None
    best: LevelStep | None = None
    # Half of what comes after must lie beyond what is too little; in most operations it does nowhere.
    beyond = range(len(values)) if far is None else _beyond(values, math.exp(far + least) - floor)
    for onset in clock.onsets:
        cut = bisect_left(moments, onset)
        n = len(values) - cut
        if n < 2 or cut < 3 or len(beyond) - bisect_left(beyond, cut) < n - n // 2:
            continue
        after = middle(values[cut:])
        before = middle(values[:cut]) if far is None else far
        if after - before <= (best.z if best else least):
            continue
        near = middle(values[far_n:cut]) if cut - far_n >= _FEWEST_NEAR else before
        grown = min(after - before, after - near)
        # A rank test only lowers it, and takes longer than all else.
        if grown <= (best.z if best else least):
            continue
        score = grown * min(1.0, _order(values[:cut], values[cut:]) / _SURE)
        if score > (best.z if best else least):
            best = LevelStep(score, onset, math.exp(max(before, near)) - floor, math.exp(after) - floor, n)
    return best


def _beyond(values: Sequence[float], least: float) -> Sequence[int]:
    """Return where values lie that are not below a level (but for what rounding takes)."""
    least *= 1 - 1e-9
    return [place for place, value in enumerate(values) if value >= least]


def _order(before: Sequence[float], after: Sequence[float]) -> float:
    """Return by how many standard deviations the later values rank above the earlier ones (Mann and Whitney)."""
    earlier = sorted(before)
    wins = sum([bisect_left(earlier, value) + bisect_right(earlier, value) for value in after]) / 2
    n, m = len(before), len(after)
    return (wins - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)


def _middle(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
