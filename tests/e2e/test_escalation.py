"""A P1 that nobody answers goes through its chain in the real process, each step once, whoever kills it when."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from playground.world import CHANNELS, PEOPLE, ROLES
from tests.builders import alertmanager_body
from tests.e2e.conftest import alarm_of
from tests.e2e.moved import MovedClock
from tests.person import EPHEMERAL, Person, text_of

MINJI, JUN, ROLE = PEOPLE["minji"].id, PEOPLE["jun"].id, ROLES["oncall"]

FILE = f"""
people:
  minji: {{discord: {MINJI}}}
  jun: {{discord: {JUN}}}
teams:
  platform:
    timezone: Asia/Seoul
    holidays: none
    more_holidays: HOLIDAYS
    working_hours: {{weekdays: [mon, tue, wed, thu, fri, sat, sun]}}
    schedule: [{{people: [minji]}}]
    escalation:
      P1:
        steps:
          - {{wait: 10m, call: ["@oncall"]}}
          - {{wait: 15m, call: [message]}}
          - {{wait: 15m, call: ["message:jun", "webhook:sms"]}}
          - {{wait: 15m, call: ["role:{ROLE}", "#general"]}}
        repeat: 2
      P3: {{working_hours_only: true, steps: [{{wait: 10m, call: [jun]}}]}}
webhooks: {{sms: {{url: "HOOK/sms", body: {{id: "{{id}}", text: "{{severity}} {{title}}"}}}}}}
"""
SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture
def clock(bot, server, tmp_path):
    # From tomorrow on, three days in a row.
    days = [(datetime.now(SEOUL) + timedelta(days=ahead)).date().isoformat() for ahead in (1, 2, 3)]
    file = FILE.replace("HOLIDAYS", f"[{', '.join(days)}]").replace("HOOK", server.url)
    (tmp_path / "oncall.yml").write_text(file, "utf-8")
    bot.environment["BONGSU_ONCALL"] = str(tmp_path / "oncall.yml")
    server.on("POST /sms", {})
    return MovedClock(bot, tmp_path)


def calls(playground, channel="alert-urgent"):
    """The calls of an escalation, oldest first, each with whom it pinged."""
    found = playground.state.messages.get(CHANNELS[channel], {}).values()
    return [message for message in found if "of the escalation" in text_of(message)]


def written(playground):
    """The direct messages, oldest first, without what a press in them is answered."""
    found = (each for place in playground.state.private for each in playground.state.messages[place].values())
    return [message for message in found if not message["flags"] & EPHEMERAL]


def reached(playground, server):
    """Whom the chain has reached so far, each way on its own."""
    return (
        [message["_pinged"] for message in calls(playground)],
        [message["_pinged"] for message in written(playground)],
        len({json.loads(body)["id"] for line, _, body in server.asked if line == "POST /sms"}),
        len(calls(playground, "general")),
    )


# What the steps have done, one after the other: the role has one person, and jun takes no messages.
WHOLE = [
    ([["minji"]], [], 0, 0),
    ([["minji"]], [["minji"]], 0, 0),
    ([["minji"]], [["minji"]], 1, 0),
    ([["minji"]] * 2, [["minji"]], 1, 1),
    ([["minji"]] * 3, [["minji"]], 1, 2),
    ([["minji"]] * 4, [["minji"]], 1, 3),
]


async def until(condition, timeout_s=60):
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.05)


def waiting(clock):
    """The steps that wait, none of which was begun."""
    return clock.rows("SELECT key FROM jobs WHERE kind = 'escalate' AND done_at IS NULL AND attempts = 0")


async def fire(bot, playground, *, named="HighLatency", **labels):
    async with alarm_of(bot) as alarm:
        assert await alarm.send(alertmanager_body(named, **{"severity": "critical", **labels})) < 300
    channel = CHANNELS["alert-normal" if labels.get("severity") == "warning" else "alert-urgent"]
    await until(lambda: any(named in text_of(m) for m in playground.state.messages[channel].values()))


async def kill(bot):
    bot.process.kill()
    await bot.process.wait()


@pytest.mark.timeout(300)
async def test_nobody_answers_and_it_is_killed_between_every_two_steps(playground, bot, clock, server):
    playground.state.unwilling.add("jun")
    await bot.start()
    await fire(bot, playground)

    seen = []
    for place in range(len(WHOLE)):
        await until(lambda place=place: f"/{place}/" in str(waiting(clock)))
        await kill(bot)
        clock.forward(minutes=16)
        await bot.start()
        await until(lambda place=place: reached(playground, server) == WHOLE[place])
        seen.append(reached(playground, server))
    await until(lambda: not waiting(clock))
    clock.forward(hours=5)
    await asyncio.sleep(3)

    assert seen == WHOLE
    assert reached(playground, server) == WHOLE[-1]


TAKE = "bot.core.oncall.escalating:Escalating._take"
CALL, MESSAGE = "bot.ui.calls:Calls.call", "bot.ui.calls:Calls.message"
POST = "bot.telemetry.hooks:WebhookPoster.post"
ADVANCE = "bot.store.escalations:StoredEscalations.advance"
# Where it dies over each step; whoever is started anew has taken the step before as its first.
DEATHS = [
    f"before:{TAKE}:1",
    f"after:{MESSAGE}:1",
    f"after:{POST}:1",
    f"after:{CALL}:1",
    f"before:{ADVANCE}:2",
    f"after:{ADVANCE}:2",
]


@pytest.mark.timeout(300)
async def test_whoever_dies_over_a_step_has_taken_it_once(playground, bot, clock, server):
    playground.state.unwilling.add("jun")
    for place, point in enumerate(DEATHS):
        bot.command = [sys.executable, "-m", "tests.e2e.dying", point, "moved"]
        process = await bot.launch()
        await bot.process.ready(f"{bot.url}/healthz", 60)
        if place == 0:
            await fire(bot, playground)
        else:
            # Whoever died over it finds it again a moment later.
            clock.forward(seconds=10)
        await until(lambda place=place: f"/{place}/" in str(waiting(clock)))
        clock.forward(minutes=16)
        async with asyncio.timeout(60):
            await process.wait()
    bot.command = [sys.executable, "-m", "tests.fast_bot"]
    await bot.start()
    clock.forward(seconds=10)
    await until(lambda: not clock.rows("SELECT 1 FROM jobs WHERE kind = 'escalate' AND done_at IS NULL"))

    assert reached(playground, server) == WHOLE[-1]
    # Another program cannot be asked whether it has heard it: it hears the same step again under the same id.
    assert len([line for line, *_ in server.asked if line == "POST /sms"]) == 2


@pytest.mark.timeout(300)
async def test_an_answer_stops_it_and_what_lapses_or_fires_again_resumes_it(playground, bot, clock, server):
    await bot.start()
    await fire(bot, playground)
    # More of the same, and another rule of the same service: they join, and have no chain of their own.
    await fire(bot, playground, count=3)
    await fire(bot, playground, named="HighErrors")

    async with (
        Person.join(playground.url, "minji", "en-US") as minji,
        Person.join(playground.url, "jun", "en-US") as jun,
    ):
        await minji.wait_message(lambda m: "Escalates to" in text_of(m) and f"<@{MINJI}>" in text_of(m))
        assert len(waiting(clock)) == 1
        clock.forward(minutes=11)
        call = await minji.wait_message(lambda m: "of the escalation" in text_of(m))

        # In between, below the card.
        await minji.press(call, "Acknowledge")
        await until(lambda: not waiting(clock))
        clock.forward(hours=2)
        await minji.command("ack", alert="#1", **{"for": "30m"})
        assert reached(playground, server) == WHOLE[0]

        # It lapses and goes on with the second step, which is answered where it came: alone with Bongsu.
        clock.forward(minutes=31)
        await until(lambda: "/1/" in str(waiting(clock)))
        clock.forward(minutes=16)
        note = await minji.wait_message(lambda m: "guild_id" not in m)
        assert "You have #1" in text_of(await minji.press(note, "Acknowledge"))
        await until(lambda: not waiting(clock))
        clock.forward(hours=2)
        assert reached(playground, server) == WHOLE[1]
        assert not any("guild_id" not in message for message in jun.messages.values())

        # It ends and fires again: who had it is asked for another answer, and the chain begins anew.
        async with alarm_of(bot) as alarm:
            for named in ("HighLatency", "HighErrors"):
                ended = alertmanager_body(named, severity="critical", status="resolved", count=3)
                assert await alarm.send(ended) < 300
            await until(lambda: clock.rows("SELECT 1 FROM incidents WHERE state = 'resolved'"))
            begun = clock.now().isoformat()
            assert await alarm.send(alertmanager_body(severity="critical", starts_at=begun)) < 300
        await minji.wait_message(lambda m: "please acknowledge anew" in text_of(m))
        await until(lambda: "/0/" in str(waiting(clock)))
        clock.forward(minutes=11)
        await until(lambda: len(calls(playground)) == 2)
        await minji.press(await minji.wait_message(lambda m: m["id"] == calls(playground)[1]["id"]), "Acknowledge")
        await until(lambda: not waiting(clock))


@pytest.mark.timeout(300)
async def test_in_a_holiday_night_what_is_quiet_waits_and_what_is_urgent_calls(playground, bot, clock, server):
    tomorrow = (datetime.now(SEOUL) + timedelta(days=1)).date()
    clock.forward(seconds=(datetime.combine(tomorrow, time(22), SEOUL) - datetime.now(SEOUL)).total_seconds())
    await bot.start()
    await fire(bot, playground, severity="warning", env="a", starts_at=clock.now().isoformat())
    await fire(bot, playground, named="Down", env="b")

    # The third day of holidays is over then.
    morning = datetime.combine(tomorrow + timedelta(days=3), time(9), SEOUL)
    due = clock.rows("SELECT due_at FROM jobs WHERE kind = 'escalate' AND incident = 1 AND done_at IS NULL")
    assert datetime.fromisoformat(due[0][0]).replace(tzinfo=UTC) == morning
    clock.forward(minutes=11)
    await until(lambda: reached(playground, server) == WHOLE[0])
    # The next step is planned by the clock as it is when the first one is written down.
    await until(lambda: any(key.startswith("2/") for (key,) in waiting(clock)))
    clock.forward(seconds=(morning - timedelta(minutes=2) - clock.now()).total_seconds())
    # What was due of the other one has been done.
    await until(lambda: written(playground))
    quiet = list(calls(playground, "alert-normal"))
    clock.forward(minutes=3)
    await until(lambda: calls(playground, "alert-normal"))
    urgent = playground.state.messages[CHANNELS["alert-urgent"]].values()
    await until(lambda: [m for m in urgent if "1 quiet incident waited for the working hours" in text_of(m)])

    assert quiet == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("deleted", [False, True])
async def test_where_the_channel_of_its_card_takes_nothing_a_step_calls_elsewhere(
    playground, bot, clock, server, deleted
):
    await bot.start()
    await fire(bot, playground)
    await until(lambda: "/0/" in str(waiting(clock)))
    urgent = CHANNELS["alert-urgent"]
    if deleted:
        # While the gateway was away, so that nobody has told us.
        del playground.state.channels[urgent], playground.state.messages[urgent]
    else:
        playground.state.denied.add(urgent)
        await playground.state.tell("CHANNEL_UPDATE", playground.state.channels[urgent])
    clock.forward(minutes=11)
    await until(lambda: [key.split("/")[2] for (key,) in waiting(clock)] == ["1"])

    # The step that was due, and none of those that are not.
    assert [message["_pinged"] for message in calls(playground, "alert-normal")] == [["minji"]]
    assert not written(playground)
