"""A P1 that nobody answers goes through its chain in the real process, each step once, whoever kills it when."""

from __future__ import annotations

import asyncio
import sys

import pytest

from playground.world import CHANNELS, PEOPLE, ROLES
from tests.builders import alertmanager_body
from tests.e2e.conftest import alarm_of
from tests.e2e.moved import MovedClock
from tests.person import Person, text_of

MINJI, JUN, ROLE = PEOPLE["minji"].id, PEOPLE["jun"].id, ROLES["oncall"]

FILE = f"""
people:
  minji: {{discord: {MINJI}}}
  jun: {{discord: {JUN}}}
teams:
  platform:
    holidays: none
    schedule: [{{people: [minji]}}]
    escalation:
      P1:
        steps:
          - {{wait: 10m, call: ["@oncall"]}}
          - {{wait: 15m, call: [jun]}}
          - {{wait: 15m, call: ["role:{ROLE}", "#general"]}}
        repeat: 1
      P3: {{working_hours_only: true, steps: [{{wait: 10m, call: [jun]}}]}}
"""


@pytest.fixture
def clock(bot, tmp_path):
    (tmp_path / "oncall.yml").write_text(FILE, "utf-8")
    bot.environment["BONGSU_ONCALL"] = str(tmp_path / "oncall.yml")
    return MovedClock(bot, tmp_path)


def calls(playground, channel="alert-urgent"):
    """The calls of an escalation, oldest first, each with whom it pinged."""
    found = playground.state.messages.get(CHANNELS[channel], {}).values()
    return [message for message in found if "of the escalation" in text_of(message)]


async def until(condition, timeout_s=60):
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.05)


def waiting(clock):
    return clock.rows("SELECT key FROM jobs WHERE kind = 'escalate' AND done_at IS NULL AND attempts = 0")


async def fire(bot, playground, **labels):
    async with alarm_of(bot) as alarm:
        assert await alarm.send(alertmanager_body(**{"severity": "critical", **labels})) < 300
    channel = CHANNELS["alert-normal" if labels.get("severity") == "warning" else "alert-urgent"]
    await until(lambda: any("HighLatency" in text_of(m) for m in playground.state.messages[channel].values()))


async def kill(bot):
    bot.process.kill()
    await bot.process.wait()


@pytest.mark.timeout(240)
async def test_nobody_answers_and_it_is_killed_between_every_two_steps(playground, bot, clock):
    await bot.start()
    await fire(bot, playground)

    for count in range(1, 5):
        await until(lambda: waiting(clock))
        await kill(bot)
        clock.forward(minutes=16)
        await bot.start()
        await until(lambda count=count: len(calls(playground)) == count)
    await until(lambda: not waiting(clock))
    clock.forward(hours=5)
    await asyncio.sleep(3)

    # The role has one person.
    assert [message["_pinged"] for message in calls(playground)] == [["minji"], ["jun"], ["minji"], ["minji"]]
    assert len(calls(playground, "general")) == 2


POINTS = [
    f"{moment}:{step}"
    for step in (
        "bot.core.oncall.escalating:Escalating._take:1",
        "bot.ui.calls:Calls.call:1",
        "bot.store.escalations:StoredEscalations.advance:1",
    )
    for moment in ("before", "after")
]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("point", POINTS)
async def test_whoever_dies_over_a_step_has_taken_it_once(playground, bot, clock, point):
    bot.command = [sys.executable, "-m", "tests.e2e.dying", point, "moved"]
    process = await bot.launch()
    await bot.process.ready(f"{bot.url}/healthz", 60)
    await fire(bot, playground)
    await until(lambda: waiting(clock))

    clock.forward(minutes=11)
    async with asyncio.timeout(60):
        await process.wait()
    bot.command = [sys.executable, "-m", "tests.fast_bot"]
    await bot.start()
    # Whoever died over it finds it again a moment later.
    clock.forward(seconds=10)
    await until(lambda: "/1/" in str(waiting(clock)))

    assert len(calls(playground)) == 1


@pytest.mark.timeout(180)
async def test_an_answer_stops_it_and_a_lapsed_one_resumes_it(playground, bot, clock):
    await bot.start()
    await fire(bot, playground)
    await until(lambda: waiting(clock))
    clock.forward(minutes=11)
    await until(lambda: calls(playground))

    async with Person.join(playground.url, "minji", "en-US") as minji:
        call = await minji.wait_message(lambda m: "of the escalation" in text_of(m))
        await minji.press(call, "Acknowledge")
        await until(lambda: not waiting(clock))
        clock.forward(hours=2)
        await minji.command("ack", alert="#1", **{"for": "30m"})
        clock.forward(minutes=31)
        await until(lambda: waiting(clock))
        before = len(calls(playground))
        clock.forward(minutes=16)
        await until(lambda: len(calls(playground)) == 2)

    assert before == 1
    assert "step 2" in text_of(calls(playground)[1])


@pytest.mark.timeout(180)
async def test_the_card_says_what_comes_next_and_what_joins_has_no_chain_of_its_own(playground, bot, clock):
    await bot.start()
    await fire(bot, playground)
    await fire(bot, playground, count=3)

    async with Person.join(playground.url, "minji", "en-US") as minji:
        await minji.wait_message(lambda m: "Escalates to" in text_of(m) and f"<@{MINJI}>" in text_of(m), 30)

    assert len(waiting(clock)) == 1


@pytest.mark.timeout(180)
async def test_what_is_quiet_waits_for_the_working_hours(playground, bot, clock):
    await bot.start()
    await fire(bot, playground, severity="warning")

    await until(lambda: waiting(clock))
    ((due,),) = clock.rows("SELECT due_at FROM jobs WHERE kind = 'escalate'")

    # Working hours are 9 to 18 on weekdays in Seoul, that is 0 to 9 o'clock here.
    assert 0 <= int(due[11:13]) < 9
