"""Finds what of a dashboard can be drawn from Prometheus, the numbers of it, and in true words why the rest is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.cameras.chart_paces import pace
from bot.cameras.chart_reduced import is_reduced, of_series, reduced_table
from bot.cameras.chart_reducing import CALCULATIONS
from bot.domain.dashboards import Chosen, DashboardModel, DataSource, Panel, PanelQuery, Variable
from bot.domain.datasources import is_table, reference_of, source_of
from bot.domain.paces import shifted
from bot.domain.panel_looks import PanelLook
from bot.domain.pictures import PanelState, Shot
from bot.domain.promql import displayed, interpolate, legend_of, values_of
from bot.domain.tables import TIME, Cell, Frame, NotMade, arranged, frame_of, named, sorted_by
from bot.domain.telemetry import RangeSeries, Window
from bot.errors import NoPicture, QueryRejected, SourceError, SourceFailed
from bot.i18n import Phrase
from bot.ports import Metrics
from bot.telemetry.patterns import TABLE_PATTERNS, matches

_MOST_SERIES, _MOST_ROWS, _AT_ONCE, _LEAST_S = 20, 500, 4, 0.5
# So many of what is one picture together or shows the largest; of a part, a stack is too low and a share too large.
_MOST_TOGETHER = 100
_RANKED: Final = frozenset({"table", "bargauge", "barchart"})
_TOGETHER: Final = frozenset({"heatmap", "piechart"})
# What asks nobody.
WORDS: Final = "text"
# All else shows lists, pictures, or numbers against something else than time, and is named to who asked, so that nobody
# misses it without a word.
_KINDS: Final = frozenset(
    {"", "timeseries", "stat", "gauge", "bargauge", "barchart", "piechart", "table", "heatmap", "state-timeline",
     "status-history"}
)  # fmt: skip
# Variables that Grafana writes into every query of their data source.
_FILTERS: Final = frozenset({"adhoc", "groupby"})


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """The points of one series, what it is called, and how it looks."""

    name: str
    points: Sequence[tuple[float, float]]
    look: PanelLook


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table, and how what is in it looks."""

    name: str
    cells: tuple[Cell, ...]
    look: PanelLook


@dataclass(frozen=True, slots=True)
class PanelNumbers:
    """One panel with its numbers, or a note why there are none; `cut` if there are more series. A table has `columns` instead.

    `window` and `step` are what it asked for, where that is otherwise than the dashboard. `exemplified` are the data sources and
    queries of which it shows exemplars.
    """

    panel: Panel
    series: tuple[ChartSeries, ...] = ()
    columns: tuple[TableColumn, ...] = ()
    state: PanelState = PanelState.READY
    note: str = ""
    cut: bool = False
    window: Window | None = None
    step: float = 0.0
    exemplified: tuple[tuple[str, str], ...] = ()
    exemplars: tuple[tuple[float, float], ...] = ()


def why_not(panel: Panel, model: DashboardModel, chosen: Chosen) -> Phrase | None:
    """Say why a panel cannot be drawn by us; None if it can."""
    by = next((name for name in (panel.repeat, panel.row_repeat) if name and model.variable(name)), "")
    if by and not panel.scope:
        return Phrase("dashboard.why.repeated", name=by)
    chosen = {**chosen, **panel.scope}
    if panel.library:
        return Phrase("dashboard.why.no_library", name=panel.library)
    if panel.kind not in _KINDS:
        return None if panel.kind == WORDS else Phrase("dashboard.why.no_chart", kind=panel.kind)
    if panel.transformations:
        return Phrase("dashboard.why.transformed", name=panel.transformations[0])
    unknown = [each for each in panel.look.reduce if each not in CALCULATIONS]
    if unknown:
        return Phrase("dashboard.why.calculated", name=unknown[0])
    if panel.calculated:
        return Phrase("dashboard.why.counted")
    if panel.every_value and not all(each.instant for each in panel.queries):
        return Phrase("dashboard.why.every_value")
    if shifted(Window.between(0, 0), panel.time_shift) is None:
        return Phrase("dashboard.why.time_shift", name=panel.time_shift)
    if not panel.queries:
        return Phrase("dashboard.why.no_query")
    # With a part of its series missing a panel would be another one, and a stack of them too low.
    return next((why for query in panel.queries if (why := _unanswered(query, model, chosen))), None)


def _unanswered(query: PanelQuery, model: DashboardModel, chosen: Chosen) -> Phrase | None:
    source = source_of(query, model, chosen)
    if source is None:
        return Phrase("dashboard.why.no_source", name=reference_of(query, model, chosen) or "default")
    if source.kind == "__expr__":
        return Phrase("dashboard.why.expression", name=query.ref)
    if source.kind not in ("", "prometheus"):
        return Phrase("dashboard.why.other_source", kind=source.kind)
    filtered = [each for each in model.variables if each.kind in _FILTERS and values_of(each, chosen)]
    if any(_asks(each, source, model, chosen) for each in filtered):
        return Phrase("dashboard.why.filtered", name=filtered[0].name)
    return None


def _asks(variable: Variable, source: DataSource, model: DashboardModel, chosen: Chosen) -> bool:
    own = source_of(PanelQuery("", datasource=variable.datasource, kind="prometheus"), model, chosen)
    return own is None or own.uid == source.uid


class Numbers:
    """Asks for the numbers of panels; `metrics_of` gives whom to ask for a data source's uid, None if nobody."""

    def __init__(self, metrics_of: Callable[[str], Metrics | None]) -> None:
        self._metrics_of = metrics_of

    async def of(
        self, model: DashboardModel, panels: Sequence[Panel], shot: Shot, within_s: float
    ) -> list[PanelNumbers]:
        """Return each panel with its numbers. Raises NoPicture if none has any because nobody answered."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(panel: Panel) -> PanelNumbers:
            if panel.kind == WORDS:
                return PanelNumbers(panel)
            try:
                async with turns, asyncio.timeout(max(within_s, _LEAST_S)):
                    ask = self._table if is_table(panel.kind, panel.queries) else self._ask
                    return await ask(model, panel, with_variables(shot, {**shot.variables, **panel.scope}))
            except TimeoutError:
                return PanelNumbers(panel, state=PanelState.ERROR, note=Phrase("dashboard.why.slow"))
            except SourceError as error:
                failures.append(error)
                return PanelNumbers(panel, state=PanelState.ERROR, note=error.detail)

        failures: list[SourceError] = []
        drawn = await asyncio.gather(*(one(panel) for panel in panels))
        asked = [each for each in drawn if each.panel.kind != WORDS]
        if asked and all(each.state is PanelState.ERROR for each in asked):
            slow = any(each.note == Phrase("dashboard.why.slow") for each in asked)
            silent = "ladder.unreachable" if failures or slow else "ladder.nothing-to-draw"
            refused = any(isinstance(each, (SourceFailed, QueryRejected)) for each in failures)
            raise NoPicture("ladder.refused" if refused else silent, asked[0].note)
        return drawn

    async def _table(self, model: DashboardModel, panel: Panel, shot: Shot) -> PanelNumbers:
        """Ask for a table: a line for each series, as it is at the end."""
        end = (shifted(shot.window, panel.time_shift) or shot.window).end
        frames: list[Frame] = []
        for query in panel.queries:
            metrics = self._asked(query, model, shot)
            if isinstance(metrics, str):
                return PanelNumbers(panel, state=PanelState.ERROR, note=metrics)
            window = replace(shot.window, start=end, end=end)
            paced = pace(panel, query, model, shot, source_of(query, model, shot.variables))
            promql = interpolate(query.expr, model, shot.variables, shot.window, paced)
            found = await metrics.query_range(promql, window, paced.step, _MOST_ROWS + 1, every=True)
            if len(found) > _MOST_ROWS:
                # Which of them are the first of an order is not known.
                note = Phrase("dashboard.why.part", most=str(_MOST_ROWS))
                return PanelNumbers(panel, state=PanelState.ERROR, note=note)
            rows = [(each.labels, each.points[-1][1]) for each in found if each.points]
            frames.append(frame_of(query.ref, rows, end.timestamp() * 1000, alone=len(panel.queries) == 1))
        try:
            columns = tuple(_columns(panel, arranged(frames, panel.arranging, TABLE_PATTERNS)))
        except NotMade as missing:
            note = Phrase("dashboard.why.transformed", name=str(missing))
            return PanelNumbers(panel, state=PanelState.ERROR, note=note)
        state = PanelState.READY if columns and columns[0].cells else PanelState.NO_DATA
        return PanelNumbers(panel, columns=columns, state=state)

    def _asked(self, query: PanelQuery, model: DashboardModel, shot: Shot) -> Metrics | Phrase:
        """Return whom to ask, or why nobody can be."""
        source = source_of(query, model, shot.variables)
        metrics = self._metrics_of(source.uid) if source else None
        return metrics or Phrase("dashboard.why.foreign_source", name=source.name if source else "")

    async def _ask(self, model: DashboardModel, panel: Panel, shot: Shot) -> PanelNumbers:
        series: list[ChartSeries] = []
        steps: list[float] = []
        dotted: list[tuple[str, str]] = []
        together = _is_one_picture(panel)
        most = _MOST_TOGETHER if together else _MOST_SERIES
        whole = shifted(shot.window, panel.time_shift) or shot.window
        for query in panel.queries:
            metrics, source = self._asked(query, model, shot), source_of(query, model, shot.variables)
            if isinstance(metrics, str):
                return PanelNumbers(panel, state=PanelState.ERROR, note=metrics)
            paced = pace(panel, query, model, shot, source)
            promql = interpolate(query.expr, model, shot.variables, whole, paced)
            if source and query.exemplar and panel.kind == "timeseries":
                dotted.append((source.uid, promql))
            # Grafana asks for one moment only: what is no longer there at the end is not shown, and nothing is averaged.
            window = replace(whole, start=whole.end) if query.instant else whole
            found = await metrics.query_range(promql, window, paced.step, most + 1, every=True)
            steps.append(paced.step)
            try:
                legend = interpolate(query.legend, model, shot.variables, whole, paced, "glob")
                series += list(_named(panel, replace(query, legend=legend), promql, found))
            except NotMade as missing:
                note = Phrase("dashboard.why.transformed", name=str(missing))
                return PanelNumbers(panel, state=PanelState.ERROR, note=note)
        if not any(each.points for each in series):
            # Series without a number are nothing to see either. What is said of nothing is an answer, as "0" of a count.
            return PanelNumbers(panel, state=PanelState.READY if panel.look.no_value else PanelState.NO_DATA)
        if _shares_buckets(panel, series):
            return PanelNumbers(panel, state=PanelState.ERROR, note=Phrase("dashboard.why.buckets"))
        wanted = [
            each for each in series if not panel.look.fields or matches(panel.look.fields, each.name) is not False
        ]
        shown = [each for each in wanted if not each.look.hidden]
        if not shown:
            return PanelNumbers(panel, state=PanelState.NO_DATA)
        if is_reduced(panel):
            return _reduced(panel, shown, most)
        if together and len(shown) > most:
            return PanelNumbers(panel, state=PanelState.ERROR, note=Phrase("dashboard.why.part", most=str(most)))
        cut = len(shown) > most
        return PanelNumbers(
            panel, tuple(shown[:most]), cut=cut, window=whole, step=max(steps), exemplified=tuple(dotted)
        )


def _reduced(panel: Panel, shown: Sequence[ChartSeries], most: int) -> PanelNumbers:
    """Return a panel that shows a table of its series."""
    if len(shown) > most:
        return PanelNumbers(panel, state=PanelState.ERROR, note=Phrase("dashboard.why.part", most=str(most)))
    try:
        frame = reduced_table(panel, [(each.name, each.points) for each in shown])
    except NotMade as missing:
        note = Phrase("dashboard.why.transformed", name=str(missing))
        return PanelNumbers(panel, state=PanelState.ERROR, note=note)
    return PanelNumbers(panel, columns=tuple(_columns(panel, frame)))


def _named(panel: Panel, query: PanelQuery, promql: str, found: Sequence[RangeSeries]) -> Iterator[ChartSeries]:
    """Give the series under the names that they have after all, without those that are left out."""
    for each in found:
        # By a heatmap's own format Grafana finds buckets by their label, whatever the legend says.
        bucket = each.labels.get("le", "") if query.format == "heatmap" else ""
        name = named(bucket or legend_of(query.legend, each.labels, promql), of_series(panel), TABLE_PATTERNS)
        if name is not None:
            yield _looking(panel, query, name, each)


def _columns(panel: Panel, frame: Frame) -> Iterator[TableColumn]:
    """Give the columns that are shown, in the order of their rows that the panel has."""
    looks = {each.name: panel.look.of(each.name, each.ref, matches) for each in frame}
    called = {each.name: looks[each.name].name or each.name for each in frame}
    if panel.sort:
        by = next((name for name, shown in called.items() if panel.sort[0] in (shown, name)), panel.sort[0])
        frame = sorted_by(frame, by, descending=panel.sort[1])
    for each in frame:
        look = looks[each.name]
        if each.name == TIME and not look.unit.startswith(("dateTime", "time:")):
            look = replace(look, unit="dateTimeAsIso", thresholds=(), mappings=())
        if not look.hidden:
            yield TableColumn(called[each.name], each.cells, look)


def _shares_buckets(panel: Panel, series: Sequence[ChartSeries]) -> bool:
    """Tell whether buckets that hold each other cannot be told apart; as they are, rows may have one name."""
    known = panel.kind == "heatmap" and all(each.format == "heatmap" for each in panel.queries)
    return known and len({each.name for each in series}) < len(series)


def _is_one_picture(panel: Panel) -> bool:
    """Tell whether a part of its series would show something else than all of them."""
    stacked = panel.look.stacking != "none" or any("stacking" in each.changes for each in panel.look.overrides)
    # The largest of a part need not be the largest.
    return stacked or panel.kind in _TOGETHER | _RANKED


def _looking(panel: Panel, query: PanelQuery, name: str, found: RangeSeries) -> ChartSeries:
    column = dict(panel.look.columns).get(query.ref, "") if len(panel.queries) > 1 else ""
    look = panel.look.of(column or name, query.ref, matches)
    shown = displayed(look.name, name, found.labels)
    return ChartSeries(f"{column} · {shown}" if column else shown, found.points, look)


def with_variables(shot: Shot, chosen: Chosen) -> Shot:
    """Return the same with variables set."""
    return replace(shot, variables=chosen)
