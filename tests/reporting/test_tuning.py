"""What is proposed for a rule: on months whose right answer is known, and by the side of Prometheus' own evaluation."""

from __future__ import annotations

import itertools
import re
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from bot.reporting.alert_rules import AlertRule, comparison_of
from bot.reporting.replay import Track, notifications
from bot.reporting.rule_diffs import length, rule_diff, rule_yaml
from bot.reporting.tuning import Knob, Real, RulePast, fired_of, proposal
from playground.process import find_binary
from tests.reporting.months import BEGIN, MINUTES, STEP, Month, months, rule

SEEDS = range(1, 6)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_right_change_of_a_month_is_found_and_no_real_one_is_lost(seed):
    for month in months(seed):
        found = proposal(month.rule, month.past())

        assert found is not None
        assert found.knob is month.right, (seed, month.rule.name)
        assert found.saved >= 0.8 * (found.before - len(month.real))
        fired = fired_of(found.changed, month.past())
        assert all(any(each.start <= end and each.end >= start for each in fired) for start, end in month.real)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_month_evaluated_minute_by_minute_saves_what_is_said(seed):
    for month in months(seed):
        found = proposal(month.rule, month.past())

        assert found is not None
        before, after = evaluated(month, found.rule), evaluated(month, found.changed)
        assert before == pytest.approx(found.before, rel=0.05)
        assert before - after == pytest.approx(found.saved, rel=0.05)


def evaluated(month: Month, rule: AlertRule) -> int:
    """Count how often a rule begins to fire: slowly, evaluation by evaluation, as the documentation tells it."""
    assert rule.compared
    keep, count = (rule.keep or timedelta()) // STEP, 0
    active, away, firing = -1, -1, False
    for minute, value in enumerate(month.values):
        if rule.compared.holds(value):
            away = -1
            active = minute if active < 0 else active
            if not firing and minute - active >= rule.wait // STEP:
                firing, count = True, count + 1
            continue
        away = minute if away < 0 else away
        if not firing or minute - away >= keep:
            active, firing = -1, False
    return count


def test_prometheus_itself_fires_as_often_as_the_replay_says(tmp_path):
    # One of the five: each takes promtool ten seconds.
    made = months(2)
    pairs = [(month, proposal(month.rule, month.past())) for month in made]
    rules = [
        each
        for month, found in pairs
        if found
        for each in (found.rule, replace(found.changed, name=f"{month.rule.name}_changed"))
    ]

    counted = fired_in_prometheus(tmp_path, rules, made)

    for month, found in pairs:
        assert found is not None
        before, after = counted[month.rule.name], counted[f"{month.rule.name}_changed"]
        assert before == pytest.approx(found.before, rel=0.05)
        assert before - after == pytest.approx(found.saved, rel=0.05)


def fired_in_prometheus(folder: Path, rules: list[AlertRule], made: list[Month]) -> dict[str, int]:
    """Have promtool evaluate rules over months, and count how often each began to fire."""
    written = "\n".join(line for each in rules for line in rule_yaml(each))
    read = {"groups": [{"name": "g", "interval": "1m", "rules": yaml.safe_load(written)}]}
    (folder / "rules.yml").write_text(yaml.safe_dump(read), "utf-8")
    firing = 'ALERTS{alertstate="firing"}'
    counting = f"sum by (alertname) (count_over_time(({firing} unless {firing} offset 1m)[{MINUTES}m:1m]))"
    test = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": month.rule.name, "values": written_values(month)} for month in made],
                # Nothing is what nobody would get, so that promtool tells what it got.
                "promql_expr_test": [{"expr": counting, "eval_time": f"{MINUTES}m", "exp_samples": []}],
            }
        ],
    }
    (folder / "test.yml").write_text(yaml.safe_dump(test, width=10**9), "utf-8")
    ran = subprocess.run(
        [find_binary("promtool"), "test", "rules", str(folder / "test.yml")],
        capture_output=True,
        text=True,
        timeout=240,
    )
    said = ran.stdout + ran.stderr
    found = dict(re.findall(r'alertname="(\w+)"[^}]*} ([\d.E+]+)', said))
    assert set(found) == {each.name for each in rules}, said[:2000]
    return {name: round(float(value)) for name, value in found.items()}


def written_values(month: Month) -> str:
    parts = [(value, len(list(same))) for value, same in itertools.groupby(month.values)]
    return " ".join(f"{value:.4f}x{count - 1}" for value, count in parts)


def past_of(*points: tuple[int, float], **changes: object) -> RulePast:
    """One series with values at minutes after the beginning."""
    found = replace(RulePast([Track("", [(BEGIN + 60.0 * minute, value) for minute, value in points])], 7.0), **changes)
    return replace(found, apart=timedelta())


def test_what_nobody_misses_is_no_reason_for_a_change():
    quiet = past_of((10, 1.0), (11, 1.0))

    assert proposal(rule("quiet"), quiet) is None
    assert proposal(rule("quiet"), past_of()) is None


def test_nothing_is_proposed_that_would_lose_what_somebody_acknowledged():
    blips = [(1000 * n + minute, 1.0) for n in range(20) for minute in range(3)]
    real = [Real(BEGIN + 60_000.0 * n, BEGIN + 60_000.0 * n + 180) for n in range(20)]

    assert proposal(rule("blips"), past_of(*blips)).knob is Knob.WAIT
    assert proposal(rule("blips"), past_of(*blips, real=real)) is None


@pytest.mark.parametrize("groups", [frozenset({"orders"}), frozenset()])
def test_noise_of_another_service_does_not_stand_for_a_real_one(groups):
    """While `cart` flaps for long, `orders` fires for three minutes, and somebody acknowledges that."""
    times = [1000 * n for n in range(20)]
    noise = [(BEGIN + 60.0 * (at + minute), 1.0) for at in times for minute in range(-3, 17) if minute not in (3, 4)]
    short = [(BEGIN + 60.0 * (at + minute), 1.0) for at in times for minute in range(3)]
    real = [Real(BEGIN + 60.0 * (at + 1), BEGIN + 60.0 * (at + 3), groups) for at in times]

    past = replace(past_of(real=real), tracks=[Track("cart", noise), Track("orders", short)])

    assert proposal(replace(rule("both"), keep=None), past) is None


def test_a_real_one_is_not_told_of_too_late():
    blips = [(1000 * n + minute, 1.0) for n in range(1, 20) for minute in range(9)]
    long = [(minute, 1.0) for minute in range(60)]

    found = proposal(rule("blips"), past_of(*long, *blips, most_delay=timedelta(minutes=10)))
    late = proposal(rule("blips"), past_of(*long, *blips, most_delay=timedelta(minutes=3)))

    assert (found.knob, found.real, found.delay) == (Knob.WAIT, 1, timedelta(minutes=9))
    assert late is None


def test_a_server_that_cannot_keep_firing_is_not_asked_to():
    flapping = [(minute, 1.0) for n in range(12) for minute in range(10 * n, 10 * n + 7)]

    assert proposal(rule("flaps"), past_of(*flapping)).knob is Knob.KEEP
    old = proposal(replace(rule("flaps"), keep=None), past_of(*flapping))
    assert old is None or old.knob is not Knob.KEEP


def test_a_bound_below_is_lowered():
    made = AlertRule("up", "rate < 5", STEP, STEP, compared=comparison_of("rate < 5"))
    real = [(minute, 0.1) for minute in range(60)]
    noise = [(100 * n + minute, 4.24) for n in range(1, 20) for minute in range(12)]

    found = proposal(made, past_of(*real, *noise))

    assert (found.knob, found.changed.expression) == (Knob.BOUND, "rate < 4.2")


def test_what_begins_together_is_told_once():
    fired = fired_of(rule("x", 0), past_of((0, 1.0), (2, 1.0), (10, 1.0)))

    assert [notifications(fired, timedelta(minutes=minutes)) for minutes in (0, 5, 30)] == [3, 2, 1]


@pytest.mark.parametrize(
    ("expression", "series", "sign", "bound"),
    [
        ("a > 5", "a", ">", "5"),
        (' sum by (s) (rate(a{b=">"}[1m])) / 2 >= 0.5 ', 'sum by (s) (rate(a{b=">"}[1m])) / 2', ">=", "0.5"),
        ("a - b <= -1e-3", "a - b", "<=", "-1e-3"),
    ],
)
def test_a_comparison_is_read(expression, series, sign, bound):
    found = comparison_of(expression)

    assert (found.series, found.sign, found.bound) == (series, sign, bound)


@pytest.mark.parametrize(
    "expression", ["a", "a > 5 and b > 3", "a > 1 < 5", "(a > 5", "a > bool 5", "a unless b > 5", "5 < a", "x" * 9000]
)
def test_what_is_not_one_comparison_is_left_alone(expression):
    assert comparison_of(expression) is None


def test_a_diff_can_be_pasted():
    old = rule("flaps")
    new = replace(old.bounded("0.72"), wait=timedelta(minutes=5), keep=timedelta(minutes=90))

    assert rule_diff(old, new) == [
        "  - alert: flaps",
        '-   expr: "flaps > 0.5"',
        '+   expr: "flaps > 0.72"',
        "-   for: 1m",
        "+   for: 5m",
        "+   keep_firing_for: 1h30m",
    ]
    assert yaml.safe_load("\n".join(rule_yaml(new))) == [
        {"alert": "flaps", "expr": "flaps > 0.72", "for": "5m", "keep_firing_for": "1h30m"}
    ]


def test_grafana_calls_it_by_its_own_names():
    expression = "a > 5"
    old = AlertRule(
        "응답 시간", expression, STEP, uid="lat-1", grafana=True, node="C", compared=comparison_of(expression)
    )

    [read] = yaml.safe_load("\n".join(rule_yaml(old.bounded("7"))))

    assert (read["uid"], read["title"], read["for"]) == ("lat-1", "응답 시간", "0s")
    assert read["data"][0]["model"]["conditions"][0]["evaluator"] == {"type": "gt", "params": [7]}
    assert length(timedelta(seconds=3661)) == "1h1m1s"


@pytest.mark.parametrize(("sign", "kind"), [(">", "gt"), (">=", "gte"), ("<", "lt"), ("<=", "lte")])
def test_a_rule_of_grafana_compares_as_before(sign, kind):
    old = AlertRule("a", f"a {sign} 5", STEP, grafana=True, node="C", compared=comparison_of(f"a {sign} 5"))

    assert f"evaluator: {{type: {kind}, params: [7]}}" in rule_yaml(old.bounded("7"))[-1]
    assert rule_diff(old, replace(old, compared=None))[-1].startswith("- ")
