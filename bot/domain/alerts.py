"""Alerts as both sources send them, in one shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum

# The labels that name a service, most telling first: ours, Micrometer's, Kubernetes', Prometheus' own.
SERVICE_LABELS = ("service", "application", "app", "job")

# Labels that say what an alert is, not which instance of it this is.
_COMMON_LABELS = frozenset(
    {"alertname", "grafana_folder", "severity", "rulename", "datasource_uid", "ref_id", "env", "team", *SERVICE_LABELS}
)

# Grafana resolves an alert with one of these reasons when nothing has recovered.
NOT_RECOVERED = frozenset({"Paused", "RuleDeleted", "Updated", "MissingSeries"})

# And with one of these when the rule has found nothing to measure: another alert tells of that.
NOT_MEASURED = frozenset({"NoData", "Error"})

# The names under which Grafana sends "this rule had no data" and "this rule could not be evaluated".
NO_DATA, ERROR = "DatasourceNoData", "DatasourceError"


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


_SYNONYMS = {
    "critical": Severity.P1,
    "high": Severity.P2,
    "warning": Severity.P3,
    "info": Severity.P4,
    "p1": Severity.P1,
    "p2": Severity.P2,
    "p3": Severity.P3,
    "p4": Severity.P4,
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
        return next((self.labels[name] for name in SERVICE_LABELS if self.labels.get(name)), None)

    @property
    def instance(self) -> str:
        """Name this instance among others of the same rule: `instance` or the labels that tell it apart."""
        if self.labels.get("instance"):
            return self.labels["instance"]
        telling = {name: value for name, value in self.labels.items() if name not in _COMMON_LABELS}
        return ", ".join(f"{name}={value}" for name, value in sorted(telling.items())) or self.service or self.name

    @property
    def reading(self) -> str | None:
        """Say the current value: the `value` annotation, else the first number Grafana sent."""
        if self.annotations.get("value"):
            return self.annotations["value"]
        # A is the query, B its reduction, C the condition (0 or 1): B is the number people compare.
        number = self.values.get("B", next(iter(self.values.values()), None))
        return None if number is None else f"{number:.4g}"

    @property
    def threshold(self) -> str | None:
        """Say the threshold, if the rule's author wrote one into the annotations."""
        return self.annotations.get("threshold") or None


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert rule of a source; `uid` only from Grafana."""

    name: str
    uid: str | None = None
    folder: str = ""
    severity: Severity | None = None
    service: str | None = None
    firing: int = 0
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
    """One webhook body: a snapshot of an alert group, of which `truncated` alerts were left out."""

    source: str
    group_key: str
    receiver: str
    alerts: tuple[Alert, ...]
    group_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    common_annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    external_url: str = ""
    truncated: int = 0
    origin: str = ""
    # The sender has nothing new to tell, it only repeats what still is.
    repeated: bool = False
    # We wrote it ourselves after what the source lists.
    adopted: bool = False
