"""Months of numbers of three rules whose right change is known, made from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta

from bot.reporting.alert_rules import AlertRule, comparison_of
from bot.reporting.replay import Track
from bot.reporting.tuning import Knob, Real, RulePast

DAYS = 30
MINUTES = DAYS * 24 * 60
STEP = timedelta(minutes=1)
# A Monday at midnight, UTC.
BEGIN = 1_788_739_200
CALM = 0.1


@dataclass
class Month:
    """One series, a value a minute, with the real incidents as (from, until), epoch seconds."""

    rule: AlertRule
    right: Knob
    values: list[float] = field(default_factory=lambda: [CALM] * MINUTES)
    real: list[tuple[float, float]] = field(default_factory=list)

    def trouble(self, start: int, minutes: int, value: float) -> None:
        self.values[start : start + minutes] = [value] * minutes

    def past(self, real: bool = True) -> RulePast:
        assert self.rule.compared
        points = [
            (float(BEGIN + 60 * minute), value)
            for minute, value in enumerate(self.values)
            if self.rule.compared.holds(value)
        ]
        return RulePast(
            [Track("", points)],
            DAYS,
            [Real(*each) for each in self.real] if real else (),
            timedelta(),
            timedelta(minutes=15),
        )


def rule(name: str, wait: int = 1) -> AlertRule:
    expression = f"{name} > 0.5"
    return AlertRule(name, expression, STEP, timedelta(minutes=wait), compared=comparison_of(expression))


def months(seed: int) -> list[Month]:
    """Make one month of each rule: short blips, trouble that comes and goes, and a bound that is too low."""
    chance = random.Random(seed)
    return [_blips(chance), _flapping(chance), _too_low(chance)]


def _slots(chance: random.Random, count: int) -> list[int]:
    """Minutes far enough from one another that nothing of one touches the next."""
    return [180 * slot + chance.randrange(60) for slot in chance.sample(range(MINUTES // 180 - 1), count)]


def _blips(chance: random.Random) -> Month:
    month = Month(rule("blips"), Knob.WAIT)
    slots = _slots(chance, chance.randint(40, 90))
    count = chance.randint(3, 6)
    for start in slots[count:]:
        # As high as what is real: no bound tells them apart.
        month.trouble(start, chance.randint(2, 4), chance.uniform(0.6, 2.0))
    _acknowledged(month, chance, slots[:count], 1.0)
    return month


def _flapping(chance: random.Random) -> Month:
    month = Month(rule("flapping"), Knob.KEEP)
    slots = _slots(chance, chance.randint(8, 14))
    for start in slots:
        end = start
        for _ in range(chance.randint(5, 9)):
            month.trouble(end, chance.randint(4, 7), 1.0)
            end += 7 + chance.randint(2, 3)
        # All of it is real, and each time it comes again somebody is called again.
        month.real.append((BEGIN + 60.0 * (start + 1), BEGIN + 60.0 * end))
    return month


def _too_low(chance: random.Random) -> Month:
    month = Month(rule("low"), Knob.BOUND)
    slots = _slots(chance, chance.randint(40, 80))
    count = chance.randint(3, 6)
    for start in slots[count:]:
        # As long as what is real: no waiting tells them apart.
        month.trouble(start, chance.randint(12, 25), chance.uniform(0.55, 0.7))
    _acknowledged(month, chance, slots[:count], 1.5)
    return month


def _acknowledged(month: Month, chance: random.Random, starts: list[int], value: float) -> None:
    for start in starts:
        minutes = chance.randint(20, 90)
        month.trouble(start, minutes, value)
        month.real.append((BEGIN + 60.0 * (start + 1), BEGIN + 60.0 * (start + minutes)))
