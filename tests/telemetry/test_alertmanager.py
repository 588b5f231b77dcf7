"""A real Alertmanager: alerts in, silences made, seen, ended."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.alerts import Severity
from bot.domain.silences import Matcher
from bot.errors import QueryRejected, SourceUnavailable
from bot.telemetry.alertmanager import Alertmanager
from bot.telemetry.http import JsonClient
from bot.telemetry.patterns import full_match
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
    # In another order they are another silence for the servers.
    assert list(silence.matchers) == matchers
    assert (silence.created_by, silence.comment) == ("discord: minji (1)", "planned")
    await source.expire_silence(source_id)
    (ended,) = await source.silences()
    assert ended.ended_at is not None
    assert ended.ended_at == ended.ends_at
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

    async with asyncio.timeout(60):
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


@pytest.fixture
def recorded(server, session):
    return Alertmanager(JsonClient(session, server.url, source="alertmanager", timeout_s=20), no_rules)


async def test_recorded_alerts_fire_whatever_end_alertmanager_guesses(server, recorded):
    server.play("alertmanager/alerts_firing")
    server.play("alertmanager/status")

    alerts = {alert.name: alert for alert in await recorded.alerts()}

    assert alerts.keys() == {
        "ProbeFailed",
        "HikariPoolExhausted",
        "Watchdog",
        "HikariConnectionsPending",
        "HighErrorRate",
        "HighLatencyP99",
    }
    assert {(alert.firing, alert.ends_at, alert.rule_uid) for alert in alerts.values()} == {(True, None, None)}
    pool = alerts["HikariPoolExhausted"]
    assert (pool.severity, pool.service, pool.fingerprint) == (Severity.P1, "api", "3055c3fe1f3ab2c4")
    assert pool.receivers == ("chatops-single", "chatops-truncated", "chatops-grouped")
    assert pool.generator_url.startswith("http://127.0.0.1:9090/graph?g0.expr=")
    # Inhibited is not silenced: no silence of ours would end it.
    pending = alerts["HikariConnectionsPending"]
    assert (pending.silenced_by, pending.muted, pool.muted) == ((), True, False)


async def test_whom_an_alert_reaches_is_not_known_where_the_routes_are_not(server, recorded):
    server.play("alertmanager/alerts_firing")

    assert {alert.receivers for alert in await recorded.alerts()} == {()}


async def test_it_tells_when_it_was_started(server, recorded):
    uptime = server.play("alertmanager/status")["uptime"]

    assert (await recorded.state()).started_at == datetime.fromisoformat(uptime)


async def test_what_a_newer_one_says_is_muted_reaches_nobody(server, recorded):
    """Written after Alertmanager 0.35: the groups name what mutes, the list has it empty."""
    alert = server.play("alertmanager/alerts_only_watchdog")[0]
    receivers = [{"name": "bongsu"}, {"name": "other"}]
    listed = {**alert, "receivers": receivers, "status": {**alert["status"], "mutedBy": []}}
    muted = {**alert, "status": {**alert["status"], "mutedBy": ["nights"]}}
    server.on("GET /api/v2/alerts", [listed])
    server.on(
        "GET /api/v2/alerts/groups",
        [{"receiver": {"name": "bongsu"}, "alerts": [muted]}, {"receiver": {"name": "other"}, "alerts": [listed]}],
    )

    assert [each.receivers for each in await recorded.alerts()] == [("other",)]


async def test_a_recorded_silence_is_named_by_the_alert_it_mutes(server, recorded):
    server.play("alertmanager/alerts_silenced")
    (alert,) = await recorded.alerts()
    server.play("alertmanager/silences_list_active")

    (silence,) = await recorded.silences()

    assert alert.silenced_by == (silence.source_id,)
    assert silence.covers(alert, full_match)
    assert silence.created_by == "chatops:alice"


async def test_recorded_silences_that_have_expired_say_so(server, recorded):
    listed = server.play("alertmanager/silences_list_expired")

    assert [each.ended_at is not None for each in await recorded.silences()] == [True] * len(listed)


async def test_what_has_just_resolved_does_not_fire(server, recorded):
    body = server.play("alertmanager/alerts_only_watchdog")
    resolved = {**body[0], "endsAt": "2026-11-23T14:23:38.970Z"}
    without_end = {**body[0], "endsAt": "0001-01-01T00:00:00Z"}
    server.on("GET /api/v2/alerts", [resolved, without_end, {**body[0], "endsAt": None}])

    assert len(await recorded.alerts()) == 2


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        ("silence_create_matches_empty", "at least one matcher must not match the empty string"),
        ("silence_create_missing_fields", "createdBy in body is required"),
        ("silence_create_end_in_past", "end time can't be in the past"),
    ],
)
async def test_a_recorded_refusal_comes_in_alertmanagers_own_words(server, recorded, recording, words):
    server.play(f"alertmanager/{recording}", "POST /api/v2/silences")

    with pytest.raises(QueryRejected) as caught:
        await recorded.create_silence([Matcher("a", "b")], *times(), "x", "y")

    assert words in caught.value.detail


async def test_a_silence_that_never_was_is_not_deleted_because_that_would_be_answered_500(server, recorded):
    server.play("alertmanager/silence_get_unknown")
    server.play("alertmanager/silence_delete_unknown")

    await recorded.expire_silence("00000000-0000-0000-0000-000000000000")

    assert [line.partition(" ")[0] for line, *_ in server.asked] == ["GET"]


async def test_a_silence_that_could_not_be_ended_is_said_to_be_in_force(server, recorded):
    body = server.play("alertmanager/silence_get")
    server.on(f"DELETE /api/v2/silence/{body['id']}", "oops", 500)

    with pytest.raises(SourceUnavailable):
        await recorded.expire_silence(body["id"])


@pytest.mark.parametrize(
    "answer",
    [
        {"body": "<html>sign in</html>", "content_type": "text/html"},
        {"body": "", "status": 302, "headers": {"Location": "/login"}},
        {"body": "no", "status": 401},
        {"body": "starting", "status": 503},
        {"body": [{"startsAt": "0001-01-01T00:00:00+09:00", "matchers": []}]},
        {"body": [], "hang": True},
    ],
)
async def test_an_alertmanager_that_fails_is_unavailable(server, recorded, answer):
    server.on("GET /api/v2/alerts", **answer)
    server.on("GET /api/v2/silences", **answer)

    with pytest.raises(SourceUnavailable):
        await recorded.alerts()
    with pytest.raises(SourceUnavailable):
        await recorded.silences()


@pytest.mark.timeout(60)
async def test_a_silence_is_extended_as_it_is(source):
    matchers = [Matcher("service", "a|b", is_regex=True), Matcher("env", "dev", is_equal=False)]
    start, end = times()
    await source.create_silence(matchers, start, end, "discord: minji (1)", "planned")
    [made] = await source.silences()

    source_id = await source.extend_silence(replace(made, ends_at=made.ends_at + timedelta(hours=1)))

    [longer] = [each for each in await source.silences() if each.ended_at is None]
    assert longer == replace(made, source_id=source_id, ends_at=longer.ends_at)
    assert longer.ends_at - made.ends_at == timedelta(hours=1)


@pytest.mark.timeout(60)
async def test_a_silence_that_has_ended_or_was_forgotten_is_extended_by_another_one(source):
    start, end = times()
    source_id = await source.create_silence([Matcher("a", "b")], start, end, "discord: minji (1)", "planned")
    [made] = await source.silences()
    await source.expire_silence(source_id)

    await source.extend_silence(made)
    await source.extend_silence(replace(made, source_id="00000000-0000-0000-0000-000000000000"))

    in_force = [each for each in await source.silences() if each.ended_at is None]
    assert [each.matchers for each in in_force] == [made.matchers] * 2
    assert source_id not in {each.source_id for each in in_force}
