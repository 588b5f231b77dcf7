"""Finds what of a dashboard can be drawn from Prometheus, the numbers of it, and in true words why the rest is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.dashboards import ALL, Chosen, DashboardModel, Panel, PanelQuery
from bot.domain.datasources import reference_of, source_of
from bot.domain.panel_looks import Look
from bot.domain.pictures import PanelState, Shot
from bot.domain.promql import interpolate, legend_of, step_of, used_in, values_of
from bot.errors import NoPicture, SourceError, SourceFailed
from bot.i18n import Phrase
from bot.ports import Metrics
from bot.ports.dashboards import DashboardModels
from bot.telemetry.patterns import matches

_MOST_SERIES, _AT_ONCE, _LEAST_S = 20, 4, 0.5
# Asking for what variables may be is a part of the time for the numbers.
_VARIABLES_S: Final = 2.0
# All else shows words, lists, pictures, or numbers against something else than time, and is named to who asked, so that nobody
# misses it without a word.
_KINDS: Final = frozenset(
    {"", "timeseries", "stat", "gauge", "bargauge", "barchart", "piechart", "table", "heatmap", "state-timeline",
     "status-history"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Series:
    """The points of one series, what it is called, and how it looks."""

    name: str
    points: Sequence[tuple[float, float]]
    look: Look


@dataclass(frozen=True, slots=True)
class Drawn:
    """One panel with its numbers, or a note why there are none; `cut` if there are more series."""

    panel: Panel
    series: tuple[Series, ...] = ()
    state: PanelState = PanelState.READY
    note: str = ""
    cut: bool = False


def why_not(panel: Panel, model: DashboardModel, chosen: Chosen) -> Phrase | None:
    """Say why a panel cannot be drawn by us; None if it can."""
    if panel.library:
        return Phrase("dashboard.why.no_library", name=panel.library)
    if panel.kind not in _KINDS:
        return Phrase("dashboard.why.no_chart", kind=panel.kind)
    if panel.transformations:
        return Phrase("dashboard.why.transformed", name=panel.transformations[0])
    if not panel.queries:
        return Phrase("dashboard.why.no_query")
    reasons = [_unanswered(query, model, chosen) for query in panel.queries]
    return None if None in reasons else reasons[0]


def _unanswered(query: PanelQuery, model: DashboardModel, chosen: Chosen) -> Phrase | None:
    source = source_of(query, model, chosen)
    if source is None:
        return Phrase("dashboard.why.no_source", name=reference_of(query, model, chosen) or "default")
    if source.kind not in ("", "prometheus"):
        return Phrase("dashboard.why.other_source", kind=source.kind)
    return None


class Numbers:
    """Asks for the numbers of panels; `metrics_of` gives whom to ask for a data source's uid, None if nobody."""

    def __init__(self, models: DashboardModels, metrics_of: Callable[[str], Metrics | None]) -> None:
        self._models = models
        self._metrics_of = metrics_of

    async def chosen(self, model: DashboardModel, panels: Sequence[Panel], shot: Shot) -> Chosen:
        """Set every variable that the panels use: as chosen, as saved, or as Grafana sets it where neither says."""
        found: dict[str, tuple[str, ...]] = dict(shot.variables)
        used = set[str]().union(
            *(used_in(f"{each.expr} {each.datasource}") for panel in panels for each in panel.queries)
        )
        try:
            async with asyncio.timeout(_VARIABLES_S):
                for variable in model.variables:
                    values = values_of(variable, found)
                    every = values in ((ALL,), ("All",))
                    if (
                        variable.name not in used
                        or variable.free
                        or (every and variable.all_value)
                        or (values and not every)
                    ):
                        continue
                    known = tuple(await self._models.values(model, variable, found) or ())
                    if known:
                        found[variable.name] = known if every or variable.include_all else known[:1]
        except TimeoutError:
            # Then "All" is everything, and what is set to nothing stays so.
            pass
        return found

    async def of(self, model: DashboardModel, panels: Sequence[Panel], shot: Shot, within_s: float) -> list[Drawn]:
        """Return each panel with its numbers. Raises NoPicture if none has any because nobody answered."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(panel: Panel) -> Drawn:
            try:
                async with turns, asyncio.timeout(max(within_s, _LEAST_S)):
                    return await self._ask(model, panel, shot)
            except TimeoutError:
                return Drawn(panel, state=PanelState.ERROR, note=Phrase("dashboard.why.slow"))
            except SourceError as error:
                failures.append(error)
                return Drawn(panel, state=PanelState.ERROR, note=error.detail)

        failures: list[SourceError] = []
        drawn = await asyncio.gather(*(one(panel) for panel in panels))
        if all(each.state is PanelState.ERROR for each in drawn):
            refused = any(isinstance(each, SourceFailed) for each in failures)
            raise NoPicture("ladder.refused" if refused else "ladder.unreachable", drawn[0].note)
        return drawn

    async def _ask(self, model: DashboardModel, panel: Panel, shot: Shot) -> Drawn:
        series: list[Series] = []
        for query in panel.queries:
            if _unanswered(query, model, shot.variables):
                continue
            source = source_of(query, model, shot.variables)
            metrics = self._metrics_of(source.uid) if source else None
            if metrics is None:
                note = Phrase("dashboard.why.foreign_source", name=source.name if source else "")
                return Drawn(panel, state=PanelState.ERROR, note=note)
            promql = interpolate(query.expr, model, shot.variables, shot.window)
            found = await metrics.query_range(promql, shot.window, step_of(shot.window), _MOST_SERIES + 1)
            named = [(legend_of(query.legend, each.labels, promql), each.points) for each in found]
            series += [_looking(panel, query, name, points) for name, points in named]
        if not series:
            return Drawn(panel, state=PanelState.NO_DATA)
        shown = [each for each in series if not each.look.hidden]
        return Drawn(panel, tuple(shown[:_MOST_SERIES]), cut=len(shown) > _MOST_SERIES)


def _looking(panel: Panel, query: PanelQuery, name: str, points: Sequence[tuple[float, float]]) -> Series:
    column = dict(panel.look.columns).get(query.ref, "") if len(panel.queries) > 1 else ""
    look = panel.look.of(column or name, query.ref, matches)
    shown = look.name if look.name and "$" not in look.name else name
    return Series(f"{column} · {shown}" if column else shown, points, look)


def with_variables(shot: Shot, chosen: Chosen) -> Shot:
    """Return the same with variables set."""
    return replace(shot, variables=chosen)
