"""Findings, analyses and reports for tests: a full one with sensible values, and ones that mean harm."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from bot.core.investigation.plain import plain_verdict
from bot.domain.evidence import (
    Action,
    ActionKind,
    Alternative,
    Analysis,
    Channel,
    Claim,
    Confidence,
    Finding,
    ModelUse,
    Ranking,
    Risk,
    Suspect,
    Verdict,
)
from bot.domain.inquiries import Inquiry, InquiryState
from bot.domain.owners import Catalogue, Owner, Service
from bot.domain.people import Person
from bot.domain.telemetry import Change, ChangeKind, Gap
from bot.domain.views import Report
from bot.i18n import Language, catalogue
from tests.builders import NOW, make_view
from tests.ui.hostile import hostile_text, views

API_OWNER, WEB_OWNER = Owner(1001, is_role=False), Owner(501, is_role=True)
CATALOGUE = Catalogue({"api": Service("api", "API", (API_OWNER,)), "web": Service("web", "Web", (WEB_OWNER,))})
DEPLOY = Change(NOW.timestamp() - 240, ChangeKind.DEPLOY, "v42", "smaller pool", "api")


def at(name: str) -> str:
    return f"https://grafana.example/explore?finding={name}"


def make_finding(name: str = "M1", key: str = "metric-rose", service: str = "api", **changes: object) -> Finding:
    values = {"service": service, "metric": "hikaricp_pending", "before": "0", "after": "38", "since": "1795489200"}
    fields: dict[str, object] = {
        "id": name,
        "channel": Channel(name[0]),
        "service": service,
        "key": key,
        "values": values | changes.pop("values", {}),  # type: ignore[operator]
        "score": 0.9,
        "link": at(name),
    }
    return Finding(**{**fields, **changes})  # type: ignore[arg-type]


FINDINGS = (
    make_finding("M1", score=0.97),
    make_finding(
        "L1",
        "log-new",
        values={"template": "Connection is not available after <*>ms", "count": "412", "seconds": "120"},
    ),
    make_finding("T1", "span-failed", values={"operation": "GET /orders", "failed": "31", "total": "40"}, score=0.8),
    make_finding(
        "C1",
        "change-before",
        values={"kind": "deploy", "id": "v42", "text": "smaller pool", "minutes": "4"},
        score=0.7,
        link="",
    ),
    make_finding("T2", "span-slow", "web", values={"operation": "GET /", "before": "40", "after": "900"}, score=0.5),
)


def make_ranking(**changes: object) -> Ranking:
    fields: dict[str, object] = {
        "onset_at": NOW.timestamp(),
        "suspects": (
            Suspect("api", 0.92, "pool", ("M1", "L1", "T1", "C1")),
            Suspect("web", 0.5, "latency", ("T2",)),
        ),
        "findings": FINDINGS,
        "abstained": False,
        "affected": ("web",),
        "culprit": DEPLOY,
        "harmless": ("chat",),
    }
    return Ranking(**{**fields, **changes})  # type: ignore[arg-type]


def make_analysis(language: Language = "en", **changes: object) -> Analysis:
    ranking = changes.pop("ranking", make_ranking())
    fields: dict[str, object] = {
        "ranking": ranking,
        "verdict": plain_verdict(ranking, language),  # type: ignore[arg-type]
        "use": ModelUse("claude-haiku", 3912, 512, 0.0012, 1),
        "gaps": (Gap("tempo", "timeout"),),
        "runbook": "https://wiki.example/pool",
        "runbook_steps": ("Look at pg_stat_activity",),
        "similar": (12, 7),
        "seconds": 3.21,
    }
    return Analysis(**{**fields, **changes})  # type: ignore[arg-type]


def make_report(analysis: Analysis | None = None, language: Language = "en", **changes: object) -> Report:
    view = changes.pop("view", make_view())
    inquiry = Inquiry(5, 42, None, NOW, InquiryState.DONE, analysis=analysis or make_analysis(language))
    return Report(view, replace(inquiry, **changes), CATALOGUE)  # type: ignore[arg-type]


_ids = st.sampled_from([*(finding.id for finding in FINDINGS), "X9"]) | hostile_text
_MECHANISMS = sorted(key.removeprefix("mechanism.") for key in catalogue("en") if key.startswith("mechanism."))
_some_ids = st.lists(_ids, max_size=6).map(tuple)
_links = hostile_text | st.builds("https://grafana.example/{}".format, st.text(alphabet="a(@%", max_size=500))
_claims = st.builds(Claim, hostile_text, st.sampled_from(["api", "web"]) | hostile_text, _some_ids)
_several = st.lists(_claims, max_size=6).map(tuple)

findings = st.builds(
    Finding,
    _ids,
    st.sampled_from(Channel),
    hostile_text,
    st.sampled_from(
        ["metric-rose", "log-new", "log-missing", "span-failed", "change-before", "happened-before", "no-such-key"]
    ),
    st.dictionaries(
        st.sampled_from(
            [
                "service",
                "metric",
                "before",
                "after",
                "since",
                "template",
                "count",
                "seconds",
                "operation",
                "failed",
                "total",
                "peer",
                "kind",
                "id",
                "text",
                "minutes",
                "number",
                "cause",
                "when",
            ]
        ),
        hostile_text,
    ),
    st.floats(0, 1),
    hostile_text,
    st.none(),
    _links,
)
rankings = st.builds(
    Ranking,
    st.just(0.0),
    st.lists(
        st.builds(Suspect, hostile_text, st.floats(0, 1), st.sampled_from(_MECHANISMS) | hostile_text, _some_ids),
        max_size=4,
    ).map(tuple),
    st.lists(findings, max_size=20).map(tuple),
    st.booleans(),
    st.lists(hostile_text, max_size=12).map(tuple),
    st.none()
    | st.builds(
        Change, st.just(0.0), st.sampled_from(ChangeKind), hostile_text, hostile_text, st.none() | hostile_text
    ),
    st.lists(hostile_text, max_size=12).map(tuple),
)
verdicts = st.builds(
    Verdict,
    st.sampled_from(Confidence),
    st.none() | _claims,
    _several,
    st.lists(st.builds(Alternative, _claims, hostile_text), max_size=4).map(tuple),
    _several,
    st.lists(
        st.builds(Action, st.sampled_from(ActionKind), hostile_text, st.sampled_from(Risk), _some_ids), max_size=4
    ).map(tuple),
    st.lists(hostile_text, max_size=4).map(tuple),
)
analyses = st.builds(
    Analysis,
    rankings,
    verdicts,
    st.builds(
        ModelUse,
        hostile_text,
        st.integers(0, 10**9),
        st.integers(0, 10**9),
        st.floats(0, 1e6),
        st.integers(0, 3),
        st.sampled_from(["", "no_key", "silent.no_key"]) | hostile_text,
    ),
    st.lists(
        st.builds(Gap, hostile_text, st.sampled_from(["timeout", "gap.empty"]) | hostile_text, hostile_text),
        max_size=12,
    ).map(tuple),
    st.just("") | hostile_text,
    _links,
    st.lists(hostile_text, max_size=6).map(tuple),
    st.lists(st.integers(1, 10**9), max_size=12).map(tuple),
    st.floats(0, 150),
)
hostile_reports = st.builds(
    Report,
    views,
    st.builds(
        Inquiry,
        st.integers(1, 999_999_999),
        st.integers(1, 999_999_999),
        st.none() | st.builds(Person, st.just(1), hostile_text),
        st.just(NOW),
        st.sampled_from(InquiryState),
        analysis=st.none() | analyses,
    ),
    st.just(CATALOGUE),
)
