"""What ends while it is silenced, with a real Alertmanager: nobody tells of it, so it is asked for (rows 62 and 66)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from playground.process import free_port
from tests.cases.bot_process import PATIENCE_S, BotProcess, bot_process
from tests.cases.given import case
from tests.cases.sources import alertmanager, send

pytestmark = pytest.mark.timeout(300)


@dataclass
class Scene:
    """A process, and the Alertmanager that it asks; the process's clock runs ahead of the Alertmanager's."""

    process: BotProcess
    session: aiohttp.ClientSession
    address: str

    async def send(self, alerts: list[dict[str, Any]], **more: Any) -> None:
        """Tell Alertmanager what has begun to fire just now, by its own clock."""
        begun = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
        await send(self.session, self.address, *({**each, "startsAt": begun, **more} for each in alerts))

    async def end(self, alerts: list[dict[str, Any]]) -> None:
        """End them there; from now on the process's clock is ahead, as an Alertmanager that has just started proves nothing."""
        await self.send(alerts, endsAt=datetime.now(UTC).isoformat())
        self.process.pass_time(330)
        wanted = [each["labels"] for each in alerts]
        async with asyncio.timeout(PATIENCE_S):
            while any(each["labels"] in wanted for each in await self.listed()):
                await asyncio.sleep(0.1)

    async def listed(self) -> list[dict[str, Any]]:
        async with self.session.get(f"{self.address}/api/v2/alerts") as response:
            return await response.json()

    async def silence(self, name: str, value: str) -> None:
        begin = datetime.now(UTC)
        body = {
            "matchers": [{"name": name, "value": value, "isRegex": False, "isEqual": True}],
            "startsAt": begin.isoformat(),
            "endsAt": (begin + timedelta(days=2)).isoformat(),
            "createdBy": "ops",
            "comment": "planned",
        }
        async with self.session.post(f"{self.address}/api/v2/silences", json=body) as response:
            assert response.status == 200, await response.text()

    async def pass_time_until(self, name: str, so: Callable[[str], bool]) -> str:
        """Let rounds of ten seconds go by until the card is so; in each one the source may be looked at."""
        for _ in range(PATIENCE_S * 2):
            [said] = self.process.said(name)
            if so(said):
                return said
            self.process.pass_time(10)
            await asyncio.sleep(0.7)
        raise AssertionError(f"never: {self.process.said(name)}")


@pytest.fixture
async def scene(tmp_path):
    folder, port = tmp_path, free_port()
    # Far beyond what passes here: what is silenced must not wait for a group_interval that nobody will send.
    settings = {"ALERTMANAGER_URL": f"http://127.0.0.1:{port}", "GROUP_INTERVAL_S": "86400"}
    async with (
        bot_process(folder / "bot", **settings) as process,
        alertmanager(folder / "am", port, f"{process.bot.url}/webhooks/alertmanager", process.bot.token) as address,
        aiohttp.ClientSession() as session,
    ):
        yield Scene(process, session, address)


@pytest.mark.row("66")
async def test_66_what_recovers_while_it_is_silenced_is_asked_for_and_said(scene: Scene):
    alerts = case("66")["alerts"]
    await scene.send(alerts)
    await scene.process.card("Recovers", "🟠")
    card = scene.process.cards("Recovers")[0]
    proposal = await scene.process.minji.press(card, "Silence")
    await scene.process.minji.press(proposal, "Confirm")
    await scene.process.card("Recovers", "Silenced until")

    await scene.end(alerts)

    said = await scene.pass_time_until("Recovers", lambda said: "🟢" in said)
    assert "Recovered while silenced" in said
    assert "lost" not in said


@pytest.mark.row("66")
async def test_66_of_two_that_are_silenced_the_one_that_recovered_goes(scene: Scene):
    [alert] = case("66")["alerts"]
    two = [{**alert, "labels": alert["labels"] | {"alertname": "HalfEnds", "instance": f"r-{each}"}} for each in "12"]
    await scene.send(two)
    await scene.process.card("HalfEnds", "r-1", "r-2")
    await scene.silence("alertname", "HalfEnds")
    await scene.process.card("HalfEnds", "Silenced until")

    await scene.end(two[:1])

    said = await scene.pass_time_until("HalfEnds", lambda said: "r-1" not in said)
    assert ("🟠" in said, "- r-2" in said) == (True, True)


@pytest.mark.row("62")
async def test_62_the_twin_that_ended_in_silence_does_not_stay(scene: Scene):
    [alert] = case("62")["alerts"]
    await scene.send([alert])
    await scene.process.card("QueueDepth", "🟠")
    await scene.silence("current", "1041")
    await scene.process.card("QueueDepth", "Silenced until")
    changed = {**alert, "labels": alert["labels"] | {"current": "1077"}}
    await scene.send([changed])
    await scene.process.card("QueueDepth", "1 of 2 silenced")

    await scene.end([alert])

    said = await scene.pass_time_until("QueueDepth", lambda said: "Firing: 2" not in said)
    assert ("🟠" in said, "ilenced" in said.replace("Silence\n", "")) == (True, False)
