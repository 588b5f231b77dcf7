"""What lay in the sockets of a process that stood still is no news: it is refused, and taken when it is sent again."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import asynccontextmanager

import pytest

from bot.web.connections import listening
from bot.web.credentials import Credentials
from bot.web.standstill import Standstill
from tests.builders import NOW, alertmanager_body
from tests.web.doors import listener_of
from tests.web.test_credentials import signed

SECRET = "a secret of the tests"
STANDS_S = 0.5


def posted(body: bytes) -> bytes:
    headers = {"Host": "x", "Content-Length": str(len(body)), "Connection": "close"} | signed(NOW, SECRET, body)
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(["POST /webhooks/alertmanager HTTP/1.1", *lines, "", ""]).encode() + body


@asynccontextmanager
async def door(database, clock, stands_s=STANDS_S):
    credentials = Credentials(hmac_secret=SECRET)
    listener = listener_of(database, clock, credentials=credentials, standstill=Standstill(stands_s))
    async with listening(listener.application(), "127.0.0.1", 0) as port:
        await asyncio.sleep(0)
        yield port


def call(port: int) -> socket.socket:
    """Connect beside the loop, as another machine would."""
    return socket.create_connection(("127.0.0.1", port), timeout=30)


async def answer(caller: socket.socket) -> bytes:
    with caller:
        return await asyncio.to_thread(caller.recv, 4096)


async def sent_until_taken(port: int, body: bytes) -> bool:
    # The machine of a test may stand still as well.
    for _ in range(20):
        await asyncio.sleep(1.0)
        caller = call(port)
        caller.sendall(posted(body))
        if (await answer(caller)).startswith(b"HTTP/1.1 202"):
            return True
    return False


async def test_what_came_while_the_process_stood_still_is_refused_and_taken_when_sent_again(database, clock):
    body = alertmanager_body("Disk")
    async with door(database, clock) as port:
        caller = call(port)
        caller.sendall(posted(body))
        time.sleep(3 * STANDS_S)
        refused = await answer(caller)
        kept_then = await database.inbox.counts()
        taken = await sent_until_taken(port, body)

        assert refused.startswith(b"HTTP/1.1 503")
        assert b"send it again" in refused
        assert kept_then["received"] == 0
        assert taken
        assert (await database.inbox.counts())["received"] == 1


async def test_what_was_being_read_when_the_process_stood_still_is_refused(database, clock):
    request = posted(alertmanager_body("Disk"))
    async with door(database, clock) as port:
        caller = call(port)
        caller.sendall(request[:-10])
        # Its head has been read, and its body is waited for.
        await asyncio.sleep(0.2)
        caller.sendall(request[-10:])
        time.sleep(3 * STANDS_S)

        assert (await answer(caller)).startswith(b"HTTP/1.1 503")
        assert (await database.inbox.counts())["received"] == 0


@pytest.mark.parametrize("busy_s", [0.0, 0.5])
async def test_a_loop_that_is_only_busy_takes_in_what_came(database, clock, busy_s):
    async with door(database, clock, stands_s=60.0) as port:
        caller = call(port)
        caller.sendall(posted(alertmanager_body("Disk")))
        time.sleep(busy_s)

        assert (await answer(caller)).startswith(b"HTTP/1.1 202")
