"""What a process says of itself before it leads, while another one does, and when it does."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.app.http_server import http_server
from bot.app.settings import Settings
from bot.domain.owners import Catalogue
from bot.errors import SourceUnavailable
from bot.ports import Posted
from tests.builders import NOW, alertmanager_body
from tests.chaos.database import immutable


@pytest.fixture
async def leads():
    return [False]


@pytest.fixture
async def server(database, clock, leads):
    settings = Settings(webhook_port=0, webhook_token="t0ken" * 4, webhook_host="127.0.0.1")
    async with http_server(settings, Catalogue(), database, lambda: leads[0], clock) as opened:
        yield opened


@pytest.fixture
async def ask(server):
    async with aiohttp.ClientSession() as session:

        async def asked(path):
            async with session.get(f"{server.url}{path}") as response:
                return response.status, await (response.json() if path == "/readyz" else response.text())

        yield asked


async def away():
    raise SourceUnavailable("discord", "the gateway is not connected")


async def test_who_has_not_found_out_whether_it_leads_is_not_ready(ask):
    status, told = await ask("/readyz")

    assert (status, told["role"]) == (503, "starting")


async def test_a_standby_is_ready_without_a_gateway_and_takes_webhooks(server, ask, database):
    server.stand_by()

    status, told = await ask("/readyz")
    headers = {"Authorization": f"Bearer {'t0ken' * 4}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/webhooks/alertmanager", data=alertmanager_body(), headers=headers) as response,
    ):
        assert response.status == 202

    assert (status, told) == (200, {"ready": True, "role": "standby", "connections": {"store": "ok"}})
    assert "bongsu_leader 0.0" in (await ask("/metrics"))[1]
    assert len(await database.inbox.pending(10)) == 1


async def test_who_leads_answers_for_the_gateway_until_it_leads_no_more(server, ask, leads):
    leads[0] = True
    # The store of a term that is over can write nothing, which is no fault of this process.
    server.lead({"store": away, "discord": away})

    status, told = await ask("/readyz")
    assert (status, told["role"], told["connections"]["store"]) == (503, "leading", "ok")
    assert "bongsu_leader 1.0" in (await ask("/metrics"))[1]

    server.stand_by()
    assert (await ask("/readyz"))[0] == 200


async def test_who_leads_takes_in_at_once_what_comes_alone(server, leads):
    taken = []

    async def taking(posted):
        taken.append(posted.body)
        return True

    assert not await server.take_at_once(Posted("grafana", b"{}", NOW))
    server.take_through(taking)
    assert not await server.take_at_once(Posted("grafana", b"{}", NOW))
    leads[0] = True
    assert await server.take_at_once(Posted("grafana", b"{}", NOW))

    assert taken == [b"{}"]


@pytest.mark.parametrize("goes_on", [True, False])
async def test_who_leads_no_more_keeps_it_and_who_leads_tells_that_the_store_is_away(server, leads, goes_on):
    async def taking(_):
        leads[0] = goes_on
        raise SourceUnavailable("store", "another process leads")

    leads[0] = True
    server.take_through(taking)

    if goes_on:
        with pytest.raises(SourceUnavailable):
            await server.take_at_once(Posted("grafana", b"{}", NOW))
    else:
        assert not await server.take_at_once(Posted("grafana", b"{}", NOW))


async def test_what_was_taken_in_at_once_is_answered_202_and_is_not_kept_again(server, leads, database):
    async def taking(_):
        return True

    leads[0] = True
    server.take_through(taking)
    headers = {"Authorization": f"Bearer {'t0ken' * 4}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/webhooks/alertmanager", data=alertmanager_body(), headers=headers) as response,
    ):
        assert response.status == 202

    assert await database.inbox.pending(5) == []


@asynccontextmanager
async def told_to_write_nothing(database):
    runner = database._runner

    async def say(pragma):
        # Not in a transaction: none can be begun then.
        driver = runner._connection.connection.driver_connection
        await asyncio.get_running_loop().run_in_executor(runner._thread, driver.execute, pragma)

    await say("PRAGMA query_only=ON")
    yield
    await say("PRAGMA query_only=OFF")


@asynccontextmanager
async def kept_from_writing(database):
    file = database._runner._file
    with immutable(file, file.with_name(f"{file.name}-wal")) as kept:
        if not kept:
            pytest.skip("no file that is open can be made read-only here")
        yield


@pytest.mark.parametrize("read_only", [told_to_write_nothing, kept_from_writing])
async def test_a_store_that_becomes_read_only_takes_nothing_in_says_so_and_recovers_by_itself(
    server, ask, database, leads, read_only
):
    leads[0] = True
    server.lead({})

    async def send(body, session):
        headers = {"Authorization": f"Bearer {'t0ken' * 4}"}
        async with session.post(f"{server.url}/webhooks/alertmanager", data=body, headers=headers) as response:
            return response.status, await response.text()

    async def until_ready(status):
        # What was written a moment ago is trusted for another one.
        async with asyncio.timeout(60):
            while (told := await ask("/readyz"))[0] != status:
                await asyncio.sleep(0.05)
        return told[1]["connections"]["store"]

    async with aiohttp.ClientSession() as session:
        assert (await send(alertmanager_body("Before"), session))[0] == 202
        async with read_only(database):
            refused = await asyncio.gather(*(send(alertmanager_body(f"Lost{n}"), session) for n in range(20)))
            assert await until_ready(503) != "ok"
            later = await send(alertmanager_body("Lost"), session)

        assert await until_ready(200) == "ok"
        kept = alertmanager_body("Kept")
        assert (await send(kept, session))[0] == 202

    assert {status for status, _ in [*refused, later]} == {503}
    assert '"store"' in later[1]
    assert [delivery.body for delivery in await database.inbox.pending(10)][1:] == [kept]
