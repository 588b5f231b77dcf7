"""Finds what lines and spans say by themselves, where too little was recorded to tell what is new; and who does not stay up.

A system of which nothing is known is presumed to have been well for as long as it has been watched: it logged no errors, nothing
failed, and nobody waited for long. What stands out beside that is said as what it is, never as something new.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from bot.domain.evidence import Channel
from bot.domain.telemetry import ChangeKind, LogLine, MetricKind, Observations, Span
from bot.ranking.accountable import alike
from bot.ranking.hits import Hit
from bot.ranking.logs import BAD, log_hits
from bot.ranking.presumed import WAITS_S
from bot.ranking.spans import Spans
from bot.ranking.templates import root_of, shown, template
from bot.ranking.traces import trace_hits

# At least so long a system is presumed to have been well (seconds), so that two lines of its first second are no flood.
_WELL_S = 60.0
# Of an operation at most so many spans are presumed: more make nobody surer.
_MOST = 100
# What is measured beside what was seen before is believed rather than what is presumed, if it says so much of it (ratio).
_SEEN = 0.8
# What says what is new, or how it was before, and what says the same without.
_KEYS = {
    "log-new": "log-stands",
    "log-grown": "log-grown-stands",
    "span-slow": "span-slow-stands",
    "span-waits": "span-waits-stands",
    "span-held": "span-held-stands",
}
# From so many restarts on, of each instance, a service is one that does not stay up: how many, and within which time before the
# alert and after it (seconds), as long as Kubernetes waits at most before it starts a container again, twice.
_AGAIN, _BEFORE_S, _AFTER_S = 3, 600.0, 180.0
_STRENGTH = 0.9
AGAIN = "restarts-again"
# What says by itself where it is, from this strength on (0..1): statements, and how somebody else complains of it; of lines,
# resources and targets only that which names a mechanism; and where the time is lost, if the alert is about time.
_OUTRIGHT = 0.5
_STATES = frozenset({"platform-said", AGAIN, "log-last-words"})
_SAYS = _STATES | {"log-names", "call-failed", "unmeasured"}
_NAMED = frozenset({"pool", "memory", "disk", "cpu", "unavailable", "saturation", "backlog", "code"})
_TAKES_TIME = frozenset({"span-slow-stands", "span-waits-stands", "span-held-stands"})
# So far (0..1) the alerting service must show what the alert complains of: else it may be a false one.
_SHOWN = 0.3
# The beginning of a line in which the exception that began it is looked for (characters).
_READ = 4000


def standing_hits(seen: Observations, hide: Callable[[str], str], names: Collection[str]) -> list[Hit]:
    """Return what stands out beside a time in which all is presumed to have been well."""
    spans, windows = _well(seen)
    traced = trace_hits(spans, seen.fired_at, windows, names=names) if spans else []
    bad = [line for line in seen.lines if line.level in BAD]
    # Errors are counted all together: how many requests of a kind there are usually nobody knows.
    cut = {name: _longer(parts, bad) for name, parts in seen.cut_log_windows.items()}
    windows = _longer(seen.log_windows, bad) if bad else []
    logged = log_hits(bad, (), seen.fired_at, windows, hide=hide, names=names, cut=cut)
    return [replace(hit, key=_KEYS.get(hit.key, hit.key)) for hit in (*traced, *logged)]


def with_standing(recorded: Sequence[Hit], standing: Sequence[Hit], young: float) -> list[Hit]:
    """Add what stands out by itself to what stands out beside what was seen before, which is believed rather."""
    known = {_what(hit): hit.strength for hit in recorded}
    added = [replace(hit, strength=young * hit.strength) for hit in standing]
    added = [hit for hit in added if hit.strength * _SEEN > known.get(_what(hit), 0.0)]
    better = {_what(hit) for hit in added}
    return [*(hit for hit in recorded if _what(hit) not in better), *added]


def outright(hits: Sequence[Hit], lead: str | None, seen: Observations) -> bool:
    """Tell whether anything says by itself, without a past, that it is the first, and the alert is seen to be right."""
    shown = seen.service is None or any(hit.blames == seen.service and _shows(hit, seen.kind) for hit in hits)
    return shown and any(hit.blames == lead and hit.strength >= _OUTRIGHT and _says(hit, seen.kind) for hit in hits)


def _shows(hit: Hit, kind: MetricKind) -> bool:
    """Tell whether it shows of the alerting service what the alert complains of; error lines alone, which many log, do not."""
    if hit.strength < _SHOWN:
        return False
    if hit.channel is Channel.METRIC:
        # Availability tells of every failure, and where the alert's kind is not known any will do.
        kinds = alike(kind) | {MetricKind.AVAILABILITY}
        return kind is MetricKind.OTHER or hit.key == "unmeasured" or any(hit.group.startswith(each) for each in kinds)
    return hit.channel is Channel.TRACE or hit.key in _STATES


def _says(hit: Hit, kind: MetricKind) -> bool:
    if hit.key in _SAYS:
        return True
    if hit.channel is Channel.TRACE:
        return kind is MetricKind.LATENCY and hit.key in _TAKES_TIME
    return hit.channel in (Channel.LOG, Channel.METRIC) and hit.mechanism in _NAMED


def restart_hits(seen: Observations, hide: Callable[[str], str]) -> list[Hit]:
    """Return who is started again and again around the alert, and what it logs before it ends."""
    found: Mapping[str, list[float]] = defaultdict(list)
    for change in seen.changes:
        if change.kind is ChangeKind.RESTART and change.service and -_BEFORE_S <= change.at - seen.fired_at <= _AFTER_S:
            found[change.service].append(change.at)
    instances = Counter(each.service for each in seen.series if each.kind is MetricKind.AVAILABILITY)
    hits: list[Hit] = []
    for service, times in found.items():
        if len(times) < _AGAIN * max(1, instances[service]):
            continue
        values = {"count": str(len(times)), "seconds": str(round(max(times) - min(times)))}
        told = Hit(Channel.CHANGE, service, _STRENGTH, min(times), AGAIN, values, f"restarts {service}", "unavailable")
        hits += [told, *_last_words(seen, told, len(times), hide)]
    return hits


def _last_words(seen: Observations, told: Hit, restarts: int, hide: Callable[[str], str]) -> list[Hit]:
    """Return the error that a service logs about as often as it is started, if there is one."""
    errors: dict[str, list[LogLine]] = defaultdict(list)
    for line in seen.lines:
        if line.service == told.blames and line.level in BAD and line.at >= told.at - _BEFORE_S:
            errors[template(line.message)].append(line)
    often = [own for own in errors.values() if restarts <= 2 * len(own) and len(own) <= 2 * restarts]
    if not often:
        return []
    words = {"template": shown([line.message for line in often[0]], hide)}
    if root := root_of(hide(often[0][0].message[:_READ])):
        words["root"] = root
    return [replace(told, channel=Channel.LOG, key="log-last-words", values=words, group=f"last {told.blames}")]


def _what(hit: Hit) -> tuple[str, ...]:
    """Return what a hit is about, whatever it says of it."""
    values = hit.values
    return hit.blames, hit.channel.value, hit.group, values.get("operation", ""), values.get("template", "")


def _longer(windows: Sequence[tuple[float, float]], lines: Sequence[LogLine]) -> list[tuple[float, float]]:
    """Return the stretches that were read, and before them as long a one in which nothing was logged."""
    known = list(windows) or [(lines[0].at, lines[-1].at)]
    begin = min(start for start, _ in known)
    return [(begin - max(_WELL_S, max(end for _, end in known) - begin), begin), *known]


def _well(seen: Observations) -> tuple[Spans, list[tuple[float, float]]]:
    """Return the spans with as many before them that neither failed nor took long, and the stretches of both."""
    spans = Spans.of(seen.spans)
    if not spans:
        return spans, []
    begin, end = spans[0].start, spans[-1].start
    lasted = max(_WELL_S, end - begin)
    presumed: list[Span] = []
    for place, own in enumerate(spans.by_operation.values()):
        many = min(_MOST, len(own))
        usual = sorted(span.duration_ms for span in own)[len(own) // 2]
        for at in range(many):
            start = begin - lasted * (many - at) / (many + 1)
            duration = min(usual, 1000 * WAITS_S)
            name = f"presumed-{place}-{at}"
            presumed.append(
                replace(
                    own[0], trace_id=name, span_id=name, parent_id="", start=start, duration_ms=duration, failed=False
                )
            )
    windows = list(seen.span_windows) or [(begin, end)]
    return Spans.of([*presumed, *spans]), [(begin - lasted, begin), *windows]
