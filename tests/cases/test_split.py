"""Who is called when somebody takes one trouble out of another: nobody twice for what they were called for already."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.app.oncall import load_roster
from bot.core.oncall.desk import OnCallDesk
from bot.core.oncall.escalating import Escalating
from bot.domain import lifecycle
from bot.domain.alerts import Severity
from bot.domain.jobs import JobName
from bot.domain.lifecycle import Acknowledged, Released
from bot.domain.owners import Catalogue
from bot.domain.people import Person
from tests.cases.test_joined import ON, SHOP, body, tell
from tests.cases.trial import Trial
from tests.fakes import FakeCaller
from tests.ui.world import make_viewer

MINJI = Person(1001, "minji", manages_guild=True)


class Escalated(Trial):
    """A trial in which what nobody answers escalates: its owners are called again every 15 minutes."""

    def __init__(self, database):
        super().__init__(database, SHOP, rules=ON)
        roster = load_roster(Catalogue(), "Asia/Seoul")
        desk = OnCallDesk(
            roster=roster, catalogue=SHOP, overrides=database.overrides, jobs=database.jobs, clock=self.clock
        )
        database.incidents.follow(desk.follow)
        self.caller = FakeCaller()
        self.escalating = Escalating(
            desk=desk,
            viewer=make_viewer(database, self.clock, SHOP),
            escalations=database.escalations,
            caller=self.caller,
            hooks=None,
            clock=self.clock,
        )

    async def wait(self, minutes):
        """Let so many minutes pass, and return how many steps were taken meanwhile."""
        before = len(self.caller.calls)
        for _ in range(minutes):
            self.clock.forward(minutes=1)
            for job in await self.database.jobs.take([JobName.ESCALATE], self.clock(), 20, timedelta(seconds=2)):
                await self.database.jobs.finish(job, await self.escalating.step(job), self.clock())
            await self.show()
        return len(self.caller.calls) - before

    async def due(self):
        """In how many minutes the next step of each incident is taken."""
        waiting = await self.database.jobs.waiting(JobName.ESCALATE)
        return {job.incident: round((job.due_at - self.clock()).total_seconds() / 60) for job in waiting}

    async def step(self, number):
        (job,) = [job for job in await self.database.jobs.waiting(JobName.ESCALATE) if job.incident == number]
        return job.payload["step"]

    async def split(self, **how):
        (group,) = (await self.incidents())[0].groups
        await self.merging.split(1, group, MINJI, **how)
        await self.show()

    @property
    def first_calls(self):
        return [view.incident.number for view in self.announcer.called]


@pytest.fixture
async def trial(database):
    """One P1 of two services."""
    made = Escalated(database)
    await tell(made, ("PoolExhausted", "api"), severity="P1")
    await tell(made, ("HighLatency", "web"), severity="P1")
    assert len(await made.incidents()) == 1
    return made


async def test_what_is_split_off_calls_nobody_who_was_called_for_it_and_escalates_from_where_it_was(trial):
    assert await trial.wait(20) == 1
    calls = len(trial.announcer.pages)
    await trial.split()

    assert (trial.first_calls, len(trial.announcer.pages)) == ([1], calls)
    # The next step of each is the second one; of what was split off as long after that as after any step.
    assert await trial.due() == {1: 10, 2: 15}
    assert (await trial.step(1), await trial.step(2)) == (1, 1)


async def test_it_goes_on_from_there_when_whoever_took_it_gives_it_back(trial):
    await trial.wait(20)
    await trial.split(take=True)
    at = trial.clock()
    await trial.database.incidents.change(2, lambda incident: lifecycle.apply(incident, Released(MINJI, at)), at)
    await trial.show()

    assert (await trial.step(2), trial.first_calls) == (1, [1])


async def test_whoever_had_the_whole_gives_back_what_they_split_off_and_it_calls(trial):
    await trial.wait(20)
    at = trial.clock()
    await trial.database.incidents.change(1, lambda incident: lifecycle.apply(incident, Acknowledged(MINJI, at)), at)
    await trial.split()

    assert trial.first_calls == [1, 2]
    assert (await trial.due(), await trial.step(2)) == ({2: 15}, 1)


async def test_who_was_not_called_for_it_yet_is_called_by_its_own_card(database):
    trial = Escalated(database)
    await tell(trial, ("PoolExhausted", "api"), severity="P1")
    # It joins, and is taken out again before whom it is to call were called.
    told = body(trial, ("HighLatency", "web"), severity="P1")
    await trial.database.inbox.keep("alertmanager", json.dumps(told).encode(), trial.clock())
    await trial.respond.take_in(10)
    await trial.split()

    assert trial.first_calls == [1, 2]


async def test_what_is_left_is_as_bad_as_what_still_fires(database):
    trial = Escalated(database)
    await tell(trial, ("PoolExhausted", "api"), severity="P3")
    await tell(trial, ("HighLatency", "web"), severity="P1")
    await trial.split()

    left, own = await trial.incidents()
    assert (left.severity, own.severity) == (Severity.P3, Severity.P1)
    assert list(await trial.due()) == [2]
