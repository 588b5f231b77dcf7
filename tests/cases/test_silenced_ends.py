"""What ends while it is silenced, on a real Alertmanager: nobody tells of it, so it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.core.watching import SourceWatch
from bot.domain.incidents import State
from bot.domain.silences import Matcher
from bot.store.database import Database
from bot.telemetry.absent import AbsentMetrics
from bot.telemetry.alertmanager import Alertmanager
from bot.telemetry.http import JsonClient
from playground.process import free_port
from tests.cases.given import at, case
from tests.cases.sources import Bodies, alertmanager, hook, send
from tests.cases.trial import Trial

pytestmark = pytest.mark.timeout(180)


@dataclass
class Scene:
    """An Alertmanager, what it posts, and a bot that asks it; its clock runs ahead of the Alertmanager's."""

    trial: Trial
    source: Alertmanager
    watch: SourceWatch
    bodies: Bodies
    session: aiohttp.ClientSession
    address: str

    async def hear(self) -> None:
        body = await asyncio.wait_for(self.bodies.get(), 60)
        self.trial.clock.now = datetime.now(UTC)
        await self.trial.post(body)
        # An Alertmanager that has only just started proves nothing.
        self.trial.clock.forward(minutes=10)
        await self.watch.look()

    async def silence(self, *matchers: Matcher) -> None:
        begin = datetime.now(UTC)
        await self.source.create_silence(matchers, begin, begin + timedelta(hours=2), "minji", "planned")
        await self.listed(silenced=True)
        await self.watch.look()

    async def listed(self, *, silenced: bool) -> None:
        """Wait until Alertmanager says of all that it lists whether it is silenced."""
        async with asyncio.timeout(60):
            while not all(bool(alert.silenced_by) == silenced for alert in await self.source.alerts()):
                await asyncio.sleep(0.1)

    async def send(self, alerts: list[dict[str, Any]], **more: Any) -> None:
        now = datetime.now(UTC)
        await send(self.session, self.address, *({**at(each, now), **more} for each in alerts))

    async def end(self, alerts: list[dict[str, Any]]) -> None:
        before = len(await self.source.alerts())
        await self.send(alerts, endsAt=datetime.now(UTC).isoformat())
        async with asyncio.timeout(60):
            while len(await self.source.alerts()) == before:
                await asyncio.sleep(0.1)

    async def pass_time(self, seconds: float) -> None:
        """Let rounds of ten seconds go by, in which is looked only as often as it is wanted."""
        for _ in range(int(seconds / 10)):
            self.trial.clock.forward(seconds=10)
            if await self.watch.wanted():
                await self.watch.look()
        await self.trial.respond.take_in(50)
        await self.trial.show()


@asynccontextmanager
async def scene(database: Database, folder: Path) -> AsyncIterator[Scene]:
    trial = Trial(database)
    async with (
        hook() as (webhook, bodies),
        aiohttp.ClientSession() as session,
        alertmanager(folder / "data", free_port(), webhook) as address,
    ):
        source = Alertmanager(JsonClient(session, address, source="alertmanager"), _no_rules)
        watch = SourceWatch(
            respond=trial.respond,
            source=source,
            metrics=AbsentMetrics(),
            incidents=database.incidents,
            clock=trial.clock,
            receiver="bongsu",
            group_interval=timedelta(minutes=5),
        )
        yield Scene(trial, source, watch, bodies, session, address)


async def _no_rules():
    return []


async def test_66_what_recovers_while_it_is_silenced_is_asked_for_and_said(database, tmp_path):
    async with scene(database, tmp_path) as it:
        alerts = case("66")["alerts"]
        await it.send(alerts)
        await it.hear()
        await it.silence(Matcher("alertname", "Recovers"))
        await it.end(alerts)

        await it.pass_time(30)
        soon = [each.state for each in await it.trial.incidents()]
        await it.pass_time(60)

        # Two looks a minute apart, long before the group_interval of 5 min.
        assert soon == [State.FIRING]
        assert [each.state for each in await it.trial.incidents()] == [State.RESOLVED]
        assert "Recovered while silenced" in it.trial.texts[0]


async def test_62_the_twin_that_ended_in_silence_does_not_stay(database, tmp_path):
    async with scene(database, tmp_path) as it:
        [alert] = case("62")["alerts"]
        await it.send([alert])
        await it.hear()
        await it.silence(Matcher("current", "1041"))
        changed = {**alert, "labels": alert["labels"] | {"current": "1077"}}
        await it.send([changed])
        await it.hear()
        before = [each.labels["current"] for each in (await it.trial.incidents())[0].firing]
        await it.end([alert])

        await it.pass_time(120)

        [incident] = await it.trial.incidents()
        assert sorted(before) == ["1041", "1077"]
        assert [each.labels["current"] for each in incident.firing] == ["1077"]
        assert incident.state is State.FIRING
