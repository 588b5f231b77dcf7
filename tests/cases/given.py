"""The given cases by number: from the folder beside the checkout where there is one, else from our own copies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

GIVEN = Path(__file__).parents[3] / "shared/cases"
OURS = Path(__file__).parents[1] / "fixtures/cases"

_MOMENT = re.compile(r"@(o?)([+-]\d+)([smh])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
_ELSEWHERE = timezone(timedelta(hours=8))


def case(number: str) -> dict[str, Any]:
    """Read a case by its number ("04")."""
    found = [path for folder in (GIVEN, OURS) for path in sorted(folder.glob(f"{number}-*.json"))]
    assert found, f"case {number} is neither beside the checkout nor in tests/fixtures/cases"
    return json.loads(found[0].read_text("utf-8"))


def steps(number: str) -> Iterator[dict[str, Any]]:
    """Return the steps of a case; the moments in them are still as written."""
    yield from case(number)["steps"]


def at(value: Any, now: datetime) -> Any:
    """Put moments in the place of `@-5m` (five minutes before now) and `@o-30m` (the same, written with +08:00)."""
    if isinstance(value, dict):
        return {name: at(item, now) for name, item in value.items()}
    if isinstance(value, list):
        return [at(item, now) for item in value]
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return value
    moment = now + timedelta(**{_UNITS[found[3]]: int(found[2])})
    return moment.astimezone(_ELSEWHERE).isoformat() if found[1] else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
