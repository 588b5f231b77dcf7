"""`/similar`, `/incidents` and the question "What fixed it?", over real use cases and over the playground's sockets."""

from __future__ import annotations

import asyncio
import csv
import io

import pytest

from bot.domain.memory import Fix
from bot.domain.people import Person as Somebody
from bot.ports import AuditRow
from bot.ui.memory import table
from tests.builders import MINJI, NOW
from tests.cogs.test_incident import attached
from tests.cogs.typed import conversation, offered, refused
from tests.person import Person, text_of
from tests.ui.test_buttons import said
from tests.ui.test_on_the_playground import living, playground, world


def is_card(message) -> bool:
    return "P2 · HighLatency · api" in text_of(message)


__all__ = ["playground", "world"]


async def resolved_card(it):
    await it.world.mend(count=3)
    await it.announcer.post(await it.world.services.respond._viewer.view(1))
    return it.channel.last_message


async def test_similar_tells_what_helped_then(database):
    async with conversation(database) as it:
        await it.world.mend(count=3)
        await database.memories.fix(
            1, Fix("rolled back **v3.2** @everyone", MINJI, NOW), AuditRow(NOW, MINJI, "fix", "#1")
        )
        it.world.clock.forward(days=30)
        await it.world.fire(starts_at="2026-12-20T03:00:00Z")

        result = await it.minji.slash(it.channel, "similar", incident="#2")
        none = await it.minji.slash(it.channel, "similar", incident="#1")

        assert result.ephemeral
        assert "#1 **HighLatency** · api" in said(result)
        assert "rolled back \\*\\*v3.2\\*\\*" in said(result)
        assert "@everyone" not in said(result)
        assert "No earlier incident resembles #1" in said(none)
        assert await offered(it, "similar", "incident", "high")


async def test_without_the_right_nothing_is_told(database):
    async with conversation(database) as it:
        similar = await it.mallory.slash(it.channel, "similar", incident="#1")

        assert "may not read" in refused(it, similar)
        assert await offered(it, "similar", "incident", "", it.mallory) == {}


async def test_incidents_are_found_and_handed_out_as_a_table(database):
    async with conversation(database) as it:
        listed = await it.minji.slash(it.channel, "incidents", filter="p2 open")
        empty = await it.minji.slash(it.channel, "incidents", filter="p1")
        handed = await it.minji.slash(it.channel, "incidents", export=True)

        assert "#1 **HighLatency** · api" in said(listed)
        assert "No incident is like that" in said(empty)
        assert [file.filename for file in attached(handed)] == ["incidents.csv"]


async def test_a_table_is_read_by_a_spreadsheet_and_runs_nothing(database):
    async with conversation(database) as it:
        it.world.clock.forward(minutes=2)
        await it.world.services.respond.acknowledge(1, Somebody(1, "root", manages_guild=True))
        await it.world.mend(count=3)
        fix = Fix('=HYPERLINK("https://evil.example")', MINJI, NOW)
        await database.memories.fix(1, fix, AuditRow(NOW, MINJI, "fix", "#1"))

        [row] = csv.DictReader(
            io.StringIO(table(await it.world.database.memories.search(_all(), 9), NOW.tzinfo).decode("utf-8-sig"))
        )

        assert (row["number"], row["severity"], row["seconds_to_acknowledge"]) == ("1", "P2", "120")
        assert row["fix"].startswith("'=")
        assert row["opened_at"] == "2026-11-24T03:00:00+00:00"


def _all():
    from bot.domain.searches import Search

    return Search()


async def test_who_may_not_acknowledge_gets_no_form(database):
    async with conversation(database) as it:
        card = await resolved_card(it)

        result = await it.mallory.click(card, custom_id="bongsu:1:fix:1")

        assert "You may not acknowledge" in said(result)
        assert result.modal is None


async def answer(person: Person, words: str):
    """Fill in the newest form and send it, as the page does."""
    form = person.modals[-1]
    [label] = form["components"]
    field = {**label["component"], "value": words}
    return await person._do(
        10,
        type="modal",
        interaction_id=form["interaction_id"],
        custom_id=form["custom_id"],
        components=[{"type": label["type"], "component": field}],
        channel_id=form.get("channel_id"),
    )


@pytest.mark.parametrize(
    ("locale", "title", "thanks"), [("ko", "#1 해결 방법", "감사합니다"), ("en-US", "#1: what fixed it?", "Thank you")]
)
async def test_what_fixed_it_is_asked_once_and_the_answer_outlives_the_process(
    playground, world, locale, title, thanks
):
    viewer = world.services.respond._viewer
    async with Person.join(playground.url, "minji", locale) as minji:
        async with living(world, playground) as life:
            await world.fire()
            await world.mend()
            ref = await life.announcer.post(await viewer.view(1))
            card = await minji.wait_message(is_card)
            await minji._send(
                type="component",
                channel_id=card["channel_id"],
                message_id=card["id"],
                custom_id="bongsu:1:fix:1",
                component_type=2,
            )
            async with asyncio.timeout(15):
                await minji.until(lambda: minji.modals)
        assert minji.modals[-1]["title"] == title

        async with living(world, playground) as life:
            said = await answer(minji, "rolled back\nv3.2")
            await life.announcer.edit(ref, await viewer.view(1))
            shown = await minji.wait_message(lambda m: m["id"] == card["id"] and "🔧" in text_of(m))

    assert thanks in text_of(said)
    assert "🔧 rolled back v3.2 (**김민지**)" in text_of(shown)
    assert "bongsu:1:fix:1" not in str(shown["components"])
    assert (await world.database.memories.fix_of(1)).words == "rolled back v3.2"


async def test_a_card_says_which_incident_it_is_like(playground, world):
    viewer = world.services.respond._viewer
    async with living(world, playground) as life, Person.join(playground.url, "minji", "en-US") as minji:
        await world.fire()
        world.clock.forward(minutes=14)
        await world.mend()
        await world.database.memories.fix(
            1, Fix("rolled back v3.2", MINJI, world.clock()), AuditRow(world.clock(), MINJI, "fix", "#1")
        )
        world.clock.forward(days=30)
        await world.fire(starts_at="2026-12-20T03:00:00Z")

        await life.announcer.post(await viewer.view(2))

        card = await minji.wait_message(is_card)
        assert "🧠 like #1 on <t:" in text_of(card)
        assert ": rolled back v3.2, " in text_of(card)
