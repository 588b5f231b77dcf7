"""Parts of a dashboard's JSON, without trusting their shape."""

from __future__ import annotations

from typing import Any, cast

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


def source_named(raw: object) -> tuple[str, str]:
    """Return the uid (or the name, as before Grafana 8.3) and the type of the data source that is named."""
    if isinstance(raw, str):
        return plain(raw), ""
    found = obj(raw)
    return plain(found.get("uid")), plain(found.get("type"))
