"""What a process says of itself before it leads, while another one does, and when it does."""

from __future__ import annotations

import aiohttp
import pytest

from bot.app.http_server import http_server
from bot.app.settings import Settings
from bot.domain.owners import Catalogue
from bot.errors import SourceUnavailable
from tests.builders import alertmanager_body


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
