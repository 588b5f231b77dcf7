"""Finds which rules were noisy, which flapped, and which say neither what to do nor whom they concern."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.domain.alerts import Alert
from bot.domain.incidents import Incident
from bot.reporting.history import History, counted

# What lasted so long was real, whether somebody acknowledged it or not.
LONG: Final = timedelta(minutes=30)
_FLAPPING: Final = 3


@dataclass(frozen=True, slots=True)
class Noise:
    """One rule: in how many incidents it fired, how often these came again, and how many of them were real.

    Real is what somebody acknowledged or what lasted; `uid` is Grafana's name of the rule.
    """

    rule: str
    uid: str
    incidents: tuple[int, ...]
    again: int
    real: tuple[int, ...]

    @property
    def notifications(self) -> int:
        """How often it was told that it fires."""
        return len(self.incidents) + self.again

    @property
    def in_vain(self) -> int:
        """How many incidents were not real."""
        return len(self.incidents) - len(self.real)


@dataclass(frozen=True, slots=True)
class Untidy:
    """Rules that flap (with how often), without a runbook, and services that nobody owns."""

    flapping: tuple[tuple[str, int], ...] = ()
    no_runbook: tuple[str, ...] = ()
    no_owner: tuple[str, ...] = ()


def is_real(incident: Incident) -> bool:
    """Tell whether somebody acknowledged it, or it lasted; what is not over yet is real."""
    if incident.first_ack_at or incident.resolved_at is None:
        return True
    return incident.resolved_at - incident.opened_at >= LONG


def noisiest(history: History, limit: int) -> list[Noise]:
    """Return the rules that told most in vain, the noisiest first."""
    found: dict[str, list[tuple[Incident, Alert]]] = {}
    for incident in counted(history):
        # An incident that others have joined is one of each of its rules.
        for alert in {alert.name: alert for alert in incident.alerts if not alert.is_watchdog}.values():
            found.setdefault(alert.name, []).append((incident, alert))
    noises = [_noise(rule, fired) for rule, fired in found.items()]
    loud = [each for each in noises if each.in_vain + each.again >= 1]
    return sorted(loud, key=lambda each: (-(each.in_vain + each.again), -each.notifications, each.rule))[:limit]


def _noise(rule: str, fired: Iterable[tuple[Incident, Alert]]) -> Noise:
    pairs = list(fired)
    uid = next((alert.rule_uid for _, alert in reversed(pairs) if alert.rule_uid), "")
    # What came again is told of the rule that began the incident.
    again = sum(incident.flaps for incident, _ in pairs if incident.title == rule)
    numbers = tuple(incident.number for incident, _ in pairs)
    return Noise(rule, uid, numbers, again, tuple(incident.number for incident, _ in pairs if is_real(incident)))


def untidy(history: History, has_runbook: Callable[[Incident], bool], has_owner: Callable[[Incident], bool]) -> Untidy:
    """Return what is to be tidied up; the newest incident of a rule says whether it has a runbook."""
    flaps: dict[str, int] = {}
    runbooks: dict[str, bool] = {}
    services: dict[str, bool] = {}
    for incident in counted(history):
        if all(alert.is_watchdog for alert in incident.alerts):
            continue
        flaps[incident.title] = flaps.get(incident.title, 0) + incident.flaps
        runbooks[incident.title] = has_runbook(incident)
        services[incident.service or incident.title] = has_owner(incident)
    flapping = sorted(((rule, count) for rule, count in flaps.items() if count >= _FLAPPING), key=lambda each: -each[1])
    return Untidy(
        tuple(flapping),
        tuple(sorted(rule for rule, known in runbooks.items() if not known)),
        tuple(sorted(service for service, owned in services.items() if not owned)),
    )
