"""Moments and lengths of time as people read them on Discord."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.i18n import Language, text

_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))


def stamp(at: datetime, style: str = "R") -> str:
    """Write a moment as Discord shows it in each reader's own time; R runs ("3 minutes ago")."""
    return f"<t:{int(at.timestamp())}:{style}>"


def since(at: datetime) -> str:
    """Write a moment in the past by the clock, and how long ago that is: `12:03 (3 minutes ago)`."""
    return f"{stamp(at, 't')} ({stamp(at)})"


def until(at: datetime) -> str:
    """Write a moment to come with its date, and how far it is: `24 November 2026 14:05 (in 2 hours)`."""
    return f"{stamp(at, 'f')} ({stamp(at)})"


def spell(length: timedelta, language: Language) -> str:
    """Write a length in its two largest units: `3 min 20 s`, `3분 20초`."""
    left = max(round(length.total_seconds()), 0)
    parts: list[str] = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(text(language, f"time.{unit}", count=count))
    return " ".join(parts[:2]) or text(language, "time.seconds", count=0)
