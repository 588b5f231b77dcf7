"""From a fault to the cause in the store and the report in the thread, on real parts; no model."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time

import pytest

from playground.demo import Demo
from tests.e2e.conftest import judge

# The shop has to be well for a while, or nobody could say what changed.
WELL_S, PATIENCE_S = 40.0, 50.0


async def analysis_of(demo: Demo, title: str) -> dict:
    """Wait for the investigation of an incident."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        await asyncio.sleep(1)
        with sqlite3.connect(f"{demo.bot.folder}/bongsu.db") as database:
            rows = database.execute(
                "SELECT payload FROM investigations JOIN incidents ON incident = number WHERE title = ? AND payload <> ''",
                (title,),
            ).fetchall()
        if rows:
            return json.loads(rows[0][0])
    raise AssertionError(f"{title} was not investigated")


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    ("fault", "title", "service", "mechanism"),
    [
        ("pool", "HighErrorRate5xx", "api", "pool"),
        ("deploy", "HighErrorRate5xx", "api", "deploy"),
        ("crash", "ServiceDown", "chat", "unavailable"),
    ],
)
async def test_a_fault_is_named_with_its_service_and_mechanism(fault, title, service, mechanism):
    async with Demo.open() as demo:
        await asyncio.sleep(WELL_S)
        await demo.shop.switch(fault, True)

        analysis = await analysis_of(demo, title)

        lead = analysis["ranking"]["suspects"][0]
        assert (lead["service"], lead["mechanism"]) == (service, mechanism)
        assert analysis["verdict"]["cause"]
        await asyncio.sleep(5)
        posts = [record for record in demo.playground.records.requests if str(record["path"]).endswith("/threads")]
        assert posts
        judge(demo.playground)
