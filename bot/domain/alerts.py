"""Alerts as both sources send them, in one shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from bot.domain.labels import service_of, telling

# Grafana resolves an alert with one of these reasons when nothing has recovered.
NOT_RECOVERED = frozenset({"Paused", "RuleDeleted", "Updated", "MissingSeries"})

# And with one of these when the rule has found nothing to measure: another alert tells of that.
NOT_MEASURED = frozenset({"NoData", "Error"})

# The names under which Grafana sends "this rule had no data" and "this rule could not be evaluated".
NO_DATA, ERROR = "DatasourceNoData", "DatasourceError"


# What Go's templates and Grafana's write where there is nothing to write, and a template that was never run.
_UNFILLED = re.compile(
    r"\[no value\]|<no value>|%!\w?\([^)]*\)|\{\{.*?\}\}|^\s*(?:<nil>|NaN|null|undefined)\s*$", re.DOTALL
)

# Where people write what has happened, best first.
_TEXTS = ("summary", "description", "message", "title", "details", "text")

# How Grafana names the numbers of classic conditions: B0, B1.
_CLASSIC = re.compile(r"[A-Z]+\d+")
_MOST_VALUES = 4

# Marks the test alert of `python -m bot verify-stack`; its value is a random word.
DRILL_LABEL = "bongsu_drill"


class Severity(Enum):
    """How bad: P1 critical (answer in 15 min), P2 high (1 h), P3 warning (working hours), P4 info."""

    P1 = 1
    P2 = 2
    P3 = 3
    P4 = 4

    @classmethod
    def read(cls, label: str | None) -> Severity | None:
        """Read a `severity` label; None for a missing or unknown one."""
        return _SYNONYMS.get((label or "").strip().lower())

    def worse_of(self, other: Severity) -> Severity:
        """Return the more severe of the two."""
        return self if self.value <= other.value else other


# What people call it, after what rules in public repositories carry.
_SYNONYMS = {
    name: severity
    for severity, names in {
        Severity.P1: "critical crit p1 page disaster emergency emerg fatal urgent sev1 sev0 s1",
        Severity.P2: "high p2 error err major alert sev2 s2",
        Severity.P3: "warning warn p3 average medium minor ticket sev3 s3",
        Severity.P4: "info information informational p4 none low notice ok debug not_classified sev4 sev5 s4",
    }.items()
    for name in names.split()
}


class AlertStatus(StrEnum):
    """Whether an alert fires or has ended."""

    FIRING = "firing"
    RESOLVED = "resolved"


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
    # When another replica said that it fires although it had just ended.
    doubted_at: datetime | None = None
    # How it ended when nobody told us the end.
    ended_as: str | None = None
    tested: bool = False
    # Whether its source keeps it from us: inhibited, or in a time in which its route is muted.
    muted: bool = False

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
        return alertname or "alert"

    @property
    def trouble(self) -> str | None:
        """Tell `NoData` or `Error` when the rule could not be evaluated as usual, else None."""
        by_name = {NO_DATA: "NoData", ERROR: "Error"}.get(self.labels.get("alertname", ""))
        reason = self.annotations.get("grafana_state_reason", "")
        return by_name or next((word for word in ("NoData", "Error") if word in reason), None)

    @property
    def end_reason(self) -> str | None:
        """Tell why it ended although nothing is known to have recovered (`Paused`, …), else None."""
        words = {word.strip() for word in self.annotations.get("grafana_state_reason", "").split(",")}
        # What said "no data" itself ends when there is data again.
        reasons = NOT_RECOVERED if self.labels.get("alertname") in (NO_DATA, ERROR) else NOT_RECOVERED | NOT_MEASURED
        return self.ended_as or next(iter(sorted(words & reasons)), None)

    @property
    def is_test(self) -> bool:
        """Whether somebody tries the way: *Test* at Grafana's contact point, or `verify-stack`."""
        return self.tested or self.labels.get("alertname") == "TestAlert" or DRILL_LABEL in self.labels

    @property
    def severity(self) -> Severity | None:
        """Read the `severity` label; None for a missing or unknown one, but somebody's test wakes nobody."""
        return Severity.read(self.labels.get("severity")) or (Severity.P4 if self.is_test else None)

    @property
    def service(self) -> str | None:
        """Name the service it is about, if a label does."""
        return service_of(self.labels)

    @property
    def instance(self) -> str:
        """Name this instance by its labels, without comparing it with others."""
        return telling([self.labels])[0] or self.service or self.name

    @property
    def reading(self) -> str | None:
        """Say the current value: the `value` annotation, else what Grafana measured, by name where that is several things."""
        written = clean(self.annotations.get("value", ""))
        if written:
            return written
        # The condition itself is 0 or 1 and says nothing; a reduction repeats its query.
        told = {name: number for name, number in self.values.items() if number not in (0.0, 1.0)} or self.values
        if len(set(told.values())) <= 1:
            return next((f"{number:.4g}" for number in told.values()), None)
        if all(_CLASSIC.fullmatch(name) for name in told):
            return f"{next(iter(told.values())):.4g}"
        return ", ".join(f"{name} {number:.4g}" for name, number in list(told.items())[:_MOST_VALUES])

    @property
    def threshold(self) -> str | None:
        """Say the threshold, if the rule's author wrote one into the annotations."""
        return clean(self.annotations.get("threshold", "")) or None

    @property
    def texts(self) -> tuple[str, ...]:
        """What its author wrote for people, the summary first; what a template left unfilled is none if there is better."""
        written = {name.lower(): value.strip() for name, value in self.annotations.items()}
        found = [written[name] for name in _TEXTS if written.get(name)]
        filled = [each for each in found if clean(each)]
        return tuple(dict.fromkeys(filled)) or tuple(_UNFILLED.sub("?", each) for each in found[:1])

    def note(self, *names: str) -> str:
        """Return the first of these annotations that says something, without regard to case."""
        written = {name.lower(): value.strip() for name, value in self.annotations.items()}
        return next((written[name] for name in names if clean(written.get(name, ""))), "")


def in_language(alert: Alert, language: str) -> Alert:
    """Return the alert with the texts that its author wrote for a language: `summary_ko` in the place of `summary`."""
    ending = f"_{language}"
    own = {name.removesuffix(ending): text for name, text in alert.annotations.items() if name.endswith(ending)}
    return replace(alert, annotations={**alert.annotations, **own}) if own else alert


def clean(written: str) -> str:
    """Return a text; nothing if a template left a hole in it."""
    return "" if _UNFILLED.search(written) else written.strip()


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
