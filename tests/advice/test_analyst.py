"""Where one is told to look when nothing stands out: at what the alert itself is about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.advice.analyst import RankingAnalyst
from bot.domain.alerts import Severity
from bot.domain.inquiries import Case
from bot.domain.kinds import kind_of
from bot.domain.owners import Catalogue, Service
from bot.domain.plans import Explore, Plan
from bot.domain.telemetry import Observations
from tests.builders import NOW

_CATALOGUE = Catalogue({"api": Service("api", "API"), "db": Service("db", "DB")}, ())


async def first_look(labels, summary, service=None):
    """Return the first step of a verdict about an alert of which nothing could be read."""
    analyst = RankingAnalyst(explore=Explore(), catalogue=_CATALOGUE, plan=Plan(), language="en", silent="off")
    kind = kind_of(f"{labels.get('alertname', '')} {summary}")
    seen = Observations(service, kind, (NOW - timedelta(minutes=1)).timestamp(), summary, labels)
    analysis = await analyst.explain(Case(1, Severity.P1, summary, seen, ("api", "db")))
    return analysis.verdict.actions[0].text


@pytest.mark.parametrize(
    ("labels", "summary", "said"),
    [
        (
            {"alertname": "NodeFilesystemAlmostOutOfSpace", "instance": "10.0.0.7:9100", "mountpoint": "/var"},
            "Filesystem has less than 3% space left.",
            "Check free space, inodes and I/O wait of the disk of 10.0.0.7:9100",
        ),
        (
            {"alertname": "디스크 사용량 높음", "instance": "web-01"},
            "web-01의 디스크 사용량이 91%입니다.",
            "Check free space, inodes and I/O wait of the disk of web-01",
        ),
        ({"alertname": "HighCpu", "host": "db-03"}, "97 %", "Check what db-03 computes"),
        ({"alertname": "CertificateExpires", "instance": "https://a.example"}, "2 d", "lines of https://a.example"),
        ({"alertname": "Odd"}, "nobody knows", "Start with the alert's own query and the dashboards"),
    ],
)
async def test_an_alert_that_names_no_service_leads_to_what_its_labels_name_and_never_to_another_service(
    labels, summary, said
):
    look = await first_look(labels, summary)

    assert said in look
    assert " api" not in look


async def test_of_a_service_that_is_slow_its_own_step_stays_whatever_its_words_name():
    look = await first_look({"alertname": "HighLatency", "service": "api"}, "latency of api; cpu is fine", "api")

    assert "CPU" not in look
    assert "api" in look
