"""Proposes a silence: which matchers, what they mute now and later, what stays loud, what would mute less. No I/O.

No scope below the whole rule leaves out the severity: a silence on a warning must not swallow the critical alert of the
same name.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.domain.alerts import Alert, Rule, Severity
from bot.domain.labels import carries_value, label_naming, service_label
from bot.domain.silences import RULE_UID_LABEL, Draft, Matcher, Scope

# A rule's own label that is filled in with what was measured.
_TEMPLATED_VALUE = re.compile(r"\{\{.*(?:\$value|\.Value\b|\$values\b)", re.DOTALL)
_TEMPLATED = re.compile(r"\{\{.*\}\}", re.DOTALL)
_UNIT = r"%|[munµ]?s|min|h|d|[kmgtp]?i?b?(?:/s)?"
_NUMBER = re.compile(rf"[-+]?\d+(?:[.,]\d+)?(?:e[-+]?\d+)?\s*(?:{_UNIT})", re.IGNORECASE)
# Numbers by which people, and Prometheus itself, know one thing from another: no measurements.
_IDENTIFYING = frozenset({"instance", "port", "shard", "partition", "cpu", "code", "status", "le", "quantile"})

# Of each instance; comparing each with each would take its time for thousands.
_COMPARED = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known around a proposal: what fires now (of it what the card shows), what fired before, the source's rules.

    `card` are the firing alerts of the card that are not silenced already.
    """

    firing: tuple[Alert, ...] = ()
    card: tuple[Alert, ...] = ()
    past: tuple[Alert, ...] = ()
    rules: tuple[Rule, ...] = ()
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """Something that does not fire now and would fall silent as well: a rule, or what fired before of a service."""

    name: str
    severity: Severity | None
    service: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft would mute among the alerts that fire now, the worst first, and the next narrower scope that mutes fewer.

    `loud` are alerts of the card that it does not mute, `later` what else would fall silent, `held_back` what the source
    goes on inhibiting because of it. `moving` are labels that carry a value and were left out, `doubtful` those that may
    and were kept. `stale` says that the source was late and what fired at its last answer is counted.
    """

    draft: Draft
    muted: tuple[Alert, ...]
    loud: tuple[Alert, ...] = ()
    later: tuple[Later, ...] = ()
    narrower: Scope | None = None
    narrower_count: int = 0
    moving: tuple[Matcher, ...] = ()
    doubtful: tuple[Matcher, ...] = ()
    stale: bool = False
    held_back: tuple[Alert, ...] = ()

    @property
    def critical(self) -> int:
        """How many of the muted alerts are P1."""
        return sum(alert.severity is Severity.P1 for alert in self.muted)

    @property
    def services(self) -> tuple[str, ...]:
        """The services of what is muted now."""
        return tuple(sorted({alert.service for alert in self.muted if alert.service}))


def worst_first(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Sort alerts by how bad they are; of equals the oldest leads."""
    return tuple(sorted(alerts, key=lambda alert: ((alert.severity or Severity.P2).value, alert.starts_at)))


def shared_labels(lead: Alert, alerts: Iterable[Alert]) -> dict[str, str]:
    """Return the labels that the lead has in common with the alerts of its rule and its severity: what a card is about."""
    shared = dict(lead.labels)
    severity = lead.labels.get("severity", "")
    for alert in alerts:
        if alert.name == lead.name and alert.labels.get("severity", "") == severity:
            shared = {name: value for name, value in shared.items() if alert.labels.get(name) == value}
    return shared


def scopes_of(draft: Draft) -> tuple[Scope, ...]:
    """Return the scopes that a draft may have, widest first."""
    possible = {
        Scope.RULE: True,
        Scope.SERVICE: draft.sample is not None and bool(_service_label(draft.sample)),
        Scope.CARD: draft.incident is not None and bool(draft.shared),
        Scope.INSTANCE: draft.sample is not None,
    }
    return tuple(scope for scope in Scope if possible[scope])


def _service_label(alert: Alert) -> str | None:
    # `bot.yml` may read the service from a label of its own.
    return label_naming(alert.labels, alert.service) if alert.service else service_label(alert.labels)


def matchers_for(draft: Draft, moving: Iterable[str] = ()) -> tuple[Matcher, ...]:
    """Name the rule (by uid where the source has one), and what of it the scope means, without labels that carry a value."""
    rule, sample = draft.rule, draft.sample
    named = [Matcher(RULE_UID_LABEL, rule.uid) if rule.uid else Matcher("alertname", _alertname(draft))]
    if rule.uid is None and rule.folder:
        named.append(Matcher("grafana_folder", rule.folder))
    if draft.scope is Scope.RULE or sample is None:
        return tuple(named)
    chosen: Mapping[str, str] = draft.shared if draft.scope is Scope.CARD else sample.labels
    if draft.scope is Scope.SERVICE:
        label = _service_label(sample) or ""
        chosen = {label: sample.labels.get(label, "")}
    skip = {"alertname", "severity", *moving}
    if rule.uid:
        skip |= {"grafana_folder", RULE_UID_LABEL}
    labels = [
        Matcher(name, value)
        for name, value in sorted(chosen.items())
        # Alertmanager takes an empty value for a label that is missing; more labels of these would only be noise.
        if value and name not in skip and not name.startswith("__")
    ]
    # An empty severity is said all the same: it keeps the alert of the same name loud that has one.
    severity = Matcher("severity", sample.labels.get("severity", ""))
    return tuple(dict.fromkeys((*named, *sorted((*labels, severity), key=lambda matcher: matcher.name))))


def moving_labels(sample: Alert, rule: Rule, evidence: Evidence) -> frozenset[str]:
    """Return the labels that carry a value: with the next measurement the alert would be another one.

    The rule tells, if it fills a label in with its value; so do two alerts of one instance that differ in a number and
    were never there together; without either, the name of the label.
    """
    written = _labels_of(rule, evidence)
    if written is not None:
        # What the rule does not write comes from its series, and tells them apart.
        moving = {name for name, value in written.items() if _TEMPLATED_VALUE.search(value)}
    else:
        named = {name for name, value in sample.labels.items() if carries_value(name, value)}
        moving = (named | _replaced(sample, evidence)) - _IDENTIFYING
    return frozenset(moving & sample.labels.keys())


def doubtful_labels(draft: Draft, evidence: Evidence) -> tuple[Matcher, ...]:
    """Return the matchers that hold a number of which nobody can say whether it is a measurement."""
    if draft.sample is None or _labels_of(draft.rule, evidence) is not None:
        return ()
    seen = [alert for alert in (*evidence.firing, *evidence.past) if alert.name == draft.sample.name]
    return tuple(
        matcher
        for matcher in draft.matchers
        if matcher.name not in _IDENTIFYING
        and _NUMBER.fullmatch(matcher.value)
        # A number that several have at once, or had before, says which they are.
        and sum(alert.labels.get(matcher.name) == matcher.value for alert in seen) < 2
    )


def prepared(draft: Draft, evidence: Evidence) -> tuple[Draft, Preview]:
    """Give a draft its matchers, and say what they would do."""
    moving = moving_labels(draft.sample, draft.rule, evidence) if draft.sample else frozenset[str]()
    draft = replace(draft, matchers=matchers_for(draft, moving))
    muted = worst_first(_covered(draft.matchers, evidence.firing))
    narrower, count = _narrower(draft, moving, evidence.firing, len(muted))
    left_out = set(matchers_for(draft)) - set(draft.matchers)
    shown = Preview(
        draft=draft,
        muted=muted,
        loud=worst_first(alert for alert in evidence.card if not _fits(draft.matchers, alert)),
        later=_later(draft, muted, evidence),
        held_back=_held_back(muted, evidence.firing),
        narrower=narrower,
        narrower_count=count,
        moving=tuple(sorted(left_out, key=lambda matcher: matcher.name)),
        doubtful=doubtful_labels(draft, evidence),
        stale=evidence.stale,
    )
    return draft, shown


def _held_back(muted: Sequence[Alert], firing: Iterable[Alert]) -> tuple[Alert, ...]:
    silent = {alert.fingerprint for alert in muted}
    loud = (alert for alert in firing if alert.fingerprint not in silent)
    return worst_first(alert for alert in loud if not silent.isdisjoint(alert.inhibited_by))


def _alertname(draft: Draft) -> str:
    # Grafana sends "no data" under another name than the rule's, which is then what a matcher has to name.
    sample = draft.sample
    return (
        sample.labels.get("alertname") or draft.rule.name
        if sample and draft.scope is not Scope.RULE
        else draft.rule.name
    )


def _labels_of(rule: Rule, evidence: Evidence) -> Mapping[str, str] | None:
    """Return the labels that the rule itself writes, as it writes them; None for a rule that the source did not tell."""
    twins = [each.labels for each in evidence.rules if each.labels is not None and _same_rule(each, rule)]
    return {name: value for labels in twins for name, value in labels.items()} if twins else None


def _same_rule(one: Rule, other: Rule) -> bool:
    if one.uid and other.uid:
        return one.uid == other.uid
    return (one.name, one.folder or other.folder) == (other.name, other.folder or one.folder)


def _replaced(sample: Alert, evidence: Evidence) -> set[str]:
    """Return the labels with a number in which the sample differs from one whose place it has taken."""
    now = {alert.fingerprint for alert in evidence.firing}
    before = [alert for alert in evidence.past if alert.name == sample.name and alert.fingerprint not in now]
    found: set[str] = set()
    for other in before:
        names = sample.labels.keys() | other.labels.keys()
        differing = {name for name in names if sample.labels.get(name) != other.labels.get(name)}
        if all(_NUMBER.fullmatch(each.labels.get(name, "")) for name in differing for each in (sample, other)):
            found |= differing
    known = [alert for alert in (*evidence.firing, *before) if alert.name == sample.name]
    return {name for name in found if not _at_once(name, known)}


def _at_once(name: str, alerts: Sequence[Alert]) -> bool:
    """Tell whether two alerts that differ in this label alone were there together: then it tells them apart."""
    alike: dict[frozenset[tuple[str, str]], list[Alert]] = {}
    for alert in alerts:
        rest = frozenset((key, value) for key, value in alert.labels.items() if key != name)
        alike.setdefault(rest, []).append(alert)
    return any(
        one.labels.get(name) != other.labels.get(name) and one.starts_at < _end(other) and other.starts_at < _end(one)
        for group in alike.values()
        for one, other in itertools.combinations(group[:_COMPARED], 2)
    )


def _end(alert: Alert) -> datetime:
    return alert.ends_at or datetime.max.replace(tzinfo=UTC)


def _later(draft: Draft, muted: Sequence[Alert], evidence: Evidence) -> tuple[Later, ...]:
    known = {(alert.name, alert.severity) for alert in muted}
    now = {alert.fingerprint for alert in evidence.firing}
    found = [Later(rule.name, rule.severity) for rule in evidence.rules if _may_fit(draft.matchers, rule)]
    found += [
        Later(alert.name, alert.severity, alert.service or "")
        for alert in evidence.past
        if alert.fingerprint not in now and _fits(draft.matchers, alert)
    ]
    told: dict[tuple[str, Severity | None], Later] = {}
    for each in found:
        if not any(each.name == name and each.severity in (None, severity) for name, severity in known):
            told.setdefault((each.name, each.severity), each)
    return tuple(sorted(told.values(), key=lambda each: ((each.severity or Severity.P2).value, each.name)))


def _may_fit(matchers: Sequence[Matcher], rule: Rule) -> bool:
    """Tell whether an alert of the rule could be muted, as far as the rule says what its alerts will carry."""
    fixed = {name: value for name, value in (rule.labels or {}).items() if not _TEMPLATED.search(value)}
    told: dict[str, str] = {
        **fixed,
        "alertname": rule.name,
        RULE_UID_LABEL: rule.uid or "",
        "grafana_folder": rule.folder,
    }
    return all(told.get(matcher.name, matcher.value) == matcher.value for matcher in matchers)


def _narrower(draft: Draft, moving: Iterable[str], firing: Sequence[Alert], muted: int) -> tuple[Scope | None, int]:
    scopes = scopes_of(draft)
    wider = list(Scope).index(draft.scope)
    for scope in scopes:
        if list(Scope).index(scope) > wider:
            count = len(_covered(matchers_for(replace(draft, scope=scope), moving), firing))
            if 0 < count < muted:
                return scope, count
    return None, 0


def _covered(matchers: Sequence[Matcher], firing: Sequence[Alert]) -> tuple[Alert, ...]:
    return tuple(alert for alert in firing if _fits(matchers, alert))


def _fits(matchers: Sequence[Matcher], alert: Alert) -> bool:
    # What we propose are plain values, never patterns.
    return all(matcher.matches(alert, lambda pattern, value: pattern == value) for matcher in matchers)
