"""What a ranking must beat: N-Sigma and BARO's scorer as published, chance, and naming the service that alerts.

Both scorers are max over a window of (x - centre) / spread: mean and standard deviation for N-Sigma, median and
interquartile range for BARO (a robust scaler). A spread of 0 counts as 1, as in the scalers of both authors. Of the time
of the incident they know `fired_at` only: [fired_at - 5 min, fired_at + 3 min], but two sampling steps at least to either
side, against all that is 10 min and more before it.
"""

from __future__ import annotations

import itertools
import math
import statistics
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.telemetry import Change, ChangeKind, Observations, Series

Scores = Mapping[str, float]
Scaler = Callable[[Sequence[float]], tuple[float, float]]

_BEFORE_S, _AFTER_S, _NORMAL_UNTIL_S = 300.0, 180.0, 600.0
_STEPS = 2
# Nothing is learnt from a single sample, neither of the normal nor of the incident.
_FEWEST = 2


def candidates(seen: Observations) -> frozenset[str]:
    """Return the services that a ranking could name: all that any source has seen."""
    return frozenset(
        (
            *(series.service for series in seen.series),
            *(line.service for line in seen.lines),
            *(span.service for span in seen.spans),
            *itertools.chain.from_iterable(seen.edges),
            *([seen.service] if seen.service else []),
        )
    )


def n_sigma(seen: Observations) -> Scores:
    """Score the services by mean and standard deviation of their normal."""
    return _scores(seen, _standard)


def baro(seen: Observations) -> Scores:
    """Score the services by median and interquartile range of their normal."""
    return _scores(seen, _robust)


def by_chance(seen: Observations) -> Scores:
    """Score all services alike: a tie of all is the chance level."""
    return dict.fromkeys(candidates(seen), 0.0)


def latest_deploy(seen: Observations) -> Change | None:
    """Return the last deploy before the alert."""
    shipped = [change for change in seen.changes if change.kind is ChangeKind.DEPLOY and change.at <= seen.fired_at]
    return max(shipped, key=lambda change: change.at, default=None)


def shipped_last(seen: Observations) -> Scores:
    """Name the service of the last deploy, then the others by chance."""
    latest = latest_deploy(seen)
    return {service: float(latest is not None and latest.service == service) for service in candidates(seen)}


def alerting_first(seen: Observations) -> Scores:
    """Name the service that alerts, then the others by chance."""
    return {service: float(service == seen.service) for service in candidates(seen)}


@dataclass(frozen=True, slots=True)
class Baseline:
    """A way to score services, the score beyond which it accuses somebody, and the change that it blames (None for none)."""

    scores: Callable[[Observations], Scores]
    alarm: float
    blames: Callable[[Observations], Change | None] = lambda _: None


# Nobody publishes a threshold; six spreads is what the cases were tried with. Chance knows no doubt.
BASELINES: Mapping[str, Baseline] = {
    "n-sigma": Baseline(n_sigma, 6.0),
    "baro": Baseline(baro, 6.0),
    "random": Baseline(by_chance, -1.0),
    "alerting-first": Baseline(alerting_first, -1.0),
    "latest-deploy": Baseline(shipped_last, 0.0, latest_deploy),
    "always-none": Baseline(by_chance, math.inf),
}


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of sorted values, linear between two of them."""
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _standard(values: Sequence[float]) -> tuple[float, float]:
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))
    return mean, spread or 1.0


def _robust(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return quantile(ordered, 0.5), (quantile(ordered, 0.75) - quantile(ordered, 0.25)) or 1.0


def _scores(seen: Observations, scaler: Scaler) -> Scores:
    times = sorted({time for series in seen.series for time, _ in series.points})
    if len(times) < _FEWEST:
        return {}
    step = statistics.median(after - before for before, after in itertools.pairwise(times))
    start = seen.fired_at - max(_BEFORE_S, _STEPS * step)
    end = seen.fired_at + max(_AFTER_S, _STEPS * step)
    scores: dict[str, float] = {}
    for series in seen.series:
        score = _score(series, times, seen.fired_at - _NORMAL_UNTIL_S, (start, end), scaler)
        if score is not None:
            scores[series.service] = max(score, scores.get(series.service, -math.inf))
    return scores


def _score(
    series: Series, times: Sequence[float], normal_until: float, window: tuple[float, float], scaler: Scaler
) -> float | None:
    sampled = sum(window[0] <= time <= window[1] for time, _ in series.points)
    filled = _filled(series, times)
    normal = [value for time, value in filled if time <= normal_until]
    incident = [value for time, value in filled if window[0] <= time <= window[1]]
    if sampled < _FEWEST or len(normal) < _FEWEST or min(normal) == max(normal):
        return None
    centre, spread = scaler(normal)
    return max((value - centre) / spread for value in incident)


def _filled(series: Series, times: Sequence[float]) -> list[tuple[float, float]]:
    """Fill the gaps as the authors do in their tables: with the value before it, and with 0 before the first."""
    at = [time for time, _ in series.points]
    places = ((time, bisect_right(at, time) - 1) for time in times)
    return [(time, series.points[place][1] if place >= 0 else 0.0) for time, place in places]
