"""Silences: which matchers, what they mute, and the next narrower choice. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.alerts import Alert, Rule, Severity
from bot.domain.labels import carries_value, service_label

# Grafana's private label: a silence that carries it belongs to the rule and also mutes its NoData and Error twins.
RULE_UID_LABEL = "__alert_rule_uid__"


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a regular expression is anchored at both ends, as Alertmanager does."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def matches(self, alert: Alert) -> bool:
        """Tell whether the alert satisfies it; a missing label is the empty string."""
        actual = alert.labels.get(self.name, "")
        if self.name == RULE_UID_LABEL and not actual:
            actual = alert.rule_uid or ""
        return self._hits(actual) is self.is_equal

    def _hits(self, actual: str) -> bool:
        if not self.is_regex:
            return actual == self.value
        try:
            return bool(re.fullmatch(self.value, actual))
        except re.error:
            # Alertmanager reads RE2, which has forms that Python's does not; such a silence is shown nowhere wrongly.
            return False

    def __str__(self) -> str:
        sign = {(False, True): "=", (False, False): "!=", (True, True): "=~", (True, False): "!~"}
        return f'{self.name}{sign[self.is_regex, self.is_equal]}"{self.value}"'


@dataclass(frozen=True, slots=True)
class Silence:
    """A matcher set with an end, in Grafana or Alertmanager; `source_id` is the source's own id."""

    source_id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    ended_at: datetime | None = None

    def active(self, at: datetime) -> bool:
        """Tell whether it is in force."""
        return self.ended_at is None and self.starts_at <= at < self.ends_at

    def covers(self, alert: Alert) -> bool:
        """Tell whether it mutes the alert."""
        return all(matcher.matches(alert) for matcher in self.matchers)


class Scope(StrEnum):
    """How much of a rule a silence mutes, widest first."""

    RULE = "rule"
    SERVICE = "service"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class Draft:
    """A silence that was proposed and not yet confirmed; `id` 0 means not stored yet.

    With `lasts_s` (seconds) the time counts from the confirmation, without it `ends_at` is meant as it stands.
    """

    rule: Rule
    scope: Scope
    ends_at: datetime
    author_id: int
    author_name: str
    reason: str = ""
    sample: Alert | None = None
    incident: int | None = None
    lasts_s: float | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft would mute among the alerts that fire now, and the next narrower scope that mutes fewer.

    `stale` says that the source did not answer in time and what fired at its last answer is counted.
    """

    draft: Draft
    matchers: tuple[Matcher, ...]
    muted: tuple[Alert, ...]
    critical: int
    services: tuple[str, ...]
    narrower: Scope | None = None
    narrower_count: int = 0
    stale: bool = False


def matchers_for(rule: Rule, scope: Scope, sample: Alert | None) -> tuple[Matcher, ...]:
    """Name the rule (by uid where the source has one), then its service or every label of the instance."""
    base = Matcher(RULE_UID_LABEL, rule.uid) if rule.uid else Matcher("alertname", rule.name)
    matchers = [base]
    if rule.uid is None and rule.folder:
        matchers.append(Matcher("grafana_folder", rule.folder))
    if scope is Scope.SERVICE and sample and sample.service:
        label = service_label(sample.labels)
        if label:
            matchers.append(Matcher(label, sample.labels[label]))
    if scope is Scope.INSTANCE and sample:
        # Empty values are left out: a matcher that matches the empty string alone is refused by Alertmanager.
        skip = {"alertname", "grafana_folder", RULE_UID_LABEL} if rule.uid else {"alertname"}
        matchers += [
            Matcher(name, value)
            for name, value in sorted(sample.labels.items())
            if value and name not in skip and not name.startswith("__") and not carries_value(name, value)
        ]
    return tuple(dict.fromkeys(matchers))


def preview(draft: Draft, alerts: Iterable[Alert], *, stale: bool = False) -> Preview:
    """Count what the draft mutes now."""
    firing = tuple(alert for alert in alerts if alert.firing)
    matchers = matchers_for(draft.rule, draft.scope, draft.sample)
    muted = _covered(matchers, firing)
    narrower, count = _narrower(draft, firing, len(muted))
    return Preview(
        draft=draft,
        matchers=matchers,
        muted=muted,
        critical=sum(alert.severity is Severity.P1 for alert in muted),
        services=tuple(sorted({alert.service for alert in muted if alert.service})),
        narrower=narrower,
        narrower_count=count,
        stale=stale,
    )


def covering(silences: Iterable[Silence], alerts: Iterable[Alert], at: datetime) -> tuple[Silence, ...]:
    """Return the silences in force that mute at least one of the alerts, the one that ends last first."""
    targets = tuple(alerts)
    found = [s for s in silences if s.active(at) and any(s.covers(alert) for alert in targets)]
    return tuple(sorted(found, key=lambda silence: silence.ends_at, reverse=True))


def _narrower(draft: Draft, firing: tuple[Alert, ...], muted: int) -> tuple[Scope | None, int]:
    if draft.sample is None:
        return None, 0
    scopes = list(Scope)
    for scope in scopes[scopes.index(draft.scope) + 1 :]:
        count = len(_covered(matchers_for(draft.rule, scope, draft.sample), firing))
        if 0 < count < muted:
            return scope, count
    return None, 0


def _covered(matchers: tuple[Matcher, ...], firing: tuple[Alert, ...]) -> tuple[Alert, ...]:
    return tuple(alert for alert in firing if all(matcher.matches(alert) for matcher in matchers))
