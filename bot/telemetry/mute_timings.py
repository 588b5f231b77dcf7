"""Reads mute timings out of the configuration of an Alertmanager or a Grafana, with the routes that name them.

Source: Alertmanager docs, "Configuration" (0.25 to 0.35); Grafana's answer to a viewer (12.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from bot.domain.mute_timings import MuteTiming
from bot.telemetry.routes import ACTIVE, MUTING, matchers_of, read_config, times_of
from bot.telemetry.shapes import obj
from bot.telemetry.time_intervals import covers

_RANGES: Final = ("weekdays", "days_of_month", "months", "years")
_DEPTH: Final = 20


def mute_timings(status: Mapping[str, Any], at: datetime) -> Sequence[MuteTiming]:
    """Read them out of an answer to `/api/v2/status`, by name; those that no route names are among them."""
    config = read_config(status)
    routes = list(_routes(obj(config.get("route"))))
    return [
        MuteTiming(
            name,
            tuple(_words(obj(each)) for each in _list(times)),
            tuple(words for words, route in routes if name in _names(route, MUTING)),
            tuple(words for words, route in routes if name in _names(route, ACTIVE)),
            covers(times, at),
        )
        for name, times in sorted(times_of(config), key=lambda pair: pair[0])
    ]


def _routes(route: Mapping[str, Any], above: str = "", depth: int = 0) -> Iterator[tuple[str, Mapping[str, Any]]]:
    # What Grafana names `__` are its own routes for rules that choose their receiver; administrators alone see them.
    said = [each for each in matchers_of(route) if not each[0].startswith("__")]
    own = " ".join(f'{name}{op}"{value}"' for name, op, value in said)
    words = f"{above} {own}".strip()
    yield words or str(route.get("receiver") or ""), route
    for child in _list(route.get("routes")) if depth < _DEPTH else ():
        yield from _routes(obj(child), words, depth + 1)


def _names(route: Mapping[str, Any], keys: Sequence[str]) -> set[str]:
    return {str(name) for key in keys for name in _list(route.get(key))}


def _words(interval: Mapping[str, Any]) -> str:
    """Write one interval: days, then hours, then the zone, each as it stands in the configuration."""
    days = [",".join(map(str, _list(interval.get(key)))) for key in _RANGES]
    times = [obj(each) for each in _list(interval.get("times"))]
    hours = ",".join(f"{_clock(each.get('start_time'))}-{_clock(each.get('end_time'))}" for each in times)
    return " ".join(part for part in (*days, hours, str(interval.get("location") or "UTC")) if part)


def _clock(written: object) -> str:
    # YAML reads 17:30 without quotes as a number to the base of 60.
    return f"{written // 60:02}:{written % 60:02}" if isinstance(written, int) else str(written)


def _list(written: object) -> list[Any]:
    return cast("list[Any]", written) if isinstance(written, list) else []
