"""Concludes from a look at the alert source which alerts have ended there, and which it never told. Pure.

One empty or shortened answer proves nothing: a source that has just started knows no alert before its rules were
evaluated again, and a token of another organisation sees an empty one. An alert has ended only if two looks, further apart
than an evaluation and a group_interval, know it no more, and its rule was evaluated without it in between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.alerts import Alert, Rule
from bot.domain.episodes import RECONCILED
from bot.domain.incidents import Incident
from bot.domain.origins import same_origin

# How an alert is called that ended while a silence kept its end from us.
SILENCED = "Silenced"

# A source that has started this recently may not have been told all its alerts again; Prometheus does so every minute.
YOUNG = timedelta(minutes=5)

# An end that nobody will tell us needs no group_interval to be told.
_UNTOLD = timedelta(minutes=1)

# So many that end at once, and nothing that goes on: that is the source, not the trouble.
_MANY = 3

Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class SourceState:
    """What an alert source tells of itself, as far as it does: when it started, which organisation we see, its address."""

    started_at: datetime | None = None
    organisation: str = ""
    external_url: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about an alert source that people must know; its text is `status.notice.<key>`."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Look:
    """All that a source answered at a moment."""

    at: datetime
    alerts: Sequence[Alert]
    rules: Sequence[Rule]
    state: SourceState = SourceState()

    @property
    def active(self) -> frozenset[str]:
        """The fingerprints of what it lists."""
        return frozenset(alert.fingerprint for alert in self.alerts)


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier looks have left: since when alerts are missing, which were silenced, which rules there are."""

    missing: Mapping[Key, datetime] = field(default_factory=dict[Key, datetime])
    silenced: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a look proves: by incident, the alerts that have ended and how; and what to remember and to tell."""

    ended: Mapping[int, Mapping[str, str]]
    memory: Memory
    notices: tuple[Notice, ...] = ()


def judge(incidents: Sequence[Incident], look: Look, memory: Memory, group_interval: timedelta) -> Judgement:
    """Compare what we show with what the source lists."""
    rules = frozenset(rule.key for rule in look.rules)
    remembered = Memory(
        {},
        # Whatever was silenced when it was last listed ended in silence.
        (memory.silenced - look.active) | {alert.fingerprint for alert in look.alerts if alert.silenced_by},
        rules or memory.rules,
    )
    notices = doubtful(incidents, look, memory)
    if notices:
        # While something is open, the rules that were there before are those that count.
        kept = memory.rules or remembered.rules
        return Judgement({}, Memory({}, remembered.silenced, kept), notices)

    absent = {key: memory.missing.get(key, look.at) for key in _absent(incidents, look)}
    ended: dict[int, dict[str, str]] = {}
    for incident in incidents:
        if not incident.firing and incident.truncated and _nothing_left(incident, look):
            absent[incident.number, ""] = memory.missing.get((incident.number, ""), look.at)
            if look.at - absent[incident.number, ""] >= group_interval:
                ended[incident.number] = {"": RECONCILED}
        for key, alert in _firing(incident).items():
            if key in absent and (reason := _proof(alert, absent[key], look, memory, group_interval)):
                ended.setdefault(incident.number, {})[key[1]] = reason
    return Judgement(ended, Memory(absent, remembered.silenced, remembered.rules))


def doubtful(incidents: Sequence[Incident], look: Look, memory: Memory) -> tuple[Notice, ...]:
    """Tell why a look proves nothing, if it does not."""
    state = look.state
    if state.started_at and look.at - state.started_at < YOUNG:
        return (Notice("source_restarted", {"name": "Alertmanager", "at": state.started_at.isoformat()}),)
    if (
        any(incident.firing for incident in incidents)
        and memory.rules
        and len(memory.rules & {rule.key for rule in look.rules}) * 2 < len(memory.rules)
    ):
        return (Notice("rules_changed", {"count": str(len(memory.rules))}),)
    firing = [incident for incident in incidents if incident.firing]
    missing = len(_absent(firing, look))
    everything = sum(len(incident.firing) for incident in firing)
    if (
        len(firing) >= _MANY
        and missing == everything
        and not all(_evaluated_without(alert, incident, look) for incident in firing for alert in incident.firing)
    ):
        return (Notice("source_emptied", {"count": str(len(firing))}),)
    return ()


def of_source(incidents: Iterable[Incident], look: Look, listed: Collection[str]) -> list[Incident]:
    """Return the incidents that come from the source that was asked, and not from another of its kind.

    `listed` are the origins of alerts that it was ever seen to list.
    """
    known = list(incidents)
    if look.state.origin:
        return [each for each in known if not each.origin or same_origin(each.origin, look.state.origin)]
    if len({each.origin for each in known if each.origin}) <= 1:
        return known
    return [each for each in known if not each.origin or any(same_origin(each.origin, origin) for origin in listed)]


def _firing(incident: Incident) -> dict[Key, Alert]:
    return {(incident.number, alert.fingerprint): alert for alert in incident.firing}


def _absent(incidents: Iterable[Incident], look: Look) -> list[Key]:
    active = look.active
    return [key for incident in incidents for key in _firing(incident) if key[1] not in active]


def _nothing_left(incident: Incident, look: Look) -> bool:
    """Tell whether nothing fires any more that may be what a message has cut off."""
    names = {alert.name for alert in incident.alerts}
    return not any(alert.name in names for alert in look.alerts)


def _proof(alert: Alert, since: datetime, look: Look, memory: Memory, group_interval: timedelta) -> str | None:
    """Tell how an alert has ended that was missing since then, or None while that is not proved."""
    silenced = alert.fingerprint in memory.silenced
    rule = _rule(alert, look.rules)
    patience = max(_UNTOLD if silenced else group_interval, rule.interval * 2 if rule else timedelta())
    if look.at - since < patience:
        return None
    if rule is None:
        if alert.rule_uid is None:
            # Alertmanager is told by many; what no rule of ours makes can only be missed.
            return SILENCED if silenced else RECONCILED
        return "RuleDeleted" if alert.rule_uid in memory.rules else None
    if rule.paused:
        return "Paused"
    if rule.evaluated_at is None or rule.evaluated_at <= since or not rule.healthy or _still(alert, rule):
        return None
    return SILENCED if silenced else RECONCILED


def _evaluated_without(alert: Alert, incident: Incident, look: Look) -> bool:
    rule = _rule(alert, look.rules)
    heard = alert.seen_at or incident.opened_at
    return (
        rule is not None
        and rule.healthy
        and rule.evaluated_at is not None
        and rule.evaluated_at > heard
        and not _still(alert, rule)
    )


def _rule(alert: Alert, rules: Sequence[Rule]) -> Rule | None:
    if alert.rule_uid is not None:
        return next((rule for rule in rules if rule.uid == alert.rule_uid), None)
    named = [rule for rule in rules if rule.name == alert.name]
    # Two of one name: the one that still has it, else the one that was evaluated least lately.
    return min(
        named,
        key=lambda rule: (not _still(alert, rule), rule.evaluated_at.timestamp() if rule.evaluated_at else 0.0),
        default=None,
    )


def _still(alert: Alert, rule: Rule) -> bool:
    """Tell whether a rule still has an alert with these labels; a route or a template may have added some."""
    own = {pair for pair in alert.labels.items() if not pair[0].startswith("__")}
    return any(labels <= own or own <= labels for labels in rule.active)
