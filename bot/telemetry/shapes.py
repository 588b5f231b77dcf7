"""Reads answers of other servers as plain types, without trusting their shape."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from bot.errors import SourceUnavailable


def objects(raw: Any, source: str) -> list[dict[str, Any]]:
    """Return a list of objects. Raises SourceUnavailable for anything else."""
    if not isinstance(raw, list):
        raise SourceUnavailable(source, "the answer has an unknown shape")
    return [cast("dict[str, Any]", item) for item in cast("list[Any]", raw) if isinstance(item, dict)]


def obj(raw: Any) -> dict[str, Any]:
    """Return an object, or an empty one for anything else."""
    return cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}


def items(raw: Any) -> list[Any]:
    """Return a list, or an empty one for anything else."""
    return cast("list[Any]", raw) if isinstance(raw, list) else []


def texts(raw: Any) -> dict[str, str]:
    """Return a table of texts."""
    return {str(name): str(value) for name, value in obj(raw).items()}


def moment(raw: Any, source: str) -> datetime:
    """Read a time. Raises SourceUnavailable."""
    try:
        read = datetime.fromisoformat(str(raw))
        # Year 1 with an offset lies before the first moment that Python knows.
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise SourceUnavailable(source, "the answer has an unknown time") from error
