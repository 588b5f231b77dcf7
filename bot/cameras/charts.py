"""Draws the panels of a dashboard from Prometheus, for their own queries: what is left when Grafana cannot.

The numbers are those of the panel; the looks are near: units, scales, thresholds, stacking, overrides and legend are taken from
it. A panel whose transformations make other numbers is not drawn.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.cameras.chart_exemplars import with_exemplars
from bot.cameras.chart_numbers import WORDS, Numbers, PanelNumbers, why_not, with_variables
from bot.cameras.chart_reducing import CALCULATIONS
from bot.cameras.chart_variables import choose, repeats
from bot.cameras.drawing_process import Drawing, DrawingProcess, each_of
from bot.domain.dashboards import DashboardModel, Panel
from bot.domain.panel_looks import PanelLook
from bot.domain.pictures import PanelSeen, PanelState, Picture, Shot, Step
from bot.domain.promql import step_of, titled
from bot.domain.repeats import repeated
from bot.domain.tables import TIME
from bot.domain.telemetry import Window
from bot.errors import InvalidTarget, NoPicture, QueryRejected, SourceError, SourceFailed
from bot.i18n import Phrase
from bot.ports import Clock, Metrics
from bot.ports.dashboards import DashboardModels

log = logging.getLogger(__name__)

_MOST_PANELS, _MOST_REASONS = 40, 3
# Drawing begins with loading what draws, and takes so long for each panel; questions that leave less time are given up.
_LOADING_S, _PANEL_S = 0.8, 0.07


class ChartCamera:
    """Implements `bot.ports.Camera`; `metrics_of` gives whom to ask for a data source's uid, None if nobody."""

    name = Step.CHART.value

    def __init__(
        self,
        *,
        models: DashboardModels,
        metrics_of: Callable[[str], Metrics | None],
        zone: str,
        width: int,
        scale: float,
        clock: Clock,
    ) -> None:
        self._models = models
        self._metrics_of, self._numbers = metrics_of, Numbers(metrics_of)
        self._zone = zone
        self._width = width
        self._scale = scale
        self._clock = clock
        self._process = DrawingProcess("-m", "bot.cameras.chart_drawing")

    async def take(self, shot: Shot, deadline_s: float) -> Picture:
        """Ask for the numbers and draw them. Raises NoPicture, never later than the deadline."""
        loop = asyncio.get_running_loop()
        until = loop.time() + deadline_s
        taken_at = self._clock()
        try:
            async with asyncio.timeout_at(until):
                model = await self._models.model(shot.uid)
                asked = self._asked(model, shot)
                shot = with_variables(shot, await choose(self._models, model, asked, shot))
                asked = _shown(model, asked, shot, await repeats(self._models, model, asked, shot))
                reasons = [why_not(panel, model, shot.variables) for panel in asked]
                drawable = [panel for panel, reason in zip(asked, reasons, strict=True) if reason is None]
                if not drawable or (any(reasons) and all(panel.kind == WORDS for panel in drawable)):
                    # Words about numbers are no picture of them.
                    raise NoPicture("ladder.nothing-to-draw", _all_said(reasons))
                drawable = drawable[:_MOST_PANELS]
                drawing_s = _LOADING_S + _PANEL_S * len(drawable)
                drawn = await self._numbers.of(model, drawable, shot, until - loop.time() - drawing_s)
                drawn = await with_exemplars(drawn, self._metrics_of, until - loop.time() - drawing_s)
                images = each_of(await self._process.draw(_drawing(model, drawn, shot, self)))
        except TimeoutError as error:
            raise NoPicture("ladder.timeout") from error
        except InvalidTarget as error:
            raise NoPicture("ladder.not-found") from error
        except (SourceFailed, QueryRejected) as error:
            raise NoPicture("ladder.refused", error.detail) from error
        except SourceError as error:
            raise NoPicture("ladder.unreachable", error.detail) from error
        except OSError as error:
            # No folder to write into, or no memory for another process.
            log.error("drawing failed: %s", error)  # noqa: TRY400
            raise NoPicture("ladder.chart-failed") from error
        seen = iter([PanelSeen(each.panel.title, each.state, each.note) for each in drawn])
        more = Phrase("dashboard.why.too_many", most=_MOST_PANELS)
        panels = [
            (None if reason else next(seen, None)) or PanelSeen(panel.title, PanelState.ERROR, reason or more)
            for panel, reason in zip(asked, reasons, strict=True)
        ]
        return Picture(images, taken_at, Step.CHART, tuple(panels))

    @property
    def look(self) -> tuple[str, int, float]:
        """Zone, width in pixels and scale of what is drawn."""
        return self._zone, self._width, self._scale

    @property
    def now(self) -> datetime:
        """By the clock that this camera goes by."""
        return self._clock()

    def _asked(self, model: DashboardModel, shot: Shot) -> list[Panel]:
        if shot.panel is None:
            seen = [panel for panel in model.panels if shot.rows_open or not panel.folded]
            # Told by the older address, a tab is a row.
            found = [panel for panel in seen if not shot.tab or panel.row.lower() == shot.tab.lower()]
            if shot.tab and not found:
                rows = list(dict.fromkeys(panel.row for panel in model.panels if panel.row))
                raise NoPicture("no-tab" if rows else "no-tabs", ", ".join(rows))
            return found
        panel = model.panel(shot.panel)
        if panel is None:
            raise NoPicture("ladder.not-found")
        return [panel]

    def close(self) -> None:
        """Remove what was kept between two pictures."""
        self._process.close()


def _shown(
    model: DashboardModel, asked: Sequence[Panel], shot: Shot, values: Mapping[str, Sequence[str]]
) -> list[Panel]:
    """Return the panels as they stand on the page: repeated, and with values in their titles and those of rows."""
    return [
        replace(
            panel,
            title=titled(panel.title, model, {**shot.variables, **panel.scope}),
            row=titled(panel.row, model, {**shot.variables, **panel.scope}) if shot.panel is None else "",
            words=(titled(panel.words[0], model, {**shot.variables, **panel.scope}), panel.words[1]),
        )
        for panel in repeated(asked, values)
    ]


def _all_said(reasons: Iterable[Phrase | None]) -> str:
    """Join the reasons, each once; a single one keeps its language."""
    found = list(dict.fromkeys(each for each in reasons if each))[:_MOST_REASONS]
    joined: str = found[0] if found else Phrase("dashboard.why.no_query")
    for each in found[1:]:
        joined = Phrase("mistake.both", first=joined, second=each)
    return joined


def _drawing(model: DashboardModel, drawn: Sequence[PanelNumbers], shot: Shot, camera: ChartCamera) -> Drawing:
    zone, width, scale = camera.look
    return {
        "title": titled(model.title, model, shot.variables),
        "theme": shot.theme,
        "zone": zone,
        "width": width,
        "scale": scale,
        **_times(shot.window, step_of(shot.window)),
        "now": camera.now.timestamp(),
        "panels": [_panel(each) | ({"times": _times(each.window, each.step)} if each.window else {}) for each in drawn],
    }


def _times(window: Window, step: float) -> Drawing:
    return {"start": window.start.timestamp(), "end": window.end.timestamp(), "step": step}


def _panel(drawn: PanelNumbers) -> Drawing:
    said, shift = drawn.panel.look.no_value, drawn.panel.time_shift
    empty = not drawn.series and not drawn.columns
    nothing = said if drawn.state is PanelState.READY and empty else ""
    nothing = "No data" if drawn.state is PanelState.NO_DATA else nothing
    span = _span(drawn)
    look = _look(drawn.panel.look, span)
    return {
        **look,
        "span": span,
        "title": f"{drawn.panel.title} · timeshift -{shift}" if shift else drawn.panel.title,
        "row": drawn.panel.row,
        "kind": drawn.panel.kind,
        "grid": drawn.panel.grid,
        "words": drawn.panel.words,
        "note": nothing or drawn.note,
        "cut": drawn.cut,
        "exemplars": list(drawn.exemplars),
        "cumulative": all(each.format == "heatmap" for each in drawn.panel.queries),
        "table": [
            {"name": each.name, "cells": list(each.cells), "own": _own(_look(each.look, span), look)}
            for each in drawn.columns
        ],
        "series": [
            {"name": each.name, "points": list(each.points), "own": _own(_look(each.look, span), look)}
            for each in drawn.series
        ],
    }


def _span(drawn: PanelNumbers) -> tuple[float, float]:
    """Return the least and the most of all numbers of a panel, where it says nothing of that."""
    known = [value for each in drawn.series for _, value in each.points if math.isfinite(value)]
    for column in drawn.columns:
        known += [
            cell for cell in column.cells if isinstance(cell, float) and math.isfinite(cell) and column.name != TIME
        ]
    look = drawn.panel.look
    low = min(known, default=0.0) if look.least is None else look.least
    return low, max(known, default=100.0) if look.most is None else look.most


def _limits(look: PanelLook, span: tuple[float, float]) -> list[tuple[float | None, str]]:
    """Return from which values on which colour is that of a look."""
    low = span[0] if look.least is None else look.least
    part = ((span[1] if look.most is None else look.most) - low) / 100
    return [
        (low + part * each.value if look.shares and each.value is not None else each.value, each.colour)
        for each in look.thresholds
    ]


def _look(look: PanelLook, span: tuple[float, float] = (0.0, 100.0)) -> Drawing:
    return {
        "unit": look.unit,
        "decimals": look.decimals,
        "least": look.least,
        "most": look.most,
        "soft_least": look.soft_least,
        "soft_most": look.soft_most,
        "centred": look.centred,
        "base": look.base,
        "linear_below": look.linear_below,
        "style": look.style,
        "stacking": look.stacking,
        "stack_group": look.stack_group,
        "fill": look.fill,
        "width": look.width,
        "bars": look.bars,
        "points": look.points,
        "step": look.step,
        "gap_s": look.gap_s,
        "negated": look.negated,
        "hidden": look.hidden,
        "right": look.right,
        "colour": look.colour,
        "name": look.name,
        "sparkline": look.sparkline,
        "legend": look.legend,
        "legend_table": look.legend_table,
        "legend_beside": look.legend_beside,
        "calculations": [each for each in look.calculations if each in CALCULATIONS],
        "reduce": look.reduce,
        "cell": look.cell,
        "background": look.background,
        "text_mode": look.text_mode,
        "columns": look.columns,
        "thresholds": _limits(look, span),
        "scheme": look.scheme,
        "mappings": [(each.low, each.high, each.text, each.colour) for each in look.mappings],
    }


def _own(look: Drawing, common: Drawing) -> Drawing:
    """Return what of the look of a series is not that of its panel."""
    return {name: value for name, value in look.items() if value != common[name]}
