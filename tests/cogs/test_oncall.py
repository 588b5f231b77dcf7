"""`/oncall` and its siblings, on a real client in a local Discord."""

from __future__ import annotations

from datetime import UTC, date, time, timedelta

import pytest

from bot.domain.people import Person, Right
from bot.domain.rotations import Rotation
from bot.domain.schedules import Schedule
from bot.domain.teams import Member, Roster, Team
from bot.errors import InvalidTarget, NotAllowed, Refused
from bot.ui.oncall import oncall_text
from tests.builders import MINJI, NOW
from tests.ui.world import make_world

JUN = Person(1002, "jun", manages_guild=True)
BOSS = Person(1001, "minji", manages_guild=True)


@pytest.fixture
def world(database):
    weekly = Rotation(("minji", "jun"), date(2026, 11, 23), 7, time(9), UTC)
    people = {"minji": Member("minji", 1001), "jun": Member("jun", 1002, ("Jun Park",))}
    roster = Roster(people, {"platform": Team("platform", Schedule((weekly,)))})
    made = make_world(database, roster=roster)
    database.incidents.follow(made.services.oncall._desk.follow)
    return made


async def test_it_tells_who_is_on_call_who_is_next_and_when_i_am(world):
    reports = await world.services.oncall.report(None, None, Person(1002, "jun"))

    words = oncall_text(reports, world.services.oncall.roster, "en")
    assert "On call: <@1001>" in words
    assert "Next: <@1002>" in words
    assert "You:" in words


async def test_standing_in_needs_the_right_and_counts_at_once(world):
    oncall = world.services.oncall
    world.rules.policy = world.rules.policy.__class__({Right.ONCALL: frozenset({502})})

    with pytest.raises(NotAllowed):
        await oncall.override("jun", NOW, NOW + timedelta(hours=2), MINJI)
    _, member, before = await oncall.override("Jun Park", NOW, NOW + timedelta(hours=2), JUN)

    (report,) = await oncall.report("platform", None, MINJI)
    assert (member.key, before, report.now.people) == ("jun", ["minji"], ("jun",))
    assert report.now.end == NOW + timedelta(hours=2)


async def test_two_swap_their_next_shifts(world):
    oncall = world.services.oncall

    mine, theirs = await oncall.swap("jun", BOSS)

    schedule = oncall.team("platform").schedule
    assert schedule.who(mine.start) == ("jun",)
    assert schedule.who(theirs.start) == ("minji",)
    with pytest.raises(InvalidTarget):
        await oncall.swap("minji", BOSS)


async def test_the_next_step_can_be_put_off_and_brought_forward(world, database):
    await world.fire(severity="critical")
    oncall = world.services.oncall

    later = await oncall.snooze(1, timedelta(hours=2), BOSS)
    now = await oncall.escalate(1, BOSS)

    assert (later, now) == (world.clock() + timedelta(hours=2), world.clock())
    await world.services.respond.acknowledge(1, BOSS)
    with pytest.raises(Refused):
        await oncall.escalate(1, BOSS)


@pytest.mark.parametrize("name", ["nobody", ""])
async def test_what_is_not_there_is_a_sentence(world, name):
    with pytest.raises(InvalidTarget):
        await world.services.oncall.override(name, NOW, NOW + timedelta(hours=1), BOSS)


async def test_the_commands_are_told_to_discord_in_both_languages(world):
    client = world.client()

    await client.load_extension("cogs.oncall")

    names = {command.name for command in client.tree.get_commands()}
    assert names == {"oncall", "override", "swap", "page", "escalate", "snooze"}
