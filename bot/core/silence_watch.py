"""Silences are watched: which of them nobody needs any more, and which mute more than anybody meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.silences import FullMatch, is_wide
from bot.domain.views import SilenceRow
from bot.ports import SilenceBook

UNUSED_AFTER = timedelta(days=1)


async def forgotten(book: SilenceBook, at: datetime) -> Sequence[SilenceRow]:
    """Return the silences in force that have muted nothing for a day, the one that ends last first."""
    rows = [row for row in await book.active(at) if at - used_at(row) >= UNUSED_AFTER]
    return sorted(rows, key=lambda row: row.silence.ends_at, reverse=True)


async def wide(book: SilenceBook, full_match: FullMatch, at: datetime) -> Sequence[SilenceRow]:
    """Return the silences in force or yet to come whose matchers name no rule, service or instance."""
    return [row for row in await book.listed(at) if is_wide(row.silence, full_match)]


def used_at(row: SilenceRow) -> datetime:
    """Return when a silence was last of use: when it muted something, or else when it began."""
    return max(row.muted_at or row.silence.starts_at, row.silence.starts_at)
