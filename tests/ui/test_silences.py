"""What a person sees before something is muted, after it, and of everything that is muted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.domain.alerts import Rule, Severity
from bot.domain.incidents import Ack, State
from bot.domain.owners import Service
from bot.domain.proposals import Evidence, Later, Preview, prepared
from bot.domain.silences import Draft, Matcher, Scope, Silence
from bot.domain.views import ConnectionStatus, ServiceHealth, SilenceRow, StatusReport
from bot.ui.marks import of_silence
from bot.ui.silence_list import list_view
from bot.ui.silences import confirmed_view, ended_view, preview_view, said
from bot.ui.status import status_view
from tests.builders import MINJI, NOW, make_alert, make_alerts, make_incident
from tests.ui.drawn import assert_discord_takes, buttons, options, words
from tests.ui.hostile import LIVE_MENTION, alerts, hostile_text, incidents, silences

ENDS = NOW + timedelta(hours=1)
NO_SHRINKING = settings(
    max_examples=60,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def draft(**changes: object) -> Draft:
    fields: dict[str, object] = {
        "rule": Rule("HighLatency"),
        "scope": Scope.RULE,
        "ends_at": ENDS,
        "author_id": 1001,
        "author_name": "minji",
        "lasts_s": 3600.0,
        "sample": make_alert(labels={"instance": "api-1:8080"}),
        "id": 7,
    }
    return Draft(**{**fields, **changes})  # type: ignore[arg-type]


def preview(made: Draft, firing=(), **known: object) -> Preview:
    return prepared(made, Evidence(firing=tuple(firing), **known))[1]


def row(number: int = 3, rule: str = "HighLatency") -> SilenceRow:
    matchers = (Matcher("alertname", "HighLatency"),)
    silence = Silence("s1", matchers, NOW, ENDS, "discord: minji (1001)", "deploy of the day")
    return SilenceRow(number, silence, rule)


@pytest.mark.parametrize(("language", "told"), [("en", "1 alert stays inhibited"), ("ko", "전송되지 않는 알림 1건")])
def test_a_proposal_says_what_stays_inhibited_by_what_it_mutes(language, told):
    source, target = make_alert(fingerprint="s"), make_alert("Follows", fingerprint="t", inhibited_by=("s",))

    text = words(preview_view(preview(draft(), (source, target)), language))

    assert told in text
    assert "Follows" in text


def test_a_proposal_says_what_it_mutes_and_the_nearest_narrower_choice():
    firing = (
        *make_alerts(13),
        make_alert(labels={"instance": "chat-1:8081", "service": "chat", "severity": "critical"}),
    )

    view = preview_view(preview(draft(), firing), "en")

    text = words(view)
    assert "Silence HighLatency for 1 h?" in text
    assert "mutes **14** firing alerts" in text
    assert "**1 of them is P1.**" in text
    assert "Services: api, chat" in text
    assert "and 9 more" in text
    assert "this service, this severity* would mute 13 now" in text
    assert '`alertname="HighLatency"`' in text
    assert "alerts that fire later are muted as well" in text
    assert set(buttons(view)) == {"bongsu:1:confirm:7", "bongsu:1:cancel:7"}
    assert options(view, "bongsu:1:scope:7") == ["rule", "service", "instance"]
    assert "3600" in options(view, "bongsu:1:lasts:7")


def test_a_proposal_that_mutes_nothing_now_says_so():
    assert "Nothing fires that it would mute now" in words(preview_view(preview(draft(sample=None), ()), "en"))


def test_without_an_instance_only_the_rule_can_be_chosen():
    view = preview_view(preview(draft(sample=None), ()), "en")

    assert options(view, "bongsu:1:scope:7") == ["rule"]


@pytest.mark.parametrize("lasts_s", [None, 5_400.0])
def test_a_length_that_was_typed_stays_chosen(lasts_s):
    view = preview_view(preview(draft(lasts_s=lasts_s), ()), "ko")

    assert options(view, "bongsu:1:lasts:7")[0] == "0"


def test_a_proposal_in_korean():
    view = preview_view(preview(draft(), make_alerts(2)), "ko")

    assert set(buttons(view).values()) == {"중지하기", "취소"}
    assert "would" not in words(view)


def test_a_confirmed_silence_offers_undo():
    view = confirmed_view(row(), "en")

    assert "**HighLatency** is silenced until" in words(view)
    assert buttons(view) == {f"bongsu:1:undo:3:{of_silence(row())}": "Undo"}


def test_an_ended_silence_has_no_button():
    view = ended_view(row(), "en")

    assert "The silence on **HighLatency** has ended" in words(view)
    assert buttons(view) == {}


def test_a_proposal_names_what_of_the_card_stays_loud_and_what_would_fall_silent_later():
    pool = make_alert("PoolExhausted", labels={"severity": "critical"})
    slow = make_alert(labels={"severity": "warning"})
    rules = (Rule("HighLatency", severity=Severity.P3), Rule("HighLatency", severity=Severity.P1))

    view = preview_view(preview(draft(sample=slow), (slow, pool), card=(slow, pool), rules=rules), "en")

    text = words(view)
    assert "Of this card stays loud:** 🔴 PoolExhausted" in text
    assert "Would be muted as well when it fires:** 🔴 P1 HighLatency" in text


def test_a_proposal_says_which_labels_it_left_out_and_of_which_it_is_not_sure():
    queue = make_alert("QueueDepth", labels={"instance": "q-1", "current": "1041", "generation": "17"})

    text = words(preview_view(preview(draft(sample=queue, scope=Scope.INSTANCE), (queue,)), "en"))

    assert 'is a value and changes: `current="1041"`' in text
    assert 'loud again when it does: `generation="17"`' in text


def test_the_list_says_who_why_until_when_and_every_matcher_page_by_page():
    many = [row(number) for number in range(1, 31)]
    first = list_view(many, "en")

    text = words(first)
    assert "Silences: 30" in text
    assert "(page 1 of 4)" in text
    assert f"(<t:{int(ENDS.timestamp())}:R>) by minji · deploy of the day" in text
    assert '`alertname="HighLatency"`' in text
    pages = [buttons(list_view(many, "en", page)) for page in range(4)]
    assert pages[0]["bongsu:1:silences:1"] == "Next ▶"
    undo = [name for page in pages for name in page if "undo-listed" in name]
    assert undo == [f"bongsu:1:undo-listed:{each.id}:{of_silence(each)}" for each in many]
    for page in range(4):
        assert_discord_takes(list_view(many, "ko", page))


def test_a_page_beyond_the_last_is_the_last():
    assert "(page 2 of 2)" in words(list_view([row(number) for number in range(1, 11)], "en", 99))


def test_a_silence_to_come_says_from_when_and_an_ended_one_has_no_button():
    later = replace(row(4), pending=True)
    ended = replace(row(5), silence=replace(row().silence, ended_at=NOW))

    view = list_view([later, ended], "en")

    assert f"from <t:{int(NOW.timestamp())}:f>" in words(view)
    assert "🔔 **HighLatency** has ended." in words(view)
    assert set(buttons(view)) == {f"bongsu:1:undo-listed:4:{of_silence(later)}"}


def test_an_empty_list_is_a_sentence():
    assert "0" in words(list_view([], "en"))
    assert words(said("Cancelled.")) == "Cancelled."


rows = st.builds(SilenceRow, st.integers(min_value=1, max_value=10**9), silences, hostile_text)
matchers = st.lists(st.builds(Matcher, hostile_text, hostile_text), max_size=12).map(tuple)
drafts = st.builds(
    Draft,
    matchers=matchers,
    rule=st.builds(Rule, hostile_text),
    scope=st.sampled_from(Scope),
    ends_at=st.just(ENDS),
    author_id=st.just(1001),
    author_name=hostile_text,
    reason=hostile_text,
    sample=st.none() | alerts,
    lasts_s=st.none() | st.floats(min_value=60, max_value=10**7),
    id=st.integers(min_value=1, max_value=10**9),
)
previews = st.builds(
    Preview,
    draft=drafts,
    muted=st.lists(alerts, max_size=8).map(tuple),
    loud=st.lists(alerts, max_size=8).map(tuple),
    later=st.lists(st.builds(Later, hostile_text, st.none() | st.sampled_from(Severity), hostile_text), max_size=8).map(
        tuple
    ),
    moving=matchers,
    doubtful=matchers,
    narrower=st.none() | st.sampled_from(Scope),
    narrower_count=st.integers(min_value=0, max_value=10**6),
)
healths = st.builds(
    ServiceHealth,
    st.builds(Service, hostile_text, hostile_text),
    st.none() | st.floats(min_value=0, max_value=1),
    *[st.none() | st.floats() for _ in range(3)],
    firing=st.none() | st.sampled_from(Severity),
)
reports = st.builds(
    StatusReport,
    at=st.just(NOW),
    services=st.lists(healths, max_size=30).map(tuple),
    incidents=st.lists(incidents, max_size=30).map(tuple),
    silences=st.lists(rows, max_size=10).map(tuple),
    connections=st.lists(st.builds(ConnectionStatus, hostile_text, st.none() | hostile_text), max_size=12).map(tuple),
    missing=st.lists(st.sampled_from(["prometheus", "grafana"]), max_size=2).map(tuple),
    hidden=st.lists(alerts, max_size=8).map(tuple),
    muted=st.dictionaries(st.integers(min_value=1, max_value=99), st.integers(min_value=0, max_value=9)),
)


@pytest.mark.parametrize("letter", ["x", "*", "@", "한", "👨‍👩‍👧", "ש"])
def test_the_longest_words_everywhere_still_fit(letter):
    long = letter * 5_000
    matchers = (Matcher(long, long),) * 20
    known = [
        SilenceRow(number, Silence(long, matchers, NOW, ENDS, long, long), rule)
        for rule in ("", long)
        for number in range(30)
    ]
    numbered = [replace(each, id=number) for number, each in enumerate(known)]
    muted = tuple(make_alert(labels={"instance": f"{n}{long}", "service": long}) for n in range(50))
    later = tuple(Later(long, Severity.P1, f"{n}{long}") for n in range(9))
    made = draft(rule=Rule(long), matchers=matchers)
    proposed = Preview(made, muted, muted[:9], later, Scope.INSTANCE, 1, matchers, matchers, held_back=muted[:9])

    for view in (list_view(numbered, "en"), preview_view(proposed, "en"), confirmed_view(numbered[0], "ko")):
        assert_discord_takes(view)


@NO_SHRINKING
@given(previews)
def test_no_rule_breaks_a_proposal(proposed):
    for language in ("en", "ko"):
        view = preview_view(proposed, language)

        assert_discord_takes(view)
        assert not LIVE_MENTION.search(words(view))


@NO_SHRINKING
@given(st.lists(rows, max_size=12, unique_by=lambda each: each.id))
def test_no_silence_breaks_the_list(known):
    view = list_view(known, "en")

    assert_discord_takes(view)
    assert not LIVE_MENTION.search(words(view))
    for one in known[:1]:
        assert_discord_takes(confirmed_view(one, "ko"))


@NO_SHRINKING
@given(reports)
def test_no_report_breaks_the_status(report):
    view = status_view(report, "ko")

    assert_discord_takes(view)
    assert not LIVE_MENTION.search(words(view))


def test_a_status_names_who_has_what():

    held = replace(make_incident(), severity=Severity.P1, state=State.ACKNOWLEDGED, ack=Ack(MINJI, NOW))
    report = StatusReport(
        NOW, (), (held, make_incident(number=43)), (row(),), (ConnectionStatus("prometheus", "refused"),)
    )

    text = words(status_view(report, "en"))

    assert "#42 🔴 HighLatency" in text
    assert "minji" in text
    assert "❌ prometheus (refused)" in text
