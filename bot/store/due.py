"""Tells what is due, also with a clock that was ahead and has been set back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam

from bot.store.tables import outbox

# Nothing is put off for longer, whatever Discord asks for: the clock was ahead, and has been set back since.
_LONGEST_WAIT = timedelta(days=1)
_CLOCK_SKEW = timedelta(minutes=1)


def moments(at: datetime) -> dict[str, datetime]:
    """Return the values that `is_due` asks for."""
    return {"at": at, "skew": at + _CLOCK_SKEW, "longest": at + _LONGEST_WAIT}


def is_due() -> ColumnElement[bool]:
    """Select what is due at a moment; with a clock that was set back, what was put off or written down ahead of it."""
    at, skew, longest = (bindparam(name, type_=outbox.c.due_at.type) for name in ("at", "skew", "longest"))
    return (outbox.c.due_at <= at) | (outbox.c.created_at > skew) | (outbox.c.due_at > longest)
