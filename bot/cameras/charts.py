"""The panels of a dashboard drawn by ourselves, from Prometheus, for their own queries: what is left when Grafana cannot.

The numbers are those of the panel; the looks are near: unit, thresholds, stacking and legend are taken from it, overrides
and transformations are not.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bot
from bot.domain.dashboards import DashboardModel, Panel, PanelQuery
from bot.domain.exhibits import NOT_DRAWN
from bot.domain.pictures import PanelSeen, PanelState, Picture, Shot, Step
from bot.domain.promql import interpolate, legend_of, step_of
from bot.errors import InvalidTarget, NoPicture, SourceError
from bot.ports import Clock, Metrics
from bot.ports.dashboards import DashboardModels
from bot.telemetry.grafana_models import datasource_of

log = logging.getLogger(__name__)

_MOST_PANELS, _MOST_SERIES, _AT_ONCE = 12, 20, 4
_MOST_BYTES: Final = 10 * 1024 * 1024
# Drawing takes a second or two; questions that leave less time are given up.
_DRAWING_S: Final = 2.5
_WITHOUT_NUMBERS: Final = frozenset({"text", "news", "dashlist", "alertlist", "annolist", "welcome", "logs"})

_PROGRAM: tuple[str, ...] = ("-m", "bot.cameras.chart_drawing")

Drawing = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One panel with its numbers: (name, points) of each series, or a note why there are none."""

    panel: Panel
    series: tuple[tuple[str, Sequence[tuple[float, float]]], ...] = ()
    state: PanelState = PanelState.READY
    note: str = ""


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
        self._metrics_of = metrics_of
        self._zone = zone
        self._width = width
        self._scale = scale
        self._clock = clock
        # matplotlib keeps its list of fonts here, which takes seconds to make anew.
        self._cache: tempfile.TemporaryDirectory[str] | None = None

    async def take(self, shot: Shot, deadline_s: float) -> Picture:
        """Ask for the numbers and draw them. Raises NoPicture, never later than the deadline."""
        loop = asyncio.get_running_loop()
        until = loop.time() + deadline_s
        taken_at = self._clock()
        try:
            async with asyncio.timeout_at(until):
                model = await self._models.model(shot.uid)
                asked = self._asked(model, shot)
                drawable = [panel for panel in asked if self._drawable(panel)][:_MOST_PANELS]
                if not drawable:
                    raise NoPicture("ladder.nothing-to-draw")
                drawn = await self._numbers(model, drawable, shot, until - loop.time() - _DRAWING_S)
                image = await self._draw(_drawing(model, drawn, shot, self))
        except TimeoutError as error:
            raise NoPicture("ladder.timeout") from error
        except InvalidTarget as error:
            raise NoPicture("ladder.not-found") from error
        except SourceError as error:
            raise NoPicture("ladder.unreachable", error.detail) from error
        except OSError as error:
            # No folder to write into, or no memory for another process.
            log.error("drawing failed: %s", error)  # noqa: TRY400
            raise NoPicture("ladder.chart-failed") from error
        seen = {each.panel.id: PanelSeen(each.panel.title, each.state, each.note) for each in drawn}
        absent = PanelSeen("", PanelState.ERROR, NOT_DRAWN)
        panels = [seen.get(panel.id, PanelSeen(panel.title, absent.state, absent.message)) for panel in asked]
        return Picture((image,), taken_at, Step.CHART, tuple(panels))

    @property
    def look(self) -> tuple[str, int, float]:
        """Zone, width in pixels and scale of what is drawn."""
        return self._zone, self._width, self._scale

    def _asked(self, model: DashboardModel, shot: Shot) -> list[Panel]:
        if shot.panel is None:
            seen = (panel for panel in model.panels if shot.rows_open or not panel.folded)
            return [panel for panel in seen if panel.kind not in _WITHOUT_NUMBERS]
        panel = model.panel(shot.panel)
        if panel is None:
            raise NoPicture("ladder.not-found")
        return [panel]

    def _drawable(self, panel: Panel) -> bool:
        return any(query.kind in ("", "prometheus") for query in panel.queries)

    async def _numbers(self, model: DashboardModel, panels: list[Panel], shot: Shot, within_s: float) -> list[Drawn]:
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(panel: Panel) -> Drawn:
            try:
                async with turns, asyncio.timeout(max(within_s, 0.5)):
                    return await self._ask(model, panel, shot)
            except TimeoutError:
                return Drawn(panel, state=PanelState.ERROR, note="no answer in time")
            except SourceError as error:
                return Drawn(panel, state=PanelState.ERROR, note=error.detail)

        drawn = await asyncio.gather(*(one(panel) for panel in panels))
        if all(each.state is PanelState.ERROR for each in drawn):
            raise NoPicture("ladder.unreachable", drawn[0].note)
        return drawn

    async def _ask(self, model: DashboardModel, panel: Panel, shot: Shot) -> Drawn:
        series: list[tuple[str, Sequence[tuple[float, float]]]] = []
        for query in panel.queries:
            if query.kind not in ("", "prometheus"):
                continue
            metrics = self._metrics_of(datasource_of(query, model, shot.variables))
            if metrics is None:
                return Drawn(panel, state=PanelState.ERROR, note=NOT_DRAWN)
            series += await _series(metrics, query, model, shot)
        if not series:
            return Drawn(panel, state=PanelState.NO_DATA)
        return Drawn(panel, tuple(series[:_MOST_SERIES]))

    async def _draw(self, drawing: Drawing) -> bytes:
        self._cache = self._cache or tempfile.TemporaryDirectory(prefix="bongsu-charts-")
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG") or "COVERAGE" in name}
        root = str(Path(bot.__file__).parents[1])
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *_PROGRAM,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**kept, "PYTHONPATH": root, "MPLCONFIGDIR": self._cache.name, "OPENBLAS_NUM_THREADS": "1"},
        )
        try:
            image, words = await child.communicate(json.dumps(drawing).encode())
        finally:
            if child.returncode is None:
                child.kill()
                # Without this a killed child stays behind as a zombie.
                await asyncio.shield(child.wait())
        if child.returncode or not image:
            log.error("drawing failed: %s", words.decode("utf-8", "replace")[-2000:])
            raise NoPicture("ladder.chart-failed")
        if len(image) > _MOST_BYTES:
            raise NoPicture("ladder.too-large")
        return image

    def close(self) -> None:
        """Remove what was kept between two pictures."""
        if self._cache:
            self._cache.cleanup()
            self._cache = None


async def _series(
    metrics: Metrics, query: PanelQuery, model: DashboardModel, shot: Shot
) -> list[tuple[str, Sequence[tuple[float, float]]]]:
    promql = interpolate(query.expr, model, shot.variables, shot.window)
    found = await metrics.query_range(promql, shot.window, step_of(shot.window), _MOST_SERIES)
    return [(legend_of(query.legend, each.labels, promql), each.points) for each in found]


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
    look = drawn.panel.look
    nothing = {PanelState.NO_DATA: "No data"}.get(drawn.state, "")
    return {
        "title": drawn.panel.title,
        "note": nothing or drawn.note,
        "unit": look.unit,
        "decimals": look.decimals,
        "least": look.least,
        "most": look.most,
        "thresholds": [(each.value, each.colour) for each in look.thresholds],
        "style": look.style,
        "stacking": look.stacking,
        "fill": look.fill,
        "bars": look.bars,
        "legend": look.legend,
        "calculations": look.calculations,
        "series": [{"name": name, "points": list(points)} for name, points in drawn.series],
    }
