"""Sets the variables that panels need as Grafana does when it opens a dashboard: chosen, saved if still there, or the first."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bot.domain.dashboards import ALL, Chosen, DashboardModel, Panel, Variable
from bot.domain.pictures import Shot
from bot.domain.promql import used_in, values_of
from bot.ports.dashboards import DashboardModels

# Asking for what variables may be is a part of the time for the numbers.
_VARIABLES_S: Final = 2.0
_ALL: Final = ((ALL,), ("All",))
# Those whose values are others by now than when the dashboard was saved.
_ASKED: Final = frozenset({"query", "datasource"})


async def choose(models: DashboardModels, model: DashboardModel, panels: Sequence[Panel], shot: Shot) -> Chosen:
    """Return the values of variables, of those that the panels use without knowing what they are set to as well."""
    found: dict[str, tuple[str, ...]] = dict(shot.variables)
    needed = _needed(model, panels)
    try:
        async with asyncio.timeout(_VARIABLES_S):
            for variable in model.variables:
                if variable.name not in needed or variable.free:
                    continue
                if not _stands(variable, values_of(variable, found), variable.name in shot.variables):
                    known = await models.values(model, variable, found, shot.window)
                    if known:
                        found[variable.name] = _set(variable, values_of(variable, found), known)
    except TimeoutError:
        # Then "All" is everything, and what is saved stays so.
        pass
    return found


async def repeats(
    models: DashboardModels, model: DashboardModel, panels: Sequence[Panel], shot: Shot
) -> dict[str, tuple[str, ...]]:
    """Return the values of each variable that panels or rows are repeated for; without those that nobody can tell."""
    names = {name for each in panels for name in (each.repeat, each.row_repeat) if name}
    found: dict[str, tuple[str, ...]] = {}
    try:
        async with asyncio.timeout(_VARIABLES_S):
            for variable in (each for each in model.variables if each.name in names):
                values = values_of(variable, shot.variables)
                if not values or values in _ALL:
                    values = tuple(await models.values(model, variable, shot.variables, shot.window) or ())
                found[variable.name] = values
    except TimeoutError:
        pass
    return found


def _needed(model: DashboardModel, panels: Iterable[Panel]) -> set[str]:
    """Return the names of variables that panels use, and of those that these are asked with."""
    asked = (f"{each.expr} {each.step} {each.datasource}" for panel in panels for each in panel.queries)
    needed = set[str]().union(*map(used_in, asked), *(used_in(f"{each.title} {each.step}") for each in panels))
    needed |= {name for each in panels for name in (each.repeat, each.row_repeat)}
    # One is asked with those before it, as a rule; some stand in another order.
    for _ in model.variables:
        more = {
            name
            for each in model.variables
            if each.name in needed
            for name in used_in(f"{each.query} {each.datasource}")
        }
        if more <= needed:
            break
        needed |= more
    return needed


def _stands(variable: Variable, values: tuple[str, ...], chosen: bool) -> bool:
    """Say whether what a variable is set to needs nobody's answer."""
    if values in _ALL:
        return bool(variable.all_value)
    if not values:
        return False
    return chosen or variable.kind not in _ASKED or bool(variable.options) or values == ("default",)


def _set(variable: Variable, values: tuple[str, ...], known: Mapping[str, str]) -> tuple[str, ...]:
    if values in _ALL:
        return tuple(known)
    # A data source is saved by its name, too.
    by_text = {text: value for value, text in known.items()}
    there = tuple(each if each in known else by_text[each] for each in values if each in known or each in by_text)
    if there:
        return there
    if not variable.include_all:
        return tuple(known)[:1]
    return (ALL,) if variable.all_value else tuple(known)
