"""Reads the looks of the panels `graph` and `singlestat`, and of the numbers of 6.x, as Grafana does when it makes them new.

Source: public/app/plugins/panel/timeseries/migrations.ts, `sharedSingleStatPanelChangedHandler` and
`sharedSingleStatMigrationHandler` (11 to 13).
"""

from __future__ import annotations

import math
from typing import Any, Final, cast

from bot.domain.panel_looks import Override, PanelLook, Threshold
from bot.telemetry.dashboard_looks import read_decimals
from bot.telemetry.dashboard_shapes import items, number, said_of_nothing, value_mappings, words
from bot.telemetry.readings import plain
from bot.telemetry.shapes import obj

Json = dict[str, Any]

_MOST: Final = 50
_CALCULATIONS: Final = (
    ("current", "lastNotNull"), ("max", "max"), ("min", "min"), ("avg", "mean"), ("total", "sum"),
)  # fmt: skip
_COLOURS: Final = {"critical": "red", "warning": "orange", "ok": "green"}


def kind_of(raw: Json) -> str:
    """Return what a `graph` or `singlestat` became."""
    if raw.get("type") == "singlestat":
        return "gauge" if obj(raw.get("gauge")).get("show") is True else "stat"
    # Along its axis stand series, or how often which value came.
    return {"series": "bargauge", "histogram": "histogram"}.get(plain(obj(raw.get("xaxis")).get("mode")), "timeseries")


def made_new(raw: Json) -> Json:
    """Return a stat, gauge or bar gauge of Grafana 6 as it is written since 7; all others as they are."""
    options = obj(raw.get("options"))
    if not {"fieldOptions", "valueOptions"} & options.keys():
        return raw
    first, field = obj(options.get("valueOptions")), obj(options.get("fieldOptions"))
    # What stood beside the fields in 6.0 to 6.2, and in them later.
    ends = (("min", options.get("minValue")), ("max", options.get("maxValue")))
    beside = _known({name: value for name, value in ends if value != ""})
    for name in ("thresholds", "mappings"):
        beside |= _known({name: field.get(name) or options.get(name if name == "thresholds" else "valueMappings")})
    said: Json = {
        **beside,
        **_known({name: first.get(name) for name in ("unit", "decimals")}),
        **obj(field.get("defaults")),
    }
    if isinstance(said.get("thresholds"), list):
        said["thresholds"] = {"mode": "absolute", "steps": said["thresholds"]}
    if isinstance(said.get("color"), str):
        said["color"] = {"mode": "fixed", "fixedColor": said["color"]}
    # Until 8.0 these two had a span of their own.
    span = {"percent": {"min": 0, "max": 100}, "percentunit": {"min": 0, "max": 1}}.get(plain(said.get("unit")), {})
    how = {"calcs": field.get("calcs") or [plain(first.get("stat")) or "lastNotNull"], "values": field.get("values")}
    config = {"defaults": {**span, **said}, "overrides": field.get("overrides"), **obj(raw.get("fieldConfig"))}
    return {**raw, "fieldConfig": config, "options": {**options, "reduceOptions": how}}


def old_look(raw: Json) -> PanelLook:
    """Read the looks of such a panel."""
    return _single(raw) if raw.get("type") == "singlestat" else _graph(raw)


def _single(raw: Json) -> PanelLook:
    gauge, how = obj(raw.get("gauge")), plain(raw.get("valueName"))
    kind = 2 if raw.get("mappingType") == 2 else 1
    mappings = [{**each, "type": kind} for each in items(raw.get("rangeMaps" if kind == 2 else "valueMaps"), _MOST)]
    coloured = gauge.get("show") is True or raw.get("colorValue") is True or raw.get("colorBackground") is True
    return PanelLook(
        unit=plain(raw.get("format")),
        decimals=read_decimals(raw.get("decimals")),
        least=number(gauge.get("minValue")),
        most=number(gauge.get("maxValue")),
        thresholds=_limits(raw) if coloured else (),
        # What it said where it said nothing else.
        reduce=(how or "mean",),
        mappings=value_mappings(mappings),
        no_value=plain(raw.get("nullText")) or said_of_nothing(mappings),
        sparkline=obj(raw.get("sparkline")).get("show") is True,
        background=raw.get("colorBackground") is True and gauge.get("show") is not True,
    )


def _limits(raw: Json) -> tuple[Threshold, ...]:
    """Read `80,90` and the three colours below, between and above."""
    colours = raw.get("colors")
    names = [plain(each) for each in cast("list[object]", colours)] if isinstance(colours, list) else []
    found = [number(each.strip()) for each in plain(raw.get("thresholds")).split(",")[:_MOST] if each.strip()]
    limits = [None, *(each for each in found if each is not None)]
    return tuple(Threshold(limit, name) for limit, name in zip(limits, names, strict=False))


def _graph(raw: Json) -> PanelLook:
    axes = items(raw.get("yaxes"), 2)
    left, right = axes[0] if axes else raw, axes[1] if len(axes) > 1 else {}
    legend, along = obj(raw.get("legend")), obj(raw.get("xaxis")).get("values")
    marks = [each for each in items(raw.get("thresholds"), 20) if number(each.get("value")) is not None]
    shown = tuple(new for old, new in _CALCULATIONS if legend.get(old) is True and legend.get("values"))
    first = next(iter(words(along, 1)), "")
    decimals = left.get("decimals") if read_decimals(left.get("decimals")) is not None else raw.get("decimals")
    said: Json = {**_drawn({"fill": 1, "linewidth": 1, **raw}), **_axis(left), "decimals": read_decimals(decimals)}
    return PanelLook(
        **said,
        thresholds=tuple(Threshold(number(each.get("value")), _colour(each)) for each in marks),
        style="line+area" if any(each.get("fill") for each in marks) else "line" if marks else "off",
        legend=legend.get("show") is not False,
        legend_table=legend.get("alignAsTable") is True,
        legend_beside=legend.get("rightSide") is True,
        calculations=shown,
        reduce=(first or "sum",) if kind_of(raw) == "bargauge" else ("lastNotNull",),
        overrides=(
            *(Override("byName", (plain(name),), {"colour": plain(it)}) for name, it in _colours(raw)),
            *(_override(each, right) for each in items(raw.get("seriesOverrides"), _MOST)),
        ),
    )


def _colour(mark: Json) -> str:
    how = str(mark.get("colorMode"))
    return _COLOURS.get(how, plain(mark.get("lineColor")) or plain(mark.get("fillColor")) or "red")


def _colours(raw: Json) -> list[tuple[str, Any]]:
    return list(obj(raw.get("aliasColors")).items())[:_MOST]


def _override(raw: Json, right: Json) -> Override:
    alias = plain(raw.get("alias"))
    changes = _drawn(raw)
    if raw.get("yaxis") == 2:
        # All that the other axis says, also where it says nothing.
        changes |= {"unit": "", "decimals": None, "least": None, "most": None, "base": 0.0} | _axis(right)
        changes["right"] = True
    if raw.get("hiddenSeries") is True:
        changes["hidden"] = True
    if raw.get("transform") in ("negative-Y", "constant"):
        changes["negated"] = raw["transform"] == "negative-Y"
    if plain(raw.get("color")):
        changes["colour"] = plain(raw["color"])
    return Override("byRegexp" if alias.startswith("/") else "byName", (alias,), changes)


def _axis(raw: Json) -> Json:
    read: Json = {
        "unit": plain(raw.get("format")) or None,
        "decimals": read_decimals(raw.get("decimals")),
        "least": number(raw.get("min")),
        "most": number(raw.get("max")),
        "base": {2: 2.0, 10: 10.0, 32: 10.0, 1024: 10.0}.get(_whole(raw.get("logBase"))),
    }
    return _known(read)


def _drawn(raw: Json) -> Json:
    """Return how series are drawn, as far as it is said."""
    fill, width, stack = number(raw.get("fill")), number(raw.get("linewidth")), raw.get("stack")
    none = raw.get("lines") is False
    area = None if fill is None else round(min(max(fill, 0), 10) * 10)
    read: Json = {
        # Bars were always whole.
        "fill": 100 if raw.get("bars") is True else 0 if none else area,
        "width": 0.0 if none else min(max(width, 0.0), 10.0) if width is not None else None,
        "bars": raw["bars"] is True if "bars" in raw else None,
        "points": (raw["points"] is True and none) if "points" in raw else None,
        "step": ("after" if raw["steppedLine"] is True else "") if "steppedLine" in raw else None,
        "gap_s": math.inf if raw.get("nullPointMode") == "connected" else None,
    }
    if "stack" in raw:
        read["stacking"] = ("percent" if raw.get("percentage") is True else "normal") if stack else "none"
        read["stack_group"] = stack if isinstance(stack, str) else ""
    return _known(read)


def _known(read: Json) -> Json:
    return {name: value for name, value in read.items() if value is not None}


def _whole(raw: object) -> int:
    found = number(raw)
    return int(found) if found is not None else 0
