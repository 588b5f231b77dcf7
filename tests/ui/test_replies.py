"""What somebody is told when a press or a command goes wrong, and what the log says of it."""

from __future__ import annotations

import re
from dataclasses import replace

import aiohttp
import pytest

from bot.core.respond import Respond
from bot.errors import SourceUnavailable
from bot.ui.replies import member_of
from tests.ui.test_buttons import said, scene

ACK = "bongsu:1:ack:1"
CALLBACK = "/interactions/*/callback"


def broken(it, error: Exception) -> None:
    """Have acknowledging fail with this error."""

    class Broken(Respond):
        async def acknowledge(self, *_):
            raise error

    respond = it.world.services.respond
    mended = object.__new__(Broken)
    mended.__dict__.update(respond.__dict__)
    it.env.bot.services = replace(it.world.services, respond=mended)


async def test_a_defect_is_told_with_the_reference_that_the_log_has(database, caplog):
    async with scene(database) as it:
        card = await it.card()
        broken(it, KeyError("gone"))

        result = await it.minji.click(card, custom_id=ACK)

    assert result.ephemeral
    (reference,) = re.findall(r"\b[0-9a-f]{6}\b", said(result))
    (record,) = [record for record in caplog.records if reference in record.getMessage()]
    assert record.levelname == "ERROR"
    assert record.exc_info[0] is KeyError
    assert "gone" not in said(result)


@pytest.mark.parametrize("error", [aiohttp.ServerDisconnectedError(), ConnectionResetError()])
async def test_that_discord_was_not_reached_is_a_sentence_and_no_defect(database, caplog, error):
    async with scene(database) as it:
        card = await it.card()
        broken(it, error)

        result = await it.minji.click(card, custom_id=ACK)

    assert "Discord" in said(result)
    assert "reference" not in said(result)
    assert type(error).__name__ in caplog.text
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_what_another_server_said_pings_nobody(database):
    async with scene(database) as it:
        card = await it.card()
        broken(it, SourceUnavailable("grafana", "@everyone **look**"))

        result = await it.minji.click(card, custom_id=ACK)

    assert "look" in said(result)
    assert "@everyone" not in said(result)


@pytest.mark.parametrize("code", [10062, 40060])
async def test_an_answer_that_comes_too_late_is_no_defect(database, caplog, code):
    caplog.set_level("INFO")
    async with scene(database) as it:
        card = await it.card()
        it.env.inject_error("POST", CALLBACK, status=400, code=code, times=None)

        await it.minji.click(card, custom_id=ACK)

    assert "answered too late" in caplog.text
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize(("status", "code"), [(404, 10062), (404, 10003), (404, 10015), (401, 50027)])
async def test_an_answer_that_nobody_waits_for_any_more_is_no_defect(database, caplog, status, code):
    async with scene(database) as it:
        card = await it.card()
        broken(it, SourceUnavailable("grafana", "down"))
        for method in ("POST", "PATCH"):
            it.env.inject_error(method, "/webhooks/*", status=status, code=code, times=None)

        await it.minji.click(card, custom_id=ACK)

    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert it.env.errors == []


async def test_who_writes_outside_of_a_guild_has_no_roles(database):
    async with scene(database) as it:
        person = member_of(it.env.bot.user)

    assert (person.id, person.role_ids, person.manages_guild) == (it.env.bot.user.id, frozenset(), False)
