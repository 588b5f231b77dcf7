"""Finds which of Grafana's data sources a query asks: by uid, by name as before 8.3, by a variable, or none. No I/O.

Source: Grafana's documentation, "Dashboard JSON model" and "Add a data source variable" (11 to 13).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.dashboards import Chosen, DashboardModel, DataSource, PanelQuery
from bot.domain.promql import interpolate
from bot.domain.telemetry import Window

_USUAL = frozenset({"", "default", "-- Default --"})
# Grafana's own, which no list of data sources names.
_BUILT_IN = {"grafana": "grafana", "-- Grafana --": "grafana", "-- Dashboard --": "dashboard", "__expr__": "__expr__"}


def reference_of(query: PanelQuery, model: DashboardModel, chosen: Chosen) -> str:
    """Return what a query names as its data source, with the dashboard's variables filled in as far as it has them."""
    if "$" not in query.datasource:
        return query.datasource
    return interpolate(query.datasource, model, chosen, Window.between(0, 1))


def source_of(query: PanelQuery, model: DashboardModel, chosen: Chosen) -> DataSource | None:
    """Return the data source that a query asks; None if there is none of that name or uid."""
    named = reference_of(query, model, chosen)
    if named in _BUILT_IN:
        return DataSource(named, named, _BUILT_IN[named])
    if not model.sources:
        # Grafana did not tell which there are; what is still a variable is none.
        return None if "$" in named else DataSource(named, named, query.kind)
    if named in _USUAL:
        fitting = [each for each in model.sources if query.kind in ("", each.kind)]
        return next((each for each in fitting if each.usual), None) or (fitting[0] if fitting and query.kind else None)
    by_uid = (each for each in model.sources if each.uid == named)
    return next(by_uid, None) or next((each for each in model.sources if each.name == named), None)


def is_table(kind: str, queries: Sequence[PanelQuery]) -> bool:
    """Say whether a panel shows a line for each series as it is now, with its labels in columns."""
    return kind == "table" and bool(queries) and all(each.instant and each.format == "table" for each in queries)
