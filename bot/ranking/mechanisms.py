"""How a service fails: the mechanism that speaks loudest against it, and the hit that tells it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.evidence import Channel
from bot.domain.telemetry import ChangeKind, MetricKind, Observations
from bot.ranking.changes import Accused
from bot.ranking.hits import Hit

# How much a hit of each mechanism says about *how* a service fails: a full pool explains slowness, not the other way round.
_TELLS = {
    "disk": 1.6,
    "dependency": 0.8,
    "pool": 1.6,
    "cache": 1.0,
    "memory": 1.4,
    "unavailable": 1.3,
    "pods": 1.3,
    "cpu": 1.6,
    "network": 1.0,
    "code": 1.0,
    "errors": 0.7,
    "saturation": 0.6,
    "backlog": 0.6,
    "scheduling": 0.6,
    "latency": 0.5,
    "traffic": 0.4,
}
_OTHER_TELLS = 0.3
# What somebody says of a service that does not answer in time, and of one that does not answer.
_LATE = re.compile(r"time[ds]?.?out|deadline", re.IGNORECASE)
_AWAY = re.compile(r"refused|reset|no route|no such host|unknown.?host|unavailable|certificate", re.IGNORECASE)
# Of a level that only repeats what the alert complains of this part counts (ratio; by hand).
_SYMPTOMS, _COMPLAINED = frozenset({"errors", "latency"}), 0.5
# A line that names one of these mechanisms outright, from this strength on, counts for at least this, however few of the
# requests log it (0..1; by hand).
_OUTRIGHT, _HEARD, _NAMES_IT = frozenset({"pool", "memory", "disk"}), 0.1, 0.6
# What a bad deploy looks like.
_SHIPPED = frozenset({"code", "errors", "latency", "unknown", "unavailable", "pods"})


def mechanism(hits: Sequence[Hit], service: str, named: Accused | None, seen: Observations) -> tuple[str, Hit | None]:
    """Return how a service fails, and the hit that tells it most clearly; none if it is only concluded."""
    best: dict[str, tuple[float, Hit]] = {}
    for hit in hits:
        if hit.blames == service and (told := _says_how(hit)):
            strength = _strength(hit, told)
            if told not in best or strength > best[told][0]:
                best[told] = strength, hit
    votes = {told: strength * _TELLS.get(told, _OTHER_TELLS) for told, (strength, _) in best.items()}
    word = max(votes, key=lambda told: votes[told], default="unknown")
    shipped = named is not None and named.service == service and named.change.kind is not ChangeKind.RESTART
    if shipped and word in _SHIPPED:
        return "deploy", None
    if word == "errors" and seen.kind is MetricKind.LATENCY and "latency" in votes:
        word = "latency"
    return word, best[word][1] if word in best else None


def _strength(hit: Hit, told: str) -> float:
    strength = hit.strength * (_COMPLAINED if hit.key == "metric-stands" and told in _SYMPTOMS else 1.0)
    if hit.channel is Channel.LOG and told in _OUTRIGHT and strength >= _HEARD:
        return max(strength, _NAMES_IT)
    return strength


def _says_how(hit: Hit) -> str:
    """Return the mechanism that a hit speaks of; who complains of a service tells how that answers, not what it waits for."""
    if hit.key != "log-names":
        return hit.mechanism
    template = hit.values.get("template", "")
    return "latency" if _LATE.search(template) else "unavailable" if _AWAY.search(template) else "errors"
