"""Checks what a model wants looked up before a server is asked: all of it may come out of a hostile log line.

An `Unfit` is told to the model in its own words, so that it can ask better; no person sees it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.domain.telemetry import Window

LONGEST_MIN: Final = 360
DEFAULT_MIN: Final = 30
_AFTER_ALERT: Final = timedelta(minutes=10)
_LONGEST_QUERY: Final = 1000
_LONGEST_RANGE_S: Final = LONGEST_MIN * 60
# A subquery is asked again for every point.
_LONGEST_SUBQUERY_S, _FINEST_SUBQUERY_S = 3600.0, 15.0

_STRING = re.compile(r'"(?:\\.|[^"\\]){0,1000}"|\'(?:\\.|[^\'\\]){0,1000}\'|`[^`]{0,1000}`')
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_PART = re.compile(r"(\d{1,9})(ms|[smhdwy])")
_LENGTH = re.compile(r"(?:\d{1,9}(?:ms|[smhdwy])){1,7}")
_BRACKET = re.compile(r"\[([^\[\]]{0,60})\]")
_OFFSET = re.compile(r"\boffset\s+-?\s*(\S{1,40})", re.IGNORECASE)
_MATCHER = re.compile(r"([\w.:]{1,200})\s*(=~|!~|!=|=)\s*(\"(?:\\.|[^\"\\]){0,1000}\"|`[^`]{0,1000}`|'[^']{0,1000}')")
_EVERYTHING = frozenset({"", ".*", ".+", "^.*$", "^.+$", "(.*)", "(.+)", "(?s).*"})
_TRACE = re.compile(r"[0-9a-fA-F]{1,32}")
# They take a secret apart, or write it otherwise, so that nobody would know it any more.
_DISGUISES = re.compile(
    r"\b(?:label_replace|label_join|line_format|label_format|decolorize|count_values)\b", re.IGNORECASE
)
_TRACE_METRICS = re.compile(r"\b(?:rate|\w{1,20}_over_time|compare|topk|bottomk)\s*\(|\bwith\s*\(")


class Unfit(ValueError):
    """It cannot be looked up like this; the text says why."""


def only(arguments: Mapping[str, object], known: Collection[str]) -> None:
    """Raise Unfit if there are other arguments than these."""
    unknown = sorted(str(name)[:40] for name in arguments if name not in known)
    if unknown:
        raise Unfit(f"unknown argument {unknown[0]!r}; known are: {', '.join(sorted(known)) or 'none'}")


def words(arguments: Mapping[str, object], name: str) -> str:
    """Return a query as one line. Raises Unfit."""
    raw = arguments.get(name)
    if not isinstance(raw, str) or not raw.strip():
        raise Unfit(f"{name} must be a text that is not empty")
    if len(raw) > _LONGEST_QUERY:
        raise Unfit(f"{name} must have at most {_LONGEST_QUERY} characters")
    line = " ".join(raw.split())
    if any(unicodedata.category(char)[0] == "C" for char in line):
        raise Unfit(f"{name} must not hold control characters")
    return line


def whole(arguments: Mapping[str, object], name: str, default: int, least: int, most: int) -> int:
    """Return a whole number within bounds; a model may write 30 as 30.0 or "30". Raises Unfit."""
    raw = arguments.get(name)
    if raw is None:
        return default
    if isinstance(raw, str) and raw.isascii() and raw.isdecimal() and len(raw) < 7:
        raw = int(raw)
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if type(raw) is not int or not least <= raw <= most:
        raise Unfit(f"{name} must be a whole number from {least} to {most}")
    return raw


def window(arguments: Mapping[str, object], now: datetime, fired_at: datetime) -> Window:
    """Return the stretch of time: `minutes` until `ended_minutes_ago`, or around the alert. Raises Unfit."""
    length = timedelta(minutes=whole(arguments, "minutes", DEFAULT_MIN, 1, LONGEST_MIN))
    ago = timedelta(minutes=whole(arguments, "ended_minutes_ago", 0, 0, LONGEST_MIN - 1))
    around = arguments.get("around_alert", False)
    if not isinstance(around, bool):
        raise Unfit("around_alert must be true or false")
    if around:
        if ago:
            raise Unfit("give either around_alert or ended_minutes_ago")
        return Window(fired_at - length, max(fired_at, min(now, fired_at + _AFTER_ALERT)))
    if length + ago > timedelta(minutes=LONGEST_MIN):
        raise Unfit(f"minutes and ended_minutes_ago together must be at most {LONGEST_MIN}")
    return Window(now - ago - length, now - ago)


def promql(query: str) -> str:
    """Return a PromQL that reads little and not far back. Raises Unfit."""
    bare = _bare(query)
    if "@" in bare or "#" in bare:
        raise Unfit("neither @ nor # may be used")
    total = 0.0
    for inside in _BRACKET.findall(bare):
        length, colon, step = (part.strip() for part in inside.partition(":"))
        seconds = _seconds(length)
        if colon and (seconds > _LONGEST_SUBQUERY_S or (step and _seconds(step) < _FINEST_SUBQUERY_S)):
            raise Unfit("a subquery must be over 1h at most, in steps of 15s at least")
        total += seconds
    total += sum(_seconds(length.rstrip(")]},")) for length in _OFFSET.findall(bare))
    if total > _LONGEST_RANGE_S:
        raise Unfit("ranges and offsets together must be at most 6h")
    _without_match_all(query)
    return query


def logql(query: str) -> str:
    """Return a LogQL that selects lines of named streams. Raises Unfit."""
    bare = _bare(query)
    if not query.startswith("{") or "[" in bare or "#" in bare:
        raise Unfit('give a log query that begins with a selector, like {service="api"} |= "error"; no rate or count')
    selector = _selector(query)
    chosen = [value for _, sign, value in _MATCHER.findall(selector) if sign in ("=", "=~")]
    if not any(value[1:-1] not in _EVERYTHING for value in chosen):
        raise Unfit("the selector must name at least one value, not match everything")
    return query


def traceql(query: str) -> str:
    """Return a TraceQL that searches traces. Raises Unfit."""
    bare = _bare(query)
    if not query.startswith(("{", "(")) or _TRACE_METRICS.search(bare):
        raise Unfit('give a search like { resource.service.name = "api" && status = error }; no metrics')
    return query


def trace_id(identity: str) -> str:
    """Return the id of a trace in lower case. Raises Unfit if it is not 1 to 32 hexadecimal digits."""
    if not _TRACE.fullmatch(identity):
        raise Unfit("trace_id must be 1 to 32 hexadecimal digits")
    return identity.lower()


def _bare(query: str) -> str:
    """Return the query without its strings. Raises Unfit for one that is not closed, or that disguises what it reads."""
    bare = _STRING.sub('""', query)
    rest = bare.replace('""', "")
    if any(mark in rest for mark in "\"'`"):
        raise Unfit("a string is not closed")
    if _DISGUISES.search(rest) or "{{" in query:
        raise Unfit("labels and lines must be read as they are: no label_replace, line_format or templates")
    return bare


def _seconds(length: str) -> float:
    if not _LENGTH.fullmatch(length):
        raise Unfit(f"{length[:20]!r} is no length of time like 5m")
    return sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(length))


def _selector(query: str) -> str:
    """Return what stands in the first braces; braces inside of strings count nothing."""
    hidden = _STRING.sub(lambda match: "x" * len(match.group()), query)
    end = hidden.find("}")
    if end < 0:
        raise Unfit("a brace is not closed")
    return query[1:end]


def _without_match_all(query: str) -> None:
    """Refuse selectors that name no metric: they read every series there is."""
    hidden = _STRING.sub(lambda match: "x" * len(match.group()), query)
    for brace in re.finditer(r"\{", hidden):
        before = hidden[: brace.start()].rstrip()
        named = bool(before) and (before[-1].isalnum() or before[-1] in "_:") and not before.endswith(("by", "without"))
        end = hidden.find("}", brace.end())
        matchers = _MATCHER.findall(query[brace.end() : end if end >= 0 else len(query)])
        if any(name == "__name__" and sign != "=" for name, sign, _ in matchers):
            raise Unfit("__name__ must be compared with =")
        if not named and not any(sign == "=" and value[1:-1] for _, sign, value in matchers):
            raise Unfit("a selector must name a metric, or one label with =")
