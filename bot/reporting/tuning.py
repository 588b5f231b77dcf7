"""Finds what would have quietened a rule: each single change is tried on its past; none that loses a real one is proposed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.reporting.alert_rules import AlertRule, Comparison
from bot.reporting.replay import Episode, Runs, Timing, Track, episodes, notifications, runs
from bot.reporting.rules import LONG

_MINUTE: Final = timedelta(minutes=1)
_WAITS: Final = tuple(minutes * _MINUTE for minutes in (1, 2, 3, 5, 10, 15, 20, 30))
_KEEPS: Final = tuple(minutes * _MINUTE for minutes in (2, 5, 10, 15, 30, 60))
# Fewer are not worth a change, nor is a smaller part of all.
_LEAST, _LEAST_PART = 3, 0.2
# Of what saves nearly as much, what costs less is better.
_NEARLY: Final = 0.95
# What came so soon before or after an incident belongs to it: it is grouped, sent, and told to be over later.
_SLACK_S: Final = 600.0
# A bound so much further away would have to keep the real ones, too.
_MARGIN: Final = 0.1
_QUANTILES: Final = (0.5, 0.75, 0.9, 1.0)


class Knob(StrEnum):
    """What is changed; each has a text `team_report.knob.<word>`."""

    KEEP = "keep"
    WAIT = "wait"
    BOUND = "bound"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of one rule: `changed` fires `after` times where `rule` did `before` times, in the days that were replayed.

    All `real` ones still fire, at most `delay` later.
    """

    rule: AlertRule
    changed: AlertRule
    knob: Knob
    before: int
    after: int
    real: int
    delay: timedelta
    days: float

    @property
    def saved(self) -> int:
        """How many notifications it would have saved."""
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class Real:
    """A real incident, epoch seconds, and which groups of tracks it may have been told of; nothing stands for any."""

    start: float
    end: float
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Past:
    """What a rule did: its tracks over some days, and the real incidents.

    `apart` is how long what begins is told together; nobody real may be told of more than `most_delay` later.
    """

    tracks: Sequence[Track]
    days: float
    real: Sequence[Real] = ()
    apart: timedelta = timedelta(minutes=5)
    most_delay: timedelta = timedelta(minutes=10)


def proposal(rule: AlertRule, past: Past) -> Proposal | None:
    """Return the change that saves most, of those that save nearly as much the one that costs least; None if none does."""
    found = _runs_of(rule, past)
    fired = _fired(rule, found)
    before = notifications(fired, past.apart)
    real = [*_seen(past.real, fired), *_lasting(rule, fired)]
    tried = [
        Proposal(rule, changed, knob, before, notifications(after, past.apart), len(real), delay, past.days)
        for knob, changed, after in _candidates(rule, past, found, fired, real)
        if (delay := _delay(fired, after, real)) is not None and delay <= past.most_delay
    ]
    worth = [each for each in tried if each.saved >= max(_LEAST, before * _LEAST_PART)]
    best = max((each.saved for each in worth), default=0)
    good = [each for each in worth if each.saved >= best * _NEARLY]
    return min(good, key=lambda each: (each.delay, list(Knob).index(each.knob), -each.saved), default=None)


def fired_of(rule: AlertRule, past: Past) -> list[Episode]:
    """Return when a rule would have fired; its bound may only be stricter than that of the tracks."""
    return _fired(rule, _runs_of(rule, past))


def _runs_of(rule: AlertRule, past: Past) -> Runs:
    return runs(past.tracks, rule.interval, rule.compared.holds if rule.compared else lambda _: True)


def _fired(rule: AlertRule, found: Runs) -> list[Episode]:
    return episodes(found, Timing(rule.interval, rule.wait, rule.keep or timedelta()))


def _candidates(
    rule: AlertRule, past: Past, found: Runs, fired: Sequence[Episode], real: Sequence[Real]
) -> Iterable[tuple[Knob, AlertRule, list[Episode]]]:
    """Yield what may be changed, and when it would have fired then."""
    keep = rule.keep
    if keep is not None:
        longer = [replace(rule, keep=each) for each in _KEEPS if each > keep]
        yield from ((Knob.KEEP, each, _fired(each, found)) for each in longer)
    later = [replace(rule, wait=each) for each in _WAITS if each > rule.wait]
    yield from ((Knob.WAIT, each, _fired(each, found)) for each in later)
    if rule.compared is None:
        return
    old = float(rule.compared.bound)
    for bound in _bounds(rule.compared, [each for each in fired if not _within(each, real)]):
        further = rule.bounded(repr(old + (float(bound) - old) * (1 + _MARGIN)))
        if _delay(fired, fired_of(further, past), real) is not None:
            yield Knob.BOUND, rule.bounded(bound), fired_of(rule.bounded(bound), past)


def _bounds(compared: Comparison, vain: Sequence[Episode]) -> list[str]:
    """Return stricter bounds: such that half, most or all of what was told in vain stays within them."""
    peaks = sorted(each.high for each in vain) if compared.upwards else sorted((e.low for e in vain), reverse=True)
    if not peaks:
        return []
    places = [min(math.ceil(len(peaks) * part), len(peaks)) - 1 for part in _QUANTILES]
    rounded = [_rounded(peaks[place], up=compared.upwards) for place in places]
    return [bound for bound in dict.fromkeys(rounded) if _stricter(compared, float(bound))]


def _stricter(compared: Comparison, bound: float) -> bool:
    old = float(compared.bound)
    return bound > old if compared.upwards else bound < old


def _rounded(value: float, *, up: bool) -> str:
    """Write a number with two digits that count, rounded so that the value itself stays within it."""
    if not value or not math.isfinite(value):
        return "0"
    size = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    steps = value / size
    whole = math.ceil(steps - 1e-9) if up else math.floor(steps + 1e-9)
    return f"{whole * size:.10g}"


def _seen(real: Sequence[Real], fired: Sequence[Episode]) -> list[Real]:
    """Return the real incidents that the replay shows at all: of others it cannot say whether they would be lost."""
    return [found for span in real if (found := _placed(span, fired)) is not None]


def _placed(span: Real, fired: Sequence[Episode]) -> Real | None:
    """Return it with the one group that began it; noise of another one at that time does not stand for it."""
    theirs = [each for each in fired if _overlaps(each, span)]
    if not theirs:
        return None
    nearest = min(theirs, key=lambda each: abs(each.start - span.start))
    return replace(span, groups=frozenset({nearest.group}))


def _lasting(rule: AlertRule, fired: Sequence[Episode]) -> list[Real]:
    """Return what lasted, in one piece or coming back again and again."""
    joined: dict[str, list[Episode]] = {}
    spans: list[list[Episode]] = []
    for each in fired:
        before = joined.get(each.group)
        if before is None or each.start - before[-1].end > _SLACK_S:
            before = joined[each.group] = []
            spans.append(before)
        before.append(each)
    keep = (rule.keep or timedelta()).total_seconds()
    lasting = [span for span in spans if sum(each.end - each.start - keep for each in span) >= LONG.total_seconds()]
    return [Real(each[0].start, max(one.end for one in each), frozenset({each[0].group})) for each in lasting]


def _delay(fired: Sequence[Episode], later: Sequence[Episode], real: Sequence[Real]) -> timedelta | None:
    """Return how much later the real ones would have been told at most; None if one would not have been told."""
    most = 0.0
    for span in real:
        first = min(each.start for each in fired if _overlaps(each, span))
        starts = [each.start for each in later if _overlaps(each, span)]
        if not starts:
            return None
        most = max(most, min(starts) - first)
    return timedelta(seconds=most)


def _within(episode: Episode, spans: Iterable[Real]) -> bool:
    return any(_overlaps(episode, span) for span in spans)


def _overlaps(episode: Episode, span: Real) -> bool:
    if span.groups and episode.group not in span.groups:
        return False
    return episode.start <= span.end + _SLACK_S and episode.end >= span.start - _SLACK_S
