"""Requests whose connection is reset, against a server that resets them; and the age of a heartbeat."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import aiohttp
import pytest
from discord import gateway

from bot.ui.connection import GatewayHeartbeat, count_heartbeats_from_their_making, persist, say_outages_in_one_line

CALLBACK = "/api/v10/interactions/1/aW50ZXJhY3Rpb24/callback"
FOLLOWUP = f"/api/v10/webhooks/1/{'t' * 60}"
MESSAGE = "/api/v10/channels/1/messages"


class Resetting:
    """Resets so many connections after it has read the request, then answers 204."""

    def __init__(self, times: int, status: int = 204) -> None:
        self.times = times
        self.status = status
        self.bodies: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
                self.bodies.append(await reader.readexactly(int(length[0].split(b":")[1]) if length else 0))
                if self.times:
                    self.times -= 1
                    # With something unread in it a socket is closed by a reset.
                    writer.transport.abort()
                    return
                writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % self.status)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def resetting(times: int, status: int = 204) -> AsyncIterator[tuple[Resetting, str, aiohttp.ClientSession]]:
    server = Resetting(times, status)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    async with aiohttp.ClientSession(middlewares=(persist,)) as session:
        yield server, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", session
    listening.close()


@pytest.mark.parametrize(
    ("method", "path"), [("GET", MESSAGE), ("PATCH", f"{MESSAGE}/2"), ("POST", CALLBACK), ("POST", FOLLOWUP)]
)
async def test_what_may_be_sent_twice_is_sent_again_when_its_connection_is_lost(method, path):
    async with (
        resetting(2) as (server, url, session),
        session.request(method, url + path, data=b'{"type":5}') as answer,
    ):
        assert answer.status == 204

    assert server.bodies == [b'{"type":5}'] * 3


async def test_a_message_is_not_sent_again_by_chance():
    async with resetting(1) as (server, url, session):
        with pytest.raises(aiohttp.ClientError):
            await session.post(url + MESSAGE, data=b"{}")

    assert server.bodies == [b"{}"]


async def test_a_form_with_files_is_not_read_twice():
    form = aiohttp.FormData({"payload_json": "{}"}, default_to_multipart=True)
    async with resetting(1) as (_, url, session):
        with pytest.raises(aiohttp.ClientError):
            await session.post(url + FOLLOWUP, data=form)


async def test_it_gives_up_after_a_second():
    began = time.monotonic()
    async with resetting(99) as (server, url, session):
        with pytest.raises(aiohttp.ClientError):
            await session.post(url + CALLBACK, data=b"{}")

    assert len(server.bodies) == 4
    assert time.monotonic() - began < 30


async def test_where_nobody_listens_it_is_not_tried_again():
    async with aiohttp.ClientSession(middlewares=(persist,)) as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get("http://127.0.0.1:1/api/v10/users/@me")


async def test_what_discord_answers_is_not_asked_again():
    async with resetting(0, 503) as (server, url, session), session.get(url + MESSAGE) as answer:
        assert answer.status == 503

    assert len(server.bodies) == 1


def heartbeats(kind: type[gateway.KeepAliveHandler]) -> gateway.KeepAliveHandler:
    socket = SimpleNamespace(thread_id=0, _max_heartbeat_timeout=60.0, HEARTBEAT=1, sequence=7)
    made = kind(ws=socket, interval=41.25, shard_id=0)  # type: ignore[arg-type]
    # As it stands 41.25 s after the heartbeat before.
    made._last_send = time.perf_counter() - 41.25
    return made


@pytest.mark.parametrize(
    ("kind", "behind"), [(gateway.VoiceKeepAliveHandler.__mro__[1], True), (GatewayHeartbeat, False)]
)
def test_an_acknowledgement_that_comes_at_once_is_not_held_against_the_heartbeat_before(kind, behind, caplog):
    """The first is discord.py's own: on one machine the answer comes before its thread hears that it has asked."""
    beating = heartbeats(kind)

    assert beating.get_payload() == {"op": 1, "d": 7}
    beating.ack()

    assert (beating.latency > 10) is behind
    assert ("behind" in caplog.text) is behind


def test_discord_py_uses_our_heartbeat():
    count_heartbeats_from_their_making()

    assert gateway.KeepAliveHandler is GatewayHeartbeat


@pytest.mark.parametrize(
    ("error", "traces"), [(ConnectionRefusedError("no"), False), (TimeoutError(), False), (KeyError("ours"), True)]
)
def test_an_outage_of_the_gateway_is_said_in_one_line_and_a_defect_with_its_traceback(caplog, error, traces):
    say_outages_in_one_line()
    say_outages_in_one_line()

    # As discord.py does.
    logging.getLogger("discord.shard").error("Attempting a reconnect for shard ID %s in %.2fs", 0, 1.5, exc_info=error)

    assert ("Traceback" in caplog.text or "KeyError" in caplog.text) == traces
    assert "Attempting a reconnect for shard ID 0 in 1.50s" in caplog.text
    assert (f"1.50s ({type(error).__name__})" in caplog.text) != traces
