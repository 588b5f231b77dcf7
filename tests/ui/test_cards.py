"""What a card says, in the order a person woken at three asks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from bot.domain import lifecycle
from bot.domain.alerts import AlertStatus, Joined, JoinedHow, Severity
from bot.domain.incidents import Ack, Entry, EntryKind, Incident, State
from bot.domain.owners import Owner, Service
from bot.domain.people import Person
from bot.domain.silences import Matcher, Muted, Silence
from bot.domain.views import Coming, Links
from bot.i18n import Language
from bot.ui.cards import COLOUR, GREEN, incident_card, mention
from bot.ui.details import instances, timeline
from bot.ui.layout import card_layout
from tests.builders import JUN, MINJI, NOW, make_alert, make_alerts, make_incident, make_notification, make_view
from tests.ui.drawn import assert_discord_takes, buttons, options, texts, words
from tests.ui.hostile import LIVE_MENTION, views
from tests.ui.reports import analyses, make_analysis

SINCE = f"<t:{int(NOW.timestamp())}:R>"


def drawn(view, language: Language = "en", *, first: bool = False):
    return card_layout(incident_card(view, language), language, first=first)


def acknowledged(incident: Incident, *, note: str = "", until=None, after=timedelta(minutes=3, seconds=20)) -> Incident:
    outcome = lifecycle.apply(incident, lifecycle.Acknowledged(MINJI, NOW + after, note, until))
    assert outcome.incident
    return outcome.incident


def ended(incident: Incident, reason: str | None = None) -> Incident:
    return replace(
        lifecycle.apply(incident, lifecycle.Vanished(NOW + timedelta(minutes=12))).incident,  # type: ignore[type-var]
        end_reason=reason,
    )


def test_the_first_words_say_how_bad_what_and_where():
    view = make_view(make_incident("HighErrorRate"))

    head = texts(drawn(view))[0]

    assert head.splitlines()[0] == "### 🟠 P2 · HighErrorRate · API · #42"


def test_a_card_answers_in_order():
    view = make_view(make_incident(firing=42))

    said = words(drawn(view, first=True))

    order = ["P2", "HighLatency", "API", SINCE, "HighLatency on api", "**Firing: 42**", "Nobody has it", "<@1001>"]
    positions = [said.index(part) for part in order]
    assert positions == sorted(positions)


def test_a_card_shows_five_instances_with_value_against_threshold():
    view = make_view(make_incident(firing=42))

    said = words(drawn(view))

    assert r"- api-1:8080 — **6.2 s** (threshold 5 s)" in said
    assert "api-5" in said
    assert "api-6" not in said
    assert "and 37 more" in said


def test_a_card_in_korean_has_no_english_sentence():
    view = make_view(acknowledged(make_incident(firing=7), note="확인 중"))

    said = words(drawn(view, "ko"))

    assert "외 2건" in said
    assert "발생 중" in said
    assert "임계값 5초" in said
    assert "minji** 님이" in said
    assert "> 확인 중" in said
    for english in ("firing", "Nobody", "threshold", "more", "since"):
        assert english not in said


def test_an_acknowledged_card_names_who_has_it_and_calls_nobody_by_name():
    until = NOW + timedelta(minutes=30)
    view = make_view(acknowledged(make_incident(), note="looking", until=until))

    layout = drawn(view)

    said = words(layout)
    assert "👀 **minji** has it" in said
    assert "after 3 min 20 s" in said
    assert "> looking" in said
    assert f"<t:{int(until.timestamp())}:R>" in said
    assert not LIVE_MENTION.search(said)
    assert "waiting" not in said.lower()


def test_whoever_took_over_is_not_credited_with_the_first_acknowledgement():
    first = acknowledged(make_incident())
    taken = lifecycle.apply(first, lifecycle.Acknowledged(JUN, NOW + timedelta(minutes=40))).incident
    assert taken

    said = words(drawn(make_view(taken)))

    assert "jun" in said
    assert "after 40 min" in said


@pytest.mark.parametrize(
    ("severity", "called"),
    [
        (Severity.P1, "<@1001> <@&501> @here"),
        (Severity.P2, "<@1001> <@&501>"),
        (Severity.P3, ""),
        (Severity.P4, ""),
    ],
)
def test_only_p1_and_p2_call_somebody_and_only_p1_everybody_who_is_here(severity, called):
    view = make_view(replace(make_incident(), severity=severity))

    assert mention(view) == called
    assert (called or "<@") in words(drawn(view, first=True)) or not called
    assert not LIVE_MENTION.search(words(drawn(view)))
    assert drawn(view).to_components()[0]["accent_color"] == COLOUR[severity]


def test_the_card_itself_comes_before_the_call():
    view = make_view(replace(make_incident(), severity=Severity.P1))

    first = texts(drawn(view, first=True))

    assert first[0].startswith("### 🔴 P1")
    assert "@here" in first[-1]


def test_an_incident_that_somebody_has_or_that_is_over_calls_nobody():
    critical = replace(make_incident(), severity=Severity.P1)

    assert mention(make_view(acknowledged(critical))) == ""
    assert mention(make_view(ended(critical))) == ""


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (None, "Recovered"),
        ("Paused", "Rule paused (not recovered)"),
        ("RuleDeleted", "Rule deleted (not recovered)"),
        ("Updated", "Rule changed (not recovered)"),
        ("MissingSeries", "Series disappeared (not recovered)"),
        ("Test", "Test ended"),
        ("Reconciled", "no end was told"),
    ],
)
def test_a_resolved_card_is_green_and_honest_about_why(reason, sentence):
    view = make_view(ended(make_incident(), reason))

    layout = drawn(view)

    said = words(layout)
    assert layout.to_components()[0]["accent_color"] == GREEN
    assert said.startswith("### 🟢 P2 · HighLatency")
    assert sentence in said
    assert "12 min" in said
    assert set(buttons(layout)) == {"bongsu:1:fix:42"}
    assert options(layout, "bongsu:1:menu:42") == ["timeline", "instances", "dashboard"]


@pytest.mark.parametrize(
    ("kinds", "minutes"),
    [
        ([], 0),
        (["severity_raised"], 0),
        (["acknowledged", "released"], 2),
        (["acknowledged", "taken_over", "ack_lapsed"], 3),
        (["acknowledged", "severity_raised", "joined"], 2),
    ],
)
def test_nobody_has_it_since_whoever_had_it_let_it_go(kinds, minutes):
    entries = tuple(
        Entry(NOW + timedelta(minutes=minute), EntryKind(kind), MINJI) for minute, kind in enumerate(kinds, 1)
    )

    said = words(drawn(make_view(make_incident(), timeline=entries)))

    since = int((NOW + timedelta(minutes=minutes)).timestamp())
    assert f"Waiting for acknowledgement since <t:{since}:t>" in said


def test_what_has_ended_does_not_look_as_if_it_fired_while_what_was_cut_off_may():
    over = make_alert(status=AlertStatus.RESOLVED, ends_at=NOW)

    said = words(drawn(make_view(replace(make_incident(), alerts=(over,), truncated=3)))).splitlines()

    assert "- ✅ api-1:8080" in said
    assert "- api-1:8080" in words(drawn(make_view(ended(make_incident())))).splitlines()


def test_a_card_that_is_over_speaks_of_the_worst_that_its_title_names():
    labels = {"service": "billing", "severity": "warning"}
    worst, lesser = make_alert(), make_alert(labels=labels, annotations={"summary": "HighLatency on billing"})

    said = words(drawn(make_view(ended(replace(make_incident(), alerts=(worst, lesser))))))

    assert "HighLatency on api" in said


def test_a_card_that_is_over_speaks_of_what_its_title_names():
    first, joined = make_alert("HighLatency"), make_alert("HighErrorRate", labels={"service": "chat"})
    incident = replace(make_incident("HighLatency"), alerts=(first, joined))

    said = words(drawn(make_view(ended(incident))))

    assert "HighLatency on api" in said
    assert "HighErrorRate on api" not in said


def test_an_open_card_has_two_buttons_and_one_menu_for_the_rest():
    layout = drawn(make_view(make_incident()))

    assert buttons(layout) == {"bongsu:1:ack:42": "Acknowledge", "bongsu:1:silence:42": "Silence"}
    assert options(layout, "bongsu:1:menu:42") == ["ack_30m", "timeline", "instances", "dashboard"]


def test_buttons_speak_the_language_of_the_guild():
    layout = drawn(make_view(make_incident()), "ko")

    assert set(buttons(layout).values()) == {"담당하기", "알림 중지"}


def test_what_is_odd_about_an_alert_is_said():
    alerts = (make_alert("DatasourceError", labels={"rulename": "HighLatency", "severity": ""}),)
    incident = lifecycle.apply(None, lifecycle.Notified(make_notification(alerts=alerts, truncated=7), NOW)).incident
    assert incident
    view = make_view(replace(incident, number=7, flaps=2))

    said = words(drawn(view))

    assert "HighLatency" in said
    assert "could not be evaluated" in said
    assert "treated as P2" in said
    assert "7 alerts are not shown" in said
    assert "2×" in said


def test_grafanas_test_message_is_called_a_test():
    alerts = (make_alert("TestAlert"),)
    incident = lifecycle.apply(None, lifecycle.Notified(make_notification(alerts=alerts), NOW)).incident

    assert "test message" in words(drawn(make_view(incident)))


def test_silences_that_cover_it_are_shown_with_their_end_and_author():
    ends = NOW + timedelta(hours=2)
    silence = Silence("1", (Matcher("alertname", "HighLatency"),), NOW, ends, "discord: minji (1001)", "deploy")

    said = words(drawn(make_view(make_incident(), silences=(Muted(silence, make_incident().firing),) * 4)))

    assert f"🔕 Silenced until <t:{int(ends.timestamp())}:f> (<t:{int(ends.timestamp())}:R>) by minji" in said
    assert "2 more" in said


def test_a_rule_may_have_texts_in_another_language():
    alert = make_alert(annotations={"summary": "The disk is full", "summary_ko": "디스크가 가득 찼습니다"})
    view = make_view(replace(make_incident(), alerts=(alert,)))

    assert "디스크가 가득 찼습니다" in words(drawn(view, "ko"))
    assert "The disk is full" not in words(drawn(view, "ko"))
    assert "The disk is full" in words(drawn(view, "en"))


def test_who_has_it_is_not_offered_to_take_it_from_themselves_without_saying_so():
    held = replace(make_incident(), state=State.ACKNOWLEDGED, ack=Ack(MINJI, NOW))

    assert "Take over from minji" in buttons(drawn(make_view(held))).values()


def test_a_partly_silenced_card_says_which_alert_is_loud():
    one, two = make_alerts(2)
    silence = Silence("1", (), NOW, NOW + timedelta(hours=2), "discord: minji (1001)", "deploy")
    view = make_view(replace(make_incident(), alerts=(one, two)), silences=(Muted(silence, (one,)),))

    said = words(drawn(view))

    assert "🔕 1 of 2 silenced until" in said
    assert "by minji: api-1:8080" in said
    assert "🔔 Still loud: api-2:8080" in said
    assert "🔕 Silenced until" not in said


def test_links_are_offered_when_there_is_an_address():
    links = Links(dashboard="https://g/d/1", rule="https://g/r", runbook="javascript:alert(1)", explore="")

    said = words(drawn(make_view(make_incident(), links=links)))

    assert "[Dashboard](https://g/d/1) · [Rule](https://g/r)" in said
    assert "Runbook" not in said
    assert "Explore" not in said


def test_long_links_never_push_out_what_matters():
    links = Links(*(f"https://g/{name}" + "x" * 480 for name in "abcde"))
    view = make_view(acknowledged(make_incident(firing=50), note="n" * 400), links=links)

    layout = drawn(view, first=True)

    assert_discord_takes(layout)
    assert "[Dashboard]" in words(layout)


def test_a_card_of_a_service_nobody_owns_is_still_a_card():
    assert_discord_takes(drawn(make_view(make_incident(), service=Service("", "")), first=True))


def test_the_timeline_keeps_its_newest_lines_when_it_is_long():
    incident = make_incident()
    entries = lifecycle.apply(incident, lifecycle.Acknowledged(MINJI, NOW, "n" * 100)).entries * 60
    view = make_view(incident, timeline=entries)

    said = timeline(view, "ko")

    assert len(said) <= 2000
    assert "minji 님이 담당 시작" in said


def test_all_instances_are_listed_firing_ones_first():
    incident = make_incident(firing=3)
    alerts = (replace(incident.alerts[0], status=AlertStatus.RESOLVED), *incident.alerts[1:])

    said = instances(replace(incident, alerts=alerts), "en")

    assert said.index("api-2") < said.index("✅ api-1")


@pytest.mark.parametrize(
    ("value", "threshold", "shown"),
    [("down", "up", "**down**"), ("다운", "정상", "**다운**"), ("40 waiting", "0", "**40 waiting** (threshold 0)")],
)
def test_a_state_that_is_no_number_is_shown_without_the_state_that_it_is_not(value, threshold, shown):
    alert = make_alert(labels={"instance": "api-1:8080"}, annotations={"value": value, "threshold": threshold})

    said = words(drawn(make_view(replace(make_incident(), alerts=(alert,)))))

    assert f"- api-1:8080 — {shown}\n" in said


@pytest.mark.parametrize("letter", ["x", "*", "@", "한", "👨‍👩‍👧", "ש"])
@pytest.mark.parametrize("state", list(State))
def test_the_longest_words_everywhere_still_fit(letter, state):
    long = letter * 5_000
    labels = {"instance": long, "alertname": "DatasourceError", "rulename": long, "service": long}
    notes = {"summary": long, "value": long, "threshold": long, "Error": long}
    incident = replace(
        make_incident(),
        title=long,
        state=state,
        severity=Severity.P1,
        alerts=tuple(make_alert(labels=labels, annotations=notes, fingerprint=str(n)) for n in range(100)),
        number=999_999_999,
        ack=Ack(Person(1, long), NOW, long, NOW) if state is not State.FIRING else None,
        resolved_at=NOW,
        end_reason=long,
        flaps=10**6,
        truncated=10**9,
    )
    owners = tuple(Owner(2**63 - n, is_role=True) for n in range(50))
    silence = Silence(long, (), NOW, NOW, long, long)
    links = Links(*(f"https://g/{name}" + "x" * 500 for name in "abcde"))
    view = make_view(
        incident, service=Service(long, long, owners), links=links, silences=(Muted(silence, incident.firing[:50]),) * 9
    )

    for language in ("en", "ko"):
        layout = drawn(view, language, first=True)

        assert_discord_takes(layout)
        assert any("[" in text and "](https://g/a" in text for text in texts(layout))


@settings(
    max_examples=120,
    # Shrinking words of ten thousand letters takes minutes and their repr fills the screen.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(views)
def test_no_alert_breaks_a_card_or_calls_anybody(view):
    for language in ("en", "ko"):
        first = drawn(view, language, first=True)
        later = drawn(view, language)

        assert_discord_takes(first)
        assert_discord_takes(later)
        assert not LIVE_MENTION.search(words(later))
        assert not LIVE_MENTION.search(words(first).replace(mention(view), ""))
        for reply in (timeline(view, language), instances(view.incident, language)):
            assert len(reply) <= 2000
            assert not LIVE_MENTION.search(reply)


def test_a_card_says_the_probable_cause_before_the_instances():
    view = replace(make_view(make_incident(firing=3)), analysis=make_analysis())

    said = words(drawn(view))

    cause = said.index("🔎 **Likely**: connection pool of `api` is exhausted, after deploy v42 → Roll back")
    assert said.index("HighLatency on api") < cause < said.index("**Firing: 3**")


def test_a_card_that_nobody_looked_into_says_nothing_of_a_cause():
    assert "🔎" not in words(drawn(make_view()))


@settings(
    max_examples=60,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(views, analyses)
def test_no_investigation_breaks_a_card_or_calls_anybody(view, analysis):
    for language in ("en", "ko"):
        layout = drawn(replace(view, analysis=analysis), language)

        assert_discord_takes(layout)
        assert not LIVE_MENTION.search(words(layout))


@pytest.mark.parametrize(
    ("language", "loud", "silent"),
    [
        ("en", f"Escalates to <@7> {SINCE}", "Escalates to <@7> once it is not silenced any more"),
        ("ko", f"⏫ {SINCE} <@7> 호출", "⏫ 알림 중지가 끝나면 <@7> 호출"),
    ],
)
def test_of_what_is_silenced_no_moment_is_named_at_which_somebody_is_called(language, loud, silent):
    view = make_view(make_incident(firing=2), coming=Coming(NOW, ("<@7>",)))
    silence = Silence("1", (), NOW, NOW + timedelta(hours=1), "boss", "")
    firing = view.incident.firing

    one, all_of_them = (
        words(drawn(replace(view, silences=(Muted(silence, alerts),)), language)) for alerts in (firing[:1], firing)
    )

    assert loud in one
    assert silent in all_of_them
    assert loud not in all_of_them


@pytest.mark.parametrize(
    ("language", "reason", "line"),
    [
        ("en", "NoData", "- ⚪ api-1:8080 — No data any more (not recovered)"),
        ("en", "Paused", "- ⚪ api-1:8080 — Rule paused (not recovered)"),
        ("en", "", "- ✅ api-1:8080"),
        ("ko", "NoData", "- ⚪ api-1:8080 — 데이터 없음 (복구된 것은 아님)"),
    ],
)
def test_beside_what_fires_only_what_has_recovered_is_green(language, reason, line):
    over = {"status": AlertStatus.RESOLVED, "ends_at": NOW, "seen_at": NOW}
    first = make_alert(annotations={"grafana_state_reason": reason}, **over)
    joined = Joined("other", NOW, JoinedHow.SAME_SERVICE)
    second = make_alert(labels={"instance": "api-2:8080"}, joined=joined)
    incident = replace(make_incident(), alerts=(first, second))

    assert line in words(drawn(make_view(incident), language)).splitlines()
    listed = instances(incident, language).splitlines()
    assert [each for each in listed if each.startswith(line[:3])] == [line]


@pytest.mark.parametrize(
    ("language", "firing", "ended", "more"),
    [
        ("en", 5, 1, ["and 1 that fires no more"]),
        ("en", 7, 3, ["and 2 more", "and 3 that fire no more"]),
        ("en", 6, 0, ["and 1 more"]),
        ("ko", 6, 2, ["외 1건", "그 밖에 더는 발생하지 않는 알림 2건"]),
    ],
)
def test_what_is_left_out_and_has_ended_is_not_taken_for_what_fires(language, firing, ended, more):
    over = {"status": AlertStatus.RESOLVED, "ends_at": NOW, "joined": Joined("other", NOW, JoinedHow.SAME_SERVICE)}
    alerts = (*make_alerts(firing), *make_alerts(ended, "Over", **over))
    if not ended:
        alerts = (*alerts[:-1], replace(alerts[-1], joined=over["joined"]))

    shown = words(drawn(make_view(replace(make_incident(), alerts=alerts)), language)).splitlines()

    assert [line for line in shown if line.startswith(("and ", "외 ", "그 밖에"))] == more


@pytest.mark.parametrize(
    ("language", "firing", "over"),
    [
        ("en", "❔ The rule has no data.", "❔ The rule had no data."),
        ("ko", "❔ 규칙에 데이터가 없습니다.", "❔ 규칙에 데이터가 없었습니다."),
    ],
)
def test_there_is_data_again_once_that_has_ended(language, firing, over):
    alert = make_alert(labels={"alertname": "DatasourceNoData", "rulename": "Slow"})
    incident = replace(make_incident("Slow"), alerts=(alert,))

    assert firing in words(drawn(make_view(incident), language)).splitlines()
    assert over in words(drawn(make_view(ended(incident)), language)).splitlines()


def test_an_instance_that_fires_at_two_severities_is_not_two_instances():
    alerts = make_alert(fingerprint="a", labels={"severity": "warning"}), make_alert(fingerprint="b")
    incident = ended(replace(make_incident(), alerts=alerts))

    said = words(drawn(make_view(incident)))

    assert "**Alerts: 2** · api-1:8080" in said
    assert "Instances" not in said


@pytest.mark.parametrize(("language", "here"), [("en", "everyone who is online"), ("ko", "접속 중인 모두")])
def test_who_is_called_next_is_named_without_a_second_mention_and_with_whole_names(language, here):
    people = tuple(f"<@{number}>" for number in range(10**17, 10**17 + 40))
    few = words(drawn(replace(make_view(), coming=Coming(NOW, ("<@7>", "@here"))), language))
    many = words(drawn(replace(make_view(), coming=Coming(NOW, people)), language))

    assert f"<@7>, {here}" in few
    assert re.findall(r"<@\d*(?![\d>])", many) == []
    assert people[0] in many
