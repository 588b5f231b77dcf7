"""Grafana's data sources, contact points and policies, as its source has them."""

from __future__ import annotations

import pytest

from bot.doctor.grafana_setup import GrafanaSource, contact_points, data_sources, healthy, routed
from bot.errors import QueryRejected, SourceUnavailable
from bot.telemetry.http import JsonClient

PROMETHEUS = GrafanaSource("prom", "Prometheus", "prometheus")
OTHER = GrafanaSource("am", "Alertmanager", "alertmanager")


@pytest.fixture
def http(server, session):
    return JsonClient(session, server.url, source="grafana", token="glsa_x", timeout_s=20)


async def test_data_sources_have_uid_name_and_kind(server, http):
    server.on("GET /api/datasources", [{"uid": "prom", "name": "Prometheus", "type": "prometheus", "id": 1}])

    assert await data_sources(http) == [PROMETHEUS]


async def test_a_healthy_data_source_is_healthy(server, http):
    server.on("GET /api/datasources/uid/prom/health", {"status": "OK", "message": "Successfully queried"})

    assert await healthy(http, PROMETHEUS) is True


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"status": "ERROR", "message": "dial tcp: connection refused"}, 400, "connection refused"),
        ({"status": "UNKNOWN", "message": "who knows"}, 200, "who knows"),
        ({"status": "ERROR"}, 200, "not OK"),
        ({"message": "Plugin not found"}, 404, "Plugin not found"),
    ],
)
async def test_a_data_source_that_grafana_does_not_reach_says_why(server, http, body, status, words):
    server.on("GET /api/datasources/uid/prom/health", body, status)

    with pytest.raises(QueryRejected, match=words):
        await healthy(http, PROMETHEUS)


@pytest.mark.parametrize(("body", "status"), [({"message": "Plugin not found"}, 404), ({"message": "x"}, 501)])
async def test_a_plugin_that_cannot_tell_is_not_ill(server, http, body, status):
    server.on("GET /api/datasources/uid/am/health", body, status)

    assert await healthy(http, OTHER) is None


async def test_a_grafana_that_fails_is_not_taken_for_a_plugin_that_cannot_tell(server, http):
    server.on("GET /api/datasources/uid/am/health", {"message": "x"}, 500)

    with pytest.raises(SourceUnavailable, match="HTTP 500"):
        await healthy(http, OTHER)


async def test_contact_points_are_read_with_what_may_be_wrong_with_them(server, http):
    server.on(
        "GET /api/v1/provisioning/contact-points",
        [
            {"uid": "b", "name": "bongsu", "type": "webhook", "settings": {"url": "http://b", "maxAlerts": "5"}},
            {"uid": "c", "name": "critical", "type": "discord", "disableResolveMessage": True, "settings": None},
        ],
    )

    first, second = await contact_points(http)

    assert (first.name, first.kind, first.tells_resolved, first.most_alerts) == ("bongsu", "webhook", True, "5")
    assert (second.tells_resolved, second.most_alerts) == (False, "0")


async def test_policies_are_followed_down_to_the_last_one(server, http):
    nested = {"receiver": "a", "routes": [{"receiver": "b", "routes": [{"receiver": "c"}, {}]}]}
    server.on("GET /api/v1/provisioning/policies", nested)

    assert await routed(http) == {"a", "b", "c"}


@pytest.mark.parametrize("ask", [data_sources, contact_points, routed])
async def test_a_token_without_the_right_is_told_so(server, http, ask):
    for path in ("/api/datasources", "/api/v1/provisioning/contact-points", "/api/v1/provisioning/policies"):
        server.on(f"GET {path}", {"message": "You'll need additional permissions"}, 403)

    with pytest.raises(SourceUnavailable, match="do not allow this"):
        await ask(http)
