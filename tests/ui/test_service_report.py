"""What `/analyze <service>` answers."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.domain.evidence import ModelUse
from bot.domain.owners import Service
from bot.domain.telemetry import Gap
from bot.domain.views import ServiceReport
from bot.ui.limits import CARD_TEXT
from bot.ui.report import BRIEF
from bot.ui.service_report import service_layout, service_paper
from tests.builders import make_incident
from tests.ui.drawn import each, words
from tests.ui.hostile import LIVE_MENTION, hostile_text
from tests.ui.reports import CATALOGUE, analyses, at, make_analysis, make_finding, make_ranking

API = Service("api", "API", runbook="https://wiki.example/api")
LOUD = make_finding("L1", "log-grown", values={"template": "Cache miss", "before": "2", "after": "900"})


def make(language="en", *, seen: bool = True, service: Service = API, **changes) -> ServiceReport:
    incidents = changes.pop("incidents", ())
    return ServiceReport(service, make_analysis(language, **changes), CATALOGUE, seen, incidents)


def well(language="en", *, findings=(LOUD,), gaps=(), seen: bool = True) -> ServiceReport:
    ranking = make_ranking(suspects=(), findings=findings, abstained=True, affected=(), culprit=None, harmless=("api",))
    use = ModelUse(silent="no-key")
    return make(language, seen=seen, ranking=ranking, gaps=gaps, use=use, similar=())


def written(report: ServiceReport, language="en") -> list[str]:
    return words(service_layout(report, language)).splitlines()


def test_a_cause_is_said_as_in_a_report_but_nobody_is_called():
    said = written(make())

    assert said[0].startswith("### 🔎 **Likely**: connection pool of `api` is exhausted, after deploy v42")
    assert "- Roll back deploy v42 of `api` · medium risk" in said
    assert not any("<@" in line for line in said)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "### ✅ API: nothing stands out; what moved is harmless",
                "**Seen, but not enough to name a cause**: `api` logs this 900× a minute instead of 2×: Cache miss `L1`",
                "**Checked and fine**: `api`",
                "-# Ranked without a model: no key is configured · 3.2\u00a0s",
            ],
        ),
        (
            "ko",
            [
                "### ✅ API: 특이 사항 없음, 관찰된 변화는 영향 없음",
                "**관찰했으나 원인으로 보기에는 부족한 것**: `api`: 로그 증가, 분당 2회 → 900회: Cache miss `L1`",
                "**확인 결과 정상**: `api`",
                "-# 모델 없이 판단: API 키가 설정되지 않음 · 3.2초",
            ],
        ),
    ],
)
def test_what_moved_and_does_no_harm_is_called_harmless_with_nothing_to_do(language, said):
    assert written(well(language), language) == said


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (well(findings=()), "### ✅ API: nothing stands out"),
        (well(gaps=(Gap("tempo", "not_configured"),)), "### ✅ API: nothing stands out; what moved is harmless"),
        (well(gaps=(Gap("loki", "timeout"),)), "### ✅ API: nothing stands out in what could be seen"),
        (well(seen=False), "### ❔ API: no source told anything of it, so nothing can be said"),
    ],
)
def test_nothing_is_called_well_that_was_not_looked_at(report, said):
    assert written(report)[0] == said
    assert ("**Checked and fine**: `api`" in written(report)) is report.seen


def test_what_fires_is_named_first():
    said = written(make(incidents=(make_incident("HighLatency", number=3),)))

    assert said[2] == "**Firing now**: 🟠 #3 HighLatency"


def test_there_are_links_to_the_evidence_and_no_buttons_to_press():
    parts = list(each(service_layout(make(), "en").to_components()))

    assert {part["label"]: part["url"] for part in parts if part.get("url")} == {
        **{label: at(label.split()[1]) for label in ("Metric M1", "Log L1", "Trace T1")},
        "Runbook": "https://wiki.example/pool",
    }
    assert not [part for part in parts if "custom_id" in part]


@settings(
    max_examples=60,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(analysis=analyses, name=hostile_text, seen=st.booleans(), language=st.sampled_from(["en", "ko"]))
def test_nothing_makes_it_long_or_loud(analysis, name, seen, language):
    report = ServiceReport(Service(name, name), analysis, CATALOGUE, seen, (make_incident(),) * 9)

    said = words(service_layout(report, language))

    assert len(said) <= BRIEF + 100 < CARD_TEXT
    assert not LIVE_MENTION.search(said)
    assert service_paper(report, language).mention == ""
