"""An Alertmanager that is started anew without its data, beside the real process (row 67)."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import aiohttp
import pytest

from playground.process import free_port
from tests.cases.given import at, case
from tests.cases.house import House, house
from tests.cases.sources import alertmanager, send
from tests.person import text_of

pytestmark = [pytest.mark.timeout(300), pytest.mark.row("67")]


async def status_says(process: House, *words: str) -> str:
    said = ""
    async with asyncio.timeout(60):
        while not all(word in said for word in words):
            await asyncio.sleep(0.3)
            said = text_of(await process.minji.command("status"))
    return said


async def test_67_an_alertmanager_that_forgets_turns_nothing_green_and_loses_no_holder(tmp_path):
    port, alerts = free_port(), case("67")["alerts"]
    settings = {"ALERTMANAGER_URL": f"http://127.0.0.1:{port}", "RECONCILE_EVERY_S": "1", "GROUP_INTERVAL_S": "2"}
    async with (
        house(tmp_path / "bot", **settings) as process,
        aiohttp.ClientSession() as session,
        AsyncExitStack() as first,
        AsyncExitStack() as second,
    ):
        hook = f"{process.bot.url}/webhooks/alertmanager", process.bot.token
        address = await first.enter_async_context(alertmanager(tmp_path / "first", port, *hook))
        await send(session, address, *at(alerts, process.now()))
        await process.card("CoreDown", "Nobody has it")
        await process.minji.press(process.cards("CoreDown")[0], "Acknowledge")
        card = await process.card("CoreDown", "has it since")
        proposal = await process.minji.press(process.cards("CoreDown")[0], "Silence")
        await process.minji.press(proposal, "Confirm")
        await process.card("CoreDown", "Silenced until")

        await first.aclose()
        await second.enter_async_context(alertmanager(tmp_path / "second", port, *hook))
        # It was looked at, and knows nothing: neither the alert nor the silence.
        told = await status_says(process, "Alertmanager was restarted", "Alertmanager has lost 1 silence")
        process.pass_time(240)
        await asyncio.sleep(3)
        emptied = process.said("CoreDown")
        await send(session, address, *at(alerts, process.now()))
        again = await process.card("CoreDown", "🔴", "has it since")

        assert "CoreDown" in told
        assert [("🔴" in said, "has it since" in said) for said in emptied] == [(True, True)]
        assert again.split("\n")[0] == card.split("\n")[0]
        assert len(process.cards("CoreDown")) == 1
        assert process.called("CoreDown") == [["@here", "oncall"]]

        # What it is never told again ends after all, when the Alertmanager is no longer young.
        process.pass_time(600)
        await second.aclose()
        async with alertmanager(tmp_path / "third", port, *hook):
            async with asyncio.timeout(120):
                while "🟢" not in process.said("CoreDown")[0]:
                    process.pass_time(60)
                    await asyncio.sleep(1)
