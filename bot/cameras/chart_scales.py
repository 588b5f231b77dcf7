"""Places the marks of an axis at values that are round as they are written there, minutes or MiB too."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from bot.domain.units import round_steps

_MOST = 6


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
