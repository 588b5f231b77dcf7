"""Tells whom to call after how long, until somebody answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from bot.domain.alerts import Severity

# A chain that repeats for ever would call for years about an alert that nobody ends.
MOST_REPEATS = 200


class TargetKind(StrEnum):
    """Whom or what a step reaches."""

    OWNERS = "owners"
    ONCALL = "oncall"
    NEXT = "next"
    PERSON = "person"
    ROLE = "role"
    HERE = "here"
    CHANNEL = "channel"
    MESSAGE = "message"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class EscalationTarget:
    """One thing that a step reaches; `name` is a person's key, a role's id, a channel, or the name of a webhook.

    MESSAGE is a direct message to that person, or to whoever is on call if there is no name.
    """

    kind: TargetKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """Whom to call, so long after the step before, or after it began."""

    wait: timedelta
    targets: tuple[EscalationTarget, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps one after the other; the last `repeated` of them come again so many times.

    With `working_hours_only` what falls outside the hours is held back until they begin.
    """

    steps: tuple[EscalationStep, ...]
    repeats: int = 0
    repeated: int = 1
    working_hours_only: bool = False

    def step(self, place: int) -> EscalationStep | None:
        """Return the step at a place, counted from 0 through all repetitions; None behind the last."""
        if place < len(self.steps):
            return self.steps[place]
        again = place - len(self.steps)
        if not self.steps or again >= self.repeats * self.repeated:
            return None
        return self.steps[len(self.steps) - self.repeated + again % self.repeated]


Chains = Mapping[Severity, Chain]

_OWNERS, _ONCALL, _NEXT = (
    EscalationTarget(TargetKind.OWNERS),
    EscalationTarget(TargetKind.ONCALL),
    EscalationTarget(TargetKind.NEXT),
)


def _soon(minutes: float, *targets: EscalationTarget) -> EscalationStep:
    return EscalationStep(timedelta(minutes=minutes), targets)


# Without a schedule: the card has called the owner of a P1 and of a P2 already.
DEFAULT: Chains = {
    Severity.P1: Chain((_soon(15, _OWNERS, EscalationTarget(TargetKind.HERE)),), MOST_REPEATS),
    Severity.P2: Chain((_soon(60, _OWNERS),)),
}
# With one: who is on call at once, then also who comes next.
DEFAULT_ONCALL: Chains = {
    Severity.P1: Chain((_soon(0, _ONCALL), _soon(15, _ONCALL, _NEXT)), MOST_REPEATS),
    Severity.P2: Chain((_soon(0, _ONCALL), _soon(60, _ONCALL, _NEXT))),
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Somewhere else that is told: a JSON body with `{placeholders}` in its texts; headers may hold secrets."""

    url: str
    body: object
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
