"""Reads how panels of a dashboard's JSON show their numbers, without trusting its shape.

Source: as in `dashboard_json`; overrides as in packages/grafana-data/src/field/fieldOverrides.
"""

from __future__ import annotations

import math
from typing import Any, Final

from bot.domain.panel_looks import Override, PanelLook, Threshold
from bot.telemetry.dashboard_shapes import items, number, said_of_nothing, value_mappings, words
from bot.telemetry.readings import plain
from bot.telemetry.shapes import obj

_MOST_OVERRIDES: Final = 50
REDUCING: Final = frozenset({"stat", "gauge", "bargauge", "piechart"})


def read_look(raw: dict[str, Any]) -> PanelLook:
    """Read the looks of a panel, with what is otherwise for some of its series."""
    config, options = obj(raw.get("fieldConfig")), obj(raw.get("options"))
    legend = obj(options.get("legend"))
    read = {name: value for name, value in _field(obj(config.get("defaults"))).items() if value is not None}
    if raw.get("type") == "heatmap":
        # What its buckets are of; its field's unit is that of how much is in them.
        read["unit"] = plain(obj(options.get("yAxis")).get("unit")) or read.get("unit", "")
    if options.get("colorMode") == "none":
        read["scheme"] = "none"
    return PanelLook(
        **read,
        background=raw.get("type") == "stat" and plain(options.get("colorMode")).startswith("background"),
        text_mode=plain(options.get("textMode")) or "auto",
        fields=plain(obj(options.get("reduceOptions")).get("fields")) if raw.get("type") in REDUCING else "",
        sparkline=options.get("graphMode", "area") == "area" and raw.get("type") == "stat",
        legend=legend.get("showLegend") is not False and legend.get("displayMode") != "hidden",
        legend_table=legend.get("displayMode") == "table",
        legend_beside=legend.get("placement") == "right",
        calculations=words(legend.get("calcs"), 6),
        reduce=_reduce(raw, obj(options.get("reduceOptions"))),
        columns=_columns(raw),
        overrides=tuple(
            each for each in map(_override, items(config.get("overrides"), _MOST_OVERRIDES)) if each.changes
        ),
    )


def _field(raw: dict[str, Any]) -> dict[str, Any]:
    """Return by the names of Look's fields what is said of a field; None where nothing is."""
    custom = obj(raw.get("custom"))
    scale, colour = obj(custom.get("scaleDistribution")), obj(raw.get("color"))
    style, drawn = plain(custom.get("lineInterpolation")), plain(custom.get("drawStyle"))
    logarithmic = scale.get("type") in ("log", "symlog")
    return {
        "unit": _said(raw, "unit"),
        "decimals": read_decimals(raw.get("decimals")),
        "least": number(raw.get("min")),
        "most": number(raw.get("max")),
        "soft_least": number(custom.get("axisSoftMin")),
        "soft_most": number(custom.get("axisSoftMax")),
        "centred": _flag(custom, "axisCenteredZero"),
        "base": (_base(scale.get("log")) if logarithmic else 0.0) if scale else None,
        "linear_below": (number(scale.get("linearThreshold")) or 1.0) if scale.get("type") == "symlog" else None,
        "thresholds": _steps(obj(raw.get("thresholds"))) if "thresholds" in raw else None,
        "shares": obj(raw.get("thresholds")).get("mode") == "percentage" if "thresholds" in raw else None,
        "scheme": _scheme(plain(colour.get("mode"))),
        "style": _said(obj(custom.get("thresholdsStyle")), "mode"),
        "stacking": _said(obj(custom.get("stacking")), "mode"),
        "stack_group": _said(obj(custom.get("stacking")), "group"),
        "fill": _between(custom.get("fillOpacity"), 0, 100),
        "width": _between(custom.get("lineWidth"), 0, 10),
        "bars": drawn == "bars" if drawn else None,
        "points": drawn == "points" if drawn else None,
        "step": {"stepBefore": "before", "stepAfter": "after"}.get(style, "") if style else None,
        "gap_s": _gap(custom.get("spanNulls")),
        "negated": custom.get("transform") == "negative-Y" if "transform" in custom else None,
        "hidden": _hidden(custom),
        "right": custom.get("axisPlacement") == "right" if "axisPlacement" in custom else None,
        "colour": plain(colour.get("fixedColor")) if colour.get("mode") in ("fixed", "shades") else None,
        "name": _said(raw, "displayName"),
        "mappings": value_mappings(raw.get("mappings")) if "mappings" in raw else None,
        "cell": _said(obj(custom.get("cellOptions")), "type") or _said(custom, "displayMode"),
        "no_value": said_of_nothing(raw.get("mappings")) or _said(raw, "noValue"),
    }  # fmt: skip


def _reduce(raw: dict[str, Any], how: dict[str, Any]) -> tuple[str, ...]:
    # A table has a line for each moment, of which the last is shown here.
    return (words(how.get("calcs"), 6) if raw.get("type") in REDUCING else ()) or ("lastNotNull",)


def _hidden(custom: dict[str, Any]) -> bool | None:
    """Say whether a series, or a column of a table, is not shown."""
    if "hideFrom" in custom or "hidden" in custom:
        return obj(custom.get("hideFrom")).get("viz") is True or custom.get("hidden") is True
    return None


def _override(raw: dict[str, Any]) -> Override:
    matcher = obj(raw.get("matcher"))
    kind, about = plain(matcher.get("id")), matcher.get("options")
    field: dict[str, Any] = {"custom": {}}
    for each in items(raw.get("properties"), _MOST_OVERRIDES):
        name, value = plain(each.get("id")), each.get("value")
        where = field["custom"] if name.startswith("custom.") else field
        where[name.removeprefix("custom.")] = value
    names = words(obj(about).get("names"), 100) if kind == "byNames" else (plain(about),)
    changes = {name: value for name, value in _field(field).items() if value is not None}
    known = kind in ("byName", "byNames", "byRegexp", "byFrameRefID")
    inverted = obj(about).get("mode") == "exclude"
    if kind == "byType" and about == "number":
        # Every series is numbers.
        return Override(kind, (), changes, inverted=True)
    return Override(kind, names, changes if known else {}, inverted)


def _columns(raw: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return what the values of each query are called, where a table has a column for each."""
    found: dict[str, str] = {}
    for each in items(raw.get("transformations"), 20):
        for old, new in obj(obj(each.get("options")).get("renameByName")).items():
            if old.startswith("Value #") and plain(new):
                found[old.removeprefix("Value #")] = plain(new)
    return tuple(found.items())


def _steps(raw: dict[str, Any]) -> tuple[Threshold, ...]:
    steps = [(number(each.get("value")), plain(each.get("color"))) for each in items(raw.get("steps"), 20)]
    # The first is the colour below all others, whatever its value.
    return tuple(Threshold(value if place else None, colour) for place, (value, colour) in enumerate(steps))


def _scheme(mode: str) -> str | None:
    if mode.startswith("palette"):
        return "palette"
    return mode if mode == "thresholds" or mode.startswith("continuous-") else None


def _said(raw: dict[str, Any], name: str) -> str | None:
    return plain(raw.get(name)) or None


def _flag(raw: dict[str, Any], name: str) -> bool | None:
    return raw[name] is True if name in raw else None


def _between(raw: object, low: int, high: int) -> Any:
    return min(max(raw, low), high) if type(raw) in (int, float) and isinstance(raw, (int, float)) else None


def _base(raw: object) -> float:
    return 2.0 if raw == 2 else 10.0


def _gap(raw: object) -> float | None:
    """Return for how many seconds nothing may come without a gap: `spanNulls` is yes, no, or milliseconds."""
    if raw is True:
        return math.inf
    found = number(raw)
    return found / 1000 if found else None


def read_decimals(raw: object) -> int | None:
    """Return how many digits are written behind the point, None where it is left to the number."""
    return raw if type(raw) is int and 0 <= raw <= 20 else None
