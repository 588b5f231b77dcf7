"""A store that takes nothing in at the moment a process begins to lead: the process waits for it, and then leads."""

from __future__ import annotations

import asyncio
import sqlite3

from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app.run import opened
from bot.app.settings import Settings
from bot.domain.owners import Catalogue
from bot.web.webhook import LEADING, STARTING
from tests.fakes import HandClock


async def test_a_process_that_cannot_write_yet_waits_and_then_leads(tmp_path, caplog, monkeypatch):
    for owner, name in ((Route, "BASE"), (DiscordWebSocket, "DEFAULT_GATEWAY"), (Asset, "BASE")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    path = tmp_path / "bongsu.db"
    settings = Settings(
        database_url=f"sqlite:///{path}",
        discord_token="t0ken",
        discord_guild_id=1,
        discord_api_url="http://127.0.0.1:9",
        webhook_host="127.0.0.1",
        webhook_port=0,
    )
    async with opened(settings, Catalogue(), HandClock()) as process:
        with sqlite3.connect(path, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            leading = asyncio.create_task(process.lead())
            await until(lambda: "could not begin to lead" in caplog.text)
            assert process._server.role == STARTING
            other.execute("ROLLBACK")
        await until(lambda: process._server.role == LEADING or leading.done())

        assert not leading.done()
        leading.cancel()
        await asyncio.gather(leading, return_exceptions=True)


async def until(condition) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)
