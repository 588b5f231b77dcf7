"""What the thread of a card says of an investigation, short and in full."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from bot.domain.alerts import Severity
from bot.domain.evidence import Action, ActionKind, Claim, Confidence, ModelUse, Risk, Verdict
from bot.domain.incidents import State
from bot.domain.inquiries import InquiryState, Rating
from bot.domain.owners import Owner
from bot.domain.telemetry import Gap
from bot.domain.views import Links
from bot.i18n import catalogue
from bot.ui.limits import CARD_TEXT, CONTENT
from bot.ui.marks import of_inquiry
from bot.ui.report import BRIEF, more_pages, owners_called, report_layout
from tests.builders import MINJI, make_incident, make_view
from tests.ui.drawn import each, words
from tests.ui.hostile import LIVE_MENTION
from tests.ui.reports import (
    API_OWNER,
    FINDINGS,
    WEB_OWNER,
    at,
    hostile_reports,
    make_analysis,
    make_finding,
    make_ranking,
    make_report,
)

LANGUAGES = ("en", "ko")
PATIENT = settings(
    max_examples=60,
    # Shrinking words of ten thousand letters takes minutes and their repr fills the screen.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def written(report, language="en") -> str:
    return words(report_layout(report, language))


def addresses(layout) -> dict[str, str]:
    """Return the link buttons: label to address."""
    return {c["label"]: c["url"] for c in each(layout.to_components()) if c.get("url")}


def pressed(layout) -> dict[str, str]:
    """Return the other buttons: custom id to label."""
    """Return the labels of the buttons by their ids, without the mark that all of them carry."""
    mark = f":{of_inquiry(make_report().inquiry)}"
    labels = {c["custom_id"]: c["label"] for c in each(layout.to_components()) if "custom_id" in c}
    assert all(name.endswith(mark) for name in labels)
    return {name.removesuffix(mark): label for name, label in labels.items()}


def test_a_full_report_in_english():
    assert written(make_report()).splitlines() == [
        "### 🔎 **Likely**: connection pool of `api` is exhausted, after deploy v42 `M1` `L1` `T1` `C1`",
        "-# Evidence: M metric, L log, T trace, C change",
        "-# Began at <t:1795489200:T>",
        "**Next (suggested, nothing was run)**",
        "- Roll back deploy v42 of `api` · medium risk",
        "- **Investigate** · Check who holds the connections of `api`: slow queries, leaks, pool size · low risk",
        "**Why**",
        r"- `api`: hikaricp\_pending rose from 0 to 38 since <t:1795489200:T> `M1`",
        r"- `api` logs something new, 412× in 2 min: Connection is not available after \<\*>ms `L1`",
        "- `api`: GET /orders fails 31 of 40 times `T1`",
        "**Affected**: `web`",
        "**What else it could be**: `web` itself has become slow `T2` — fewer kinds of evidence: 1 instead of 4",
        r"**Runbook**: Look at pg\_stat\_activity",
        "**Not seen**: tempo (no answer in time)",
        "**Seen before**: #12 · #7",
        "**Checked and fine**: `chat`",
        "-# claude-haiku · 3,912 + 512 tokens · $0.0012 · 3.2\u00a0s",
        "<@1001>",
    ]


def test_a_full_report_in_korean():
    assert written(make_report(language="ko"), "ko").splitlines() == [
        "### 🔎 **유력**: `api` 커넥션 풀 고갈, 배포 v42 이후 `M1` `L1` `T1` `C1`",
        "-# 근거 종류: M 메트릭, L 로그, T 트레이스, C 변경",
        "-# 시작 시각 <t:1795489200:T>",
        "**다음 조치 (제안일 뿐 실행된 것은 없음)**",
        "- `api` 배포 v42 롤백 · 위험도 중간",
        "- **조사** · `api` 커넥션을 점유한 대상 확인: 느린 쿼리, 누수, 풀 크기 · 위험도 낮음",
        "**근거**",
        r"- `api`: <t:1795489200:T>부터 hikaricp\_pending 증가, 0 → 38 `M1`",
        r"- `api`: 새로운 로그 2분 동안 412회: Connection is not available after \<\*>ms `L1`",
        "- `api`: GET /orders 40건 중 31건 실패 `T1`",
        "**영향 범위**: `web`",
        "**다른 가능성**: `web` 자체 지연 증가 `T2` — 근거 종류가 더 적음(4종 대비 1종)",
        r"**런북**: Look at pg\_stat\_activity",
        "**확인하지 못한 것**: tempo (제때 응답 없음)",
        "**이전 사례**: #12 · #7",
        "**확인 결과 정상**: `chat`",
        "-# claude-haiku · 토큰 3,912 + 512 · $0.0012 · 3.2초",
        "<@1001>",
    ]


def test_it_says_how_much_earlier_than_the_alert_it_began():
    analysis = make_analysis()
    report = make_report()
    alert = replace(report.view.incident, opened_at=datetime.fromtimestamp(1795489440, UTC))
    report = replace(report, view=replace(report.view, incident=alert))
    assert "-# Began at <t:1795489200:T>, 4 min before the alert" in written(report)

    silent = replace(analysis, ranking=replace(analysis.ranking, abstained=True))
    inquiry = replace(report.inquiry, analysis=silent)
    assert "Began" not in written(replace(report, inquiry=inquiry))


def test_evidence_and_runbook_are_one_press_away():
    layout = report_layout(make_report(), "en")

    assert addresses(layout) == {
        "Metric M1": at("M1"),
        "Log L1": at("L1"),
        "Trace T1": at("T1"),
        "Runbook": "https://wiki.example/pool",
    }


def test_people_can_rate_it_ask_again_and_read_more():
    assert pressed(report_layout(make_report(), "en")) == {
        "bongsu:1:rate-useful:5": "Useful",
        "bongsu:1:rate-useless:5": "Not useful",
        "bongsu:1:rate-wrong:5": "Wrong",
        "bongsu:1:again:5": "Investigate again",
        "bongsu:1:more:5": "More",
    }


def test_the_more_pages_hold_every_finding_with_its_link():
    text = "\n".join(more_pages(make_report(), "en"))

    for name in ("M1", "L1", "T1", "T2"):
        assert f"- [{name}]({at(name)}) `" in text
    assert "- **C1** `api`: deploy 4 min before it began: v42" in text
    assert "- [Runbook](https://wiki.example/pool)" in text
    assert "<@1001>" not in text


def test_what_was_struck_from_a_model_is_told_in_the_more_pages():
    verdict = replace(make_analysis().verdict, dropped=("unknown finding M9",))

    report = make_report(make_analysis(verdict=verdict))

    assert "unknown finding M9" in "\n".join(more_pages(report, "en"))
    assert "M9" not in written(report)


def test_an_action_is_marked_as_suggested_and_says_its_kind_and_risk():
    action = Action(ActionKind.FAILOVER, "move api to the other zone", Risk.HIGH, ("M1",))
    verdict = replace(make_analysis().verdict, actions=(action,))

    said = written(make_report(make_analysis(verdict=verdict)))

    assert "**Next (suggested, nothing was run)**: **Fail over** · move `api` to the other zone · high risk" in said


def test_a_silent_model_says_why_and_what_it_cost_all_the_same():
    silent = make_report(make_analysis(use=ModelUse("claude-haiku", 100, 0, 0.0001, 1, "refusal")))
    unasked = make_report(make_analysis(use=ModelUse(silent="silent.nobody_wrote_this")))

    assert "-# Ranked without a model:" in written(silent)
    assert "claude-haiku · 100 + 0 tokens · $0.0001" in written(silent)
    assert (
        written(unasked).splitlines()[-2] == "-# Ranked without a model: the model gave no usable answer · 3.2\u00a0s"
    )


def test_model_and_ranking_are_both_named_when_they_differ():
    verdict = replace(make_analysis().verdict, cause=Claim("web ran out of threads", "web", ("T2",)))

    said = written(make_report(make_analysis(verdict=verdict, differs="api", unexplained=("chat", "mail"))))

    assert "⚖️ The model names `web`; the numbers alone point to `api`." in said
    assert "⚖️ Does not explain what fires of `chat`, `mail`, not known to call `web`: look there too." in said


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (Gap("loki", "truncated"), "loki (too much, only a part was read)"),
        (Gap("loki", "gap.unavailable"), "loki (not reachable)"),
        (Gap("tempo", "errors.query_rejected", "bad TraceQL"), "tempo refused the question: bad TraceQL"),
        (Gap("tempo", "eaten", "by a **dog**"), r"tempo by a \*\*dog\*\*"),
    ],
)
def test_what_could_not_be_seen_is_said(gap, said):
    assert f"**Not seen**: {said}" in written(make_report(make_analysis(gaps=(gap,))))


@pytest.mark.parametrize("reason", ["timeout", "unavailable", "rejected", "truncated", "not_configured"])
def test_every_reason_of_the_collector_has_a_text(reason):
    assert f"gap.{reason}" in catalogue("ko")


@pytest.mark.parametrize("rating", Rating)
def test_every_rating_has_a_text(rating):
    assert f"rating.{rating.value}" in catalogue("ko")


def test_an_inconclusive_report_shows_what_was_seen_and_calls_nobody():
    report = make_report(make_analysis(ranking=make_ranking(abstained=True)))

    said = written(report)

    assert said.startswith("### 🔎 **Inconclusive**: nothing stands out")
    assert "**Seen, but not enough to name a cause**" in said
    assert not LIVE_MENTION.search(said)
    assert owners_called(report) == ()


def test_the_owner_of_the_cause_is_called_not_that_of_the_alert():
    verdict = replace(make_analysis().verdict, cause=Claim("web is slow", "web", ("T2",)))
    report = make_report(make_analysis(verdict=verdict))

    assert owners_called(make_report()) == (API_OWNER,)
    assert owners_called(report) == (WEB_OWNER,)
    assert written(report).endswith("<@&501>")


@pytest.mark.parametrize(
    ("severity", "state", "calls"),
    [
        (Severity.P1, State.FIRING, True),
        (Severity.P2, State.ACKNOWLEDGED, True),
        (Severity.P3, State.FIRING, False),
        (Severity.P1, State.RESOLVED, False),
    ],
)
def test_only_what_is_severe_and_open_calls(severity, state, calls):
    incident = replace(make_incident(), severity=severity, state=state)

    assert bool(owners_called(make_report(view=make_view(incident)))) is calls


def test_who_asked_for_it_calls_nobody_else():
    assert owners_called(make_report(asked_by=MINJI)) == ()


def test_a_guess_of_a_model_that_calls_itself_inconclusive_calls_nobody():
    verdict = Verdict(Confidence.INCONCLUSIVE, Claim("api perhaps", "api", ("M1",)))

    assert owners_called(make_report(make_analysis(verdict=verdict))) == ()


def test_at_most_three_owners_are_called():
    report = make_report()
    many = replace(report.catalogue.find("api"), owners=tuple(Owner(n, is_role=False) for n in range(1, 9)))
    report = replace(report, catalogue=replace(report.catalogue, services={"api": many}))

    assert len(owners_called(report)) == 3


def test_without_a_named_runbook_the_service_s_own_is_offered():
    view = make_view(links=Links(runbook="https://wiki.example/api"))

    layout = report_layout(make_report(make_analysis(runbook=""), view=view), "en")

    assert addresses(layout)["Runbook"] == "https://wiki.example/api"


@pytest.mark.parametrize(
    ("state", "said", "offers"),
    [
        (InquiryState.RUNNING, "This investigation is not finished yet.", set()),
        (InquiryState.FAILED, "This investigation failed; its card still tells what fires.", {"bongsu:1:again:5"}),
    ],
)
def test_one_without_an_outcome_says_so(state, said, offers):
    report = make_report()
    report = replace(report, inquiry=replace(report.inquiry, state=state, analysis=None))

    layout = report_layout(report, "en")

    assert words(layout) == said
    assert set(pressed(layout)) == offers
    assert more_pages(report, "en") == [said]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_report_keeps_what_matters_most_within_1200_characters(language):
    found = tuple(make_finding(f"M{n}", values={"metric": f"series_{n}_" + "x" * 300}) for n in range(1, 21))
    ids = tuple(finding.id for finding in found)
    ranking = make_ranking(
        findings=found,
        suspects=(replace(make_ranking().suspects[0], findings=ids), *make_ranking().suspects[1:]),
        affected=tuple(f"service-{n}" for n in range(20)),
        harmless=tuple(f"other-{n}" for n in range(20)),
    )
    gaps = tuple(Gap(f"source-{n}", "timeout") for n in range(8))
    steps = ("step " * 60,) * 5
    report = make_report(make_analysis(language, ranking=ranking, gaps=gaps, runbook_steps=steps))

    layout = report_layout(report, language)

    said = words(layout)
    assert sum(len(c["content"]) for c in each(layout.to_components()) if c["type"] == 10) <= BRIEF
    for title in ("actions", "why", "gaps"):
        assert catalogue(language)[f"report.{title}"] in said
    assert "v42" in said
    assert "tokens" in said or "토큰" in said
    assert "<@1001>" in said


def test_in_full_it_says_more_and_still_fits():
    report = make_report()

    full = report_layout(report, "en", full=True)

    assert sum(len(c["content"]) for c in each(full.to_components()) if c["type"] == 10) <= CARD_TEXT
    assert f"[T2]({at('T2')})" in words(full)
    assert len(words(full)) > len(written(report))


# One report is written in every way: to draw it takes thirty times as long as to write it.
@PATIENT
@given(report=hostile_reports)
def test_no_report_breaks_discord_s_limits_or_mentions_somebody(report):
    for language, full in product(LANGUAGES, (False, True)):
        keeps_the_limits_and_mentions_nobody(report, language, full=full)


def keeps_the_limits_and_mentions_nobody(report, language, *, full):
    found = list(each(report_layout(report, language, full=full).to_components()))
    texts = [c["content"] for c in found if c["type"] == 10]
    assert len(found) <= 40
    assert all(text.strip() for text in texts)
    assert sum(map(len, texts)) <= (CARD_TEXT if full else BRIEF)
    assert all(1 <= len(c["label"]) <= 80 and len(c.get("url") or "") <= 512 for c in found if c["type"] == 2)
    rows = [c["components"] for c in found if c["type"] == 1]
    assert all(1 <= len(row) <= 5 for row in rows)
    owners = {owner.mention for owner in owners_called(report)}
    assert set(LIVE_MENTION.findall("\n".join(texts))) <= owners
    "".join(texts).encode("utf-8")


@PATIENT
@given(report=hostile_reports)
def test_no_page_is_longer_than_a_message_or_mentions_somebody(report):
    for language in LANGUAGES:
        pages = more_pages(report, language)

        assert 1 <= len(pages) <= 6
        assert all(page.strip() and len(page) <= CONTENT for page in pages)
        assert not LIVE_MENTION.search("\n".join(pages))


def test_more_than_six_pages_end_with_an_ellipsis():
    long = tuple(replace(FINDINGS[1], id=f"L{n}", link=at("x" * 440)) for n in range(40))

    pages = more_pages(make_report(make_analysis(ranking=make_ranking(findings=long))), "en")

    assert len(pages) == 6
    assert pages[-1].endswith("\n…")
