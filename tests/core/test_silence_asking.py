"""A silence that ends, or that nobody needs any more, is asked about once; what is answered is done at the source."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.silence_watch import SilenceWatch
from bot.domain.incidents import EntryKind
from bot.domain.jobs import JobName
from bot.domain.people import Policy, Right
from bot.domain.silences import Matcher, Silence
from bot.domain.views import MessageRef
from bot.errors import InvalidDuration, MessageGone, NotAllowed, OutOfDate, SourceError
from bot.ui.silence_list import list_view
from tests.builders import JUN, MALLORY, MINJI, NOW, make_alert
from tests.fakes import FakeCaller
from tests.ui.world import World, make_world

HOUR = timedelta(hours=1)


class Night:
    """A world with a card, its silences followed, its jobs done when they are due."""

    def __init__(self, world: World) -> None:
        self.world, self.caller = world, FakeCaller()
        self.asking = world.services.asking_silences
        self.watch = self.another_watch()

    def another_watch(self) -> SilenceWatch:
        world = self.world
        return SilenceWatch(
            book=world.database.silences, jobs=world.database.jobs, directory=world.directory, clock=world.clock
        )

    async def silence(self, lasts: str = "1h") -> int:
        preview = await self.world.services.silencing.propose("HighLatency", lasts, MINJI)
        made = await self.world.services.silencing.confirm(preview.draft.id, MINJI)
        await self.look()
        return made.id

    async def look(self) -> None:
        """Go a round of the reconciler, and do what is due."""
        await self.world.directory.refresh()
        await self.world.muting.sync()
        await self.watch.follow()
        kinds = {JobName.SILENCE_ENDS: self.asking.ends, JobName.SILENCE_UNUSED: self.asking.unused}
        jobs = self.world.database.jobs
        for job in await jobs.take(list(kinds), self.world.clock(), 20, timedelta(seconds=2)):
            await jobs.finish(job, await kinds[job.name](job, self.caller), self.world.clock())

    async def at(self, **delta: float) -> list[tuple[str | int, str]]:
        """Let time pass, and return what was asked where since the beginning."""
        self.world.clock.now = NOW + timedelta(**delta)
        await self.look()
        return [(where, call.key) for where, call in self.caller.calls]

    @property
    def question(self) -> int:
        return self.caller.calls[-1][1].id


@pytest.fixture
async def night(database) -> Night:
    world = make_world(database)
    rights = MINJI.role_ids | JUN.role_ids
    world.rules.policy = Policy({Right.ACK: rights, Right.SILENCE: rights})
    view = await world.fire()
    for task in await database.outbox.due(NOW, 10):
        await database.outbox.delivered(task, view.incident.version, MessageRef(7, 8), NOW)
    await world.directory.refresh()
    return Night(world)


ENDS = [("thread of 8", "silence.ends")]


async def test_its_author_is_asked_in_the_thread_a_quarter_of_an_hour_before_and_once(night):
    await night.silence()

    assert await night.at(minutes=44) == []
    assert await night.at(minutes=45) == ENDS
    [(_, call)] = night.caller.calls
    assert (call.owners[0].id, call.values["count"], call.offers) == (1001, 1, ("extend", "let-ring"))
    night.watch = night.another_watch()
    assert await night.at(minutes=59) == ENDS
    assert await night.at(minutes=90) == ENDS


async def test_a_process_that_starts_after_the_moment_asks_all_the_same(night):
    await night.silence()
    night.world.clock.forward(minutes=55)
    night.watch = night.another_watch()

    assert await night.at(minutes=55) == ENDS


async def test_nobody_is_asked_when_nothing_of_it_fires_any_more(night):
    await night.silence()
    await night.world.mend()

    assert await night.at(minutes=50) == []


async def test_nobody_is_asked_about_a_silence_that_has_been_ended(night):
    row = await night.silence()
    await night.world.services.silencing.undo(row, MINJI)

    assert await night.at(minutes=50) == []


async def test_a_short_one_is_asked_about_after_half_of_it(night):
    await night.silence("10m")

    assert await night.at(minutes=4) == []
    assert await night.at(minutes=5) == ENDS


async def test_a_source_that_does_not_answer_does_not_mean_that_nothing_fires(night):
    await night.silence()
    night.world.clock.forward(minutes=45)
    night.world.source.down = "connection refused"

    jobs = night.world.database.jobs
    [job] = await jobs.take([JobName.SILENCE_ENDS], night.world.clock(), 20, timedelta(seconds=2))
    await night.asking.ends(job, night.caller)

    assert [where for where, _ in night.caller.calls] == ["thread of 8"]


async def test_without_its_card_the_author_is_asked_in_the_channel(night):
    await night.silence()
    night.caller.fail = [MessageGone()]

    assert await night.at(minutes=45) == [("", "silence.ends")]


async def test_a_silence_made_in_grafana_is_asked_about_without_a_mention(night):
    made = Silence("g1", (Matcher("alertname", "HighLatency"),), NOW, NOW + HOUR, "admin", "planned")
    night.world.source.silenced.append(made)
    await night.look()

    assert await night.at(minutes=45) == ENDS
    [(_, call)] = night.caller.calls
    assert (call.owners, call.values["name"]) == ((), "admin")


async def test_extending_it_is_real_keeps_all_else_and_happens_once(night):
    await night.silence()
    await night.at(minutes=45)
    [before] = night.world.source.silenced

    row = await night.asking.extend(night.question, JUN)
    with pytest.raises(OutOfDate, match="silence_changed"):
        await night.asking.extend(night.question, MINJI)

    [after] = night.world.source.silenced
    assert row.silence == after
    assert (after.matchers, after.starts_at, after.created_by) == (before.matchers, before.starts_at, before.created_by)
    assert after.ends_at == NOW + 2 * HOUR
    assert (await night.world.database.audit.rows(1))[0].detail == f"until {after.ends_at.isoformat()}"
    entries = await night.world.database.incidents.timeline(1)
    assert [entry.actor for entry in entries if entry.kind is EntryKind.SILENCED] == [MINJI, JUN]
    # The next end is asked about as well.
    assert await night.at(minutes=106) == [*ENDS, *ENDS]


async def test_one_that_has_ended_meanwhile_begins_anew_for_an_hour(night):
    await night.silence()
    await night.at(minutes=45)
    night.world.clock.now = NOW + 2 * HOUR

    row = await night.asking.extend(night.question, MINJI)

    assert row.silence.ends_at == NOW + 3 * HOUR
    assert row.silence.active(NOW + 2.5 * HOUR)


async def test_servers_round_to_milliseconds_and_the_question_still_holds(night):
    night.world.clock.now = NOW + timedelta(microseconds=123456)
    await night.silence()
    [made] = night.world.source.silenced
    night.world.source.silenced = [replace(made, ends_at=made.ends_at.replace(microsecond=123000))]

    assert await night.at(minutes=46) == ENDS
    assert (await night.asking.extend(night.question, MINJI)).silence.ends_at > NOW + 2 * HOUR


async def test_who_may_not_silence_may_not_answer(night):
    await night.silence()
    await night.at(minutes=45)

    for press in (night.asking.extend, night.asking.leave, night.asking.drop):
        with pytest.raises(NotAllowed):
            await press(night.question, MALLORY)
    assert night.world.source.silenced[0].ends_at == NOW + HOUR


async def test_the_bounds_of_a_silence_hold_for_its_extension(night):
    night.asking._most = timedelta(minutes=30)
    await night.silence()
    await night.at(minutes=45)

    with pytest.raises(InvalidDuration):
        await night.asking.extend(night.question, MINJI)


async def test_what_the_source_did_not_take_is_no_extension(night):
    row = await night.silence()
    await night.at(minutes=45)
    night.world.source.down = "connection refused"

    with pytest.raises(SourceError):
        await night.asking.extend(night.question, MINJI)
    assert (await night.world.database.silences.load(row)).silence.ends_at == NOW + HOUR


async def test_a_source_that_hangs_is_said_to_hang(night, monkeypatch):
    monkeypatch.setattr("bot.core.silence_asking._PATIENCE_S", 0.05)
    await night.silence()
    await night.at(minutes=45)
    night.world.source.hangs = True

    with pytest.raises(SourceError, match="source_slow"):
        await night.asking.extend(night.question, MINJI)


async def test_only_a_question_can_be_answered(night):
    await night.silence()
    with pytest.raises(OutOfDate):
        await night.asking.extend(999, MINJI)


UNUSED = [("thread of 8", "silence.unused")]


async def test_one_that_has_outlived_its_alert_by_a_day_is_offered_for_removal_once(night):
    await night.silence("3d")
    assert await night.at(hours=1) == []
    await night.world.mend()

    assert await night.at(hours=24) == []
    assert await night.at(hours=24, minutes=50) == []
    assert [row.forgotten for row in await night.world.services.silencing.listed()] == [False]
    assert await night.at(hours=25) == UNUSED
    [row] = await night.world.services.silencing.listed()
    assert "💤" in str(list_view([row], "en").to_components())
    assert await night.at(hours=60) == UNUSED

    await night.asking.leave(night.question, MINJI)
    assert len(night.world.source.silenced) == 1
    await night.asking.drop(night.question, MINJI)
    assert night.world.source.silenced == []


async def test_one_whose_alerts_go_on_is_needed(night):
    await night.silence("3d")

    assert await night.at(hours=30) == []
    night.world.source.firing = [make_alert("Other")]
    assert await night.at(hours=31) == []


async def test_one_that_never_muted_anything_is_left_alone(night):
    later = Silence("g1", (Matcher("alertname", "Quiet"),), NOW, NOW + 72 * HOUR, "admin", "planned")
    night.world.source.silenced.append(later)
    await night.look()

    assert await night.at(hours=30) == []
    assert await night.at(hours=54) == []


async def test_one_that_ends_soon_anyway_is_not_offered(night):
    await night.silence("1d")
    await night.world.mend()

    assert await night.at(hours=23, minutes=59) == []


async def test_a_maintenance_of_two_silences_is_asked_about_once_and_extended_as_one(night):
    world = night.world
    world.source.firing.append(make_alert("PodCrash", labels={"service": "", "app": "api"}, about="api"))
    await world.directory.refresh()
    rows = await world.services.maintenance.plan("api", NOW, NOW + HOUR, MINJI)
    assert len(rows) == 2

    asked = await night.at(minutes=45)

    assert [key for _, key in asked] == ["silence.ends"]
    await night.asking.extend(night.question, MINJI)
    assert {each.ends_at for each in world.source.silenced} == {NOW + 2 * HOUR}
    assert len(await night.at(minutes=105)) == 2
