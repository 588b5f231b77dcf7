"""Asks a server on loopback by discord.py; shared by the findings about its rate limits and repetitions."""

import discord
from aiohttp import web
from discord.http import Route


async def ask(answers, path, times=1, **settings):
    """Log in against a server on loopback that gives these answers in turn, ask, and tell what came of it."""
    asked = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal asked
        if request.path.endswith("/users/@me"):
            body = b'{"id":"1","username":"bot","discriminator":"0","avatar":null,"bot":true}'
            return web.Response(body=body, headers={"Content-Type": "application/json"})
        asked += 1
        status, headers = answers[min(asked, len(answers)) - 1]
        body = b'{"message":"text","code":0,"retry_after":0.1}'
        return web.Response(status=status, body=body, headers={"Content-Type": "application/json", **headers})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    Route.BASE = f"http://127.0.0.1:{runner.addresses[0][1]}"
    client = discord.Client(intents=discord.Intents.none(), **settings)
    results = []
    async with client:
        await client.http.static_login("token")
        for _ in range(times):
            try:
                await client.http.request(Route("POST", path, channel_id=1), json={})
                results.append("answered")
            except Exception as error:
                results.append(type(error).__name__)
    await runner.cleanup()
    return results, asked
