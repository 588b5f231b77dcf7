"""Finds how far apart the points of a panel are, and over which stretch of time it asks. No I/O.

Source: Grafana's documentation, "Query options", and pkg/promlib/models/query.go (11 to 13): the interval between points is that
of the panel's width, at least what the panel, the query or the data source says; `$__rate_interval` reaches over four scrapes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.domain.telemetry import Window

_SCRAPE_S: Final = 15.0
_MOST_POINTS: Final = 500
_STEPS: Final = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400,
)  # fmt: skip
_PART: Final = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)(ms|[smhdwy])")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0, "y": 31_536_000.0}
_LONGEST_S: Final = 10 * _SECONDS["y"]


@dataclass(frozen=True, slots=True)
class QueryPace:
    """How far apart the points of a query are, in seconds, and how far its samples are taken to be."""

    step: float
    scrape: float = _SCRAPE_S

    @property
    def rate_interval(self) -> float:
        """Over how long `$__rate_interval` reaches."""
        return max(self.step + self.scrape, 4 * self.scrape)


def seconds_of(written: str) -> float | None:
    """Read a length as Grafana writes it (`30s`, `>1m`, `1h30m`); None if it is none."""
    text = written.strip().lstrip(">").strip()
    parts = _PART.findall(text)
    if not parts or "".join(f"{number}{unit}" for number, unit in parts) != text:
        return None
    return min(sum(float(number) * _SECONDS[unit] for number, unit in parts), _LONGEST_S)


def pace_of(
    window: Window, *, most_points: int = 0, panel_step: str = "", query_step: str = "", scrape: str = ""
) -> QueryPace:
    """Return the pace of a query; the steps are the least that the panel and the query want, as they are written."""
    scraped = seconds_of(scrape) or _SCRAPE_S
    wanted = seconds_of(query_step)
    least = wanted or max(seconds_of(panel_step) or scraped, 1.0)
    return QueryPace(
        max(rounded(window.seconds / min(most_points or _MOST_POINTS, _MOST_POINTS)), least), wanted or scraped
    )


def rounded(seconds: float) -> float:
    """Return the next longer step that is a round one."""
    return float(next((step for step in _STEPS if step >= seconds), _STEPS[-1]))


def shifted(window: Window, by: str) -> Window | None:
    """Return the stretch that a panel's time shift leads to; None if nobody can tell."""
    seconds = seconds_of(by) if by else 0.0
    if seconds is None:
        return None
    back = timedelta(seconds=seconds)
    return Window(window.start - back, window.end - back)
