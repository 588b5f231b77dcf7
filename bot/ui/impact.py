"""Says in one sentence what users notice of an incident."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.impact import Impact
from bot.domain.quantities import digits, length
from bot.i18n import Language, text
from bot.i18n.measures import measured
from bot.ui.limits import code
from bot.ui.moments import stamp

_NEARLY_ALL, _OF_TEN = 0.95, 0.095


def impact_line(impact: Impact | None, language: Language) -> str:
    """Say how many requests fail or wait, since when and which way it goes; nothing if nothing is known."""
    if impact is None:
        return ""
    values = {
        "service": code(impact.service, 40),
        "since": stamp(datetime.fromtimestamp(impact.since, UTC), "t"),
        "trend": text(language, f"impact.{impact.trend.value}"),
    }
    if impact.failing is not None:
        part, whole = _share(impact.failing)
        key = "impact.all_fail" if impact.failing >= _NEARLY_ALL else "impact.fail"
        each = _each_second(impact.failing, impact.rate, language)
        return f"👥 {text(language, key, part=part, whole=whole, each=each, **values)}"
    return (
        f"👥 {text(language, 'impact.slow', length=measured(language, length(1000 * (impact.slow_s or 0))), **values)}"
    )


def _share(failing: float) -> tuple[int, int]:
    return (round(10 * failing), 10) if failing >= _OF_TEN else (max(1, round(100 * failing)), 100)


def _each_second(failing: float, rate: float | None, language: Language) -> str:
    if not rate:
        return ""
    return text(language, "impact.each_second", failing=digits(failing * rate), rate=digits(rate))
