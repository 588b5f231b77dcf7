"""Requests that only the process sends that leads."""

from __future__ import annotations

import aiohttp
import pytest

from bot.telemetry.lease import NotLeading, only_while


async def test_nothing_is_sent_once_the_lease_is_over(server):
    server.on("GET /x", {"answer": 1})
    held = [True]
    async with aiohttp.ClientSession(middlewares=(only_while(lambda: held[0]),)) as session:
        async with session.get(f"{server.url}/x") as response:
            assert response.status == 200
        held[0] = False

        with pytest.raises(NotLeading):
            await session.get(f"{server.url}/x")

    assert len(server.asked) == 1
