"""Describes a dashboard as Grafana keeps it: panels with their queries, variables with their values. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit

from bot.domain.panel_looks import PanelLook
from bot.domain.pictures import Shot
from bot.domain.tables import Transformation
from bot.errors import InvalidTarget

ALL = "$__all"
_ALL_WORDS = frozenset({"all", "$__all", "*"})
# Words that people write where Grafana shows them, and names as Grafana allows them.
_PAIR = re.compile(r"""([^\s=]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"']\S*|)""")
_LISTED = 12
_PANEL_KEY = re.compile(r"(?:panel-)?(\d{1,9})")

Chosen = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class PanelQuery:
    """One query of a panel; `datasource` is the uid of what it asks, `kind` its type (`prometheus`), as far as known.

    `ref` is the letter that it is called by in the panel, `step` the least distance of points that it wants. `format` is that of
    its answer: time_series, table or heatmap. `exemplar` if single requests are asked for beside it.
    """

    expr: str
    legend: str = ""
    datasource: str = ""
    kind: str = ""
    instant: bool = False
    ref: str = ""
    step: str = ""
    format: str = "time_series"
    exemplar: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel; `row` is the title of the row it lies in, if it lies in one, `folded` if that row hides it.

    `library` names the library panel it is, as long as nobody has said what is in that one. `grid` is left, top, width and
    height in Grafana's grid of 24 columns, where the dashboard says it. `transformations` are the names of those that make
    other numbers out of what was asked, `arranging` those that give it other names or another order, `sort` the column by which its
    table is in order, and whether the largest comes first. `calculated` if a heatmap counts values into buckets by itself. `every_value` if it shows each of a series as a number of its own.
    `step` is the least distance of points that it wants, `most_points` how many it wants at most (0: as many as it is wide).
    `words` are what a text panel says, and how it is written: markdown, html or code.
    `time_shift` is by how much its stretch of time lies before the dashboard's.
    `repeat` is the variable for each of whose values it is shown, `beside` how many of these stand side by side at most (0: they
    stand below one another), `row_repeat` the variable of its row; `scope` are the values of those.
    """

    id: int
    title: str
    kind: str = "timeseries"
    queries: tuple[PanelQuery, ...] = ()
    look: PanelLook = field(default_factory=PanelLook)
    row: str = ""
    folded: bool = False
    library: str = ""
    grid: tuple[int, int, int, int] | None = None
    transformations: tuple[str, ...] = ()
    arranging: tuple[Transformation, ...] = ()
    sort: tuple[str, bool] | None = None
    calculated: bool = False
    every_value: bool = False
    step: str = ""
    most_points: int = 0
    time_shift: str = ""
    repeat: str = ""
    beside: int = 0
    row_repeat: str = ""
    scope: Chosen = field(default_factory=dict[str, "tuple[str, ...]"])
    words: tuple[str, str] = ("", "")

    @property
    def named(self) -> str:
        """Its title with the row before it, and what it is chosen by where the title is another's, too."""
        return f"{f'{self.row} / ' if self.row else ''}{self.title} (panel-{self.id})"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable; `options` are the values it may have, none if only Grafana knows (`query` tells where from).

    `texts` are what Grafana shows instead of values, by value; `regex` (JavaScript's) cuts values out of what is asked.
    `automatic` is how many parts an interval that is chosen by itself makes of the stretch of time, and the least it may be.
    """

    name: str
    kind: str = "query"
    label: str = ""
    options: tuple[str, ...] = ()
    current: tuple[str, ...] = ()
    multi: bool = False
    include_all: bool = False
    all_value: str = ""
    query: str = ""
    datasource: str = ""
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    regex: str = ""
    automatic: tuple[int, str] = (30, "10s")

    @property
    def known(self) -> dict[str, str]:
        """What it may be set to, with what Grafana shows for it."""
        return {value: self.texts.get(value, value) for value in self.options}

    @property
    def free(self) -> bool:
        """Whether anything may be typed."""
        return self.kind in ("textbox", "adhoc", "groupby")


@dataclass(frozen=True, slots=True)
class DataSource:
    """One of Grafana's data sources; `usual` is the one that is asked where none is named.

    `scrape` is how far apart its samples are, as it is written there.
    """

    uid: str
    name: str
    kind: str
    usual: bool = False
    scrape: str = ""


@dataclass(frozen=True, slots=True)
class DashboardModel:
    """All that is known of one dashboard; `sources` are those of Grafana, none if it does not tell."""

    uid: str
    title: str
    slug: str = ""
    folder: str = ""
    panels: tuple[Panel, ...] = ()
    variables: tuple[Variable, ...] = ()
    sources: tuple[DataSource, ...] = ()

    def panel(self, panel_id: int) -> Panel | None:
        """Return the panel with this id."""
        return next((panel for panel in self.panels if panel.id == panel_id), None)

    def find_panel(self, typed: str) -> Panel:
        """Return the panel with this id or title, or the only one it can mean. Raises InvalidTarget."""
        wanted = typed.strip()
        key = _PANEL_KEY.fullmatch(wanted)
        by_id = self.panel(int(key[1])) if key else None
        if by_id:
            return by_id
        words = wanted.lower().split()
        exact = [panel for panel in self.panels if panel.title.lower() == wanted.lower()]
        found = exact or [panel for panel in self.panels if words and _has(f"{panel.row} {panel.title}", words)]
        if len(found) == 1:
            return found[0]
        if exact:
            raise InvalidTarget(
                "errors.several_panels", typed=wanted[:80], found=_names(panel.named for panel in exact)
            )
        names = _names(panel.title for panel in found or self.panels)
        raise InvalidTarget("errors.unknown_panel", typed=wanted[:80], near=names)

    def panels_like(self, typed: str) -> list[Panel]:
        """Return the panels whose row and title hold all words typed, in the order of the dashboard."""
        words = typed.lower().split()
        return [panel for panel in self.panels if _has(f"{panel.row} {panel.title}", words)]

    def variable(self, name: str) -> Variable | None:
        """Return the variable of this name, or label; capitals do not matter."""
        wanted = name.lower()
        labels = [variable.label.lower() for variable in self.variables]
        # A label that two have in common names neither.
        by_name = {
            each: variable for each, variable in zip(labels, self.variables, strict=True) if labels.count(each) == 1
        }
        by_name |= {variable.name.lower(): variable for variable in self.variables}
        return by_name.get(wanted)


def parse_variables(typed: str) -> dict[str, tuple[str, ...]]:
    """Read `service=api env=prod,dev name="two words"`. Raises InvalidTarget."""
    found: dict[str, tuple[str, ...]] = {}
    position = 0
    for match in _PAIR.finditer(typed):
        if typed[position : match.start()].strip(" ,;"):
            raise InvalidTarget("errors.variables_unreadable", typed=typed.strip()[:80])
        name, written = match[1].removeprefix("var-").lstrip("$,;"), match[2].rstrip(";")
        quoted = written[:1] in ('"', "'")
        values = (written[1:-1],) if quoted else tuple(each for each in written.split(",") if each)
        if not name or not values:
            raise InvalidTarget("errors.variables_unreadable", typed=typed.strip()[:80])
        found[name] = tuple(dict.fromkeys((*found.get(name, ()), *values)))
        position = match.end()
    if typed[position:].strip(" ,;"):
        raise InvalidTarget("errors.variables_unreadable", typed=typed.strip()[:80])
    return found


def check_value(variable: Variable, values: tuple[str, ...], known: Mapping[str, str] | None) -> tuple[str, ...]:
    """Return the values as Grafana writes them; `known` are those it may have with their texts, None if nobody can tell.

    A value may be typed as what Grafana shows for it. Raises InvalidTarget listing the right ones.
    """
    if variable.include_all and len(values) == 1 and values[0].lower() in _ALL_WORDS:
        return (ALL,)
    if len(values) > 1 and not variable.multi and not variable.free:
        raise InvalidTarget("errors.variable_single", name=variable.name)
    if variable.free or known is None:
        return values
    return tuple(_spelt(variable, value, known) for value in values)


def _spelt(variable: Variable, typed: str, known: Mapping[str, str]) -> str:
    """Find the value that was meant: spelt so, shown so, and both without regard to capitals."""
    if typed in known:
        return typed
    lower = typed.lower()
    found = [value for value, shown in known.items() if shown == typed]
    found = found or [value for value in known if value.lower() == lower][:1]
    found = found or [value for value, shown in known.items() if shown.lower() == lower]
    if len(found) > 1:
        raise InvalidTarget("errors.several_values", name=variable.name, typed=typed[:80], found=_names(found))
    if not found:
        listed = _names(shown or value for value, shown in known.items()) or "–"
        raise InvalidTarget("errors.unknown_value", name=variable.name, typed=typed[:80], known=listed)
    return found[0]


def unknown_variable(model: DashboardModel, name: str) -> InvalidTarget:
    """Make the error that lists the variables there are."""
    known = _names(variable.name for variable in model.variables) or "–"
    return InvalidTarget("errors.unknown_variable", typed=name[:80], known=known)


@dataclass(frozen=True, slots=True)
class Pointer:
    """What an address of Grafana points at; `variables` are those that it carries."""

    uid: str
    panel: int | None = None
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, "tuple[str, ...]"])


def pointer(url: str) -> Pointer | None:
    """Read a dashboard's address (`/d/<uid>/…?viewPanel=4&var-x=y`); None for any other. Its host is not looked at."""
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, max_num_fields=200)
    except ValueError:
        return None
    found = re.search(r"/d(?:-solo)?/([A-Za-z0-9_-]{1,200})(?:/|$)", parts.path)
    if not found:
        return None
    variables: dict[str, tuple[str, ...]] = {}
    panel: int | None = None
    for name, value in pairs:
        key = _PANEL_KEY.fullmatch(value) if name in ("viewPanel", "panelId") else None
        if key:
            panel = int(key[1])
        elif name.startswith("var-") and len(name) > 4:
            variables[name[4:]] = (*variables.get(name[4:], ()), value)
    return Pointer(found[1], panel, variables)


def address(url: str, shot: Shot) -> str:
    """Return the deep link into a dashboard whose address is `url`, with what is pictured of it."""
    parts = [
        f"from={int(shot.window.start.timestamp() * 1000)}",
        f"to={int(shot.window.end.timestamp() * 1000)}",
        *(f"var-{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs(shot.variables)),
    ]
    if shot.panel is not None:
        parts.append(f"viewPanel=panel-{shot.panel}")
    return f"{url}?{'&'.join(parts)}" if url else ""


def pairs(chosen: Chosen) -> Iterator[tuple[str, str]]:
    """Yield each name with each of its values."""
    for name, values in chosen.items():
        for value in values:
            yield name, value


def _has(text: str, words: Sequence[str]) -> bool:
    lower = text.lower()
    return all(word in lower for word in words)


def _names(names: Iterator[str] | Sequence[str]) -> str:
    listed = list(dict.fromkeys(name for name in names if name))
    more = f", … (+{len(listed) - _LISTED})" if len(listed) > _LISTED else ""
    return ", ".join(name[:60] for name in listed[:_LISTED]) + more
