"""Describes an alert rule as it is evaluated: what it asks, what it compares that with, how long it waits."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

# `expression > 5`, alone: the value of what is compared comes with the answer.
_COMPARED: Final = re.compile(
    r"^(?P<series>.+?)\s*(?P<sign>>=|<=|>|<)\s*(?P<bound>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*$", re.DOTALL
)
_STRINGS: Final = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`|\{[^{}]*\}|#[^\n]*')
_SEVERAL: Final = re.compile(r"\b(?:and|or|unless)\b|==|!=|<|>", re.IGNORECASE)
_LONGEST: Final = 8_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared with what: a PromQL, `>` `>=` `<` `<=`, and a number as it is written."""

    series: str
    sign: str
    bound: str

    @property
    def upwards(self) -> bool:
        """Whether more is worse."""
        return self.sign.startswith(">")

    def holds(self, value: float) -> bool:
        """Tell whether a value is beyond the bound."""
        bound = float(self.bound)
        beyond = value > bound if self.upwards else value < bound
        return beyond or ("=" in self.sign and value == bound)


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One rule: with `grafana` it is Grafana's, and `node` is the expression that compares.

    `keep` (`keep_firing_for`) is None where its server does not know that; `offset_s` says at which second of each
    `interval` it is evaluated. `place` is its group, with the folder or file. Where `compared` is None, whatever the
    expression answers makes it fire.
    """

    name: str
    expression: str
    interval: timedelta
    wait: timedelta = timedelta()
    keep: timedelta | None = timedelta()
    place: str = ""
    uid: str = ""
    grafana: bool = False
    node: str = ""
    compared: Comparison | None = None
    offset_s: float = 0.0

    @property
    def key(self) -> str:
        """Tell it from other rules."""
        return self.uid or self.name

    def bounded(self, bound: str) -> AlertRule:
        """Return the rule with another bound."""
        assert self.compared is not None
        compared = replace(self.compared, bound=bound)
        return replace(self, compared=compared, expression=f"{compared.series} {compared.sign} {bound}")


def comparison_of(expression: str) -> Comparison | None:
    """Return what an expression compares; None unless it is one comparison with a number and nothing else."""
    if len(expression) > _LONGEST:
        return None
    found = _COMPARED.match(expression.strip())
    if found is None or found["series"].count("(") != found["series"].count(")"):
        return None
    if _SEVERAL.search(_STRINGS.sub(" ", found["series"])):
        return None
    return Comparison(found["series"], found["sign"], found["bound"])
