"""What autocomplete offers, from memory, whatever the sources are doing."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from bot.core.directory import Directory, nearest, rule_of
from bot.domain.alerts import Rule, Severity
from bot.domain.views import DashboardLink
from bot.errors import InvalidTarget
from tests.builders import NOW, make_alert, make_alerts
from tests.fakes import FakeAlertSource, FakeDashboards, HandClock

API = DashboardLink("api", "API overview", "https://grafana.example/d/api", "Services", ("slo",))


@pytest.fixture
def source() -> FakeAlertSource:
    return FakeAlertSource()


@pytest.fixture
def dashboards() -> FakeDashboards:
    return FakeDashboards([API])


@pytest.fixture
async def directory(source, dashboards) -> Directory:
    source.firing = list(make_alerts(2))
    made = Directory(source, dashboards, HandClock())
    await made.refresh()
    return made


def offered(directory: Directory, typed: str = "") -> list[str]:
    return [
        f"{target.rule.name}/{target.sample.instance}" if target.sample else target.rule.name
        for target in directory.targets(typed)
    ]


async def test_it_knows_rules_alerts_and_dashboards(directory):
    assert [rule.name for rule in directory.rules] == ["HighLatency", "DiskFilling"]
    assert len(directory.alerts) == 2
    assert directory.dashboards == [API]


async def test_a_source_that_does_not_answer_leaves_the_old_answer_and_the_others_fresh(directory, source, dashboards):
    source.down = "connection refused"
    dashboards.links = []

    await directory.refresh()

    assert len(directory.rules) == 2
    assert len(directory.alerts) == 2
    assert directory.dashboards == []


async def test_what_fires_now_is_asked_for_but_not_waited_for(directory, source):
    source.firing = []
    assert await directory.alerts_now(within_s=1) == ([], True)

    source.firing, source.hangs = list(make_alerts(3)), True
    assert await directory.alerts_now(within_s=0.01) == ([], False)


async def test_firing_rules_come_first_with_their_instances_below(directory):
    assert offered(directory) == [
        "HighLatency",
        "HighLatency/api-1:8080",
        "HighLatency/api-2:8080",
        "DiskFilling",
    ]
    assert [len(target.firing) for target in directory.targets()] == [2, 1, 1, 0]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("disk", ["DiskFilling"]),
        ("latency api-2", ["HighLatency/api-2:8080"]),
        ("nothing like it", []),
    ],
)
async def test_all_typed_words_must_occur(directory, typed, expected):
    assert offered(directory, typed) == expected


async def test_a_rule_known_only_from_its_alert_is_offered(source, dashboards):
    # An Alertmanager without a Prometheus to ask for rules, or an alert of another Prometheus.
    source.known_rules = []
    source.firing = [make_alert("Watchdog", labels={"severity": "info"})]
    directory = Directory(source, dashboards, HandClock())
    await directory.refresh()

    target = directory.find_target("watchdog")

    assert target.rule == rule_of(source.firing[0])
    assert target.rule.severity is Severity.P4
    assert target.firing == (source.firing[0],)


async def test_one_name_at_two_thresholds_is_one_choice(source, dashboards):
    source.known_rules = [Rule("HighLatency", severity=Severity.P3), Rule("HighLatency", severity=Severity.P1)]
    directory = Directory(source, dashboards, HandClock())
    await directory.refresh()

    [target] = directory.targets()

    assert target.rule.severity is Severity.P1


async def test_rules_of_one_name_are_told_apart_by_their_uid(source, dashboards):
    source.known_rules = [Rule("Down", uid="u1", folder="a"), Rule("Down", uid="u2", folder="b")]
    source.firing = [make_alert("Down", rule_uid="u2")]
    directory = Directory(source, dashboards, HandClock())
    await directory.refresh()

    firing = {target.rule.uid: len(target.firing) for target in directory.targets() if not target.sample}

    assert firing == {"u1": 0, "u2": 1}
    assert directory.find_target("rule:u2").rule.uid == "u2"


async def test_of_rules_of_one_name_none_is_taken_by_chance(source, dashboards):
    source.known_rules = [
        *(Rule("Down", uid=uid, folder=folder) for uid, folder in (("u1", "prod"), ("u2", "dev"), ("u3", "dev"))),
        Rule("Up", uid="u4", folder="prod"),
    ]
    source.firing = [make_alert("Down", rule_uid="u1")]
    directory = Directory(source, dashboards, HandClock())
    await directory.refresh()

    with pytest.raises(InvalidTarget) as refused:
        directory.find_target("down")
    assert refused.value.values["found"] == "dev / Down (u2), dev / Down (u3), prod / Down"
    assert directory.find_target("Prod / down").rule.uid == "u1"
    assert directory.find_target("dev / Down (u3)").rule.uid == "u3"
    # What is one of its kind needs no folder.
    assert {target.name for target in directory.targets("up")} == {"Up"}
    assert {target.name for target in directory.targets("prod down")} == {"prod / Down"}


async def test_an_alert_of_a_rule_that_is_not_listed_does_not_pass_for_its_namesake(source, dashboards):
    source.known_rules = [Rule("Down", uid="u1")]
    source.firing = [make_alert("Down", rule_uid="u9")]
    directory = Directory(source, dashboards, HandClock())
    await directory.refresh()

    firing = {target.rule.uid: len(target.firing) for target in directory.targets() if not target.sample}

    assert firing == {"u1": 0, "u9": 1}


async def test_a_long_name_has_a_value_that_discord_takes(source, dashboards):
    source.known_rules = [Rule("x" * 300), Rule("x" * 301)]
    directory = Directory(source, dashboards, HandClock())
    await directory.refresh()

    values = [target.value for target in directory.targets()]

    assert len(set(values)) == 2
    assert all(len(value) <= 100 for value in values)
    assert [directory.find_target(value).rule.name for value in values] == ["x" * 300, "x" * 301]


async def test_a_choice_and_a_typed_name_find_the_same_rule(directory):
    chosen = directory.find_target("rule:HighLatency")

    assert directory.find_target("  highlatency ") == chosen
    # The oldest one speaks for the rule.
    assert chosen.firing[0].instance == "api-1:8080"


async def test_the_oldest_instance_speaks_for_the_rule(source, dashboards):
    source.firing = [
        make_alert(labels={"instance": "young"}),
        make_alert(labels={"instance": "old"}, starts_at=NOW - timedelta(hours=1)),
    ]
    directory = Directory(source, dashboards, HandClock())
    await directory.refresh()

    assert directory.find_target("HighLatency").firing[0].instance == "old"


async def test_an_unknown_name_is_refused_with_near_ones(directory):
    with pytest.raises(InvalidTarget) as refused:
        directory.find_target("HighLatncy")

    assert refused.value.values == {"typed": "HighLatncy", "near": "HighLatency"}


async def test_an_instance_that_ended_meanwhile_is_called_so(directory):
    with pytest.raises(InvalidTarget, match="instance_ended"):
        directory.find_target("alert:gone")


async def test_before_the_first_answer_nobody_is_told_that_the_rule_does_not_exist(source, dashboards):
    with pytest.raises(InvalidTarget, match="no_rules"):
        Directory(source, dashboards, HandClock()).find_target("HighLatency")


@pytest.mark.parametrize(
    ("typed", "near"),
    [("lat", "HighLatency"), ("Diskfiling", "DiskFilling"), ("", "–"), ("qqq", "–")],
)
def test_near_misses_are_parts_and_misspellings(typed, near):
    assert nearest(typed, ["HighLatency", "DiskFilling"]) == near


async def test_thousands_of_rules_do_not_stop_the_event_loop(source, dashboards):
    source.known_rules = [Rule(f"Rule number {number} of the house", uid=f"u{number}") for number in range(5_000)]
    source.firing = [make_alert(f"Rule {n}", rule_uid=f"u{n}", fingerprint=f"f{n}") for n in range(1_000)]
    directory = Directory(source, dashboards, HandClock())
    await directory.refresh()

    started_at = time.process_time()
    directory.targets("rule 7")
    with pytest.raises(InvalidTarget):
        directory.find_target("y" * 6_000)

    # Of this process; what its neighbours take is no matter.
    assert time.process_time() - started_at < 5
