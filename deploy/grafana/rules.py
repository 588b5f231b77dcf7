"""What an alert rule is, and how Prometheus and Grafana each write its condition and its value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from textwrap import indent


class Severity(StrEnum):
    """The label `severity`: P1 to P4; `none` is never posted."""

    CRITICAL = "critical"
    HIGH = "high"
    WARNING = "warning"
    INFO = "info"
    NONE = "none"

    @property
    def level(self) -> str:
        """Name it as people do: P1 to P4, or nothing."""
        return {"critical": "P1", "high": "P2", "warning": "P3", "info": "P4"}.get(self.value, "")


class NoData(StrEnum):
    """What Grafana does when the whole query of a rule answers with no series."""

    ALERTING = "Alerting"
    KEEP_LAST = "KeepLast"
    OK = "OK"
    TELL = "NoData"


class OnError(StrEnum):
    """What Grafana does when the query of a rule fails."""

    # Prometheus' being away is one trouble and the Watchdog tells of it; twenty rules must neither repeat it nor
    # resolve what fires just because nobody can ask. A rule whose own query is broken shows `health: error` in
    # Grafana's rule list, which `bongsu verify` reads.
    KEEP_LAST = "KeepLast"
    TELL = "Error"


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison, as PromQL's suffix and as Grafana's evaluator.

    The query itself compares nothing: Grafana must see a value also when all is well, or it could not tell "well" from
    "no data", and each recovery would be a vanished series (`MissingSeries`), which nobody may announce as recovered.
    None has an upper bound: what gets worse would end its alert, and its card would turn green.
    """

    promql: str
    evaluator: str
    params: tuple[float, ...]

    @classmethod
    def above(cls, limit: float) -> Condition:
        """Fire above the limit."""
        return cls(f"> {limit:g}", "gt", (limit,))

    @classmethod
    def below(cls, limit: float) -> Condition:
        """Fire below the limit."""
        return cls(f"< {limit:g}", "lt", (limit,))

    @classmethod
    def zero(cls) -> Condition:
        """Fire at 0 of a metric that is 0 or 1; Grafana before 11.6 may not know `eq`."""
        return cls("== 0", "lt", (1,))


@dataclass(frozen=True, slots=True)
class Reading:
    """How the value stands on the card: a Go template pipeline that the number goes through, and its unit."""

    pipeline: str
    unit: str = ""

    @property
    def prometheus(self) -> str:
        """Write it for Prometheus, where `$value` is the number."""
        return f"{{{{ $value | {self.pipeline} }}}}{self.unit}"

    @property
    def grafana(self) -> str:
        """Write it for Grafana, where `$value` is a text and `$values` is empty when there is no data."""
        return (
            f"{{{{ with $values.A }}}}{{{{ .Value | {self.pipeline} }}}}{self.unit}{{{{ else }}}}no data{{{{ end }}}}"
        )


PERCENT = Reading("humanizePercentage")
DURATION = Reading("humanizeDuration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One alert rule.

    `query` is PromQL that compares nothing. `wait` is how long it must hold (`1m`; "" for at once). `service` is for
    queries whose series carry no such label. `panel` is the panel of `dashboard` that shows the query.
    """

    alert: str
    severity: Severity
    query: str
    condition: Condition
    summary: str
    description: str
    no_data: NoData
    panel: int
    on_error: OnError = OnError.KEEP_LAST
    wait: str = ""
    reading: Reading | str = ""
    threshold: str = ""
    service: str = ""
    dashboard: str = "overview"

    @property
    def slug(self) -> str:
        """Name its runbook page: HighErrorRate5xx becomes high-error-rate-5xx."""
        return re.sub(r"(?<=[a-z])(?=[A-Z0-9])", "-", self.alert).lower()

    @property
    def promql(self) -> str:
        """Write query and condition as one expression of Prometheus."""
        query = f"(\n{indent(self.query, '  ')}\n)" if "\n" in self.query else self.query
        return f"{query} {self.condition.promql}"

    @property
    def labels(self) -> dict[str, str]:
        """Return the labels that the rule itself sets."""
        # Set by the rule, a label would hide the one of the series: only where there is none.
        return {"severity": self.severity.value} | ({"service": self.service} if self.service else {})


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated together; `interval` is Grafana's and must be a multiple of 10 s."""

    name: str
    interval: str
    rules: tuple[Rule, ...]
