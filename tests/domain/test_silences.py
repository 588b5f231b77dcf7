"""Which alerts a silence's matchers fit, read as the servers read them."""

from __future__ import annotations

import pytest

from bot.domain.silences import RULE_UID_LABEL, Matcher, Silence
from bot.telemetry.patterns import full_match
from tests.builders import NOW, make_alert


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
        (Matcher(RULE_UID_LABEL, "abc"), True),
        # What only RE2 knows, and what it reads otherwise than Python.
        (Matcher("service", r"\pL+\z", is_regex=True), True),
        (Matcher("service", "[[:alpha:]]+", is_regex=True), True),
        (Matcher("instance", r"\Qapi-1:8080\E", is_regex=True), True),
        (Matcher("place", r"\w+", is_regex=True), False),
        (Matcher("place", r"\w+", is_regex=True, is_equal=False), True),
        (Matcher("digits", r"\d+", is_regex=True), False),
        (Matcher("digits", r"\d+", is_regex=True, is_equal=False), True),
        # What the servers would refuse fits nothing, either way.
        (Matcher("service", "(?=api).*", is_regex=True), False),
        (Matcher("service", "(?=api).*", is_regex=True, is_equal=False), False),
        (Matcher("service", "\ud800", is_regex=True), False),
    ],
)
def test_a_matcher_reads_labels_as_the_servers_do(matcher, hits):
    alert = make_alert(rule_uid="abc", labels={"place": "서울", "digits": "١٢"})

    assert matcher.matches(alert, full_match) is hits


def test_a_silence_without_matchers_covers_nothing():
    assert not Silence("x", (), NOW, NOW, "a", "b").covers(make_alert(), full_match)


def test_a_matcher_is_written_as_alertmanager_writes_it():
    assert str(Matcher("a", "b")) == 'a="b"'
    assert str(Matcher("a", "b.*", is_regex=True, is_equal=False)) == 'a!~"b.*"'
