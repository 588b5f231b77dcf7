"""The shop's CI: a deploy is told to the bot once, with the bot's own credential, and a deaf bot disturbs nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from playground.pipeline import Pipeline
from playground.shop.server import ShopServer
from tests.playground.recorded import serving


@pytest.fixture
async def pipeline(tmp_path: Path) -> AsyncIterator[Pipeline]:
    shop = ShopServer(0, 0, tmp_path, seed=1)
    async with shop.running():
        yield Pipeline(f"http://127.0.0.1:{shop.doors['api'].port}")


@pytest.fixture
async def told(pipeline: Pipeline) -> AsyncIterator[list[tuple[str, dict[str, Any]]]]:
    """A bot that remembers the deploys it is told of."""
    received: list[tuple[str, dict[str, Any]]] = []

    async def take(request: web.Request) -> web.Response:
        received.append((request.headers["Authorization"], await request.json()))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/webhooks/deploy", take)
    async with serving(app) as bot:
        pipeline.report_to(bot.url, "a-token")
        yield received


async def test_switching_the_deploy_fault_is_a_deploy(pipeline, told):
    await pipeline.switch("deploy", on=True)

    ((credential, body),) = told
    assert credential == "Bearer a-token"
    assert (body["service"], body["kind"], body["text"]) == ("api", "deploy", "Deploy api 2.5.0")
    assert body["id"].startswith("2.5.0-")
    assert abs(datetime.fromisoformat(body["at"]) - datetime.now(UTC)) < timedelta(seconds=10)


async def test_mending_it_is_a_rollback_and_each_deploy_has_an_id_of_its_own(pipeline, told):
    for on in (True, False, True):
        await pipeline.switch("deploy", on=on)

    assert [body["text"] for _, body in told] == ["Deploy api 2.5.0", "Roll back to api 2.4.0", "Deploy api 2.5.0"]
    assert len({body["id"] for _, body in told}) == 3


async def test_what_changes_nothing_is_no_deploy(pipeline, told):
    await pipeline.switch("deploy", on=False)
    await pipeline.switch("deploy", on=True)
    await pipeline.switch("deploy", on=True)
    await pipeline.switch("pool", on=True)

    assert len(told) == 1


async def test_a_bot_that_is_gone_does_not_keep_the_fault_from_being_switched(pipeline):
    pipeline.report_to("http://127.0.0.1:1", "a-token")

    await pipeline.switch("deploy", on=True)

    assert [fault["name"] for fault in await pipeline.faults() if fault["on"]] == ["deploy"]


async def test_a_bot_that_hangs_is_given_up_on(pipeline, monkeypatch):
    monkeypatch.setattr("playground.pipeline._TIMEOUT", aiohttp.ClientTimeout(total=0.2))

    async def hang(_: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhooks/deploy", hang)
    async with serving(app) as bot:
        pipeline.report_to(bot.url, "a-token")
        async with asyncio.timeout(60):
            assert not await pipeline.announce("2.5.0", "Deploy", datetime.now(UTC))


async def test_nobody_is_told_where_no_bot_is_known(pipeline):
    assert not await pipeline.announce("2.5.0", "Deploy", datetime.now(UTC))


async def test_a_shop_that_is_gone_is_no_deploy(told):
    gone = Pipeline("http://127.0.0.1:1")
    gone.report_to("http://127.0.0.1:1", "a-token")

    with pytest.raises(ValueError, match="does not answer"):
        await gone.switch("deploy", on=True)

    assert told == []
