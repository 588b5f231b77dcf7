"""Says at which pace a query of a panel is asked."""

from __future__ import annotations

from bot.domain.dashboards import DashboardModel, DataSource, Panel, PanelQuery
from bot.domain.paces import QueryPace, pace_of
from bot.domain.pictures import Shot
from bot.domain.promql import interpolate


def pace(panel: Panel, query: PanelQuery, model: DashboardModel, shot: Shot, source: DataSource | None) -> QueryPace:
    """Return the pace of a query of a panel."""
    wanted = interpolate(query.step, model, shot.variables, shot.window)
    return pace_of(
        shot.window,
        most_points=panel.most_points,
        panel_step=interpolate(panel.step, model, shot.variables, shot.window),
        # One of Grafana's own intervals is no wish.
        query_step="" if "$__" in query.step else wanted,
        scrape=source.scrape if source else "",
    )
