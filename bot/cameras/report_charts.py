"""Draws the one picture of a report: calls by hour, how soon was answered, and the noisiest rules."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Final

from bot.cameras.drawing_process import Drawing, DrawingProcess
from bot.errors import NoPicture
from bot.i18n import Language, text
from bot.reporting.answering import Times
from bot.reporting.overview import Judged, Overview
from bot.reporting.tuning import Proposal

log = logging.getLogger(__name__)

_DEADLINE_S: Final = 30.0
_UNITS: Final = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))


class ReportPainter:
    """Implements `bot.ports.reports.Painter`."""

    def __init__(self, scale: float = 1.0) -> None:
        self._process = DrawingProcess("-m", "bot.cameras.report_drawing")
        self._scale = scale

    async def draw(self, overview: Overview, language: Language) -> bytes:
        try:
            async with asyncio.timeout(_DEADLINE_S):
                return await self._process.draw(drawing_of(overview, language, self._scale))
        except TimeoutError as error:
            raise NoPicture("ladder.timeout") from error
        except OSError as error:
            # No folder to write into, or no memory for another process.
            log.error("drawing failed: %s", error)  # noqa: TRY400
            raise NoPicture("ladder.chart-failed") from error

    def close(self) -> None:
        """Remove what was kept between two pictures."""
        self._process.close()


def drawing_of(overview: Overview, language: Language, scale: float = 1.0) -> Drawing:
    """Return what is drawn, with all its words."""

    def word(key: str, **values: object) -> str:
        return text(language, f"team_report.picture.{key}", **values)

    start, end = (f"{at.astimezone(overview.zone):%Y-%m-%d}" for at in (overview.window.start, overview.window.end))
    hours = overview.load.hours
    rows = [
        {"name": f"{row.severity.name} ({row.count})", "mtta": _times(row.acknowledged, language),
         "mttr": _times(row.resolved, language)}
        for row in overview.answered
    ]  # fmt: skip
    names = ("title", "saved", "left", "untuned", "none")
    return {
        "scale": scale,
        "title": word("title", start=start, end=end),
        "hours": {
            "title": word("hours", zone=overview.zone_name),
            "days": word("days").split(),
            "counts": [[hours.get((day, hour), 0) for hour in range(24)] for day in range(7)],
        },
        "times": {
            "title": word("times"),
            "rows": rows,
            "none": word("none"),
            "mtta": word("mtta"),
            "mttr": word("mttr"),
        },
        "rules": {
            **{name: word("rules" if name == "title" else name) for name in names},
            "rows": [_rule(each) for each in overview.rules],
        },
    }


def _times(times: Times | None, language: Language) -> Drawing:
    if times is None:
        return {"median": 0, "p90": 0, "target": 0, "words": ""}
    target = times.target.total_seconds() if times.target else 0
    median, p90 = times.median.total_seconds(), times.p90.total_seconds()
    return {"median": max(median, 1), "p90": p90, "target": target, "words": _brief(times.median, language)}


def _rule(judged: Judged) -> Drawing:
    tuned = judged.tuned
    if isinstance(tuned, Proposal):
        words = f"-{tuned.saved}"
        return {"name": judged.noise.rule, "left": tuned.after, "saved": tuned.saved, "tuned": True, "words": words}
    count = judged.noise.notifications
    return {"name": judged.noise.rule, "left": count, "saved": 0, "tuned": False, "words": str(count)}


def _brief(length: timedelta, language: Language) -> str:
    """Write a length in its two largest units."""
    left = round(length.total_seconds())
    parts: list[str] = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(text(language, f"time.{unit}", count=count))
    return " ".join(parts[:2])
