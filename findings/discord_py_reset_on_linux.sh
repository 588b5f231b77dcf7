#!/usr/bin/env bash
# discord.py 2.7.1 (PyPI) on Linux: a request whose connection is reset is raised at once; the library means to try it again, by error numbers of macOS and Windows.
# Expected: five tries, as for a server that answers 500: errno.ECONNRESET is 104 on Linux, 54 on macOS, 10054 on Windows.
# Seen: one try and ClientOSError, which is no DiscordException.
. "$(dirname "$0")/lib.sh"
python discord.py==2.7.1 <<'PROGRAM'
import asyncio
import socket
import struct

import discord
from discord.http import Route

asked = 0


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer who the bot is; reset every other connection after its request was read."""
    global asked
    head = await reader.readuntil(b"\r\n\r\n")
    if b"/users/@me" in head:
        body = b'{"id":"1","username":"bot","discriminator":"0","avatar":null,"bot":true}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
    else:
        asked += 1
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    Route.BASE = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    client = discord.Client(intents=discord.Intents.none())
    async with client:
        await client.http.static_login("token")
        try:
            await client.http.request(Route("POST", "/webhooks"), json={})
        except Exception as error:
            told = isinstance(error, discord.DiscordException)
            print(f"asked {asked} times, {type(error).__name__}, a DiscordException: {told}")
    server.close()


asyncio.run(main())
PROGRAM
seen "asked 1 times, ClientOSError, a DiscordException: False"
