"""Panels that look alike: severities have one colour, every panel says what it shows and when to worry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from grafana_foundation_sdk.builders import bargauge, common, dashboard, heatmap, logs, stat, table, timeseries
from grafana_foundation_sdk.models import common as looks
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode

from deploy.grafana.boards.queries import LOKI, PROMETHEUS, Query, dataquery

# As on Bongsu's cards.
CRITICAL, HIGH, WARNING, INFO, FINE = "#E5484D", "#F76B15", "#FFC53D", "#3E63DD", "#30A46C"
QUIET = "#8B8D98"
STATUSES = {"1..|3..": INFO, "2..": FINE, "4..": WARNING, "5..": CRITICAL}
SEVERITIES = {"P1": CRITICAL, "P2": HIGH, "P3": WARNING, "P4": INFO}

# From which value on which colour; below the first step everything is fine.
Steps = Sequence[tuple[float, str]]
Panel = timeseries.Panel | stat.Panel | table.Panel | logs.Panel | bargauge.Panel | heatmap.Panel
_Made = TypeVar("_Made", timeseries.Panel, stat.Panel, table.Panel, logs.Panel, bargauge.Panel, heatmap.Panel)


@dataclass(frozen=True)
class About:
    """What every panel has: a number that links may name for ever, a title, what it says, and Grafana's unit."""

    id: int
    title: str
    says: str
    unit: str = "short"


def lines(about: About, *queries: Query, steps: Steps = (), most: float | None = None) -> timeseries.Panel:
    """Draw lines from zero; steps are drawn as dashed lines."""
    made = _drawn(about, queries).min(0)
    if most is not None:
        made = made.axis_soft_max(most)
    if steps:
        style = common.GraphThresholdsStyleConfig().mode(looks.GraphThresholdsStyleMode.DASHED)
        made = made.thresholds(thresholds(steps)).thresholds_style(style)
    return made


def areas(about: About, *queries: Query) -> timeseries.Panel:
    """Stack areas: the parts of a whole."""
    stacked = common.StackingConfig().mode(looks.StackingMode.NORMAL).group("A")
    return lines(about, *queries).fill_opacity(45).line_width(0).stacking(stacked)


def bars(about: About, *queries: Query) -> timeseries.Panel:
    """Stack bars: what was counted in each interval."""
    made = areas(about, *queries).draw_style(looks.GraphDrawStyle.BARS).fill_opacity(80)
    return made.legend(_legend("sum"))


def mirrored(about: About, *queries: Query, below: str) -> timeseries.Panel:
    """Draw lines, those whose names match `below` downwards."""
    made = _drawn(about, queries).axis_centered_zero(True)
    return made.override_by_regexp(below, [model.DynamicConfigValue("custom.transform", "negative-Y")])


def numbers(about: About, *queries: Query, steps: Steps = (), below: str = FINE, spark: bool = True) -> stat.Panel:
    """Show the newest value of each series, large, in the colour of its step; `below` is that of none."""
    made = _begun(stat.Panel(), about, queries).unit(about.unit).thresholds(thresholds(steps, below))
    reduced = common.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields("")
    made = made.reduce_options(reduced).text_mode(looks.BigValueTextMode.AUTO).wide_layout(True)
    graph = looks.BigValueGraphMode.AREA if spark else looks.BigValueGraphMode.NONE
    return made.graph_mode(graph).color_mode(looks.BigValueColorMode.VALUE)


def lamps(about: About, *queries: Query) -> stat.Panel:
    """Show 1 as a green UP and 0 as a red DOWN."""
    words = {
        "0": model.ValueMappingResult(text="DOWN", color=CRITICAL, index=0),
        "1": model.ValueMappingResult(text="UP", color=FINE, index=1),
    }
    made = numbers(about, *queries, spark=False).mappings([model.ValueMap(options=words)])
    return made.color_mode(looks.BigValueColorMode.BACKGROUND).graph_mode(looks.BigValueGraphMode.NONE)


def ranking(about: About, *queries: Query, colour: str = HIGH) -> bargauge.Panel:
    """Show the newest value of each series as a bar, the names beside it."""
    made = _begun(bargauge.Panel(), about, queries).unit(about.unit).min(0).decimals(0)
    reduced = common.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields("")
    made = made.reduce_options(reduced).orientation(looks.VizOrientation.HORIZONTAL)
    made = made.display_mode(looks.BarGaugeDisplayMode.BASIC).value_mode(looks.BarGaugeValueMode.TEXT)
    fixed = dashboard.FieldColor().mode(model.FieldColorModeId.FIXED).fixed_color(colour)
    return made.color_scheme(fixed).no_value("none")


def rows(about: About, *queries: Query, columns: dict[str, str], first: str) -> table.Panel:
    """Join instant queries into one table; `columns` are the names of the queries' values by their letters.

    The rows with the smallest value in the column `first` stand on top; a minus before it turns them round.
    """
    made = _begun(table.Panel(), about, queries).show_header(True).cell_height(looks.TableCellHeight.SM)
    made = made.with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
    renamed = {f"Value #{letter}": name for letter, name in columns.items()}
    tidy = {"excludeByName": {"Time": True}, "renameByName": renamed}
    made = made.with_transformation(model.DataTransformerConfig(id_val="organize", options=tidy))
    sorting = common.TableSortByFieldState().display_name(first.lstrip("-")).desc(first.startswith("-"))
    return made.sort_by([sorting])


def coloured(panel: table.Panel, name: str, unit: str, steps: Steps = (), below: str = FINE) -> table.Panel:
    """Give a column of a table a unit, and its text the colour of its step."""
    limits = thresholds(steps, below).build()
    properties = [model.DynamicConfigValue("unit", unit)]
    if steps:
        properties.append(model.DynamicConfigValue("thresholds", limits))
        properties.append(model.DynamicConfigValue("custom.cellOptions", {"type": "color-text"}))
    return panel.override_by_name(name, properties)


def log_lines(about: About, *queries: Query) -> logs.Panel:
    """Show log lines, newest first."""
    made = _begun(logs.Panel(), about, queries, LOKI).show_time(True).wrap_log_message(True).enable_log_details(True)
    made = made.sort_order(looks.LogsSortOrder.DESCENDING).dedup_strategy(looks.LogsDedupStrategy.NONE)
    return made.show_labels(False).show_common_labels(False).prettify_log_message(False)


def warmth(about: About, query: Query) -> heatmap.Panel:
    """Show a histogram over time: the more, the brighter."""
    colour = heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Oranges").steps(64).exponent(0.5)
    axis = heatmap.YAxisConfig().unit(about.unit)
    made = _begun(heatmap.Panel(), about, [query]).calculate(False).color(colour.fill("dark-orange").reverse(False))
    return made.y_axis(axis).cell_gap(1).hide_legend().exemplars_color(INFO)


def thresholds(steps: Steps, below: str = FINE) -> dashboard.ThresholdsConfig:
    """Write steps as Grafana does: the first one has no lower bound."""
    written = [model.Threshold(value=None, color=below)]
    written += [model.Threshold(value=value, color=colour) for value, colour in steps]
    return dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(written)


def listed(panel: timeseries.Panel) -> timeseries.Panel:
    """Name the series in a table below, with their largest and newest values: for wide panels of many series."""
    return panel.legend(_legend("max", "lastNotNull", mode=looks.LegendDisplayMode.TABLE))


def painted(panel: _Made, colours: dict[str, str]) -> _Made:
    """Give series whose names match these regular expressions, in any case, fixed colours."""
    for name, colour in colours.items():
        fixed = {"mode": "fixed", "fixedColor": colour}
        panel.override_by_regexp(f"/^(?:{name})$/i", [model.DynamicConfigValue("color", fixed)])
    return panel


def apart(panel: _Made, name: str, unit: str, steps: Steps, below: str = FINE) -> _Made:
    """Give series whose names match this regular expression a unit and steps of their own."""
    limits = thresholds(steps, below).build()
    properties = [model.DynamicConfigValue("unit", unit), model.DynamicConfigValue("thresholds", limits)]
    panel.override_by_regexp(f"/{name}/", properties)
    return panel


def leading(panel: _Made, title: str, uid: str, query: str = "") -> _Made:
    """Let a click on a series lead to another dashboard, over the same time."""
    address = f"/d/{uid}?{query + '&' if query else ''}${{__url_time_range}}"
    panel.data_links([dashboard.DashboardLink(title).type(model.DashboardLinkType.LINK).url(address)])
    return panel


def _begun(panel: _Made, about: About, queries: Sequence[Query], source: model.DataSourceRef | None = None) -> _Made:
    where = source or (LOKI if queries[0].logs else PROMETHEUS)
    panel.id(about.id).title(about.title).description(about.says).datasource(where)
    for letter, query in zip("ABCDEFGH", queries, strict=False):
        panel.with_target(dataquery(query, letter))
    return panel


def _drawn(about: About, queries: Sequence[Query]) -> timeseries.Panel:
    made = _begun(timeseries.Panel(), about, queries).unit(about.unit).line_width(1.5).fill_opacity(8)
    return made.show_points(looks.VisibilityMode.NEVER).tooltip(_tooltip()).legend(_legend("lastNotNull"))


def _tooltip() -> common.VizTooltipOptions:
    return common.VizTooltipOptions().mode(looks.TooltipDisplayMode.MULTI).sort(looks.SortOrder.DESCENDING)


def _legend(*values: str, mode: looks.LegendDisplayMode = looks.LegendDisplayMode.LIST) -> common.VizLegendOptions:
    shown = common.VizLegendOptions().show_legend(True).display_mode(mode)
    return shown.placement(looks.LegendPlacement.BOTTOM).calcs(list(values))
