"""A glance at a webhook body: how bad its worst is, and which group it is about."""

from __future__ import annotations

import json

import pytest

from bot.domain.labels import USUAL, Vocabulary
from bot.domain.severity import Severity
from bot.domain.triage import triage


def body(*words, group="g", **more):
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": "A"} | ({} if word is None else {"severity": word}),
            "startsAt": "x",
        }
        for word in words
    ]
    return json.dumps({"alerts": alerts, "groupKey": group, **more}).encode()


@pytest.mark.parametrize(
    ("told", "severity"),
    [
        (body("warning", "critical", "info"), Severity.P1),
        (body("warning", "info"), Severity.P3),
        (body("info"), Severity.P4),
        (body("info", None), Severity.P2),
        (body(None), Severity.P2),
        (body("unheard of"), Severity.P2),
        (b'{"alerts":[{"labels":{"Priority":"P1"},"startsAt":""}]}', Severity.P1),
        (b"\xff\x00 no json", Severity.P2),
        (b"", Severity.P2),
    ],
)
def test_the_worst_word_counts_and_nothing_said_is_p2(told, severity):
    assert triage(told, USUAL).severity is severity


def test_an_operators_own_words_are_known():
    words = Vocabulary.of(words={Severity.P1: ["wake me"]})

    assert triage(body("Wake-Me"), words).severity is Severity.P1


def test_bodies_of_one_group_are_told_from_others_whatever_their_key_holds():
    odd = '{}:{alertname="quo\\"te"}'
    one, same, other = body("info", group=odd), body("critical", group=odd), body("info", group="else")

    assert triage(one, USUAL).group == triage(same, USUAL).group != triage(other, USUAL).group
    assert triage(b'{"alerts":[]}', USUAL).group == ""
