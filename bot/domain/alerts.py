"""Describes alerts as both sources send them, in one shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain import wording
from bot.domain.apart import telling
from bot.domain.labels import USUAL, name_of
from bot.domain.origins import same_origin
from bot.domain.severity import LEVELS, Severity

# Grafana resolves an alert with one of these reasons when nothing has recovered.
MISSING = "MissingSeries"
NOT_RECOVERED = frozenset({"Paused", "RuleDeleted", "Updated", MISSING})

# And with one of these when the rule has found nothing to measure: another alert tells of that.
NOT_MEASURED = frozenset({"NoData", "Error"})

# The names under which Grafana sends "this rule had no data" and "this rule could not be evaluated".
NO_DATA, ERROR = "DatasourceNoData", "DatasourceError"


_WORD = re.compile(r"[A-Za-z]+")

# Fires for ever, by the name that it has nearly everywhere: its coming is the sign.
WATCHDOG = "Watchdog"

# Marks the test alert of `bongsu verify`; its value is a random word.
DRILL_LABEL = "bongsu_drill"


class AlertStatus(StrEnum):
    """Whether an alert fires or has ended."""

    FIRING = "firing"
    RESOLVED = "resolved"


class JoinedHow(StrEnum):
    """Why an alert is in an incident that another group began; each has a text `joined.<word>`."""

    SAME_SERVICE = "same_service"
    CALLS = "calls"
    CALLED_BY = "called_by"
    SAME_CAUSE = "same_cause"


@dataclass(frozen=True, slots=True)
class Joined:
    """That an alert of another group joined: when, why, and how many seconds after the trouble it began.

    `other` is the service that it stands beside; with `quiet` whoever owns it had been called for the incident.
    """

    group: str
    at: datetime
    how: JoinedHow
    other: str = ""
    after_s: int = 0
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """One label set that fires or is resolved; `seen_at` is when we last heard of it."""

    fingerprint: str
    status: AlertStatus
    starts_at: datetime
    ends_at: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    values: Mapping[str, float] = field(default_factory=dict[str, float])
    rule_uid: str | None = None
    generator_url: str = ""
    dashboard_url: str = ""
    panel_url: str = ""
    silenced_by: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    seen_at: datetime | None = None
    # The sender's own address in the last message, to tell a late copy of another replica.
    told_by: str = ""
    # Severity and service as the operator's own words say (bot.yml); None where only the usual ones were asked.
    level: int | None = None
    about: str | None = None
    # When another replica said that it fires although it had just ended.
    doubted_at: datetime | None = None
    # How it ended when nobody told us the end.
    ended_as: str | None = None
    tested: bool = False
    # Whether its source keeps it from us: inhibited, or in a time in which its route is muted.
    muted: bool = False
    # The fingerprints of those because of which it is inhibited: silencing them changes nothing about that.
    inhibited_by: tuple[str, ...] = ()
    # Nothing where its own group began the incident.
    joined: Joined | None = None

    @property
    def firing(self) -> bool:
        """Whether it fires."""
        return self.status is AlertStatus.FIRING

    @property
    def episode(self) -> tuple[str, datetime]:
        """Identify one firing episode of this label set."""
        return self.fingerprint, self.starts_at

    @property
    def name(self) -> str:
        """Name the rule, also when Grafana sends the alert under the name of its NoData or Error twin."""
        alertname = self.labels.get("alertname", "")
        if alertname in (NO_DATA, ERROR):
            return self.labels.get("rulename") or alertname
        return alertname or name_of(self.labels) or "alert"

    @property
    def trouble(self) -> str | None:
        """Tell `NoData` or `Error` when the rule could not be evaluated as usual, else None."""
        by_name = {NO_DATA: "NoData", ERROR: "Error"}.get(self.labels.get("alertname", ""))
        # With an end it is said as the reason of that.
        reason = self.annotations.get("grafana_state_reason", "") if self.firing else ""
        return by_name or next((word for word in ("NoData", "Error") if word in reason), None)

    @property
    def end_reason(self) -> str | None:
        """Tell why it ended although nothing is known to have recovered (`Paused`, …), else None."""
        # "MissingSeries", "NoData, KeepLast"; as a state "Normal (MissingSeries)".
        words = set(_WORD.findall(self.annotations.get("grafana_state_reason", "")))
        # What said "no data" itself ends when there is data again.
        reasons = NOT_RECOVERED if self.labels.get("alertname") in (NO_DATA, ERROR) else NOT_RECOVERED | NOT_MEASURED
        return self.ended_as or next(iter(sorted(words & reasons)), None)

    @property
    def recovered(self) -> bool:
        """Whether it has ended, and nothing says that it did without being well again."""
        return not self.firing and self.end_reason not in NOT_RECOVERED | NOT_MEASURED

    @property
    def is_test(self) -> bool:
        """Whether somebody tries the way: *Test* at Grafana's contact point, or `verify`."""
        return self.tested or self.labels.get("alertname") == "TestAlert" or DRILL_LABEL in self.labels

    @property
    def is_watchdog(self) -> bool:
        """Whether it only says that the chain of alerts works; what stands for it without data or answer does not."""
        return self.labels.get("alertname") == WATCHDOG

    @property
    def severity(self) -> Severity | None:
        """How bad it is; None if no label says so in a word that is known, but somebody's test wakes nobody."""
        if self.level is not None:
            return LEVELS.get(self.level)
        return USUAL.severity_of(self.labels) or (Severity.P4 if self.is_test else None)

    @property
    def service(self) -> str | None:
        """Name the service it is about, if a label does."""
        return (USUAL.service_of(self.labels) if self.about is None else self.about) or None

    @property
    def instance(self) -> str:
        """Name this instance by its labels, without comparing it with others."""
        return telling([self.labels])[0] or self.service or self.name

    @property
    def reading(self) -> str | None:
        """Say the current value: what the author wrote, else what was measured, by name where that is several things."""
        return wording.reading(self.annotations, self.values)

    @property
    def threshold(self) -> str | None:
        """Say the threshold, if the rule's author wrote one into the annotations."""
        return self.note("threshold", "limit") or None

    @property
    def texts(self) -> tuple[str, ...]:
        """What its author wrote for people, the summary first."""
        return wording.texts(self.annotations)

    def note(self, *names: str) -> str:
        """Return the first of these annotations that says something, without regard to case."""
        return wording.note(self.annotations, *names)


def in_language(alert: Alert, language: str) -> Alert:
    """Return the alert with the texts that its author wrote for a language: `summary_ko` in the place of `summary`."""
    ending = f"_{language}"
    own = {name.removesuffix(ending): text for name, text in alert.annotations.items() if name.endswith(ending)}
    return replace(alert, annotations={**alert.annotations, **own}) if own else alert


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert rule of a source; `uid` only from Grafana, `labels` as it writes them, templates and all, None if not told."""

    name: str
    uid: str | None = None
    folder: str = ""
    severity: Severity | None = None
    service: str | None = None
    firing: int = 0
    labels: Mapping[str, str] | None = None
    # What its label says of how bad it is, in its own word.
    severity_word: str = ""
    evaluated_at: datetime | None = None
    interval: timedelta = timedelta()
    # How long its condition must hold before it fires.
    wait: timedelta = timedelta()
    healthy: bool = True
    paused: bool = False
    # The labels of each instance that fires.
    active: tuple[frozenset[tuple[str, str]], ...] = ()

    @property
    def key(self) -> str:
        """Tell it from the other rules of its source."""
        return self.uid or f"{self.folder}/{self.name}"


@dataclass(frozen=True, slots=True)
class Notification:
    """One webhook body: a snapshot of an alert group, of which `truncated` alerts were left out.

    `unreadable` of them because they could not be read; `origin` names the Grafana or Alertmanager that sent it.
    """

    source: str
    group_key: str
    receiver: str
    alerts: tuple[Alert, ...]
    group_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    external_url: str = ""
    truncated: int = 0
    origin: str = ""
    # The sender has nothing new to tell, it only repeats what still is.
    repeated: bool = False
    # We wrote it ourselves after what the source lists.
    adopted: bool = False
    unreadable: int = 0

    @property
    def title(self) -> str:
        """Name what fires: the one alert name there is, or the first of several and how many more."""
        names = {alert.name for alert in self.alerts if alert.firing}
        return names.pop() if len(names) == 1 else f"{min(names)} +{len(names) - 1}"

    def may_come_from(self, origin: str) -> bool:
        """Tell whether it may be of what was told under this origin; what was adopted may have none yet."""
        # An Alertmanager that is asked does not tell its address, and what we adopt is told by the one we ask.
        return not origin or (self.adopted and not self.origin) or same_origin(origin, self.origin)
