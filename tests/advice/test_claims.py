"""Whatever a model answers or asks for is read without trusting it: nothing raises, nothing unproven comes through."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.advice.claims import MOST, of_call, of_text
from bot.advice.document import Hand, tokens
from bot.advice.dossier import MOST_TOKENS, Dossier
from bot.core.questions.lookups import Lookups
from bot.core.questions.queries import Unfit
from bot.domain.asking import LookupResult
from bot.domain.evidence import Channel
from bot.domain.telemetry import Window
from bot.ports import Telemetry, ToolCall
from bot.redaction.redact import Redactor
from tests.advice.questions import DEPLOY, make_asked
from tests.builders import NOW
from tests.fakes import FakeChanges, FakeLogs, FakeMetrics, FakeTraces, HandClock
from tests.ui.hostile import hostile_text

HOUR = Window.between(NOW.timestamp() - 3600, NOW.timestamp())
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=12,
)


def make_dossier(*looks: LookupResult) -> Dossier:
    dossier = Dossier(make_asked(), Hand(Redactor()), "en", lambda finding: finding)
    for look in looks:
        dossier.add(look)
    return dossier


def make_look(**row) -> LookupResult:
    values = {"query": "q", "began": "11:00", "ended": "12:00", "minutes": "60", "count": "1", "result": "7 errors"}
    return LookupResult(Channel.LOG, "asked-lines", '{service="api"}', HOUR, (row,), 1, "api", values)


@given(st.lists(ANYTHING, max_size=9))
def test_any_arguments_make_proven_sentences_or_none(sentences):
    dossier = make_dossier(make_look(line="7 errors"))

    judged = of_call({"sentences": sentences}, dossier, ())

    assert len(judged.claims) <= MOST
    for claim in judged.claims:
        assert claim.findings
        assert all(dossier.find(name) for name in claim.findings)


@given(st.lists(hostile_text | st.sampled_from(["[Q1]", "(Q1, M1)", "[Z9]", "7 errors. ", "[[", "\n"]), max_size=8))
def test_any_words_make_proven_sentences_or_none(parts):
    judged = of_text(" ".join(parts), make_dossier(make_look(line="7 errors")), ())

    for claim in judged.claims:
        assert set(claim.findings) <= {"Q1", "M1"}


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("There were 7 errors [Q1].", ["There were 7 errors."]),
        ("There were 7 errors (Q1, M1). And more (Q9).", ["There were 7 errors."]),
        ("7 errors [Q1]. 8 errors [Q1].", ["7 errors."]),
        ("오류 7건 [Q1].\n오류 9건 [Q1].", ["오류 7건."]),
        ("There were errors.", []),
        ("[" * 5000, []),
        ('{"sentences": "x"}', []),
        ("[1, 2]", []),
        ("null", []),
        ("", []),
    ],
)
def test_an_answer_in_words(raw, kept):
    assert [claim.text for claim in of_text(raw, make_dossier(make_look(line="7 errors")), ()).claims] == kept


def test_only_six_sentences_are_kept_and_long_ones_are_cut():
    said = [{"text": f"7 errors, {'really ' * 100}", "findings": ["Q1"]}] * 15

    judged = of_call({"sentences": said}, make_dossier(make_look(line="7 errors")), ())

    assert len(judged.claims) == 6
    assert all(len(claim.text) <= 240 for claim in judged.claims)


@given(st.dictionaries(st.text(max_size=10), ANYTHING, max_size=4), hostile_text)
def test_any_result_is_told_as_json_of_bounded_length(row, query):
    dossier = make_dossier()
    look = LookupResult(
        Channel.METRIC, "asked-series", query, HOUR, (row,) * 30, 30, query, {"query": query, "result": query}
    )

    told = dossier.add(look)

    assert json.loads(told)["id"] == "Q1"
    assert tokens(told) <= MOST_TOKENS + 500
    assert not dossier.new[0].link


def test_labels_ids_and_moments_come_through_and_secrets_do_not():
    row = {
        "labels": {"service": "api", "db_password": "hunter22", "trace": "4bf92f3577b34da6a3ce929d0e0e4736"},
        "at": "11-24 12:00:00 KST",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "points": [["11-24 12:00:00 KST", 0.1235]],
        "failed": True,
        "line": "from 10.1.2.3 password: hunter22",
    }

    told = json.loads(make_dossier().add(make_look(**row)))["rows"][0]

    assert told["labels"] == {"service": "api", "db_password": "<password-1>", "trace": row["labels"]["trace"]}
    assert {name: told[name] for name in ("at", "trace_id", "points", "failed")} == {
        name: row[name] for name in ("at", "trace_id", "points", "failed")
    }
    assert told["line"] == "from <ip-1> password: <password-1>"


def test_a_query_with_a_secret_has_no_link_and_is_shown_without_it():
    dossier = Dossier(
        make_asked(), Hand(Redactor()), "en", lambda finding: replace(finding, link="https://g.example/x")
    )
    dossier.add(replace(make_look(), query='{instance="10.1.2.3"}'))
    dossier.add(replace(make_look(), query='{service="api"}'))

    assert [(each.query, each.link) for each in dossier.new] == [
        ('{instance="<ip-1>"}', ""),
        ('{service="api"}', "https://g.example/x"),
    ]


@given(st.sampled_from(["metrics", "metrics_now", "logs", "traces", "trace", "changes"]), st.data())
async def test_any_call_is_run_or_refused(tool, data):
    names = st.sampled_from(["query", "minutes", "ended_minutes_ago", "around_alert", "trace_id", "x"])
    arguments = data.draw(st.dictionaries(names, ANYTHING | st.sampled_from(["up", '{a="b"}', "ab", 30]), max_size=4))
    lookups = Lookups(
        telemetry=Telemetry(FakeChanges(DEPLOY), FakeMetrics(), FakeLogs(), FakeTraces()),
        incidents=None,  # type: ignore[arg-type]
        clock=HandClock(),
        zone=NOW.tzinfo,
    )

    # Nothing else may be raised.
    with suppress(Unfit):
        look = await lookups.run(ToolCall("c", tool, arguments), NOW)
        assert look.window.seconds <= 6 * 3600 + 600
