"""Draws the panels of a dashboard from Prometheus, for their own queries: what is left when Grafana cannot.

The numbers are those of the panel; the looks are near: units, scales, thresholds, stacking, overrides and legend are taken from
it. A panel whose transformations make other numbers is not drawn.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from typing import Final

from bot.cameras.chart_numbers import Drawn, Numbers, why_not, with_variables
from bot.cameras.drawing_process import Drawing, DrawingProcess
from bot.domain.dashboards import DashboardModel, Panel
from bot.domain.panel_looks import Look
from bot.domain.pictures import PanelSeen, PanelState, Picture, Shot, Step
from bot.domain.promql import step_of
from bot.errors import InvalidTarget, NoPicture, SourceError, SourceFailed
from bot.i18n import Phrase
from bot.ports import Clock, Metrics
from bot.ports.dashboards import DashboardModels

log = logging.getLogger(__name__)

_MOST_PANELS, _MOST_REASONS = 16, 3
# Drawing takes a second or two; questions that leave less time are given up.
_DRAWING_S: Final = 2.5


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
        self._numbers = Numbers(models, metrics_of)
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
                shot = with_variables(shot, await self._numbers.chosen(model, asked, shot))
                reasons = {panel.id: why_not(panel, model, shot.variables) for panel in asked}
                drawable = [panel for panel in asked if reasons[panel.id] is None]
                if not drawable:
                    raise NoPicture("ladder.nothing-to-draw", _all_said(reasons.values()))
                for panel in drawable[_MOST_PANELS:]:
                    reasons[panel.id] = Phrase("dashboard.why.too_many", most=_MOST_PANELS)
                within_s = until - loop.time() - _DRAWING_S
                drawn = await self._numbers.of(model, drawable[:_MOST_PANELS], shot, within_s)
                image = await self._process.draw(_drawing(model, drawn, shot, self))
        except TimeoutError as error:
            raise NoPicture("ladder.timeout") from error
        except InvalidTarget as error:
            raise NoPicture("ladder.not-found") from error
        except SourceFailed as error:
            raise NoPicture("ladder.refused", error.detail) from error
        except SourceError as error:
            raise NoPicture("ladder.unreachable", error.detail) from error
        except OSError as error:
            # No folder to write into, or no memory for another process.
            log.error("drawing failed: %s", error)  # noqa: TRY400
            raise NoPicture("ladder.chart-failed") from error
        seen = {each.panel.id: PanelSeen(each.panel.title, each.state, each.note) for each in drawn}
        panels = [
            seen.get(panel.id) or PanelSeen(panel.title, PanelState.ERROR, reasons[panel.id] or "") for panel in asked
        ]
        return Picture((image,), taken_at, Step.CHART, tuple(panels))

    @property
    def look(self) -> tuple[str, int, float]:
        """Zone, width in pixels and scale of what is drawn."""
        return self._zone, self._width, self._scale

    def _asked(self, model: DashboardModel, shot: Shot) -> list[Panel]:
        if shot.panel is None:
            seen = [panel for panel in model.panels if shot.rows_open or not panel.folded]
            # Told by the older address, a tab is a row.
            return [panel for panel in seen if not shot.tab or panel.row.lower() == shot.tab.lower()]
        panel = model.panel(shot.panel)
        if panel is None:
            raise NoPicture("ladder.not-found")
        return [panel]

    def close(self) -> None:
        """Remove what was kept between two pictures."""
        self._process.close()


def _all_said(reasons: Iterable[Phrase | None]) -> str:
    """Join the reasons, each once; a single one keeps its language."""
    found = list(dict.fromkeys(each for each in reasons if each))[:_MOST_REASONS]
    joined: str = found[0] if found else Phrase("dashboard.why.no_query")
    for each in found[1:]:
        joined = Phrase("mistake.both", first=joined, second=each)
    return joined


def _drawing(model: DashboardModel, drawn: Sequence[Drawn], shot: Shot, camera: ChartCamera) -> Drawing:
    zone, width, scale = camera.look
    return {
        "title": model.title,
        "theme": shot.theme,
        "zone": zone,
        "width": width,
        "scale": scale,
        "start": shot.window.start.timestamp(),
        "end": shot.window.end.timestamp(),
        "step": step_of(shot.window),
        "panels": [_panel(each) for each in drawn],
    }


def _panel(drawn: Drawn) -> Drawing:
    nothing = {PanelState.NO_DATA: "No data"}.get(drawn.state, "")
    look = _look(drawn.panel.look)
    return {
        **look,
        "title": drawn.panel.title,
        "kind": drawn.panel.kind,
        "grid": drawn.panel.grid,
        "note": nothing or drawn.note,
        "cut": drawn.cut,
        "series": [
            {"name": each.name, "points": list(each.points), "own": _own(_look(each.look), look)}
            for each in drawn.series
        ],
    }


def _look(look: Look) -> Drawing:
    return {
        **{each.name: getattr(look, each.name) for each in fields(look) if each.name != "overrides"},
        "thresholds": [(each.value, each.colour) for each in look.thresholds],
        "mappings": [(each.low, each.high, each.text, each.colour) for each in look.mappings],
    }


def _own(look: Drawing, common: Drawing) -> Drawing:
    """Return what of the look of a series is not that of its panel."""
    return {name: value for name, value in look.items() if value != common[name]}
