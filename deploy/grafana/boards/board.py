"""What all dashboards have in common: variables, marks of deploys, links to one another, and a layout without gaps."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.boards.panels import INFO, QUIET, Panel
from deploy.grafana.boards.queries import LOKI, PROMETHEUS

_WIDTH = 24
_TAG = "bongsu"
# Numbers that no panel has.
_HEADINGS = 900
_GRAFANA = model.DataSourceRef(type_val="grafana", uid="-- Grafana --")

# A height, and panels that share the width equally, the first on the left.
Shelf = tuple[int, Sequence[Panel]]


def board(uid: str, title: str, says: str, variables: Sequence[dashboard.QueryVariable]) -> dashboard.Dashboard:
    """Begin a dashboard."""
    made = dashboard.Dashboard(title).uid(uid).description(says).tags([_TAG]).timezone("browser").readonly()
    made = made.time("now-1h", "now").refresh("30s").tooltip(model.DashboardCursorSync.CROSSHAIR)
    for variable in variables:
        made = made.with_variable(variable)
    others = dashboard.DashboardLink("Dashboards").type(model.DashboardLinkType.DASHBOARDS).tags([_TAG])
    made = made.link(others.as_dropdown(True).keep_time(True).include_vars(True)).annotation(_own_marks())
    # Tags as CI writes deploys, and as Bongsu writes silences.
    return made.annotation(_marks("Deploys", INFO, "deploy")).annotation(_marks("Silences", QUIET, "bongsu", "silence"))


def shelve(made: dashboard.Dashboard, *shelves: Shelf | str) -> dashboard.Dashboard:
    """Add panels shelf by shelf; a text alone is the heading of what follows. Raises ValueError for a gap."""
    for number, shelf in enumerate(shelves):
        if isinstance(shelf, str):
            made = made.with_row(dashboard.Row(shelf).id(_HEADINGS + number))
            continue
        height, panels = shelf
        width, left = divmod(_WIDTH, len(panels))
        if left:
            raise ValueError(f"{len(panels)} panels do not share {_WIDTH} columns")
        for panel in panels:
            made = made.with_panel(panel.height(height).span(width))
    return made


def env() -> dashboard.QueryVariable:
    """Let people choose environments; what has no such label belongs to all of them."""
    return _variable("env", "Environment", "label_values(up, env)", ".*")


def host(metric: str = "up") -> dashboard.QueryVariable:
    """Let people choose among the hosts of a metric."""
    return _variable("host", "Host", f'label_values({metric}{{env=~"$env"}}, host)', ".*")


def service(metric: str = "up") -> dashboard.QueryVariable:
    """Let people choose among the services of a metric."""
    return _variable("service", "Service", f'label_values({metric}{{env=~"$env"}}, service)', ".+")


def label(name: str, title: str, query: str) -> dashboard.QueryVariable:
    """Let people choose among the values that a query of Prometheus returns."""
    return _variable(name, title, query, ".*")


def logged(name: str, title: str, everything: str = ".*", stream: str = "") -> dashboard.QueryVariable:
    """Let people choose among the values that a label has in Loki."""
    asked: dict[str, object] = {"label": name, "stream": stream, "type": 1, "refId": "LokiVariableQuery"}
    return _chooser(name, title, everything).datasource(LOKI).query(asked)


def _variable(name: str, title: str, query: str, everything: str) -> dashboard.QueryVariable:
    asked: dict[str, object] = {"qryType": 1, "query": query, "refId": "PrometheusVariableQuery"}
    return _chooser(name, title, everything).datasource(PROMETHEUS).query(asked)


def _chooser(name: str, title: str, everything: str) -> dashboard.QueryVariable:
    made = dashboard.QueryVariable(name).label(title).multi(True).include_all(True).all_value(everything)
    chosen = model.VariableOption(selected=True, text=["All"], value=["$__all"])
    # Asked again when the time changes, since hosts and endpoints come and go.
    refreshed = model.VariableRefresh.ON_TIME_RANGE_CHANGED
    return made.current(chosen).refresh(refreshed).sort(model.VariableSort.ALPHABETICAL_ASC)


def _own_marks() -> dashboard.AnnotationQuery:
    # What every dashboard of Grafana has: its alerts, and what people note on it.
    made = dashboard.AnnotationQuery().name("Annotations & Alerts").datasource(_GRAFANA).built_in(1).hide(True)
    return made.enable(True).type("dashboard").icon_color(QUIET)


def _marks(name: str, colour: str, *tags: str) -> dashboard.AnnotationQuery:
    target = dashboard.AnnotationTarget().limit(100).match_any(False).tags(list(tags)).type("tags")
    made = dashboard.AnnotationQuery().name(name).datasource(_GRAFANA).enable(True).icon_color(colour)
    return made.target(target)
