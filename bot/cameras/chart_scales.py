"""Places the marks of an axis at values that are round as they are written there, minutes or MiB too."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from matplotlib.ticker import Formatter, MaxNLocator

from bot.domain.units import round_steps

_MOST = 6
# With fewer digits than this a mark is written as any number is; with more nobody reads it.
_DIGITS: Final = range(3, 9)


class UnitLocator(MaxNLocator):
    """At most six marks; none between whole numbers where no decimals are written."""

    def __init__(self, unit: str, decimals: int | None) -> None:
        # A ratio is written as so many in a hundred: its marks are not those of the number.
        whole = decimals == 0 and unit != "percentunit"
        super().__init__(nbins=_MOST, integer=whole, min_n_ticks=1 if whole else 2)
        self._steps_of_unit = round_steps(unit)

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """Return where the marks are."""
        span = abs(vmax - vmin)
        steps = self._steps_of_unit
        if not steps or not math.isfinite(span) or span < 2 * steps[0]:
            return super().tick_values(vmin, vmax)
        step = next((each for each in steps if span / each <= _MOST), 0.0)
        if not step:
            return super().tick_values(vmin, vmax)
        first, last = math.floor(min(vmin, vmax) / step), math.ceil(max(vmin, vmax) / step)
        return np.arange(first, last + 1) * step


class UnitFormatter(Formatter):
    """Writes marks with as many digits as it takes to tell them apart, and to tell each as it is where that is possible."""

    def __init__(self, written: Callable[[float, int], str]) -> None:
        self._written = written

    def __call__(self, x: float, pos: int | None = None) -> str:  # noqa: ARG002 - the name is matplotlib's
        """Write one mark by itself."""
        return self._written(x, _DIGITS[0])

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Write all marks of an axis."""
        tried = [[self._written(value, digits) for value in values] for digits in _DIGITS]
        exact = (fewer for fewer, more in pairwise(tried) if fewer == more)
        apart = (texts for texts in tried if len(set(texts)) == len(texts))
        return next(exact, None) or next(apart, tried[0])
