"""What a proposal mutes, what it must not, and which labels it does without."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alerts import Rule, Severity
from bot.domain.proposals import Evidence, Later, matchers_for, prepared, shared_labels
from bot.domain.silences import RULE_UID_LABEL, Draft, Matcher, Scope
from tests.builders import NOW, make_alert, make_alerts

HOUR = timedelta(hours=1)


def draft(scope=Scope.RULE, sample=None, rule=None, **changes) -> Draft:
    return Draft(rule or Rule("HighLatency"), scope, NOW, 1, "minji", sample=sample, **changes)


def names(matchers) -> list[str]:
    return [matcher.name for matcher in matchers]


def test_a_rule_of_grafana_is_named_by_its_uid_and_one_of_prometheus_by_its_name():
    assert matchers_for(draft(rule=Rule("A", "uid1", "Prod"))) == (Matcher(RULE_UID_LABEL, "uid1"),)
    assert matchers_for(draft(rule=Rule("A"))) == (Matcher("alertname", "A"),)
    assert matchers_for(draft(rule=Rule("A", None, "Prod")))[1] == Matcher("grafana_folder", "Prod")


def test_an_instance_is_named_by_every_label_that_is_not_empty():
    matchers = matchers_for(draft(Scope.INSTANCE, make_alert(labels={"zone": ""})))

    assert names(matchers) == ["alertname", "instance", "service", "severity"]


@pytest.mark.parametrize("scope", [Scope.SERVICE, Scope.CARD, Scope.INSTANCE])
def test_below_the_whole_rule_no_scope_swallows_another_severity(scope):
    warning = make_alert(labels={"severity": "warning"})
    none = make_alert(labels={"severity": ""})
    critical = make_alert(labels={"severity": "critical"}, fingerprint="worse")

    for sample in (warning, none):
        made = draft(scope, sample, incident=1, shared=dict(sample.labels))
        shown = prepared(made, Evidence(firing=(sample, critical)))[1]

        assert shown.muted == (sample,)


def test_what_is_inhibited_by_what_is_muted_is_told():
    # A real Alertmanager goes on inhibiting because of an alert that is silenced.
    source = make_alert("Down", fingerprint="source")
    target = make_alert("Slow", fingerprint="target", inhibited_by=("other", "source"))
    stranger = make_alert("Else", fingerprint="stranger", inhibited_by=("other",))
    both = make_alert("Down", fingerprint="both", inhibited_by=("source",))
    made = draft(rule=Rule("Down"), sample=source)

    shown = prepared(made, Evidence(firing=(source, target, stranger, both)))[1]

    assert shown.held_back == (target,)


def test_what_a_card_is_about_are_the_labels_its_alerts_of_the_leading_rule_share():
    lead, other = make_alerts(2)
    stranger = make_alert("Other", labels={"service": "chat"})

    assert shared_labels(lead, (lead, other, stranger)) == {
        "alertname": "HighLatency",
        "service": "api",
        "severity": "high",
    }


def test_a_preview_counts_what_fires_what_is_critical_and_what_would_be_narrower():
    alerts = (*make_alerts(3), make_alert(labels={"service": "chat", "severity": "critical"}), make_alert("Other"))

    shown = prepared(draft(sample=alerts[0]), Evidence(firing=alerts))[1]

    assert (len(shown.muted), shown.critical, shown.services) == (4, 1, ("api", "chat"))
    assert shown.muted[0].service == "chat"
    assert (shown.narrower, shown.narrower_count) == (Scope.SERVICE, 3)


def test_without_a_sample_nothing_narrower_is_offered():
    assert prepared(draft(), Evidence(firing=make_alerts(3)))[1].narrower is None


def test_what_would_fall_silent_later_is_named_the_worst_first():
    slow = make_alert(labels={"severity": "warning"})
    rules = (
        Rule("HighLatency", severity=Severity.P3, labels={"severity": "warning"}),
        Rule("HighLatency", severity=Severity.P1, labels={"severity": "critical"}),
        Rule("Other", severity=Severity.P1, labels={"severity": "critical"}),
    )
    before = make_alert(labels={"severity": "info"}, fingerprint="before")
    known = Evidence(firing=(slow,), past=(before,), rules=rules)

    whole = prepared(draft(sample=slow), known)[1]
    narrow = prepared(draft(Scope.SERVICE, slow), known)[1]

    assert whole.later == (Later("HighLatency", Severity.P1), Later("HighLatency", Severity.P4, "api"))
    assert narrow.later == ()


def queue(current: str, **changes):
    labels = {"instance": "q-1", "current": current, **changes.pop("labels", {})}
    return make_alert("Queue", labels=labels, fingerprint=f"q-{current}-{labels}", **changes)


def moved(sample, *, label="current", **known) -> bool:
    made, _ = prepared(draft(Scope.INSTANCE, sample, Rule("Queue")), Evidence(firing=(sample,), **known))
    return label not in names(made.matchers)


def test_a_label_whose_name_says_that_it_is_a_value_is_left_out():
    sample = queue("1041")
    made, shown = prepared(draft(Scope.INSTANCE, sample, Rule("Queue")), Evidence(firing=(sample,)))

    assert "current" not in names(made.matchers)
    assert shown.moving == (Matcher("current", "1041"),)


def test_a_label_that_the_rule_fills_in_with_its_value_is_left_out():
    sample = queue("x", labels={"depth": "12 items"})
    rule = Rule("Queue", labels={"depth": "{{ $value }} items", "team": "core"})

    assert moved(sample, label="depth", rules=(rule,))
    assert not moved(sample, label="team", rules=(rule,)) or "team" not in sample.labels


def test_a_label_that_comes_from_the_series_tells_instances_apart():
    assert not moved(queue("1041"), rules=(Rule("Queue", labels={"severity": "high"}),))


def test_a_number_that_took_the_place_of_another_is_a_value():
    before = queue("x", labels={"depth": "12"}, starts_at=NOW - HOUR, ends_at=NOW)
    sample = queue("x", labels={"depth": "17"})

    assert moved(sample, label="depth", past=(before,))


def test_numbers_that_fired_together_tell_instances_apart():
    one = queue("x", labels={"generation": "1"}, starts_at=NOW - HOUR)
    two = queue("x", labels={"generation": "2"}, starts_at=NOW - HOUR)
    ended = replace(two, ends_at=NOW)

    assert not moved(one, label="generation", past=(ended,))


@pytest.mark.parametrize("label", ["partition", "shard", "port", "instance", "code"])
def test_a_number_people_know_things_by_is_no_value(label):
    before = queue("x", labels={label: "12"}, starts_at=NOW - HOUR, ends_at=NOW)
    sample = queue("x", labels={label: "17"})

    assert not moved(sample, label=label, past=(before,))


def test_a_number_of_which_nobody_can_tell_is_kept_and_warned_of():
    sample = queue("x", labels={"generation": "17"})
    made, shown = prepared(draft(Scope.INSTANCE, sample, Rule("Queue")), Evidence(firing=(sample,)))

    assert "generation" in names(made.matchers)
    assert shown.doubtful == (Matcher("generation", "17"),)
