"""Which alerts a silence mutes, and what would mute fewer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.alerts import Rule
from bot.domain.silences import RULE_UID_LABEL, Draft, Matcher, Scope, Silence, covering, matchers_for, preview
from tests.builders import NOW, make_alert, make_alerts


@pytest.mark.parametrize(
    ("matcher", "hits"),
    [
        (Matcher("service", "api"), True),
        (Matcher("service", "ap"), False),
        (Matcher("service", "ap", is_regex=True), False),
        (Matcher("service", "a.i|x", is_regex=True), True),
        (Matcher("service", "api", is_equal=False), False),
        (Matcher("service", "x.*", is_regex=True, is_equal=False), True),
        (Matcher("absent", ""), True),
        (Matcher("absent", "x"), False),
        (Matcher("service", r"\pL+\z", is_regex=True), False),
        (Matcher(RULE_UID_LABEL, "abc"), True),
    ],
)
def test_a_matcher_reads_labels_as_alertmanager_does(matcher, hits):
    assert matcher.matches(make_alert(rule_uid="abc")) is hits


def test_a_rule_of_grafana_is_named_by_its_uid_and_one_of_prometheus_by_its_name():
    assert matchers_for(Rule("A", "uid1", "Prod"), Scope.RULE, None) == (Matcher(RULE_UID_LABEL, "uid1"),)
    assert matchers_for(Rule("A"), Scope.RULE, None) == (Matcher("alertname", "A"),)
    assert matchers_for(Rule("A", None, "Prod"), Scope.RULE, None)[1] == Matcher("grafana_folder", "Prod")


def test_an_instance_is_named_by_every_label_that_is_not_empty():
    matchers = matchers_for(Rule("HighLatency"), Scope.INSTANCE, make_alert(labels={"zone": ""}))

    assert {matcher.name for matcher in matchers} == {"alertname", "service", "severity", "instance"}


def test_a_preview_counts_what_fires_what_is_critical_and_what_would_be_narrower():
    alerts = [*make_alerts(3), make_alert(labels={"service": "chat", "severity": "critical"}), make_alert("Other")]
    draft = Draft(Rule("HighLatency"), Scope.RULE, NOW, 1, "minji", sample=alerts[0])

    shown = preview(draft, alerts)

    assert (len(shown.muted), shown.critical, shown.services) == (4, 1, ("api", "chat"))
    assert (shown.narrower, shown.narrower_count) == (Scope.SERVICE, 3)


def test_without_a_sample_nothing_narrower_is_offered():
    assert preview(Draft(Rule("HighLatency"), Scope.RULE, NOW, 1, "x"), make_alerts(3)).narrower is None


def test_only_silences_in_force_cover_and_the_longest_comes_first():
    def silence(name, start, end):
        return Silence(name, (Matcher("alertname", "HighLatency"),), NOW + start, NOW + end, "x", "y")

    hour = timedelta(hours=1)
    known = [
        silence("over", -2 * hour, -hour),
        silence("short", -hour, hour),
        silence("long", -hour, 3 * hour),
        silence("later", hour, 2 * hour),
    ]

    found = covering(known, make_alerts(1), NOW)

    assert [each.source_id for each in found] == ["long", "short"]


def test_a_matcher_is_written_as_alertmanager_writes_it():
    assert str(Matcher("a", "b")) == 'a="b"'
    assert str(Matcher("a", "b.*", is_regex=True, is_equal=False)) == 'a!~"b.*"'
