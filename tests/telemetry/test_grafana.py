"""Grafana in the shapes its source documents: alerts with private labels, rules, dashboards below a sub-path."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.alerts import Severity
from bot.domain.silences import RULE_UID_LABEL, Matcher
from bot.errors import QueryRejected, SourceUnavailable
from bot.telemetry.grafana import grafana_alerts
from bot.telemetry.grafana_dashboards import GrafanaDashboards
from bot.telemetry.http import JsonClient

API = "/grafana/api/alertmanager/grafana/api/v2"
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def source(server, session):
    return grafana_alerts(JsonClient(session, f"{server.url}/grafana", source="grafana", token="glsa_x", timeout_s=20))


async def test_private_labels_become_the_rule_uid_and_nothing_else(server, source):
    server.on(
        f"GET {API}/alerts",
        [
            {
                "labels": {
                    "alertname": "DatasourceNoData",
                    "rulename": "HighErrorRate",
                    RULE_UID_LABEL: "abc",
                    "__alert_rule_namespace_uid__": "f",
                },
                "annotations": {"summary": "s", "__values__": "{}"},
                "startsAt": "2026-11-24T02:00:00.123456789Z",
                "endsAt": "2026-11-24T04:00:00Z",
                "fingerprint": "f1",
                "receivers": [{"name": "bongsu"}],
                "status": {"state": "suppressed", "silencedBy": ["s1"], "inhibitedBy": []},
                "generatorURL": "https://g.example/alerting/grafana/abc/view",
            }
        ],
    )

    (alert,) = await source.alerts()

    assert (alert.name, alert.trouble, alert.rule_uid, alert.silenced_by) == ("HighErrorRate", "NoData", "abc", ("s1",))
    assert not [name for name in (*alert.labels, *alert.annotations) if name.startswith("__")]


async def test_a_silence_is_made_and_ended_as_grafana_answers(server, source):
    server.on(f"POST {API}/silences", {"silenceID": "s9"}, 202)
    server.on(f"GET {API}/silence/s9", {"id": "s9", "status": {"state": "active"}})
    server.on(f"DELETE {API}/silence/s9", {"message": "silence deleted"})

    made = await source.create_silence([Matcher(RULE_UID_LABEL, "abc")], NOW, NOW + timedelta(hours=1), "x", "y")
    await source.expire_silence(made)

    assert made == "s9"
    assert server.asked[-1][0] == f"DELETE {API}/silence/s9"


async def test_an_ended_silence_is_not_ended_again(server, source):
    server.on(f"GET {API}/silence/s9", {"id": "s9", "status": {"state": "expired"}})

    await source.expire_silence("s9")

    assert [line for line, *_ in server.asked] == [f"GET {API}/silence/s9"]


async def test_rules_have_uid_folder_severity_and_what_fires(server, source):
    rules = [
        {
            "name": "HighErrorRate",
            "uid": "abc",
            "type": "alerting",
            "labels": {"severity": "critical", "service": "api"},
            "alerts": [
                {"state": state}
                for state in ("Alerting", "Normal (Paused)", "Alerting (NoData)", "NoData", "Pending", "Recovering")
            ],
        },
        {"name": "job:rate", "type": "recording"},
        {"name": "Quiet", "uid": "def"},
    ]
    server.on(
        "GET /grafana/api/prometheus/grafana/api/v1/rules",
        {"status": "success", "data": {"groups": [{"file": "Prod", "rules": rules}]}},
    )

    first, second = await source.rules()

    assert (first.uid, first.folder, first.severity, first.service, first.firing) == (
        "abc",
        "Prod",
        Severity.P1,
        "api",
        4,
    )
    assert (second.name, second.firing) == ("Quiet", 0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": {"message": "Unauthorized"}, "status": 401}, "not accepted"),
        ({"body": {"message": "You'll need additional permissions"}, "status": 403}, "do not allow this"),
        ({"body": {"message": "the Alertmanager is initializing"}, "status": 503}, "HTTP 503"),
        ({"body": "<html>Grafana</html>", "content_type": "text/html"}, "not JSON"),
        ({"body": "", "status": 302, "headers": {"Location": "/login"}}, "login page"),
        ({"body": b"[" + b" " * 6_000_000 + b"]"}, "larger"),
        ({"body": [], "hang": True}, "no answer within"),
    ],
)
async def test_a_grafana_that_refuses_or_starts_or_hangs_is_unavailable(server, source, answer, words):
    server.on(f"GET {API}/silences", **answer)

    with pytest.raises(SourceUnavailable) as caught:
        await source.ping()

    assert words in caught.value.detail


async def test_a_token_that_may_not_silence_is_told_from_one_that_is_wrong(server, source):
    server.on(f"POST {API}/silences", {"message": "You'll need additional permissions"}, 403)

    with pytest.raises(SourceUnavailable, match="do not allow this"):
        await source.create_silence([Matcher("a", "b")], NOW, NOW + timedelta(hours=1), "x", "y")


@pytest.fixture
async def dashboards(server):
    async with GrafanaDashboards.open(f"{server.url}/grafana", "glsa_x", "https://g.example/grafana/", 20.0) as opened:
        yield opened


async def test_dashboards_link_to_grafana_as_people_reach_it(server, dashboards):
    hit = {"uid": "api-1", "title": "API", "url": "/grafana/d/api-1/api", "folderTitle": "Prod", "tags": ["red"]}
    server.on("GET /grafana/api/search", [hit])

    (link,) = await dashboards.search()
    await dashboards.ping()

    assert (link.url, link.folder, link.tags) == ("https://g.example/grafana/d/api-1", "Prod", ("red",))


async def test_more_dashboards_than_a_page_holds_are_asked_for_page_by_page(server, dashboards):
    pages = {"1": [{"uid": f"a{n}"} for n in range(5000)], "2": [{"uid": "a4999"}, {"uid": "b"}]}
    server.on_query("GET /grafana/api/search", "page", pages)

    found = await dashboards.search()

    assert (len(found), found[-1].uid) == (5001, "b")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": {"message": "no"}, "status": 401}, "not accepted"),
        ({"body": {"message": "no"}, "status": 403}, "do not allow this"),
        ({"body": "<html>", "content_type": "text/html"}, "unknown shape|not JSON"),
        ({"body": b""}, "not JSON"),
        ({"body": {}, "status": 500}, "HTTP 500"),
        ({"body": "", "status": 302, "headers": {"Location": "/login"}}, "login page"),
        ({"body": [], "hang": True}, "no answer"),
    ],
)
async def test_a_failing_search_is_unavailable(server, dashboards, answer, words):
    server.on("GET /grafana/api/search", **answer)
    server.on("GET /login", "<html>", content_type="text/html")

    with pytest.raises(SourceUnavailable, match=words):
        await dashboards.search()

    assert "GET /login" not in [line for line, *_ in server.asked]


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_a_refused_search_comes_in_grafanas_own_words(server, dashboards, status):
    server.on("GET /grafana/api/search", {"message": "limit is too large"}, status)

    with pytest.raises(QueryRejected, match="limit is too large"):
        await dashboards.search()


async def test_a_grafana_that_is_not_there_is_unavailable():
    async with GrafanaDashboards.open("http://127.0.0.1:1", "x", "", 20.0) as dashboards:
        with pytest.raises(SourceUnavailable):
            await dashboards.ping()
