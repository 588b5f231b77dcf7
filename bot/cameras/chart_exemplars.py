"""Brings the exemplars that panels ask for, as long as there is time: single requests that were measured, beside the lines.

What does not come in time, or is refused, is left out: the panel has its numbers all the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from bot.cameras.chart_numbers import PanelNumbers
from bot.domain.telemetry import Window
from bot.errors import SourceError
from bot.ports import Metrics

log = logging.getLogger(__name__)

Points = Sequence[tuple[float, float]]
_PATIENCE_S: Final = 1.5
# So many dots can be told from one another; the stretch is cut into so many parts, and the largest of each is shown.
_MOST: Final = 60


async def with_exemplars(
    drawn: Sequence[PanelNumbers], metrics_of: Callable[[str], Metrics | None], within_s: float
) -> list[PanelNumbers]:
    """Return the panels with their exemplars. Never raises, and never takes longer than it may."""

    async def one(panel: PanelNumbers) -> PanelNumbers:
        found: list[tuple[float, float]] = []
        for uid, promql in panel.exemplified:
            metrics = metrics_of(uid)
            if metrics is not None and panel.window:
                found += await metrics.exemplars(promql, panel.window)
        return replace(panel, exemplars=_fewer(found, panel.window)) if panel.window else panel

    wanted = {place: one(panel) for place, panel in enumerate(drawn) if panel.exemplified}
    tasks = {asyncio.ensure_future(each): place for place, each in wanted.items()}
    made = list(drawn)
    if tasks:
        done, late = await asyncio.wait(tasks, timeout=max(0.0, min(within_s, _PATIENCE_S)))
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            error = task.exception()
            if error is None:
                made[tasks[task]] = task.result()
            elif not isinstance(error, SourceError):
                raise error
        if late or any(task.exception() for task in done):
            log.info("some panels are drawn without their exemplars")
    return made


def _fewer(points: Points, window: Window) -> tuple[tuple[float, float], ...]:
    largest: dict[int, tuple[float, float]] = {}
    part = max(window.seconds, 1.0) / _MOST
    for at, value in points:
        place = int((at - window.start.timestamp()) // part)
        if 0 <= place <= _MOST and value > largest.get(place, (0.0, -float("inf")))[1]:
            largest[place] = (at, value)
    return tuple(sorted(largest.values()))
