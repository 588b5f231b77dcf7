"""`/ack` and `/unack` as people type them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.incidents import State
from bot.domain.people import Person
from tests.cogs.typed import conversation, offered, refused
from tests.ui.test_buttons import said
from tests.ui.test_client import speak_korean


async def test_ack_takes_the_incident_with_a_note_and_for_a_while(database):
    async with conversation(database) as it:
        result = await it.minji.slash(it.channel, "ack", alert="#1", note="on it", **{"for": "30m"})

        assert result.ephemeral
        assert "You have #1 HighLatency" in said(result)
        ack = (await it.incident()).ack
        assert (ack.by.name, ack.note, ack.until) == ("minji", "on it", it.world.clock() + timedelta(minutes=30))


async def test_ack_without_the_role_is_refused_and_written_down(database):
    async with conversation(database) as it:
        result = await it.mallory.slash(it.channel, "ack", alert="#1")

        assert "You may not acknowledge" in refused(it, result)
        assert (await it.incident()).state is State.FIRING
        [row] = await it.world.database.audit.rows(1)
        assert (row.actor.name, row.action, row.target, row.allowed) == ("mallory", "ack", "#1", False)


async def test_unack_gives_it_back(database):
    async with conversation(database) as it:
        await it.minji.slash(it.channel, "ack", alert="1")

        result = await it.minji.slash(it.channel, "unack", alert="highlatency")

        assert "gave #1" in said(result)
        assert (await it.incident()).ack is None


async def test_unack_without_the_role_is_refused(database):
    async with conversation(database) as it:
        await it.minji.slash(it.channel, "ack", alert="#1")

        assert "You may not acknowledge" in refused(it, await it.mallory.slash(it.channel, "unack", alert="#1"))
        assert (await it.incident()).state is State.ACKNOWLEDGED


async def test_unack_of_what_nobody_has_says_so(database):
    async with conversation(database) as it:
        assert "Nobody has acknowledged" in refused(it, await it.minji.slash(it.channel, "unack", alert="#1"))


async def test_a_late_ack_is_told_that_it_is_resolved(database):
    async with conversation(database) as it:
        await it.world.services.respond.vanish(1)

        assert "already resolved" in refused(it, await it.minji.slash(it.channel, "ack", alert="#1"))


@pytest.mark.parametrize(
    ("length", "sentence"),
    [("45", "45m"), ("soon", "45m"), ("30d", "between 1m and 7d")],
)
async def test_a_length_nobody_can_read_takes_nothing(database, length, sentence):
    async with conversation(database) as it:
        result = await it.minji.slash(it.channel, "ack", alert="#1", **{"for": length})

        assert sentence in refused(it, result)
        assert (await it.incident()).state is State.FIRING


@pytest.mark.parametrize("alert", ["#99", "no such alert", "@everyone", "9" * 40])
async def test_what_was_typed_is_not_trusted(database, alert):
    async with conversation(database) as it:
        assert "no such incident" in refused(it, await it.minji.slash(it.channel, "ack", alert=alert))


async def test_both_answer_in_korean_to_who_reads_korean(database):
    async with conversation(database) as it:
        speak_korean(it.env.bot)

        taken = await it.minji.slash(it.channel, "ack", alert="#1", **{"for": "1시간 30분"})
        given_back = await it.minji.slash(it.channel, "unack", alert="#1")
        no = await it.mallory.slash(it.channel, "ack", alert="#1")

        assert "인시던트를 담당합니다" in said(taken)
        assert "담당을 해제했습니다" in said(given_back)
        assert "담당(ack)할 권한이 없습니다" in refused(it, no)


async def test_open_incidents_are_offered_those_nobody_has_first(database):
    async with conversation(database) as it:
        await it.world.fire("DiskFilling")
        await it.world.services.respond.acknowledge(2, Person(1, "jun", it.world.rules.policy.roles["ack"]))

        found = await offered(it, "ack", "alert", "")

        assert found == {"#1": "🟠 #1 HighLatency · api", "#2": "🟠 #2 DiskFilling · api · 👀 jun"}
        assert list(found) == ["#1", "#2"]
        assert list(await offered(it, "unack", "alert", "disk")) == ["#2"]


async def test_a_long_title_still_fits_into_a_choice(database):
    async with conversation(database) as it:
        await it.world.fire("Very" + "Long" * 60)

        assert "#2" in await offered(it, "ack", "alert", "very")


async def test_who_may_not_read_is_offered_nothing(database):
    async with conversation(database) as it:
        assert await offered(it, "ack", "alert", "", actor=it.mallory) == {}


async def test_an_old_card_is_pressed_after_a_restart_and_taken_over_by_command(database):
    async with conversation(database) as it:
        await it.announcer.post(await it.world.view(1))
        await it.env.restart_bot(it.world.client())

        pressed = await it.minji.click(it.channel.last_message, custom_id="bongsu:1:ack:1")
        typed = await it.minji.slash(it.channel, "ack", alert="#1", note="still me")

        assert "You have #1" in said(pressed)
        assert "You have #1" in said(typed)
        assert (await it.incident()).ack.note == "still me"
