"""Writes alerts as JSON and reads them back; they are kept in their incident, and there may be thousands of them.

One after the other, because Python writes and reads a JSON document in one piece, during which nothing else runs. And
thousands in a thread of their own where the event loop would wait for them: asyncpg is driven by it, SQLite by a thread.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, TypeVar

from sqlalchemy.util.concurrency import await_only, in_greenlet

from bot.domain.alerts import Alert, AlertStatus, Joined, JoinedHow

# What alerts of one rule have in common.
_SHARED = ("annotations", "values", "rule_uid", "generator_url", "dashboard_url", "panel_url", "told_by", "about")
_FIELDS = frozenset(Alert.__dataclass_fields__)
_BETWEEN = re.compile(r"[\s,\[]*")
_DECODER = json.JSONDecoder()
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_END = ",\n"
# As much is read in one piece, which takes a millisecond.
_BULK = 128 * 1024
# Of one alert or a few; so much is remembered.
_SHORT = 4 * 1024
# So many, or so long, take ten milliseconds or more.
_MANY, _LONG = 400, 256 * 1024

T = TypeVar("T")


def alerts_out(alerts: Collection[Alert]) -> str:
    """Write alerts as a JSON list."""
    return _write(alerts) if len(alerts) <= _MANY else _aside(partial(_write, alerts))


def _aside(work: Callable[[], T]) -> T:
    """Do what takes long where nobody waits for it."""
    return await_only(asyncio.to_thread(work)) if in_greenlet() else work()


def _write(alerts: Collection[Alert]) -> str:
    # JSON escapes a line break within a text, so that each of these ends an alert.
    written = [_ENCODER.encode(alert_out(alert)) for alert in alerts] or [""]
    # Not around the whole, which would be one more copy of megabytes.
    written[0] = f"[{written[0]}"
    written[-1] += "]"
    return _END.join(written)


def alerts_in(written: str) -> tuple[Alert, ...]:
    """Read alerts from a JSON list."""
    if len(written) > _LONG:
        return _aside(partial(_read, written))
    return _few(written) if len(written) <= _SHORT else _read(written)


def _read(written: str) -> tuple[Alert, ...]:
    return tuple(alert_in(raw) for raw in _alike(_items(written)))


# In a storm the same incidents are read again and again, to compare them with what comes; an alert never changes.
_few = lru_cache(maxsize=1024)(_read)


def alert_out(alert: Alert) -> dict[str, Any]:
    """Write an alert as JSON takes it."""
    return {
        "fingerprint": alert.fingerprint,
        "status": alert.status.value,
        "starts_at": alert.starts_at.isoformat(),
        "ends_at": alert.ends_at.isoformat() if alert.ends_at else None,
        "seen_at": alert.seen_at.isoformat() if alert.seen_at else None,
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "values": dict(alert.values),
        "rule_uid": alert.rule_uid,
        "generator_url": alert.generator_url,
        "dashboard_url": alert.dashboard_url,
        "panel_url": alert.panel_url,
        "told_by": alert.told_by,
        "doubted_at": alert.doubted_at.isoformat() if alert.doubted_at else None,
        "ended_as": alert.ended_as,
        "tested": alert.tested,
        "level": alert.level,
        "about": alert.about,
        "joined": _joined_out(alert.joined) if alert.joined else None,
    }


def alert_in(raw: dict[str, Any]) -> Alert:
    """Read an alert that this program or another version of it has written."""
    moments: dict[str, Any] = {
        name: _moment(raw[name]) if raw.get(name) else None
        for name in ("starts_at", "ends_at", "seen_at", "doubted_at")
    }
    # A newer program may have written more than we know, while both are at work.
    known = raw if raw.keys() <= _FIELDS else {name: value for name, value in raw.items() if name in _FIELDS}
    joined = _joined_in(raw["joined"]) if raw.get("joined") else None
    fields: dict[str, Any] = {**known, **moments, "status": AlertStatus(raw["status"]), "joined": joined}
    return Alert(**fields)


# Alerts of one rule are told together.
_moment = lru_cache(maxsize=256)(datetime.fromisoformat)


def _joined_out(joined: Joined) -> dict[str, Any]:
    return {
        "group": joined.group,
        "at": joined.at.isoformat(),
        "how": joined.how.value,
        "other": joined.other,
        "after_s": joined.after_s,
        "quiet": joined.quiet,
    }


def _joined_in(raw: dict[str, Any]) -> Joined:
    moment = datetime.fromisoformat(raw["at"])
    return Joined(raw["group"], moment, JoinedHow(raw["how"]), raw["other"], raw["after_s"], raw["quiet"])


def _alike(items: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Let alerts of one rule share what they have in common: thousands of copies of a text are megabytes."""
    before: dict[str, Any] = {}
    for raw in items:
        for name in _SHARED:
            if raw.get(name) == before.get(name):
                raw[name] = before.get(name)
        labels, theirs = raw.get("labels") or {}, before.get("labels") or {}
        for name, value in labels.items():
            if theirs.get(name) == value:
                labels[name] = theirs[name]
        before = raw
        yield raw


def _items(written: str) -> Iterator[dict[str, Any]]:
    end = written.rindex("]")
    position = written.index("[") + 1
    while True:
        bulk = written.rfind(_END, position, position + _BULK)
        if bulk > position:
            yield from _DECODER.decode(f"[{written[position:bulk]}]")
            position = bulk + len(_END)
            continue
        found = _BETWEEN.match(written, position)
        position = found.end() if found else position
        if position >= end:
            return
        item, position = _DECODER.raw_decode(written, position)
        yield item
