"""Describes findings, suspects, claims and the verdict over an incident: what is said, and what it rests on.

A finding is minted by code and carries a text key with values, so that it can be said in either language. A claim is a
sentence (of a model, or of ours) that names the findings it rests on; `bot.advice.verdict` drops those that do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.impact import Impact
from bot.domain.telemetry import Change, Gap, Window


class Channel(StrEnum):
    """Where a finding comes from; the letter begins its id."""

    METRIC = "M"
    LOG = "L"
    TRACE = "T"
    CHANGE = "C"
    ALERT = "A"
    HISTORY = "H"


class Confidence(StrEnum):
    """How sure the verdict is; each has a text `confidence.<word>`."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    INCONCLUSIVE = "inconclusive"


# From how probable on (ratio) a cause is called so; below the second nobody is named. All that is called Likely must be right 80 %
# of the time, and all that is called Possible 45 %; `python -m bench.operating` judges the second (docs/investigation.md).
LIKELY, POSSIBLE = 0.8, 0.4


class Unknown(StrEnum):
    """Why nothing tells what is normal: too little was recorded before, or it was as bad for as long as can be seen."""

    SHORT = "short"
    SICK = "sick"


class ActionKind(StrEnum):
    """What may be suggested; each has a text `action.<kind>`. Nothing of it is ever run."""

    ROLLBACK = "rollback"
    SCALE = "scale"
    RESTART = "restart"
    CONFIG_REVERT = "config-revert"
    FLAG_OFF = "flag-off"
    FAILOVER = "failover"
    INVESTIGATE = "investigate"


class Risk(StrEnum):
    """What doing it may cost; each has a text `risk.<word>`."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation: `id` (`M1`), the text `finding.<key>` with `values`, and where to see it for oneself.

    `score` is 0..1: how sure it is that this is not the service's normal. `query` is PromQL, LogQL or a trace id.
    """

    id: str
    channel: Channel
    service: str
    key: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    score: float = 0.0
    query: str = ""
    window: Window | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A service that may be the cause: how strongly (0..1), by which mechanism (text `mechanism.<word>`), and why.

    `tells` is the finding that the mechanism is told by, if one of its findings tells it.
    """

    service: str
    score: float
    mechanism: str
    findings: tuple[str, ...] = ()
    tells: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the numbers say without a model: suspects, most likely first; `abstained` if none stands out of its normal.

    `affected` are other services that are in trouble too, `culprit` the change that most likely began it. Where nothing tells
    what is normal `unknown` says why, and `watched_s` for how long anything had been recorded when it fired.
    """

    onset_at: float
    suspects: tuple[Suspect, ...]
    findings: tuple[Finding, ...]
    abstained: bool
    affected: tuple[str, ...] = ()
    culprit: Change | None = None
    harmless: tuple[str, ...] = ()
    unknown: Unknown | None = None
    watched_s: float = 0.0

    @property
    def lead(self) -> Suspect | None:
        """The most likely cause, if any stands out."""
        return None if self.abstained or not self.suspects else self.suspects[0]

    def finding(self, name: str) -> Finding | None:
        """Return the finding with this id."""
        return next((each for each in self.findings if each.id == name), None)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence about a service and the ids of the findings that it rests on."""

    text: str
    service: str = ""
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another explanation, and why it is less likely."""

    claim: Claim
    why_not: str


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person may do next."""

    kind: ActionKind
    text: str
    risk: Risk
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said: at most one cause. `dropped` tells what was struck from a model's answer, and why."""

    confidence: Confidence
    cause: Claim | None = None
    why: tuple[Claim, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    blast_radius: tuple[Claim, ...] = ()
    actions: tuple[Action, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelUse:
    """What a model was asked for and what that cost; `silent` is the text key of why nothing of it is shown."""

    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float = 0.0
    calls: int = 0
    silent: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """The outcome of one investigation: the ranking, the verdict shown, and the model's part in it.

    `differs` is the ranking's own lead when the model names another service: both are shown. `unexplained` are services
    that fire and are not known to call the one that is named.
    """

    ranking: Ranking
    verdict: Verdict
    use: ModelUse
    gaps: tuple[Gap, ...] = ()
    differs: str = ""
    runbook: str = ""
    runbook_steps: tuple[str, ...] = ()
    similar: tuple[int, ...] = ()
    seconds: float = 0.0
    impact: Impact | None = None
    unexplained: tuple[str, ...] = ()
