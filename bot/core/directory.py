"""Offers what can be completed: rules, alerts, dashboards, kept in memory because nobody waits for Grafana to type."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bot.domain.alerts import Alert, Rule
from bot.domain.near_misses import near_misses
from bot.domain.views import DashboardLink
from bot.errors import InvalidTarget, SourceError
from bot.ports import AlertSource, Clock, Dashboards

log = logging.getLogger(__name__)

T = TypeVar("T")

# So many of the rules of one name are listed.
_NAMED = 5
# Whatever is typed is compared with thousands of names while the event loop waits.


@dataclass(frozen=True, slots=True)
class RuleTarget:
    """Something that can be silenced: a rule, or one firing instance of it; `value` is what Discord sends back.

    `name` is that of the rule, with what tells it apart from others of that name.
    """

    value: str
    rule: Rule
    name: str
    firing: tuple[Alert, ...] = ()
    sample: Alert | None = None


class Directory:
    """The last answer of each source; one that does not answer leaves the old one standing."""

    def __init__(self, source: AlertSource, dashboards: Dashboards | None, clock: Clock) -> None:
        self._source = source
        self._dashboards = dashboards
        self._clock = clock
        self.rules: Sequence[Rule] = ()
        self.alerts: Sequence[Alert] = ()
        # When the source was last asked for the alerts it then listed.
        self.alerts_at: datetime | None = None
        self._listed: dict[str, Alert] = {}
        self.dashboards: Sequence[DashboardLink] = ()

    async def refresh(self) -> None:
        """Ask for rules, alerts and dashboards at once; what does not answer keeps what was known before."""
        self.rules, _, self.dashboards = await asyncio.gather(
            _ask(self._source.rules(), self.rules),
            _ask(self._ask_alerts(), self.alerts),
            _ask(self._ask_dashboards(), self.dashboards),
        )

    def listed(self, fingerprint: str) -> Alert | None:
        """Return an alert as the source last listed it; None if it did not."""
        return self._listed.get(fingerprint)

    async def alerts_now(self, within_s: float) -> tuple[Sequence[Alert], bool]:
        """Ask what fires now; what was known before, and False, if there is no answer in time."""
        try:
            async with asyncio.timeout(within_s):
                await self._ask_alerts()
        except (SourceError, TimeoutError) as error:
            log.info("using the alerts known before: %s", error)
            return self.alerts, False
        return self.alerts, True

    async def _ask_dashboards(self) -> Sequence[DashboardLink]:
        return await self._dashboards.search() if self._dashboards else ()

    async def _ask_alerts(self) -> Sequence[Alert]:
        asked_at = self._clock()
        alerts = await self._source.alerts()
        self.alerts, self.alerts_at = alerts, asked_at
        self._listed = {alert.fingerprint: alert for alert in alerts}
        return alerts

    def targets(self, typed: str = "") -> list[RuleTarget]:
        """Return the rules and firing instances in which all typed words occur, firing ones first."""
        words = typed.lower().split()
        found = [target for target in _targets(self.rules, self.alerts) if _mentions(target, words)]
        return sorted(found, key=lambda target: (not target.firing, target.rule.name, target.sample is not None))

    def find_target(self, typed: str) -> RuleTarget:
        """Return what was chosen from the targets, or the rule whose name was typed. Raises InvalidTarget.

        Of several that have this name none is taken by chance: what is silenced would be another one's.
        """
        targets = _targets(self.rules, self.alerts)
        wanted = typed.strip()
        chosen = next((target for target in targets if target.value == wanted), None)
        rules = [target for target in targets if target.sample is None]
        named = [target for target in rules if target.name.lower() == wanted.lower()]
        alike = named or [target for target in rules if target.rule.name.lower() == wanted.lower()]
        if chosen or len(alike) == 1:
            return chosen or alike[0]
        if alike:
            names = ", ".join(sorted(target.name for target in alike)[:_NAMED])
            raise InvalidTarget("errors.several_rules", typed=wanted[:80], found=names)
        if wanted.startswith("alert:"):
            raise InvalidTarget("errors.instance_ended")
        if not targets:
            raise InvalidTarget("errors.no_rules", source=self._source.name)
        names = (target.rule.name for target in targets)
        raise InvalidTarget("errors.unknown_rule", typed=wanted[:80], near=nearest(wanted, names))


def nearest(typed: str, names: Iterable[str]) -> str:
    """Return the three names that what was typed may have meant, or a dash."""
    return ", ".join(near_misses(typed, names, 3, cutoff=0.5)) or "–"


def rule_of(alert: Alert) -> Rule:
    """Name the rule that an alert comes from, as far as the alert tells."""
    return Rule(alert.name, alert.rule_uid, alert.labels.get("grafana_folder", ""), alert.severity, alert.service)


async def _ask(answer: Awaitable[Sequence[T]], before: Sequence[T]) -> Sequence[T]:
    try:
        return await answer
    except SourceError as error:
        log.info("not refreshed: %s", error)
        return before


def _mentions(target: RuleTarget, words: Sequence[str]) -> bool:
    rule, sample = target.rule, target.sample
    service = (sample.service if sample else rule.service) or ""
    haystack = f"{rule.name} {rule.folder} {service} {sample.instance if sample else ''}".lower()
    return all(word in haystack for word in words)


def _targets(rules: Sequence[Rule], alerts: Sequence[Alert]) -> list[RuleTarget]:
    targets: list[RuleTarget] = []
    by_rule = _firing_by_rule(rules, alerts)
    named = Counter(rule.name.lower() for rule, _ in by_rule.values())
    placed = Counter((rule.folder, rule.name.lower()) for rule, _ in by_rule.values())
    for key, (rule, firing) in by_rule.items():
        name = rule.name
        if named[name.lower()] > 1:
            name = f"{rule.folder} / {name}" if rule.folder else name
        if placed[rule.folder, rule.name.lower()] > 1 and rule.uid:
            name = f"{name} ({rule.uid})"
        targets.append(RuleTarget(_value("rule", key), rule, name, tuple(firing)))
        targets += [RuleTarget(_value("alert", alert.fingerprint), rule, name, (alert,), alert) for alert in firing]
    return targets


def _firing_by_rule(rules: Sequence[Rule], alerts: Sequence[Alert]) -> dict[str, tuple[Rule, list[Alert]]]:
    """Sort the alerts to their rules, by uid where both have one; an alert of no listed rule makes one known."""
    found: dict[str, tuple[Rule, list[Alert]]] = {}
    named: dict[str, str] = {}
    for rule in rules:
        key = _key(rule)
        # Prometheus may have one name at two thresholds: one silence mutes both, so they are one choice.
        twin = found[key][0].severity if key in found else None
        severity = rule.severity.worse_of(twin) if rule.severity and twin else rule.severity or twin
        found[key] = (replace(rule, severity=severity), [])
        named.setdefault(rule.name, key)
    for alert in sorted(alerts, key=lambda alert: alert.starts_at):
        key = _home(alert, found, named) or _key(rule_of(alert))
        found.setdefault(key, (rule_of(alert), []))[1].append(alert)
    return found


def _home(alert: Alert, found: dict[str, tuple[Rule, list[Alert]]], named: dict[str, str]) -> str | None:
    if alert.rule_uid in found:
        return alert.rule_uid
    key = named.get(alert.name)
    both_have_uids = key and alert.rule_uid and found[key][0].uid
    return None if both_have_uids else key


def _key(rule: Rule) -> str:
    return rule.uid or (f"{rule.folder}/{rule.name}" if rule.folder else rule.name)


def _value(kind: str, name: str) -> str:
    # Discord takes 100 characters; a name that is longer, or starts like another, is told by its hash.
    return f"{kind}:{name}" if len(name) <= 80 else f"{kind}:{hashlib.sha256(name.encode()).hexdigest()[:32]}"
