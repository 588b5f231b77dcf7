"""The Watchdog that must keep coming, over the whole way: body, inbox, incident."""

from __future__ import annotations

from datetime import timedelta

from bot.core.heartbeat import Heartbeat
from bot.domain.alerts import Severity
from bot.domain.incidents import State
from bot.ports import Delivery
from tests.builders import alertmanager_body
from tests.ui.world import make_world

EVERY = timedelta(minutes=5)


class Watched:
    """A world whose Watchdog is watched."""

    def __init__(self, database) -> None:
        self.world = make_world(database)
        self.respond = self.world.services.respond
        self.restart()

    def restart(self) -> None:
        database, clock = self.world.database, self.world.clock
        self.heartbeat = Heartbeat(inbox=database.inbox, keepsakes=database.keepsakes, clock=clock, every=EVERY)
        self.respond.on_watchdog(self.heartbeat.heard)

    async def comes(self, body: bytes | None = None) -> None:
        body = body or alertmanager_body("Watchdog", severity="none")
        kept = await self.world.database.inbox.keep("alertmanager", body, self.world.clock())
        await self.respond.receive(Delivery(kept, "alertmanager", body, self.world.clock()))

    async def beats(self, minutes: float = 4, times: int = 3) -> None:
        for _ in range(times):
            self.world.clock.forward(minutes=minutes)
            await self.comes()

    async def looks(self, minutes: float = 0):
        self.world.clock.forward(minutes=minutes)
        await self.heartbeat.step()
        await self.respond.take_in(limit=10)
        return await self.world.database.incidents.recent(10)


async def test_the_watchdog_makes_no_card_and_is_done_with(database):
    it = Watched(database)

    await it.comes()

    assert await it.looks(9) == []
    assert (await database.inbox.counts())["shown"] == 1


async def test_nobody_is_frightened_by_a_watchdog_that_never_came(database):
    it = Watched(database)

    assert await it.looks(600) == []


async def test_a_watchdog_that_is_repeated_once_in_four_hours_frightens_nobody_in_between(database):
    it = Watched(database)
    await it.comes()
    # As the first groups change.
    await it.beats(minutes=5, times=1)

    assert await it.looks(600) == []
    await it.beats(minutes=240, times=4)
    assert await it.looks(60) == []

    # Given a route of its own.
    await it.beats(minutes=4)
    assert [each.title for each in await it.looks(11)] == ["WatchdogSilent"]


async def test_what_stays_away_for_twice_its_interval_is_one_p1_until_it_is_back(database):
    it = Watched(database)
    await it.beats()
    assert await it.looks(10) == []

    [incident] = await it.looks(1)
    again = await it.looks(5)

    assert (incident.title, incident.severity, incident.source) == ("WatchdogSilent", Severity.P1, "bongsu")
    assert "10 minutes" in incident.lead.annotations["summary"]
    assert "10분" in incident.lead.annotations["summary_ko"]
    assert [each.number for each in again] == [1]
    await it.comes()
    [over] = await it.looks()
    assert over.state is State.RESOLVED
    assert [each.state for each in await it.looks(1)] == [State.RESOLVED]


async def test_a_restart_neither_frightens_nor_says_it_twice(database):
    it = Watched(database)
    await it.beats()
    it.world.clock.forward(hours=3)
    it.restart()
    assert await it.looks(9) == []
    assert len(await it.looks(2)) == 1

    it.restart()

    assert len(await it.looks(11)) == 1


async def test_a_clock_that_was_ahead_keeps_nobody_from_missing_it(database):
    it = Watched(database)
    right = it.world.clock.now
    it.world.clock.forward(hours=2)
    it.restart()
    await it.beats(minutes=0)

    it.world.clock.now = right
    assert await it.looks() == []
    assert await it.looks(10) == []
    [incident] = await it.looks(1)
    await it.comes()
    [over] = await it.looks()

    assert (incident.title, incident.state, over.state) == ("WatchdogSilent", State.FIRING, State.RESOLVED)


async def test_what_stands_for_it_without_an_answer_is_an_alert(database):
    it = Watched(database)

    await it.comes(alertmanager_body("DatasourceError", rulename="Watchdog"))

    assert [each.title for each in await it.looks()] == ["Watchdog"]
    assert await database.keepsakes.recall("watchdog heard") is None
