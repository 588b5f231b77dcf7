"""`/incident raw` as people type it: bodies as they came, for those who may see them."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import alertmanager_body
from tests.cogs.typed import conversation, offered, refused
from tests.ui.test_buttons import said


def attached(result):
    messages = [message for message in [result.response, *result.followups] if message]
    return [attachment for message in messages for attachment in message.attachments]


async def test_raw_hands_out_what_came_to_the_asker_alone(database):
    async with conversation(database) as it:
        result = await it.minji.slash(it.channel, "incident raw", alert="#1")

        [file] = attached(result)
        assert result.ephemeral
        assert "#1 HighLatency" in said(result)
        assert file.filename.endswith("-alertmanager-1.json")
        assert file.size == len(alertmanager_body("HighLatency", count=3))


async def test_without_an_incident_it_is_what_nobody_could_read(database):
    async with conversation(database) as it:
        before = await it.minji.slash(it.channel, "incident raw")
        await database.inbox.set_aside("grafana", b"{", "body is not JSON", it.world.clock())

        after = await it.minji.slash(it.channel, "incident raw")

        assert "could be read" in said(before)
        assert "could not be read" in said(after)
        assert [file.size for file in attached(after)] == [1]


async def test_without_the_role_it_is_refused_and_written_down(database):
    async with conversation(database) as it:
        result = await it.mallory.slash(it.channel, "incident raw", alert="#1")

        assert "You may not read webhooks" in refused(it, result)
        assert attached(result) == []
        [row] = await database.audit.rows(1)
        assert (row.actor.name, row.action, row.target, row.allowed) == ("mallory", "raw", "#1", False)
        assert await offered(it, "incident raw", "alert", "", it.mallory) == {}
        assert await offered(it, "incident raw", "alert", "high")


async def test_after_a_week_it_is_gone_and_that_is_said(database):
    async with conversation(database) as it:
        await database.inbox.set_aside("grafana", b"{", "body is not JSON", it.world.clock())
        await database.prune(it.world.clock() - timedelta(days=30) + timedelta(days=6, hours=23))
        kept = await database.inbox.refused(5)

        await database.prune(it.world.clock() - timedelta(days=30) + timedelta(days=7, hours=1))

        assert len(kept) == 1
        assert await database.inbox.refused(5) == []
