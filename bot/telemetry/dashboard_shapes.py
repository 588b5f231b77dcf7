"""Reads parts of a dashboard's JSON without trusting their shape."""

from __future__ import annotations

import math
from typing import Any, cast

from bot.domain.panel_looks import ValueMapping
from bot.telemetry.readings import plain
from bot.telemetry.shapes import obj


def items(raw: object, most: int) -> list[dict[str, Any]]:
    """Return the objects of a list, at most so many of it."""
    if not isinstance(raw, list):
        return []
    return [cast("dict[str, Any]", each) for each in cast("list[Any]", raw)[:most] if isinstance(each, dict)]


def words(raw: object, most: int) -> tuple[str, ...]:
    """Return the texts of a list, at most so many of it."""
    if not isinstance(raw, list):
        return ()
    return tuple(plain(each) for each in cast("list[object]", raw)[:most] if plain(each))


def number(raw: object) -> float | None:
    """Return a number that can be drawn; older dashboards write some as texts."""
    if isinstance(raw, str):
        try:
            raw = float(raw) if len(raw) < 40 else None
        except ValueError:
            return None
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        return None
    # JSON knows integers that no float holds, and Python reads NaN out of it.
    return float(raw) if abs(raw) < 1e300 else None


def value_mappings(raw: object) -> tuple[ValueMapping, ...]:
    """Return what a panel says instead of numbers; what it says instead of nothing, or of other texts, is left out."""
    found: list[ValueMapping] = []
    for each in map(_newer, items(raw, 50)):
        options = obj(each.get("options"))
        if each.get("type") == "value":
            spans = [(number(value), number(value), obj(result)) for value, result in list(options.items())[:100]]
        elif each.get("type") == "range":
            # An open end is no number.
            low, high = number(options.get("from")), number(options.get("to"))
            ends = (-math.inf if low is None else low, math.inf if high is None else high)
            spans = [(*ends, obj(options.get("result")))]
        elif each.get("type") == "special" and options.get("match") in ("nan", "null+nan"):
            spans = [(math.nan, math.nan, obj(options.get("result")))]
        else:
            continue
        found += [
            ValueMapping(low, high, plain(result.get("text")), plain(result.get("color")))
            for low, high, result in spans
            if low is not None and high is not None
        ]
    return tuple(found)


def said_of_nothing(raw: object) -> str:
    """Return the text that a panel maps to nothing."""
    for each in map(_newer, items(raw, 50)):
        options = obj(each.get("options"))
        text = plain(obj(options.get("result")).get("text"))
        if each.get("type") == "special" and options.get("match") in ("null", "null+nan") and text:
            return text
    return ""


def _newer(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping as Grafana writes it since 8.0: before, its type was a number."""
    result = {"text": raw.get("text"), "color": raw.get("color")}
    nothing = "null" in (raw.get("value"), raw.get("from"))
    if raw.get("type") in (1, 2) and nothing:
        return {"type": "special", "options": {"match": "null", "result": result}}
    if raw.get("type") == 1:
        return {"type": "value", "options": {str(raw.get("value")): result}}
    if raw.get("type") == 2:
        return {"type": "range", "options": {"from": raw.get("from"), "to": raw.get("to"), "result": result}}
    return raw


def source_named(raw: object) -> tuple[str, str]:
    """Return the uid (or the name, as before Grafana 8.3) and the type of the data source that is named."""
    if isinstance(raw, str):
        return plain(raw), ""
    found = obj(raw)
    return plain(found.get("uid")), plain(found.get("type"))
