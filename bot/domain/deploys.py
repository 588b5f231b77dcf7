"""Reads what CI tells about a deploy: `POST /webhooks/deploy` with `{"service", "id", "text", "at", "kind"}`."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import cast

from bot.domain.coercion import iso_time
from bot.domain.telemetry import Change, ChangeKind
from bot.errors import InvalidNotification

_KINDS = {kind.value: kind for kind in (ChangeKind.DEPLOY, ChangeKind.CONFIG, ChangeKind.FLAG, ChangeKind.COMMIT)}
_SERVICE, _ID, _TEXT = 120, 120, 4000
# A clock of CI may be wrong by this; what is further ahead is a mistake of units.
_AHEAD = timedelta(hours=1)


def parse_deploy(body: bytes, received_at: datetime) -> Change:
    """Read one change. Raises InvalidNotification."""
    try:
        raw: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidNotification("body", "is not JSON") from error
    if not isinstance(raw, dict):
        raise InvalidNotification("body", "is not an object")
    told = cast("dict[str, object]", raw)
    kind = _KINDS.get(_text(told, "kind", 20) or "deploy")
    if kind is None:
        raise InvalidNotification("kind", f"is none of {', '.join(_KINDS)}")
    service = _text(told, "service", _SERVICE)
    if not service and kind is not ChangeKind.COMMIT:
        raise InvalidNotification("service", "is missing")
    name = _text(told, "id", _ID)
    if not name:
        raise InvalidNotification("id", "is missing: the version, or the commit")
    at = _moment(told.get("at"), received_at)
    return Change(at.timestamp(), kind, name, _text(told, "text", _TEXT) or name, service or None)


def _text(told: dict[str, object], name: str, limit: int) -> str:
    value = told.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidNotification(name, "is not a string")
    # A diff has lines; nothing else that is invisible belongs into it.
    kept = "".join(char for char in value if char in "\n\t" or unicodedata.category(char)[0] != "C")
    return kept.strip()[:limit]


def _moment(value: object, received_at: datetime) -> datetime:
    if value is None:
        return received_at
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InvalidNotification("at", "is not a time")
    try:
        at = iso_time(value) if isinstance(value, str) else datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidNotification("at", "is not a time of ISO 8601, such as 2026-11-20T14:00:00+09:00") from error
    if at.tzinfo is None:
        raise InvalidNotification("at", "has no time zone")
    if at > received_at + _AHEAD:
        raise InvalidNotification("at", "is in the future")
    return at
