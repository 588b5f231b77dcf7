#!/usr/bin/env bash
# discord.py 2.7.1 (PyPI): a JSON answer whose Content-Type carries a parameter ("application/json; charset=utf-8") is not parsed.
# Expected: RFC 9110, 8.3.1: a media type may have parameters; a proxy that adds one does not change the body.
# Seen: the text instead of the object, so that the library fails later, on an index into a string.
. "$(dirname "$0")/lib.sh"
python discord.py==2.7.1 <<'PROGRAM'
import asyncio

import aiohttp
from aiohttp import web
from discord.http import json_or_text


async def main() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=b'{"id": "1"}', headers={"Content-Type": request.query["type"]})

    application = web.Application()
    application.router.add_get("/", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    async with aiohttp.ClientSession() as session:
        for kind in ("application/json", "application/json; charset=utf-8"):
            async with session.get(address, params={"type": kind}) as response:
                print(kind, "->", type(await json_or_text(response)).__name__)
    await runner.cleanup()


asyncio.run(main())
PROGRAM
seen "application/json -> dict" "application/json; charset=utf-8 -> str"
