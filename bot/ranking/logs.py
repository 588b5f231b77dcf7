"""Logs: masked templates that are new, that grew, or that are missing, and that given what the service was doing.

Where lines carry span ids, a template is judged by the share of the spans of one operation in which it occurs: traffic
that doubles doubles every count, but no share. A line that always came and now is missing is as telling as a new error.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from bot.domain.evidence import Channel
from bot.domain.telemetry import LogLine, Span
from bot.ranking.hits import Hit, number
from bot.ranking.spans import Spans
from bot.ranking.stats import rates_differ, squash
from bot.ranking.templates import root_of, shown, template
from bot.ranking.timeline import Clockface, LevelStep, share_step

Key = tuple[str, str, str, str]  # service, operation, level if it is a bad one, template

# Characters of a line in which others are named.
_READ = 300
# Lines of a template that are compared to see what of them varies (a bound on time).
_COMPARED = 20
# The beginning of a line in which a statement of a platform is looked for (characters).
_TOLD = 4000
# Words of libraries and kernels that name the mechanism, whoever logs them.
_SIGNS = (
    ("memory", ("outofmemory", "heap space", "gc overhead", "cannot allocate memory", "oom-kill")),
    ("disk", ("no space left", "disk full", "disk quota", "read-only file system")),
    ("pool", ("connection is not available", "too many connections", "pool exhausted", "hikaripool", "pool timeout")),
    # Who says so complains about somebody else.
    (
        "dependency",
        (
            "read timed out",
            "sockettimeout",
            "deadline exceeded",
            "gateway timeout",
            "connection refused",
            "no route to host",
            "connection reset",
            "unknownhost",
            # Clients of HTTP that raise what they were answered: Spring's, Feign's, Axios'.
            "httpservererror",
            "webclientresponse",
            "feignexception",
            "axioserror",
        ),
    ),
)
BAD = frozenset({"error", "fatal", "critical", "severe", "panic"})

# Standard deviations below which nothing is said, and those beyond that count for one half (by hand; as in `traces`).
_QUIET, _HALF_Z = 3.5, 2.5
# Shares that move less than this are a mix of requests that changed (a new error may be rarer than that).
_LEAST_SHARE, _LEAST_BAD_SHARE = 0.25, 0.08
# A line that says nothing of an error counts for less than one that does.
_PLAIN = 0.8
# This part of a share that moved counts however little it moved (ratio; as in `traces`).
_OF_A_MIX = 0.3
# An onset with less recorded before or after it is no onset (seconds).
_BEFORE_S, _AFTER_S = 10, 10
# Who says so got a bad answer from somebody, or none.
_ANSWERED_BADLY = re.compile(
    r"\b(?:answered|returned|responded|got|status|code|http)\W{0,3}(?:with\W)?(?:status\W{1,3})?5\d\d\b|\bunavailable\b|no such host"
    r"|호출.{0,4}(?:실패|오류)|응답.{0,4}(?:없|오류)|연결.{0,4}(?:실패|거부|끊)"
    r"|\bcertificate\b|(?:fail|error|unable|time).{0,12}\b(?:connect|call|reach|lookup)|connect(?:ion)? error",
    re.IGNORECASE,
)
# A shorter name than this occurs in any text (letters).
SHORTEST_NAME = 3
# A service that logs a lot has many templates to be unusual in; so many of them are looked at.
_MOST_KEYS = 4000


def log_hits(
    lines: Sequence[LogLine],
    spans: Sequence[Span],
    fired_at: float,
    stretches: Sequence[tuple[float, float]],
    onset: float | None = None,
    hide: Callable[[str], str] = str,
    names: Collection[str] = (),
    cut: Mapping[str, Sequence[tuple[float, float]]] | None = None,
) -> list[Hit]:
    """Return the templates that left their normal, service by service; a line that names one of `names` speaks against that.

    Of services that were not read completely `cut` holds the stretches that were: their lines are counted by time alone. `hide` takes secrets out of a message; a template that is shown is made of what it leaves, because a masked or shortened
    secret is no longer recognised and may still be one.
    """
    if not lines:
        return []
    clock, cut = Clockface.of(fired_at, stretches, onset), cut or {}
    clocks = {name: Clockface.of(fired_at, parts, onset) for name, parts in cut.items()}
    spans = Spans.of(spans)
    known = spans.by_id
    given: dict[Key, dict[str, float]] = defaultdict(dict)
    free: dict[Key, list[float]] = defaultdict(list)
    masked: dict[str, str] = {}
    signs: dict[str, str] = {}
    samples: dict[str, list[str]] = {}
    for line in lines:
        shape = masked.get(line.message)
        if shape is None:
            shape = masked[line.message] = template(line.message)
            alike = samples.setdefault(shape, [])
            if len(alike) < _COMPARED:
                alike.append(line.message)
            if shape not in signs and (line.level in BAD or line.level == "warn"):
                signs[shape] = _sign(line.message)
        level = line.level if line.level in BAD else ""
        span = known.get(line.span_id) if line.span_id and line.service not in cut else None
        if span is None or span.service != line.service:
            free[line.service, "", level, shape].append(line.at)
        else:
            given[line.service, span.operation, level, shape][span.span_id] = span.start
    hits = [*_given(clock, spans, given), *_free(clock, clocks, free)]
    told = [_named(hit, signs.get(hit.values["template"], ""), samples, hide) for hit in hits]
    return [each for hit, shown in zip(hits, told, strict=True) for each in _testimony(hit, shown, samples, names)]


def _testimony(hit: Hit, shown: Hit, samples: Mapping[str, Sequence[str]], names: Collection[str]) -> list[Hit]:
    """Have a complaint that names another service speak against that one; who complains is then hardly the cause."""
    if not names or hit.key in ("log-missing", "log-fell"):
        return [shown]
    message = samples[hit.values["template"]][0][:_READ]
    if shown.mechanism != "dependency" and not _ANSWERED_BADLY.search(message):
        return [shown]
    others = [name for name in names if name != hit.blames and name in message and stands_alone(name, message)]
    if not others:
        return [shown]
    other = max(others, key=lambda name: (len(name), name))
    accuses = replace(shown, blames=other, mechanism="dependency", group=f"named {other}", key="log-names")
    values = {**shown.values, "speaker": hit.blames}
    return [replace(shown, mechanism="dependency"), replace(accuses, values=values)]


def stands_alone(name: str, message: str) -> bool:
    """Tell whether a text has a name in it, not as a part of another one."""
    return len(name) >= SHORTEST_NAME and bool(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", message))


def _named(hit: Hit, sign: str, samples: Mapping[str, Sequence[str]], hide: Callable[[str], str]) -> Hit:
    alike = samples[hit.values["template"]]
    values = {**hit.values, "template": shown(alike, hide)}
    if "\n" in alike[0] and (root := root_of(hide(alike[0][:_TOLD]))) not in values["template"]:
        values["root"] = root
    return replace(hit, mechanism=sign or hit.mechanism, values=values)


def _sign(message: str) -> str:
    low = message[:_TOLD].lower()
    return next((name for name, words in _SIGNS if any(word in low for word in words)), "")


def _given(clock: Clockface, spans: Spans, given: Mapping[Key, Mapping[str, float]]) -> list[Hit]:
    hits: list[Hit] = []
    for key, marked in list(given.items())[:_MOST_KEYS]:
        step = share_step(clock, spans.starts[key[0], key[1]], sorted(marked.values()))
        if step is not None and (hit := _share_hit(key, step)):
            hits.append(hit)
    return hits


def _share_hit(key: Key, step: LevelStep) -> Hit | None:
    service, operation, level, shape = key
    moved = step.after - step.before
    if level and moved < 0:
        # Errors that stop are no trouble.
        return None
    if abs(moved) < (_LEAST_BAD_SHARE if level else _LEAST_SHARE):
        return None
    strength = squash(abs(step.z) - _QUIET, _HALF_Z) * (1.0 if level else _PLAIN * min(1.0, _OF_A_MIX + abs(moved)))
    if strength <= 0:
        return None
    values = {
        "template": shape,
        "operation": operation,
        "before": number(100 * step.before),
        "after": number(100 * step.after),
    }
    name = "log-given" if moved > 0 else "log-missing"
    group = f"{'bad' if level else 'plain'} {service}"
    return Hit(Channel.LOG, service, strength, step.onset, name, values, group, "code" if level else "errors")


def _free(clock: Clockface, clocks: Mapping[str, Clockface], free: Mapping[Key, Sequence[float]]) -> list[Hit]:
    hits: list[Hit] = []
    for (service, _, level, shape), moments in list(free.items())[:_MOST_KEYS]:
        hit = _rate_hit(clocks.get(service, clock), service, level, shape, sorted(moments))
        if hit is not None:
            hits.append(hit)
    return hits


def _rate_hit(clock: Clockface, service: str, level: str, shape: str, moments: Sequence[float]) -> Hit | None:
    if 2 * math.sqrt(len(moments) + 0.5) <= _QUIET:
        # However they lie, so few are farther from no rate than that.
        return None
    best: tuple[float, float, int, int, float, float] | None = None
    for onset, (before_s, after_s) in zip(clock.onsets, clock.recorded, strict=True):
        if before_s < _BEFORE_S or after_s < _AFTER_S:
            continue
        cut = bisect_left(moments, onset)
        z = rates_differ(cut, before_s, len(moments) - cut, after_s)
        if best is None or abs(z) > abs(best[0]):
            best = z, onset, cut, len(moments) - cut, before_s, after_s
    if best is None or (best[0] < 0 and level):
        return None
    z, onset, before, after, before_s, after_s = best
    strength = squash(abs(z) - _QUIET, _HALF_Z) * (1.0 if level else 0.5 * _PLAIN)
    if strength <= 0:
        return None
    group = f"{'bad' if level else 'plain'} {service}"
    if z > 0 and before == 0:
        values = {"template": shape, "count": str(after), "seconds": number(after_s)}
        return Hit(Channel.LOG, service, strength, onset, "log-new", values, group, "code" if level else "errors")
    values = {"template": shape, "before": number(60 * before / before_s), "after": number(60 * after / after_s)}
    name = "log-grown" if z > 0 else "log-fell"
    return Hit(Channel.LOG, service, strength, onset, name, values, group, "code" if level else "errors")
