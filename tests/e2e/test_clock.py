"""What happens by the clock, in the real process: every kind of job within one week, and once, whatever happens."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from bot.domain.jobs import JobName
from playground.world import CHANNELS, PEOPLE
from tests.builders import alertmanager_body
from tests.e2e.conftest import alarm_of
from tests.e2e.moved import MovedClock
from tests.person import Person, text_of

FILE = f"""
people: {{minji: {{discord: {PEOPLE["minji"].id}}}, jun: {{discord: {PEOPLE["jun"].id}}}}}
teams: {{platform: {{holidays: none, schedule: [{{people: [minji, jun], every: daily}}]}}}}
remind_after: 1h
"""
DONE = "SELECT kind, count(*) FROM jobs WHERE done_at IS NOT NULL GROUP BY kind"
WAITING = "SELECT kind FROM jobs WHERE done_at IS NULL AND attempts = 0"


def silenced(clock):
    """One alert that fires, silenced until three days from now, as an Alertmanager tells them."""
    at = clock.now()
    begun, end = at.isoformat(), (at + timedelta(days=3, minutes=10)).isoformat()
    labels = {"alertname": "DiskFull", "instance": "db-1"}
    matcher = {"name": "alertname", "value": "DiskFull", "isRegex": False, "isEqual": True}
    silence = {"id": "s1", "matchers": [matcher], "createdBy": "admin", "comment": "known", "startsAt": begun}
    alert = {"labels": labels, "annotations": {}, "fingerprint": "f1", "startsAt": begun, "receivers": []}
    return {
        "silences": [silence | {"endsAt": end, "status": {"state": "active"}}],
        "alerts": [alert | {"status": {"state": "suppressed", "silencedBy": ["s1"], "inhibitedBy": []}}],
        "status": {"uptime": begun, "config": {"original": ""}},
    }


def asked(playground):
    return [
        each for each in playground.state.messages[CHANNELS["alert-urgent"]].values() if "stay silent?" in text_of(each)
    ]


async def until(condition, timeout_s=60):
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.1)


@pytest.mark.timeout(300)
async def test_every_kind_of_job_is_seen_to_happen_within_a_week(playground, bot, server, tmp_path):
    (tmp_path / "oncall.yml").write_text(FILE, "utf-8")
    bot.environment["BONGSU_ONCALL"] = str(tmp_path / "oncall.yml")
    clock = MovedClock(bot, tmp_path)
    for path, answer in silenced(clock).items():
        server.on(f"GET /api/v2/{path}", answer)
    server.on("POST /api/v2/silences", {"silenceID": "s2"})
    bot.environment |= {"ALERTMANAGER_URL": server.url, "REFRESH_EVERY_S": "1"}
    await bot.start()
    await until(lambda: clock.rows(WAITING))
    async with alarm_of(bot) as alarm, Person.join(playground.url, "minji", "en-US") as minji:
        # What is tried again may come out twice, and is looked for.
        playground.faults.order("drop", route=r"POST /api/v\d+/channels/\d+/messages", times=1)
        await alarm.send(alertmanager_body(severity="critical"))
        await until(lambda: clock.rows("SELECT 1 FROM jobs WHERE kind = 'escalate' AND done_at IS NOT NULL"))
        await minji.command("ack", alert="#1", timeout_s=60)
        await minji.command("maintenance", service="api", **{"from": "1d", "to": "2h"}, timeout_s=60)

        await until(lambda: clock.rows("SELECT 1 FROM jobs WHERE kind = 'silence-ends'"))
        for half_days in range(1, 7 * 2 + 1):
            clock.forward(hours=12)
            await asyncio.sleep(1.2)
            if half_days == 6:
                await until(lambda: asked(playground))
        clock.forward(minutes=1)

        wanted = {name.value for name in JobName}
        await until(lambda: {kind for kind, _ in clock.rows(DONE)} >= wanted)
        assert len(asked(playground)) == 1


async def test_a_job_whose_time_passed_while_nobody_was_there_happens_once(bot, tmp_path):
    clock = MovedClock(bot, tmp_path)
    process = await bot.start()
    await until(lambda: clock.rows(WAITING))
    process.kill()
    await process.wait()

    clock.forward(days=3)
    await bot.start()

    await until(lambda: dict(clock.rows(DONE)).get("prune"))
    await until(lambda: clock.rows("SELECT 1 FROM jobs WHERE kind = 'prune' AND done_at IS NULL"))
    assert dict(clock.rows(DONE))["prune"] == 1


def is_called_for(playground):
    found = playground.state.messages[CHANNELS["alert-urgent"]].values()
    return [message for message in found if "of the escalation" in text_of(message)]


@pytest.mark.parametrize("muted", [True, False])
async def test_for_what_was_silenced_while_nobody_was_there_nobody_is_called(playground, bot, server, tmp_path, muted):
    clock = MovedClock(bot, tmp_path)
    body = alertmanager_body(severity="critical")
    await bot.start()
    async with alarm_of(bot) as alarm:
        assert await alarm.send(body) == 202
    await until(lambda: clock.rows("SELECT 1 FROM jobs WHERE kind = 'escalate'"))
    await bot.stop()

    clock.forward(hours=8)
    # Somebody has silenced it in Alertmanager, which takes a moment to say so, while the step is due at once.
    known, alert = silenced(clock), json.loads(body)["alerts"][0]
    at = {"name": "alertname", "value": alert["labels"]["alertname"] if muted else "Other"}
    known["silences"][0]["matchers"][0] |= at
    told = {key: alert[key] for key in ("labels", "annotations", "fingerprint", "startsAt")}
    known["alerts"][0] |= told | {"updatedAt": clock.now().isoformat(), "endsAt": clock.now().isoformat()}
    if not muted:
        known["alerts"][0]["status"] = {"state": "active", "silencedBy": [], "inhibitedBy": []}
    for path, answer in known.items():
        server.on(f"GET /api/v2/{path}", answer, late_s=1)
    bot.environment |= {"ALERTMANAGER_URL": server.url, "REFRESH_EVERY_S": "1"}
    await bot.start()
    await until(lambda: clock.rows("SELECT 1 FROM jobs WHERE kind = 'escalate' AND done_at IS NOT NULL"))

    assert len(is_called_for(playground)) == (not muted)
