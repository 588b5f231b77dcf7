"""`/maintenance` as people type it, and what its team hears of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.alerts import Rule
from bot.domain.jobs import JobName
from bot.domain.people import Policy, Right
from bot.domain.silences import Matcher
from bot.errors import InvalidDuration, InvalidTarget, NotAllowed, SourceError
from bot.ui.ids import UNDO, custom_id
from bot.ui.marks import of_silence
from tests.builders import MALLORY, MINJI, NOW, make_alert
from tests.cogs.typed import conversation, offered, refused
from tests.fakes import FakeCaller
from tests.ui.test_buttons import said
from tests.ui.world import World, make_world

HOUR = timedelta(hours=1)


async def test_a_service_is_silenced_for_later_listed_and_called_off(database):
    async with conversation(database) as it:
        planned = await it.minji.slash(
            it.channel, "maintenance", service="API", **{"from": "22:00", "to": "2h"}, reason="new disks"
        )
        assert planned.ephemeral
        assert "🔧 api is silenced from" in said(planned)
        [silence] = it.world.source.silenced
        assert silence.matchers == (Matcher("service", "api"),)
        assert silence.starts_at > NOW
        assert (silence.ends_at - silence.starts_at, silence.comment) == (2 * HOUR, "new disks")

        listed = said(await it.minji.slash(it.channel, "silences"))
        assert "🔧 api" in listed
        assert "from <t:" in listed

        await it.minji.click(planned.response, label="Undo")
        assert it.world.source.silenced == []


async def test_services_are_offered_and_a_stranger_plans_nothing(database):
    async with conversation(database) as it:
        assert list(await offered(it, "maintenance", "service", "a")) == ["api"]
        assert await offered(it, "maintenance", "service", "a", actor=it.mallory) == {}
        no = await it.mallory.slash(it.channel, "maintenance", service="api", **{"from": "now", "to": "2h"})
        assert "You may not silence" in refused(it, no)


class Plans:
    """Maintenance of a world, its jobs done when they are due."""

    def __init__(self, world: World) -> None:
        self.world, self.caller = world, FakeCaller()
        self.maintenance = world.services.maintenance

    async def at(self, **delta: float) -> list[str]:
        self.world.clock.now = NOW + timedelta(**delta)
        jobs = self.world.database.jobs
        for job in await jobs.take([JobName.MAINTENANCE], self.world.clock(), 20, timedelta(seconds=2)):
            await jobs.finish(job, await self.maintenance.announce(job, self.caller), self.world.clock())
        return [call.key for _, call in self.caller.calls]


@pytest.fixture
async def plans(database) -> Plans:
    world = make_world(database)
    world.rules.policy = Policy({Right.SILENCE: MINJI.role_ids})
    await world.fire()
    await world.directory.refresh()
    return Plans(world)


BEGIN, END = "maintenance.begin", "maintenance.end"


async def test_its_beginning_and_its_end_are_told_once(plans):
    await plans.maintenance.plan("api", NOW + HOUR, NOW + 3 * HOUR, MINJI, "new disks")

    assert await plans.at(minutes=59) == []
    assert await plans.at(hours=1) == [BEGIN]
    assert await plans.at(hours=2) == [BEGIN]
    assert await plans.at(hours=3) == [BEGIN, END]
    assert await plans.at(hours=30) == [BEGIN, END]
    (_, begin), (_, end) = plans.caller.calls
    assert (begin.values["by"], begin.notes) == ("minji", ("new disks",))
    assert (end.values["count"], len(end.notes)) == (1, 1)


async def test_of_one_that_passed_in_a_restart_only_the_end_is_told(plans):
    await plans.maintenance.plan("api", NOW + HOUR, NOW + 3 * HOUR, MINJI)

    assert await plans.at(hours=5) == [END]


async def test_what_was_called_off_is_not_told(plans):
    [row] = await plans.maintenance.plan("api", NOW + HOUR, NOW + 3 * HOUR, MINJI)
    assert row.pending
    await plans.world.services.silencing.undo(row.id, MINJI)

    assert await plans.at(hours=5) == []
    assert plans.world.source.silenced == []


async def test_one_that_goes_on_is_over_later(plans):
    [row] = await plans.maintenance.plan("api", NOW, NOW + HOUR, MINJI)
    silence = plans.world.source.silenced[0]
    plans.world.source.silenced = [longer := silence.__class__(**{**_fields(silence), "ends_at": NOW + 2 * HOUR})]
    await plans.world.muting.sync()

    assert await plans.at(hours=1) == [BEGIN]
    assert await plans.at(hours=2) == [BEGIN, END]
    assert (row.pending, longer.ends_at) == (False, NOW + 2 * HOUR)


def _fields(silence):
    return {name: getattr(silence, name) for name in silence.__dataclass_fields__}


async def test_alerts_that_name_it_by_two_labels_need_two_silences(plans):
    world = plans.world
    other = make_alert("PodCrash", labels={"service": "", "app": "api"}, about="api")
    world.source.firing.append(other)
    world.source.known_rules.append(Rule("R", service="api", labels={"service": "{{ $labels.x }}"}))
    await world.directory.refresh()

    rows = await plans.maintenance.plan("api", NOW, NOW + HOUR, MINJI)

    assert {row.silence.matchers[0] for row in rows} == {Matcher("service", "api"), Matcher("app", "api")}
    assert await plans.at() == [BEGIN]
    assert await plans.at(hours=1) == [BEGIN, END]


async def test_undo_calls_all_of_it_off(database):
    """The answer says that the silence has ended: nothing may stay muted behind that."""
    async with conversation(database) as it:
        source = it.world.source
        source.firing.append(make_alert("PodCrash", labels={"service": "", "app": "api"}, about="api"))
        await it.world.directory.refresh()
        planned = await it.minji.slash(it.channel, "maintenance", service="api", **{"from": "22:00", "to": "2h"})
        assert len(source.silenced) == 2
        [_, second] = await database.silences.listed(it.world.clock())

        await it.minji.click(planned.response, custom_id=custom_id(UNDO, second.id, of_silence(second)))

        assert source.silenced == []


async def test_only_the_label_that_names_it_is_silenced(plans):
    """`bot.yml` may read services from a label of its own; the usual one is then about somebody else."""
    world = plans.world
    world.source.firing[:] = [make_alert("Slow", labels={"service": "shared", "component": "Cart"}, about="Cart")]
    world.source.known_rules[:] = [Rule("Slow", service="cart")]
    await world.directory.refresh()

    rows = await plans.maintenance.plan("CART", NOW, NOW + HOUR, MINJI)

    assert [row.silence.matchers for row in rows] == [(Matcher("component", "Cart"),)]


async def test_what_of_half_a_maintenance_cannot_be_ended_keeps_none_of_the_rest(plans, monkeypatch):
    world = plans.world
    for label in ("app", "application"):
        alert = make_alert("PodCrash", labels={"service": "", label: "api"}, about="api", fingerprint=label)
        world.source.firing.append(alert)
    await world.directory.refresh()
    create, expire = world.source.create_silence, world.source.expire_silence
    gone = SourceError("errors.source_unavailable", source="alertmanager", detail="gone")

    async def twice(*told):
        if len(world.source.silenced) == 2:
            raise gone
        return await create(*told)

    async def not_the_first(source_id):
        if source_id == world.source.silenced[0].source_id:
            raise gone
        await expire(source_id)

    monkeypatch.setattr(world.source, "create_silence", twice)
    monkeypatch.setattr(world.source, "expire_silence", not_the_first)
    with pytest.raises(SourceError):
        await plans.maintenance.plan("api", NOW, NOW + HOUR, MINJI)

    assert len(world.source.silenced) == 1


async def test_what_was_made_without_an_answer_in_time_does_not_stay(plans, monkeypatch):
    world = plans.world
    [kept] = await plans.maintenance.plan("api", NOW, NOW + HOUR, MINJI)
    create = world.source.create_silence

    async def slowly(*told):
        await create(*told)
        await asyncio.sleep(60)

    monkeypatch.setattr("bot.core.maintenance._PATIENCE_S", 0.2)
    monkeypatch.setattr(world.source, "create_silence", slowly)
    with pytest.raises(SourceError, match="source_slow"):
        await plans.maintenance.plan("api", NOW, NOW + HOUR, MINJI)

    # The same that was planned before is somebody's.
    assert [each.source_id for each in world.source.silenced] == [kept.silence.source_id]


async def test_half_a_maintenance_is_none(plans, monkeypatch):
    world = plans.world
    world.source.firing.append(make_alert("PodCrash", labels={"service": "", "app": "api"}, about="api"))
    await world.directory.refresh()
    create = world.source.create_silence

    async def once(*told):
        if world.source.silenced:
            raise SourceError("errors.source_unavailable", source="alertmanager", detail="gone")
        return await create(*told)

    monkeypatch.setattr(world.source, "create_silence", once)
    with pytest.raises(SourceError):
        await plans.maintenance.plan("api", NOW, NOW + HOUR, MINJI)

    assert world.source.silenced == []
    assert await plans.at(hours=1) == []


@pytest.mark.parametrize(
    ("service", "begins", "ends", "error"),
    [
        ("apy", NOW, NOW + HOUR, InvalidTarget),
        ("api", NOW + HOUR, NOW, InvalidDuration),
        ("api", NOW - 2 * HOUR, NOW - HOUR, InvalidDuration),
        ("api", NOW, NOW + timedelta(days=15), InvalidDuration),
    ],
)
async def test_what_was_typed_is_not_trusted(plans, service, begins, ends, error):
    with pytest.raises(error):
        await plans.maintenance.plan(service, begins, ends, MINJI)
    assert plans.world.source.silenced == []


async def test_it_takes_the_right_and_a_source_that_answers(plans, monkeypatch):
    with pytest.raises(NotAllowed):
        await plans.maintenance.plan("api", NOW, NOW + HOUR, MALLORY)
    monkeypatch.setattr("bot.core.maintenance._PATIENCE_S", 0.05)
    plans.world.source.hangs = True
    with pytest.raises(SourceError, match="source_slow"):
        await plans.maintenance.plan("api", NOW, NOW + HOUR, MINJI)
