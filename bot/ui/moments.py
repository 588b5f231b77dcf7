"""Writes moments and lengths of time as people read them on Discord."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from bot.i18n import Language
from bot.i18n.measures import spelled

# Backticks are code, in which Discord shows no time.
_SAID = re.compile(r"(?<![\w:`.])([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))? UTC(?![A-Za-z0-9])")


def stamp(at: datetime, style: str = "R") -> str:
    """Write a moment as Discord shows it in each reader's own time; R runs ("3 minutes ago")."""
    return f"<t:{int(at.timestamp())}:{style}>"


def since(at: datetime) -> str:
    """Write a moment in the past by the clock, and how long ago that is: `12:03 (3 minutes ago)`."""
    return f"{stamp(at, 't')} ({stamp(at)})"


def until(at: datetime) -> str:
    """Write a moment to come with its date, and how far it is: `24 November 2026 14:05 (in 2 hours)`."""
    return f"{stamp(at, 'f')} ({stamp(at)})"


def clocked(words: str, near: datetime) -> str:
    """Write each time of day that is said in UTC (`07:38:09 UTC`) as Discord shows it to each reader: the one nearest to `near`."""
    return _SAID.sub(lambda said: _stamped(said, near.astimezone(UTC)), words)


def _stamped(said: re.Match[str], near: datetime) -> str:
    hour, minute, second = (int(part or 0) for part in said.groups())
    at = near.replace(hour=hour, minute=minute, second=second, microsecond=0)
    days = [at + timedelta(days=days) for days in (-1, 0, 1)]
    return stamp(min(days, key=lambda day: abs(day - near)), "T" if said[3] else "t")


def spell(length: timedelta, language: Language) -> str:
    """Write a length in its two largest units: `3 min 20 s`, `3분 20초`."""
    return spelled(length.total_seconds(), language)
