"""`/report`, and the report that comes by itself, over real use cases and over the playground's sockets."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

from bot.core.reporting.reporting import last
from bot.core.reporting.weekly import WeeklyReport
from bot.domain.jobs import Job, JobName
from bot.domain.telemetry import Window
from tests.builders import alertmanager_body
from tests.cogs.test_incident import attached
from tests.cogs.typed import conversation, offered, refused
from tests.person import Person, text_of
from tests.reporting.overviews import full_overview
from tests.ui.test_buttons import said
from tests.ui.test_on_the_playground import living, playground, world

__all__ = ["playground", "world"]


async def test_a_week_is_told_to_the_asker_alone_with_its_files(database):
    async with conversation(database) as it:
        it.world.clock.forward(minutes=40)
        await it.world.mend(count=3)
        it.world.clock.forward(minutes=1)

        told = await it.minji.slash(it.channel, "report")
        exported = await it.minji.slash(it.channel, "report", span="month", export=True)

        assert told.ephemeral
        assert "1 incident (before: 0)" in said(told)
        assert "**P2** 1: over in" in said(told)
        day = f"{it.world.clock():%Y-%m-%d}"
        assert [file.filename for file in attached(told)] == [f"report-{day}.md"]
        assert [file.filename for file in attached(exported)] == [f"report-{day}.md", f"incidents-{day}.csv"]


async def test_a_test_is_counted_neither_now_nor_before(database):
    async with conversation(database) as it:
        body = json.loads(alertmanager_body("TestAlert")) | {"groupKey": "webhook-57c6d9296de2ad39-1700000000"}
        await it.world._receive(json.dumps(body).encode())
        it.world.clock.forward(days=8)
        reporting = it.world.services.reporting

        overview = await reporting.overview(last(timedelta(days=7), it.world.clock()))

        assert len(await database.incidents.recent(9)) == 2
        assert (overview.incidents, overview.before) == (0, 1)


async def test_a_time_without_incidents_says_so(database):
    async with conversation(database) as it:
        told = await it.minji.slash(it.channel, "report", span="2026-11-01..2026-11-10")

        assert "Nothing fired." in said(told)


async def test_a_time_that_nobody_can_read_is_a_sentence(database):
    async with conversation(database) as it:
        result = await it.minji.slash(it.channel, "report", span="when it was warm")

        assert "reference" not in refused(it, result)
        assert set(await offered(it, "report", "span", "")) == {"week", "month"}


async def test_without_the_right_nothing_is_told(database):
    async with conversation(database) as it:
        result = await it.mallory.slash(it.channel, "report")

        assert "may not read" in refused(it, result)


async def test_an_export_holds_the_incidents_of_the_time_alone(database):
    async with conversation(database) as it:
        window = full_overview().window
        inside = await it.world.services.reporting.incidents(window)
        opened = (await database.incidents.load(1)).opened_at

        assert inside == []
        found = await it.world.services.reporting.incidents(
            window.__class__(opened - timedelta(hours=1), opened + timedelta(hours=1))
        )
        assert [each.number for each in found] == [1]


async def test_what_came_later_takes_no_room_in_an_export(database, monkeypatch):
    monkeypatch.setattr("bot.core.reporting.reporting._MOST_EXPORTED", 1)
    async with conversation(database) as it:
        first = (await database.incidents.load(1)).opened_at
        it.world.clock.forward(days=3)
        body = json.loads(alertmanager_body("Other")) | {"groupKey": "other"}
        for alert in body["alerts"]:
            alert["startsAt"] = it.world.clock().isoformat()
        await it.world._receive(json.dumps(body).encode())
        day = Window(first - timedelta(hours=1), first + timedelta(hours=1))

        found = await it.world.services.reporting.incidents(day)

        assert len(await database.incidents.recent(9)) == 2
        assert [each.number for each in found] == [1]


async def test_it_comes_by_itself_once_and_calls_nobody(playground, world):
    async with living(world, playground) as life, Person.join(playground.url, "minji", "en-US") as minji:
        await world.fire()
        world.clock.forward(hours=1)
        board = life.announcer.bulletins
        weekly = WeeklyReport(reporting=world.services.reporting, board=board, channel="alert-normal", language="en")
        due = world.clock()
        job = Job(7, JobName.REPORT, due.isoformat(), due, {}, 1)

        await weekly.run(job)
        shown = await minji.wait_message(lambda message: "📊" in text_of(message))
        # Killed after it was posted, and begun again by another process.
        await weekly.run(Job(7, JobName.REPORT, due.isoformat(), due, {}, 2))
        await asyncio.sleep(0.2)

        reports = [each for each in minji.messages.values() if "📊" in text_of(each)]
        assert len(reports) == 1
        assert "1 incident" in text_of(shown)
        assert [each["filename"] for each in shown["attachments"]] == [f"report-{due:%Y-%m-%d}.md"]
        assert not shown.get("mentions")


async def test_with_everything_in_it_the_message_fits_and_the_picture_is_there(playground, world):
    async with living(world, playground) as life, Person.join(playground.url, "minji", "ko") as minji:
        ref = await life.announcer.bulletins.tell("", 9, full_overview(), b"\x89PNG", again=True)
        shown = await minji.wait_message(lambda message: message["id"] == str(ref.message_id))

    assert [each["filename"] for each in shown["attachments"]] == ["report-2026-11-23.png", "report-2026-11-23.md"]
