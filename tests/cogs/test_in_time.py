"""Answers in time: deferred first, and on the screen while every server we ask hangs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain.people import Policy, Right
from playground.server import Playground
from playground.world import GUILD_ID, ROLES
from tests.cogs.typed import conversation
from tests.person import Person, text_of
from tests.ui.test_client import use
from tests.ui.test_on_the_playground import is_card, living
from tests.ui.world import World, make_world

COGS = Path(__file__).parents[2] / "cogs"
DEFERRED, ONLY_FOR_THE_ASKER = 5, 64

COMMANDS: dict[str, dict[str, Any]] = {
    "ack": {"alert": "#1"},
    "analyze": {"target": "#1"},
    "unack": {"alert": "#1"},
    "silence": {"rule": "HighLatency", "duration": "1h"},
    "silences": {},
    "dashboard": {"name": "api"},
    "incident raw": {"alert": "#1"},
    "status": {},
    "report": {},
    "postmortem": {"incident": "#1"},
    "maintenance": {"service": "api", "from": "now", "to": "2h"},
    "similar": {"incident": "#1"},
    "incidents": {},
    "oncall": {},
    "override": {"person": "jun", "from": "now", "to": "2h"},
    "swap": {"person": "jun"},
    "page": {"whom": "jun", "text": "come"},
    "escalate": {"alert": "#1"},
    "snooze": {"alert": "#1", "for": "2h"},
}


def test_every_command_is_tried():
    source = "\n".join(path.read_text("utf-8") for path in COGS.glob("*.py"))
    named = set(re.findall(r'\.command\(\s*name="([\w-]+)"', source))

    assert {name.split()[-1] for name in COMMANDS} == named


@pytest.mark.parametrize(("command", "options"), COMMANDS.items())
async def test_every_command_is_deferred_before_anything_else(database, command, options):
    async with conversation(database) as it:
        await it.minji.slash(it.channel, command, **options)
        await it.mallory.slash(it.channel, command, **options)

        first = [request.json for request in it.env.http_requests if request.path.endswith("/callback")]
        assert [answer["type"] for answer in first] == [DEFERRED, DEFERRED]
        # Cards are for everybody and so is the status; all else, and every refusal, is for the asker alone.
        private = [bool(answer.get("data", {}).get("flags", 0) & ONLY_FOR_THE_ASKER) for answer in first]
        assert private == [command != "status", True]
        assert len(it.env.errors) >= 1


@pytest.fixture
async def playground(monkeypatch) -> AsyncIterator[Playground]:
    async with Playground.open(limited=False) as opened:
        use(opened.url, monkeypatch)
        yield opened


@pytest.fixture
def world(database) -> World:
    made = make_world(database, GUILD_ID)
    made.clock.now = datetime.now(UTC)
    rights = frozenset({ROLES["oncall"]})
    made.rules.policy = Policy({Right.ACK: rights, Right.SILENCE: rights})
    return made


async def test_every_answer_comes_while_grafana_and_prometheus_hang(playground, world):
    view = await world.fire(count=3)
    await world.directory.refresh()
    world.pings.update(grafana=world.source.ping, prometheus=world.metrics.ping)
    async with (
        living(world, playground) as life,
        Person.join(playground.url, "minji", "en-US") as minji,
        Person.join(playground.url, "mallory", "en-US") as mallory,
    ):
        await life.announcer.post(view)
        await minji.wait_message(is_card)
        world.source.hangs = world.metrics.hangs = world.dashboards.hangs = True

        offered = await minji.autocomplete("silence", rule="high")
        proposal, status = await asyncio.gather(
            minji.command("silence", rule="HighLatency", duration="1h"), mallory.command("status")
        )
        confirmed = await minji.press(proposal, "bongsu:1:confirm:1")
        taken = await minji.command("ack", alert="#1")

    assert len(offered) == 4
    assert "No answer from prometheus" in text_of(status)
    assert "HighLatency" in text_of(status)
    assert "mutes **3** firing alerts" in text_of(proposal)
    assert "has not answered within 2 s" in text_of(confirmed)
    assert "You have #1" in text_of(taken)
