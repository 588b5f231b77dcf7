"""Makes one number out of a series, as the panels and legends of Grafana that show a single one do.

Source: packages/grafana-data/src/transformations/fieldReducer.ts (11 to 13).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

Values = Sequence[float]


def total(values: Values) -> float:
    """Return the sum, infinite where that is more than a number can be."""
    try:
        return math.fsum(values)
    except OverflowError:
        return sum(values)
    except ValueError:
        # Infinities of both signs.
        return math.nan


def mean(values: Values) -> float:
    """Return the mean, also of values whose sum is more than a number can be."""
    return total([value / len(values) for value in values])


def _least(values: Values) -> float:
    return min((value for value in values if not math.isnan(value)), default=math.nan)


def _most(values: Values) -> float:
    return max((value for value in values if not math.isnan(value)), default=math.nan)


def _grown(values: Values) -> float:
    """Return the sum of the steps up, without the first one behind a step down (12.4 on; before, that counted whole)."""
    found, up = 0.0, True
    for before, value in pairwise(values):
        found += value - before if up and value >= before else 0.0
        up = value >= before
    return found


def _part_grown(values: Values) -> float:
    return (values[-1] - values[0]) / values[0] if values[0] else math.nan


def _variance(values: Values) -> float:
    middle = mean(values)
    return total([(value - middle) ** 2 for value in values]) / len(values)


def _percentile(part: int) -> Callable[[Values], float]:
    # Of what is sorted, the one at this place; Grafana does not look between two.
    return lambda values: sorted(values)[math.floor((len(values) - 1) * part / 100 + 0.5)]


_WAYS: Final[dict[str, Callable[[Values], float]]] = {
    "last": lambda values: values[-1],
    "first": lambda values: values[0],
    "min": _least,
    "max": _most,
    "mean": mean,
    "sum": total,
    "count": lambda values: float(len(values)),
    "range": lambda values: _most(values) - _least(values),
    "delta": _grown,
    "step": lambda values: min((after - before for before, after in pairwise(values)), default=math.nan),
    "diff": lambda values: values[-1] - values[0],
    "diffperc": _part_grown,
    "logmin": lambda values: min((value for value in values if value > 0), default=math.nan),
    "median": statistics.median,
    "variance": _variance,
    "stdDev": lambda values: math.sqrt(_variance(values)),
    "changeCount": lambda values: float(sum(before != after for before, after in pairwise(values))),
    "distinctCount": lambda values: float(len(set(values))),
    **{f"p{part}": _percentile(part) for part in range(1, 100)},
}  # fmt: skip
# Older names of the same.
_WAYS.update(
    lastNotNull=_WAYS["last"], firstNotNull=_WAYS["first"], current=_WAYS["last"], avg=_WAYS["mean"], total=_WAYS["sum"]
)
CALCULATIONS: Final = frozenset(_WAYS)
_COUNTS: Final = frozenset({"count", "changeCount", "distinctCount"})


def reduced(values: Values, calculation: str) -> float:
    """Return what stands for a series, by the name of one of CALCULATIONS; missing samples are no values."""
    return _WAYS[calculation](values)


def unit_of(calculation: str, unit: str) -> str:
    """Return in which unit a legend writes what was calculated of values in a unit."""
    if calculation in _COUNTS:
        return ""
    return "percentunit" if calculation == "diffperc" else unit


# What Grafana calls them where this is not the name with a capital letter; "*" means that nothing is passed over.
_CALLED: Final = {
    "lastNotNull": "Last *", "current": "Last *", "firstNotNull": "First *", "avg": "Mean", "sum": "Total",
    "diff": "Difference", "diffperc": "Difference percent", "logmin": "Min (above zero)", "stdDev": "StdDev",
    "changeCount": "Change count", "distinctCount": "Distinct count",
}  # fmt: skip


def called(calculation: str) -> str:
    """Return the name under which a legend shows what was calculated."""
    if calculation[:1] == "p" and calculation[1:].isdigit():
        number = int(calculation[1:])
        end = "th" if number // 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{end} %"
    return _CALLED.get(calculation) or calculation[:1].upper() + calculation[1:]
