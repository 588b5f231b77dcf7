"""Makes a table of series over time, a line for each, as Grafana's transformation reduce does.

Source: packages/grafana-data/src/transformations/transformers/reduce.ts (11 to 13).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from bot.cameras.chart_reducing import CALCULATIONS, called, reduced
from bot.domain.dashboards import Panel
from bot.domain.tables import MADE_OF_SERIES, Column, Frame, NotMade, Transformation, arranged
from bot.telemetry.patterns import TABLE_PATTERNS

REDUCE: Final = "reduce"
Series = Sequence[tuple[str, Sequence[tuple[float, float]]]]


def is_reduced(panel: Panel) -> bool:
    """Say whether a panel makes a table of its series."""
    return panel.kind == "table" and any(each.name == REDUCE for each in panel.arranging)


def of_series(panel: Panel) -> tuple[Transformation, ...]:
    """Return what is done with the series of a panel before they are a table."""
    names = [each.name for each in panel.arranging]
    return panel.arranging[: names.index(REDUCE)] if is_reduced(panel) else panel.arranging


def reduced_table(panel: Panel, series: Series) -> Frame:
    """Return the table that is shown. Raises NotMade."""
    before = of_series(panel)
    how, *after = panel.arranging[len(before) :]
    unmade = next((each.name for each in before if each.name not in MADE_OF_SERIES), "")
    ways: list[Any] = how.options.get("reducers") or []
    plain = how.options.get("mode", "seriesToRows") == "seriesToRows" and not how.options.get("labelsToFields")
    if unmade or not ways or not plain or any(way not in CALCULATIONS for way in ways):
        raise NotMade(unmade or REDUCE)
    columns = [Column("Field", tuple(name for name, _ in series))]
    for way in ways:
        numbers = (reduced([value for _, value in points], way) for _, points in series)
        columns.append(Column(called(way), tuple(None if math.isnan(each) else each for each in numbers), way))
    return arranged([tuple(columns)], after, TABLE_PATTERNS)
