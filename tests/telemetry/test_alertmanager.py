"""A real Alertmanager: alerts in, silences made, seen, ended."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.silences import Matcher
from bot.errors import QueryRejected, SourceUnavailable
from bot.telemetry.alertmanager import Alertmanager
from bot.telemetry.http import JsonClient
from playground.monitors import Monitors


async def no_rules():
    return []


@pytest.fixture
async def source(session):
    async with Monitors.open(targets={}, webhook_url="http://127.0.0.1:1/x", token="t") as monitors:
        yield Alertmanager(JsonClient(session, monitors.alertmanager_url, source="alertmanager"), no_rules)


def times():
    now = datetime.now(UTC)
    return now, now + timedelta(hours=1)


@pytest.mark.timeout(60)
async def test_a_silence_is_made_seen_and_ended(source):
    matchers = [
        Matcher("alertname", "High Latency"),
        Matcher("service", "a|b", is_regex=True),
        Matcher("env", "dev", is_equal=False),
    ]

    source_id = await source.create_silence(matchers, *times(), "discord: minji (1)", "planned")

    (silence,) = await source.silences()
    assert silence.source_id == source_id
    assert set(silence.matchers) == set(matchers)
    assert (silence.created_by, silence.comment) == ("discord: minji (1)", "planned")
    await source.expire_silence(source_id)
    assert await source.silences() == []
    await source.expire_silence(source_id)
    await source.expire_silence("00000000-0000-0000-0000-000000000000")
    await source.expire_silence("no id at all")
    await source.ping()
    assert await source.rules() == []


@pytest.mark.timeout(60)
async def test_a_refused_silence_says_why(source):
    start, end = times()

    with pytest.raises(QueryRejected) as caught:
        await source.create_silence([Matcher("a", ".*", is_regex=True)], start, end, "x", "y")
    with pytest.raises(QueryRejected):
        await source.create_silence([], start, end, "x", "y")
    with pytest.raises(QueryRejected):
        await source.create_silence([Matcher("a", "b")], end, start, "x", "y")

    assert "silence" in caught.value.detail


@pytest.mark.timeout(60)
async def test_alerts_tell_what_is_silenced_and_who_receives_them(source):
    start, end = times()
    alert = {
        "labels": {"alertname": "Disk", "service": "api"},
        "annotations": {"summary": "full"},
        "startsAt": start.isoformat(),
    }
    await source._http.post("api/v2/alerts", json_body=[alert])
    await source.create_silence([Matcher("alertname", "Disk")], start, end, "x", "y")

    async with asyncio.timeout(20):
        while not (found := await source.alerts()) or not found[0].silenced_by:
            await asyncio.sleep(0.1)

    assert (found[0].name, found[0].service, found[0].firing, found[0].ends_at) == ("Disk", "api", True, None)
    assert found[0].receivers == ("bongsu",)


@pytest.mark.parametrize("answer", [{"x": 1}, [{"id": "1", "matchers": [], "startsAt": "soon", "endsAt": "late"}]])
async def test_an_answer_of_another_shape_is_no_answer(server, session, answer):
    server.on("GET /api/v2/silences", answer)
    source = Alertmanager(JsonClient(session, server.url, source="alertmanager"), no_rules)

    with pytest.raises(SourceUnavailable):
        await source.silences()


async def test_a_silence_without_an_id_was_not_made(server, session):
    server.on("POST /api/v2/silences", {})
    source = Alertmanager(JsonClient(session, server.url, source="alertmanager"), no_rules)

    with pytest.raises(SourceUnavailable):
        await source.create_silence([Matcher("a", "b")], *times(), "x", "y")
