"""One trouble, one card, on real parts: a fault of the shop, and all alerts that it raises."""

from __future__ import annotations

import asyncio
import sqlite3

import aiohttp
import pytest

from playground.demo import Demo
from tests.e2e.conftest import judge
from tests.person import Person, text_of

# The shop has to be well for a moment, and a fault has to raise all the alerts that it raises.
WELL_S, ILL_S = 15.0, 45.0


def rows(demo: Demo, query: str) -> list[tuple]:
    with sqlite3.connect(f"{demo.bot.folder}/bongsu.db") as database:
        return database.execute(query).fetchall()


async def firing(demo: Demo) -> set[str]:
    """Return the fingerprints that Alertmanager holds as active."""
    address = f"{demo.monitors.alertmanager_url}/api/v2/alerts?active=true&silenced=false&inhibited=false"
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        return {each["fingerprint"] for each in await response.json()}


@pytest.mark.long
@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", ["pool", "disk", "slow"])
async def test_a_fault_of_the_shop_gives_one_card(fault):
    async with Demo.open() as demo, Person.join(demo.playground.url, "minji", "en-US") as minji:
        await asyncio.sleep(WELL_S)
        await minji.fault(fault, True)
        await minji.wait_message(lambda m: "Acknowledge" in text_of(m), 90)
        await asyncio.sleep(ILL_S)

        assert await firing(demo)
        cards = rows(demo, "SELECT number, title FROM incidents WHERE joined_to IS NULL")
        assert len(cards) == 1, cards
        judge(demo.playground)
