"""Describes silences: their matchers, and what a proposal of one is. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.alerts import Alert, Rule
from bot.domain.labels import SEVERITY_LABELS, is_place
from bot.domain.people import Person

# Grafana's private label: a silence that carries it belongs to the rule and also mutes its NoData and Error twins.
RULE_UID_LABEL = "__alert_rule_uid__"

# What alerts of all kinds have in common; environments and clusters are among them, too.
_SHARED: Final = frozenset(
    (*SEVERITY_LABELS, "grafana_folder", "namespace", "region", "zone", "team", "tenant", "monitor", "prometheus")
)
_ON_DISCORD: Final = re.compile(r"discord: (?P<name>.*) \((?P<id>[0-9]{1,20})\)", re.DOTALL)
_ANYTHING: Final = ("", "q", "zq-0~")

# Tells whether a pattern fits the whole of a text as the servers read both (RE2), None for a pattern they would refuse.
FullMatch = Callable[[str, str], bool | None]


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a regular expression is anchored at both ends, as Alertmanager does."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def matches(self, alert: Alert, full_match: FullMatch) -> bool:
        """Tell whether the alert satisfies it; a missing label is the empty string, an unreadable pattern matches nothing."""
        actual = alert.labels.get(self.name, "")
        if self.name == RULE_UID_LABEL and not actual:
            actual = alert.rule_uid or ""
        hits = full_match(self.value, actual) if self.is_regex else actual == self.value
        return hits is self.is_equal

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

    def covers(self, alert: Alert, full_match: FullMatch) -> bool:
        """Tell whether its matchers fit the alert; whether it is muted is for the source to say."""
        return bool(self.matchers) and all(matcher.matches(alert, full_match) for matcher in self.matchers)


def author_of(silence: Silence) -> Person:
    """Return who made a silence: somebody on Discord if it was made there, else a name with the id 0."""
    found = _ON_DISCORD.fullmatch(silence.created_by)
    return Person(int(found["id"]), found["name"]) if found else Person(0, silence.created_by)


def is_wide(silence: Silence, full_match: FullMatch) -> bool:
    """Tell whether none of its matchers says what it is about: no rule, no service, no instance, or a pattern for all."""
    return not any(_names(matcher, full_match) for matcher in silence.matchers)


def _names(matcher: Matcher, full_match: FullMatch) -> bool:
    if not matcher.is_equal or not matcher.value or _is_shared(matcher.name):
        return False
    # A pattern that takes what nobody could have meant takes everything.
    return not (matcher.is_regex and any(full_match(matcher.value, each) is not False for each in _ANYTHING))


def _is_shared(name: str) -> bool:
    return name.lower() in _SHARED or is_place(name)


@dataclass(frozen=True, slots=True)
class Muted:
    """A silence in force, and the firing alerts of an incident that it mutes."""

    silence: Silence
    alerts: tuple[Alert, ...]


class Scope(StrEnum):
    """How much of a rule a silence mutes, widest first; CARD is what the firing alerts of a card have in common."""

    RULE = "rule"
    SERVICE = "service"
    CARD = "card"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class Draft:
    """A silence that was proposed and not yet confirmed; `id` 0 means not stored yet.

    With `lasts_s` (seconds) the time counts from the confirmation, without it `ends_at` is meant as it stands.
    `matchers` are those that were shown, and none others are sent; `shared` are the labels that CARD means.
    `tried_at` is when the source was first asked for it and did not say whether it took it.
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
    shared: Mapping[str, str] = field(default_factory=dict[str, str])
    matchers: tuple[Matcher, ...] = ()
    tried_at: datetime | None = None
