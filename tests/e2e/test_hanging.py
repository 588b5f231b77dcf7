"""Alert first: everything that is asked hangs, and the card is out all the same; later the report says what was not seen."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from tests.builders import alertmanager_body
from tests.e2e.conftest import alarm_of
from tests.e2e.test_door import cards


@asynccontextmanager
async def black_hole():
    """Yield the address of a server that takes every request and never answers, and how many came."""
    came: list[str] = []

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append((await reader.readline()).decode("latin-1").split(" ")[1])
        try:
            while await reader.read(65536):
                pass
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", came
    finally:
        server.close()


@pytest.fixture
async def hole():
    async with black_hole() as opened:
        yield opened


def finished(folder) -> list[dict]:
    """What was found out, by every investigation that has ended."""
    with sqlite3.connect(f"{folder}/bongsu.db") as database:
        rows = database.execute("SELECT payload FROM investigations WHERE payload <> ''").fetchall()
    return [json.loads(payload) for (payload,) in rows]


async def analysis_of(folder) -> dict:
    async with asyncio.timeout(90):
        while not (found := finished(folder)):
            await asyncio.sleep(0.5)
    return found[0]


@pytest.mark.timeout(120)
async def test_the_card_is_out_when_all_that_is_asked_hangs(playground, bot, hole):
    url, came = hole
    bot.environment |= {
        **{f"{name}_URL": url for name in ("PROMETHEUS", "LOKI", "TEMPO", "GRAFANA", "ANTHROPIC_BASE")},
        "GRAFANA_TOKEN": "t",
        "ANTHROPIC_API_KEY": "k",
        "INVESTIGATION__SETTLE": "PT0S",
        "INVESTIGATION__MODEL__TIMEOUT": "PT10S",
    }
    await bot.start()
    body = json.loads(alertmanager_body(severity="critical", service="api"))
    for alert in body["alerts"]:
        alert["startsAt"] = datetime.now(UTC).isoformat()
    async with alarm_of(bot) as alarm:
        assert await alarm.send(json.dumps(body).encode()) == 202
        await cards(playground)
        # It waited for nobody: whatever hangs is still being waited for.
        assert finished(bot.folder) == []

        analysis = await analysis_of(bot.folder)

    assert {gap["source"] for gap in analysis["gaps"]} >= {"prometheus", "loki", "tempo"}
    assert analysis["verdict"]["cause"] is None
    assert analysis["use"]["silent"] == "timeout"
    # Each of them was really asked.
    assert {path.split("?")[0] for path in came} >= {"/v1/messages", "/loki/api/v1/query_range", "/api/search"}
