"""From a fault to the cause on the card, in the store and in the thread, on real parts; no model.

Each fault has a shop of its own: what one leaves in the logs and metrics of the last minutes would be the normal of the next.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import time

import pytest

from playground.demo import Demo
from tests.e2e.conftest import judge
from tests.person import Person, text_of

# The shop has to be well for a while, or nobody could say what changed; of traces the minute before an alert is no normal.
WELL_S, WELL_WITH_TRACES_S, PATIENCE_S = 40.0, 75.0, 60.0
# So long a fault must have lasted before somebody asks; the shop needs some of it to become ill.
ILL_S = 20.0
CARD = re.compile(r"### \S+ P[1-4] · ")


async def analyses_of(demo: Demo, rule: str) -> list[dict]:
    """Wait for the investigations of the trouble that a rule fires for, whatever has joined it; those that name a cause."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        await asyncio.sleep(1)
        with sqlite3.connect(f"{demo.bot.folder}/bongsu.db") as database:
            rows = database.execute(
                "SELECT payload FROM investigations JOIN incidents ON incident = number"
                " WHERE alerts LIKE ? AND payload <> '' ORDER BY investigations.id",
                (f'%"{rule}"%',),
            ).fetchall()
        found = [json.loads(payload) for (payload,) in rows]
        if told := [each for each in found if not each["ranking"]["abstained"]]:
            return told
    raise AssertionError(f"no investigation of {rule} has named a cause")


@pytest.mark.long
@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    ("fault", "title", "service", "mechanism", "said", "first"),
    [
        (
            "pool",
            "HighErrorRate5xx",
            "api",
            "pool",
            "connection pool of `api` is exhausted",
            "Check who holds the connections of `api`",
        ),
        (
            "deploy",
            "HighErrorRate5xx",
            "api",
            "deploy",
            "`api` is broken since deploy 2.5.0",
            "Roll back deploy 2.5.0",
        ),
        (
            "crash",
            "ServiceDown",
            "chat",
            "unavailable",
            "`chat` is not available",
            "Check whether `chat` runs, and why it stopped",
        ),
        (
            "disk",
            "DiskAlmostFull",
            "api",
            "disk",
            "disk of `api` is full or slow",
            "Check free space, inodes and I/O wait of the disk of `api`",
        ),
        (
            "leak",
            "HighMemory",
            "chat",
            "memory",
            "`chat` runs out of memory",
            "Check heap and garbage collection of `chat`",
        ),
        (
            "slow",
            "HighLatencyP99",
            "api",
            "dependency",
            "`api` waits for an answer from outside",
            "Check what `api` calls",
        ),
    ],
)
async def test_a_fault_is_named_with_its_service_and_mechanism(fault, title, service, mechanism, said, first):
    async with Demo.open() as demo, Person.join(demo.playground.url, "minji", "en-US") as minji:
        await asyncio.sleep(WELL_WITH_TRACES_S if mechanism == "dependency" else WELL_S)
        await demo.shop.switch(fault, True)

        leads = [analysis["ranking"]["suspects"][0] for analysis in await analyses_of(demo, title)]
        assert {(lead["service"], lead["mechanism"]) for lead in leads} == {(service, mechanism)}
        card = await minji.wait_message(lambda m: CARD.match(text_of(m)) and said in text_of(m))
        assert f"→ {first}" in text_of(card)
        report = await minji.wait_message(lambda m: m["channel_id"] == card["id"] and said in text_of(m))
        assert "Next (suggested, nothing was run)" in text_of(report)
        judge(demo.playground)


@pytest.mark.long
@pytest.mark.timeout(200)
async def test_what_raises_no_call_is_found_by_asking_and_of_what_is_hardly_known_nobody_is_called_fine():
    async with Demo.open() as demo, Person.join(demo.playground.url, "minji", "en-US") as minji:
        await asyncio.sleep(WELL_S)
        well = await minji.command("analyze", target="chat", timeout_s=60)
        assert "❔ Chat: watched for only" in text_of(well)

        await demo.shop.switch("noise", True)
        await asyncio.sleep(ILL_S)
        noise = text_of(await minji.command("analyze", target="api", timeout_s=60))
        assert "❔ API: watched for only" in noise
        assert "Checked and fine" not in noise

        await demo.shop.switch("noise", False)
        await demo.shop.switch("cpu", True)
        await asyncio.sleep(ILL_S)
        cpu = await minji.command("analyze", target="api", timeout_s=60)
        assert "`api` is short of CPU" in text_of(cpu)

        # None of it is an incident, so there is no card and no thread.
        with sqlite3.connect(f"{demo.bot.folder}/bongsu.db") as database:
            assert database.execute("SELECT count(*) FROM investigations").fetchone() == (0,)
        judge(demo.playground)
