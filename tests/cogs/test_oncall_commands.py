"""`/oncall`, `/override`, `/swap`, `/page`, `/escalate` and `/snooze` as people type them, in a simulated Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, time, timedelta

import pytest

from bot.domain.jobs import JobName
from bot.domain.rotations import Rotation
from bot.domain.schedules import Schedule
from bot.domain.teams import Member, Roster, Team
from bot.ui.moments import stamp
from tests.builders import NOW
from tests.cogs.typed import conversation, offered, refused
from tests.fakes import FakeCaller
from tests.ui.test_buttons import Scene, said

JUN = 1002
# NOW is a Tuesday.
NEXT_MONDAY = NOW.replace(day=30, hour=9)


@asynccontextmanager
async def on_duty(database) -> AsyncIterator[Scene]:
    """Two people who take turns by the week; #2 fires, and a step of its chain waits to be taken."""
    async with conversation(database) as it:
        weekly = Rotation(("minji", "jun"), date(2026, 11, 23), 7, time(9), UTC)
        people = {"minji": Member("minji", it.minji.id), "jun": Member("jun", JUN, ("Jun Park",))}
        desk = it.world.services.oncall._desk
        desk.roster = Roster(people, {"platform": Team("platform", Schedule((weekly,)), channel="platform-team")})
        database.incidents.follow(desk.follow)
        await it.world.fire("Outage", severity="critical", env="other")
        it.world.services.oncall._caller = it.caller = FakeCaller()
        yield it


async def test_who_is_on_call_now_and_at_a_moment(database):
    async with on_duty(database) as it:
        now = await it.minji.slash(it.channel, "oncall", team="Platform")
        then = await it.minji.slash(it.channel, "oncall", when="2026-12-01 12:00")

        assert now.ephemeral
        assert f"On call: <@{it.minji.id}> until {stamp(NEXT_MONDAY, 'f')}" in said(now)
        assert f"Next: <@{JUN}> from {stamp(NEXT_MONDAY, 'f')}" in said(now)
        assert f"On call: <@{JUN}>" in said(then)
        assert "no team called" in refused(it, await it.minji.slash(it.channel, "oncall", team="nobody's"))


async def test_somebody_stands_in_and_is_told_to_be_on_call(database):
    async with on_duty(database) as it:
        hours = {"from": "22:00", "to": "2h"}
        done = await it.minji.slash(it.channel, "override", person="Jun Park", **hours)

        assert done.ephemeral
        assert f"platform: <@{JUN}> stands in for minji" in said(done)
        assert f"On call: <@{JUN}>" in said(await it.minji.slash(it.channel, "oncall", when="22:30"))


async def test_two_swap_their_shifts(database):
    async with on_duty(database) as it:
        done = await it.minji.slash(it.channel, "swap", person="jun")

        assert f"jun takes yours of {stamp(NOW, 'f')}" in said(done)
        assert f"you take theirs of {stamp(NEXT_MONDAY, 'f')}" in said(done)
        assert f"On call: <@{JUN}>" in said(await it.minji.slash(it.channel, "oncall"))
        assert "no two shifts" in refused(it, await it.minji.slash(it.channel, "swap", person="minji"))


async def test_somebody_is_called_by_hand(database):
    async with on_duty(database) as it:
        done = await it.minji.slash(it.channel, "page", whom="platform", text="the **till** is down")

        assert f"Called: <@{it.minji.id}>" in said(done)
        [(channel, call)] = it.caller.calls
        assert channel == "platform-team"
        assert call.values == {"by": "minji", "words": "the **till** is down"}
        assert "no team called" in refused(it, await it.minji.slash(it.channel, "page", whom="x", text="y"))


@pytest.mark.parametrize("alert", ["#2", "Outage"])
async def test_the_next_step_comes_later_or_now(database, alert):
    async with on_duty(database) as it:
        later = await it.minji.slash(it.channel, "snooze", alert=alert, **{"for": "2h"})
        put_off = await database.jobs.of_incident(JobName.ESCALATE, 2)
        now = await it.minji.slash(it.channel, "escalate", alert=alert)
        taken = await database.jobs.of_incident(JobName.ESCALATE, 2)

        assert f"#2 comes {stamp(NOW + timedelta(hours=2))}" in said(later)
        assert "The next step of #2 is taken now" in said(now)
        assert (put_off.due_at, taken.due_at) == (NOW + timedelta(hours=2), NOW)


async def test_what_is_offered_while_typing(database):
    async with on_duty(database) as it:
        for command in ("oncall", "override", "swap"):
            assert await offered(it, command, "team", "PLAT") == {"platform": "platform"}
        for command in ("override", "swap"):
            assert await offered(it, command, "person", "ju") == {"jun": "jun"}
        assert await offered(it, "page", "whom", "") == {name: name for name in ("platform", "minji", "jun")}
        for command in ("escalate", "snooze"):
            assert list(await offered(it, command, "alert", "out")) == ["#2"]


@pytest.mark.parametrize(
    ("command", "options", "right"),
    [
        ("oncall", {}, "read"),
        ("override", {"person": "jun", "from": "22:00", "to": "2h"}, "change who is on call"),
        ("swap", {"person": "jun"}, "change who is on call"),
        ("page", {"whom": "jun", "text": "come"}, "acknowledge"),
        ("escalate", {"alert": "#2"}, "acknowledge"),
        ("snooze", {"alert": "#2", "for": "2h"}, "acknowledge"),
    ],
)
async def test_without_the_right_nothing_happens(database, command, options, right):
    async with on_duty(database) as it:
        result = await it.mallory.slash(it.channel, command, **options)

        assert f"You may not {right}" in refused(it, result)
        assert await database.overrides.all(NOW) == []
        assert it.caller.calls == []


async def test_without_the_right_nothing_is_offered(database):
    async with on_duty(database) as it:
        for command, option in (("oncall", "team"), ("override", "person"), ("page", "whom"), ("snooze", "alert")):
            assert await offered(it, command, option, "", it.mallory) == {}
