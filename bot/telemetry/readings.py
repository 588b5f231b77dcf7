"""Reads parts of answers that Loki, Tempo and Prometheus share: texts, labels, nanoseconds, ids of traces."""

from __future__ import annotations

import re
from typing import Any

from bot.errors import SourceUnavailable
from bot.telemetry.shapes import obj, objects

_HEX = re.compile(r"[0-9a-f]+")
# What a signed 64-bit integer holds: the year 2262.
_LATEST_NS = 2**63
UNKNOWN_SHAPE = "the answer has an unknown shape"


def plain(raw: object) -> str:
    """Return a text without what no database and no encoder takes (NUL, half a surrogate pair); "" for anything else."""
    return raw.replace("\0", "").encode("utf-8", "replace").decode("utf-8") if isinstance(raw, str) else ""


def labels(raw: object) -> dict[str, str]:
    """Return a table of texts; what is not a text in it is left out."""
    return {plain(name): plain(value) for name, value in obj(raw).items() if isinstance(value, str)}


def listed(raw: Any, source: str) -> list[dict[str, Any]]:
    """Return a list of objects; none for null, as Go writes an empty list. Raises SourceUnavailable for anything else."""
    return [] if raw is None else objects(raw, source)


def nanoseconds(raw: object, source: str) -> int:
    """Read nanoseconds since the epoch, which come as a text or as a number. Raises SourceUnavailable."""
    # 20 digits hold every time there can be; int() of a very long text is slow, or refused.
    if (isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) <= 20) or type(raw) is int:
        read = int(raw)
        if 0 <= read < _LATEST_NS:
            return read
    raise SourceUnavailable(source, "the answer has an unknown time")


def hex_id(raw: object, digits: int) -> str:
    """Return an id in lower case with its leading zeros, so that ids from logs and traces compare; "" if it is none."""
    found = raw.strip().lower() if isinstance(raw, str) else ""
    if not 0 < len(found) <= digits or not _HEX.fullmatch(found) or not found.strip("0"):
        return ""
    return found.zfill(digits)
